//! `/settings/audit`: who changed which setting, when, from where, and what it was before. For administrators, also as CSV.

mod file;

use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    ButtonKind, ButtonLink, Cell, Choice, DataTable, EmptyState, Field, FieldKind, Row, Section as Bar,
    Submit, TimeOf,
};
use crate::form::word_or_none;
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Shell};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono_tz::Tz;
use domain::audit::{Change, Difference, SubjectKind, differences};
use engine::audit::{self, Entry, Filter};
use engine::people::{self, Member};
use engine::{Error, Tx};
use leptos::prelude::*;
use serde::Deserialize;

const PAGE: usize = 100;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/settings/audit", get(show))
        .route("/settings/audit.csv", get(file::as_csv))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    person: String,
    subject: String,
    change: String,
    before: String,
}

impl AuditQuery {
    fn filter(&self) -> Result<Filter, Error> {
        Ok(Filter {
            person: word_or_none("person", &self.person)?,
            subject: word_or_none("subject", &self.subject)?,
            change: word_or_none("change", &self.change)?,
            before: word_or_none("before", &self.before)?,
        })
    }

    fn address(&self, path: &str, before: Option<String>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let before = before.unwrap_or_default();
        for (name, value) in [
            ("person", &self.person),
            ("subject", &self.subject),
            ("change", &self.change),
            ("before", &before),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("{path}?{}", query.finish())
    }
}

async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<AuditQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut entries = read(&mut tx, &asked.filter()?, PAGE + 1).await?;
    let everybody = people::everybody(&mut tx).await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries
        .last()
        .filter(|_| more)
        .map(|entry| asked.address("/settings/audit", Some(entry.id.to_string())));
    let frame = who.frame(&mut tx, "Audit log", Bar::Settings).await?;
    let zone = who.zone();
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <Shell part=Part::Audit title="Audit log" under="Who changed which setting, and what it was before. Nobody can edit it.">
                <Narrow asked everybody />
                <Entries entries zone />
                {next.map(|next| view! { <p class="buttons"><ButtonLink href=next>"Older changes"</ButtonLink></p> })}
            </Shell>
        }
    }))
}

async fn read(tx: &mut Tx, filter: &Filter, limit: usize) -> engine::Result<Vec<Entry>> {
    audit::list(tx, filter, i64::try_from(limit).unwrap_or(i64::MAX)).await
}

fn who_did(entry: &Entry) -> String {
    match (&entry.person_name, &entry.address) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => "Somebody with a mailed link".to_owned(),
        (None, None) => "Kintsugi".to_owned(),
    }
}

/// A plain form whose answer has an address.
#[component]
fn Narrow(asked: AuditQuery, everybody: Vec<Member>) -> impl IntoView {
    let any = |label: &str| vec![Choice::new("", label)];
    let people = any("Anybody")
        .into_iter()
        .chain(
            everybody
                .into_iter()
                .map(|member| Choice::new(member.person.id, member.person.name)),
        )
        .collect();
    let kinds = SubjectKind::ALL
        .iter()
        .map(|kind| Choice::new(kind, kind.label()));
    let kinds = any("Anything").into_iter().chain(kinds).collect();
    let changes = Change::ALL
        .iter()
        .map(|change| Choice::new(change, change.label()));
    let changes = any("Any change").into_iter().chain(changes).collect();
    let file = asked.address("/settings/audit.csv", None);
    view! {
        <form class="filters" method="get" action="/settings/audit" role="search" aria-label="Audit log">
            <Field name="person" label="Who" kind=FieldKind::Select(people) value=asked.person />
            <Field name="subject" label="What" kind=FieldKind::Select(kinds) value=asked.subject />
            <Field name="change" label="Change" kind=FieldKind::Select(changes) value=asked.change />
            <Submit kind=ButtonKind::Normal>"Show"</Submit>
            <ButtonLink href=file kind=ButtonKind::Plain>"As CSV"</ButtonLink>
        </form>
    }
}

#[component]
fn Entries(entries: Vec<Entry>, zone: Tz) -> impl IntoView {
    if entries.is_empty() {
        return view! { <EmptyState title="Nothing here">"No change of a setting fits."</EmptyState> }
            .into_any();
    }
    let rows = entries
        .into_iter()
        .map(|entry| {
            let who = who_did(&entry);
            let parts = differences(&entry.was.0, &entry.became.0);
            view! {
                <Row>
                    <Cell>
                        <TimeOf at=entry.at zone />
                    </Cell>
                    <Cell label="Who">
                        {who}
                        {entry.address.map(|address| view! { <br /><span class="small quiet">{address}</span> })}
                    </Cell>
                    <Cell label="What">
                        <span class="quiet">{entry.subject.label()}</span> " " <bdi>{entry.name}</bdi> " " {entry.change.label()}
                    </Cell>
                    <Cell label="Before and after"><Differences parts /></Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Audit log" headers=vec!["When", "Who", "What", "Before and after"]>
            {rows}
        </DataTable>
    }
    .into_any()
}

#[component]
fn Differences(parts: Vec<Difference>) -> impl IntoView {
    let rows = parts
        .into_iter()
        .map(|Difference { part, was, became }| {
            let was = was.map(|was| view! { <del>{was}</del> " " });
            let became = became.map(|became| view! { <ins>{became}</ins> });
            view! { <li><span class="quiet">{part}</span> " " {was}{became}</li> }
        })
        .collect_view();
    view! { <ul class="differences small">{rows}</ul> }
}
