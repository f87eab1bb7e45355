//! A dry run of a service: whom an alert would page, how, and when.

use crate::App;
use crate::address::encoded;
use crate::address::{Path, Query};
use crate::answer::{Answered, Problem};
use crate::components::severity_choices;
use crate::components::{
    Cell, DataTable, Field, FieldKind, FormProblem, Notice, Row, Section as Bar, Submit, TimeForm, TimeOf,
};
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Shell};
use crate::zoned::{Moment, MomentField};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::Severity;
use domain::escalation::Gap;
use domain::notifications::MethodKind;
use engine::oncall::dry_run::{DryRun, DryStep, How, Woken, dry_run};
use engine::teams;
use leptos::prelude::*;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    severity: String,
    at: String,
    at_zone: String,
    at_was: String,
    at_which: String,
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Answered {
    let zone = who.zone();
    let mut tx = app.by(&who).read().await?;
    let service = teams::find_service_by_slug(&mut tx, &slug).await?;
    let severity: Severity = asked.severity.parse().unwrap_or(Severity::Sev1);
    let moment = Moment {
        at: asked.at.clone(),
        zone: if asked.at_zone.is_empty() {
            zone.name().to_owned()
        } else {
            asked.at_zone
        },
        was: asked.at_was,
        which: asked.at_which,
    };
    let (at, problem) = match moment.read(zone) {
        Ok(at) => (at.unwrap_or_else(|| tx.now()), Problem::default()),
        Err(wrong) => (
            tx.now(),
            Problem {
                field: Some(Cow::Borrowed("at")),
                sentence: wrong.to_string(),
            },
        ),
    };
    let moment = if asked.at.is_empty() {
        Moment::drawn(Some(at), zone)
    } else {
        moment
    };
    let comes = dry_run(&mut tx, service.id, severity, at).await?;
    let title = format!("Dry run: {}", service.name);
    let frame = who.frame(&mut tx, title.clone(), Bar::Settings).await?;
    let here = encoded(&format!("/settings/services/{slug}/dry-run"));
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <Shell part=Part::Teams title under="Whom an alert would page, by the rules that page. Nobody is told.">
                <div class="stack">
                    <form class="form measure" method="get" action=here>
                        <FormProblem problems=problem.above() />
                        <div class="form-row">
                            <Field name="severity" label="An alert of" kind=FieldKind::Select(severity_choices()) value=severity.to_string() />
                            <MomentField name="at" label="At" moment error=problem.beside("at") />
                        </div>
                        <p class="buttons"><Submit>"Show who is paged"</Submit></p>
                    </form>
                    <Comes comes at zone />
                </div>
            </Shell>
        }
    }))
}

#[component]
fn Comes(comes: DryRun, at: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let (policy, steps, ends_after) = match comes {
        DryRun::NoPolicy => {
            return view! { <Notice lead="Nobody is paged.">"The service has no escalation policy."</Notice> }.into_any();
        }
        DryRun::PagesNobody => {
            return view! { <Notice lead="Nobody is paged.">"The service pages for worse ones only; this is kept, and wakes nobody."</Notice> }.into_any();
        }
        DryRun::Pages {
            policy,
            steps,
            ends_after,
        } => (policy, steps, ends_after),
    };
    let rows = steps
        .into_iter()
        .map(|step| view! { <StepRow step at zone /> })
        .collect_view();
    let end = match ends_after {
        Some(minutes) => format!(
            "If nobody has acknowledged after {}, the team and the administrators are told that nobody has it.",
            after(minutes)
        ),
        None => "It goes on like this until somebody acknowledges.".to_owned(),
    };
    view! {
        <p>"It pages by " <strong>{policy}</strong> "."</p>
        <DataTable caption="Who is paged, and when" headers=vec!["After", "At", "Who is paged", "How", "Step"]>{rows}</DataTable>
        <p>{end}</p>
    }
    .into_any()
}

#[component]
fn StepRow(step: DryStep, at: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let gaps: Vec<String> = step
        .gaps
        .iter()
        .map(|gap| match gap {
            Gap::Schedule(name) => format!("nobody is on call for {name}"),
            Gap::Step(step) => format!("step {} reaches nobody", step + 1),
        })
        .collect();
    let gaps = (!gaps.is_empty()).then(|| view! { <br /> <span class="late">{gaps.join(", ")}</span> });
    let place = match step.place.round {
        0 => format!("{}", step.place.step + 1),
        round => format!("{}, again ({})", step.place.step + 1, round + 1),
    };
    let names: Vec<&str> = step.people.iter().map(|woken| woken.name.as_str()).collect();
    let names = names.join(", ");
    let alone = step.people.len() == 1;
    let ways = step
        .people
        .iter()
        .map(|woken| {
            let whose = (!alone).then(|| format!("{}: ", woken.name));
            let because = woken
                .because
                .map(|because| view! { <span class="late">", but " {because}</span> });
            view! { <div>{whose} {in_words(woken, zone)} {because}</div> }
        })
        .collect_view();
    view! {
        <Row>
            <Cell>{after(step.minutes)}</Cell>
            <Cell label="At"><TimeOf at=at + TimeDelta::minutes(step.minutes) zone /></Cell>
            <Cell label="Who is paged">{names} {gaps}</Cell>
            <Cell label="How">{ways}</Cell>
            <Cell label="Step">{place}</Cell>
        </Row>
    }
}

fn in_words(woken: &Woken, zone: Tz) -> String {
    match &woken.how {
        How::Sent {
            method: MethodKind::Mail,
            address,
        } => format!("mail to {address}"),
        How::OnList { until } => format!(
            "on their list, since they are awake until {}",
            TimeForm::Short.format(*until, zone)
        ),
        How::Kept => "kept to be read in the browser, since no mail server is set".to_owned(),
    }
}

fn after(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 0) => "at once".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
