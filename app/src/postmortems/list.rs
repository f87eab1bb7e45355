//! All postmortems.

use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    Badge, ButtonLink, EmptyState, Meter, PageHead, Section, SeverityBadge, Shape, TimeForm, TimeOf, Tone,
};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::postmortems::PostmortemState;
use engine::postmortems::{self, Listed};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PostmortemsQuery {
    /// The incident of the last postmortem on the page before this one.
    after: Option<i64>,
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<PostmortemsQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut rows = postmortems::list(&mut tx, asked.after).await?;
    let page = usize::try_from(postmortems::PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next = rows.last().filter(|_| more);
    let next = next.map(|last| format!("/postmortems?after={}", last.number));
    let frame = who.frame(&mut tx, "Postmortems", Section::Postmortems).await?;
    let zone = who.zone();
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <PageHead title="Postmortems" />
            <p class="buttons"><ButtonLink href="/learning">"What came back"</ButtonLink></p>
            <Postmortems rows zone />
            {next.map(|next| view! { <p class="buttons"><ButtonLink href=next>"Older postmortems"</ButtonLink></p> })}
        }
    }))
}

#[component]
fn Postmortems(rows: Vec<Listed>, zone: Tz) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState title="No postmortem yet">
                "When an incident is resolved, one click on its page makes the document, half written."
            </EmptyState>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| view! { <PostmortemRow row zone /> })
        .collect_view();
    view! { <ul class="library">{rows}</ul> }.into_any()
}

/// As in a library: the title first, then what it is about, and how much of it is written.
#[component]
fn PostmortemRow(row: Listed, zone: Tz) -> impl IntoView {
    let (tone, shape) = match row.state {
        PostmortemState::Draft => (Tone::Plain, None),
        PostmortemState::InReview => (Tone::Worked, Some(Shape::Ring)),
        PostmortemState::Published => (Tone::Mended, Some(Shape::Check)),
    };
    let all = row.sections;
    let written = format!("{} of {all} sections written", row.written);
    let share = row.written as f64 / all as f64;
    view! {
        <li class="library-row">
            <div class="library-what">
                <a class="library-title" href=format!("/incidents/{}/postmortem", row.number)>{row.title}</a>
                <p class="library-about small quiet">
                    <SeverityBadge severity=row.severity short=true />
                    <span>{format!("INC-{} · {} · ", row.number, row.team)} <TimeOf at=row.created_at zone form=TimeForm::Day /></span>
                </p>
            </div>
            <div class="library-state">
                <Badge tone shape>{row.state.label()}</Badge>
                <Meter share label=written.clone() tone=Tone::Mended />
                <span class="small quiet">{written}</span>
            </div>
        </li>
    }
}
