//! All schedules, and making one.

use super::forms::above;
use super::rotation::{Rotation, Typed};
use super::shell::{Part, Shell};
use crate::App;
use crate::address::Query;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    ButtonLink, Choice, EmptyState, Field, FieldKind, FormProblem, Section as Bar, Submit,
};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::TeamId;
use domain::people::Permission;
use engine::oncall::{rotations, schedules};
use engine::{Error, Tx, people, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Slug of the team that the form begins with.
    pub team: String,
}

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let teams = teams::all(&mut tx).await?;
    let rows: Vec<(String, String, String)> = schedules::all(&mut tx)
        .await?
        .into_iter()
        .map(|named| {
            let team = teams.iter().find(|team| team.id == named.team_id);
            let under = format!(
                "{}, {}",
                team.map_or("", |team| team.name.as_str()),
                zone_words(&named.time_zone)
            );
            (format!("/settings/schedules/{}", named.id), named.name, under)
        })
        .collect();
    let frame = who.frame(&mut tx, "Schedules", Bar::Settings).await?;
    let may_act = who.may_act();
    Ok(render::page(StatusCode::OK, frame, move || {
        let none = rows.is_empty().then(|| {
            view! {
                <EmptyState title="No schedule yet">"A schedule says who has the pager, week by week."</EmptyState>
            }
        });
        let make = may_act.then(|| {
            view! {
                <p class="buttons">
                    <ButtonLink href="/settings/schedules/new">"Make a schedule"</ButtonLink>
                </p>
            }
        });
        view! {
            <Shell part=Part::Schedules title="Schedules" under="Who has the pager, and when it is handed over.">
                <div class="stack">{none} <Rows rows /> {make}</div>
            </Shell>
        }
    }))
}

/// Names that lead somewhere, each with a quiet line.
#[component]
pub(super) fn Rows(rows: Vec<(String, String, String)>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|(href, name, under)| {
            view! {
                <li>
                    <a href=href>{name}</a>
                    <p>{under}</p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="settings-rows measure">{rows}</ul> }
}

pub async fn blank(State(app): State<App>, who: SignedIn, Query(asked): Query<Asked>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    // Others than the team's are refused when they choose it; who only reads along need not fill anything in.
    people::authorize(&mut tx, &who.person, Permission::ActOnIncident).await?;
    let team = teams::all(&mut tx)
        .await?
        .into_iter()
        .find(|team| team.slug == asked.team);
    drop(tx);
    let typed = Typed {
        team: team.map(|team| team.id.to_string()).unwrap_or_default(),
        time_zone: who.person.time_zone.clone(),
        hand_off_day: "mon".to_owned(),
        hand_off_time: "09:00".to_owned(),
        people: vec![who.person.id.to_string()],
        ..Typed::default()
    };
    form(&app, &who, StatusCode::OK, typed, Problem::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    let done = make(&app, &who, &typed).await;
    match done {
        Ok(id) => Ok(see(&format!("/settings/schedules/{id}"))),
        Err(error) => {
            let problem = problem_of(error)?;
            form(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
        }
    }
}

async fn make(app: &App, who: &SignedIn, typed: &Typed) -> Result<domain::ids::ScheduleId, Error> {
    let team: TeamId = typed.team.parse().map_err(|_| Error::NotFound("team"))?;
    let weekly = typed.weekly()?;
    transaction!(app.by(who), |tx| rotations::create(tx, team, &weekly).await?)
}

async fn form(app: &App, who: &SignedIn, status: StatusCode, typed: Typed, problem: Problem) -> Answered {
    let mut tx = app.by(who).read().await?;
    let teams = teams_to_choose(&mut tx, who).await?;
    let people = people::active(&mut tx).await?;
    let frame = who.frame(&mut tx, "A new schedule", Bar::Settings).await?;
    Ok(render::page(status, frame, move || {
        let team = typed.team.clone();
        view! {
            <Shell part=Part::Schedules title="A new schedule" under="A week each, in turn.">
                <form class="form measure" method="post" action="/settings/schedules">
                    <FormKey />
                    <FormProblem problems=above(&problem) />
                    <Field name="team" label="Team" kind=FieldKind::Select(teams) value=team required=true />
                    <Rotation typed people problem />
                    <p class="buttons">
                        <Submit>"Make the schedule"</Submit>
                    </p>
                </form>
            </Shell>
        }
    }))
}

/// The teams that this person may change.
pub(super) async fn teams_to_choose(tx: &mut Tx, who: &SignedIn) -> Result<Vec<Choice>, Error> {
    let ours = people::teams_of(tx, who.person.id).await?;
    let all = teams::all(tx).await?;
    Ok(all
        .into_iter()
        .filter(|team| who.is_administrator() || (who.may_act() && ours.contains(&team.id)))
        .map(|team| Choice::new(team.id, team.name))
        .collect())
}
