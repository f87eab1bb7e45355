//! One schedule: its rotation, and covers for a while.

use super::forms::above;
use super::rotation::{Rotation, Typed, may_be_on_call};
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    ButtonKind, ButtonLink, Choice, Field, FieldKind, FormProblem, PostButton, Section as Bar, Submit, TimeOf,
};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use domain::ids::{OverrideId, PersonId, ScheduleId};
use domain::oncall::{Fault, draft};
use domain::people::{Deed, Person};
use engine::oncall::Refused;
use engine::oncall::covers::{self, Cover};
use engine::oncall::rotations::{self, Weekly};
use engine::oncall::schedules::{self, Named};
use engine::{Error, Tx, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CoverTyped {
    person: String,
    from: String,
    to: String,
}

impl CoverTyped {
    fn read(&self) -> Result<(PersonId, (NaiveDateTime, NaiveDateTime)), Error> {
        let moment = |field, text: &str| {
            draft::wall_time(text.get(..16).unwrap_or(text))
                .map_err(|fault| Refused::Schedule { field, fault })
        };
        let person = self.person.parse().map_err(|_| Refused::Schedule {
            field: "person",
            fault: Fault::NoPerson,
        })?;
        Ok((person, (moment("from", &self.from)?, moment("to", &self.to)?)))
    }
}

/// What came back with a problem.
#[derive(Clone, Debug, Default)]
struct Back {
    typed: Option<Typed>,
    rotation: Problem,
    cover_typed: CoverTyped,
    cover: Problem,
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<ScheduleId>) -> Answered {
    answer(&app, &who, StatusCode::OK, id, Back::default()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = async {
        let weekly = typed.weekly()?;
        transaction!(app.engine, |tx| {
            is_allowed(tx, &who, id).await?;
            rotations::change(tx, id, &weekly).await?
        })
    };
    match done.await {
        Ok(()) => Ok(see(&format!("/settings/schedules/{id}"))),
        Err(error) => {
            let back = Back {
                rotation: problem_of(error)?,
                typed: Some(typed),
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn remove(State(app): State<App>, who: SignedIn, Path(id): Path<ScheduleId>) -> Answered {
    let done = transaction!(app.engine, |tx| {
        is_allowed(tx, &who, id).await?;
        rotations::delete(tx, id).await?
    });
    match done {
        Ok(()) => Ok(see("/settings/schedules")),
        Err(error) => {
            let back = Back {
                rotation: problem_of(error)?,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn cover(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Form(typed): Form<CoverTyped>,
) -> Answered {
    let done = async {
        let (person, span) = typed.read()?;
        transaction!(app.engine, |tx| {
            is_allowed(tx, &who, id).await?;
            covers::add(tx, id, who.person.id, person, span).await?
        })
    };
    match done.await {
        Ok(_) => Ok(see(&format!("/settings/schedules/{id}#covers"))),
        Err(error) => {
            let back = Back {
                cover: problem_of(error)?,
                cover_typed: typed,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn uncover(
    State(app): State<App>,
    who: SignedIn,
    Path((id, cover)): Path<(ScheduleId, OverrideId)>,
) -> Answered {
    transaction!(app.engine, |tx| {
        is_allowed(tx, &who, id).await?;
        covers::remove(tx, id, cover).await?
    })?;
    Ok(see(&format!("/settings/schedules/{id}#covers")))
}

async fn is_allowed(tx: &mut Tx, who: &SignedIn, id: ScheduleId) -> Result<(), Error> {
    let named = schedules::find(tx, id).await?;
    people::may(tx, &who.person, Deed::ChangeTeam(named.team_id)).await
}

async fn answer(app: &App, who: &SignedIn, status: StatusCode, id: ScheduleId, back: Back) -> Answered {
    let mut tx = app.engine.read().await?;
    let named = schedules::find(&mut tx, id).await?;
    let weekly = rotations::read(&mut tx, id).await?;
    let covers = covers::upcoming(&mut tx, id).await?;
    let people: Vec<Person> = people::everybody(&mut tx)
        .await?
        .into_iter()
        .map(|member| member.person)
        .collect();
    let may_change = who.may(&mut tx, Deed::ChangeTeam(named.team_id)).await?;
    let frame = who.frame(&mut tx, named.name.clone(), Bar::Settings).await?;
    let zone = who.zone();
    Ok(render::page(status, frame, move || {
        view! { <Page named weekly covers people zone back may_change /> }
    }))
}

#[component]
fn Page(
    named: Named,
    weekly: Weekly,
    covers: Vec<Cover>,
    people: Vec<Person>,
    zone: Tz,
    back: Back,
    may_change: bool,
) -> impl IntoView {
    let here = format!("/settings/schedules/{}", named.id);
    let (cover_here, removal) = (format!("{here}/covers"), format!("{here}/removal"));
    let typed = back.typed.unwrap_or_else(|| Typed::of(weekly));
    let under = format!(
        "Handed over every week, in the time of {}.",
        zone_words(&named.time_zone)
    );
    let names: Vec<_> = people
        .iter()
        .map(|person| (person.id, person.name.clone()))
        .collect();
    let name_of = |id: PersonId| {
        names
            .iter()
            .find(|(other, _)| *other == id)
            .map(|(_, name)| name.clone())
            .unwrap_or_default()
    };
    let who_covers: Vec<Choice> = people
        .iter()
        .filter(|person| may_be_on_call(person))
        .map(|person| Choice::new(person.id, person.name.clone()))
        .collect();
    let covers: Vec<_> = covers
        .into_iter()
        .map(|cover| {
            let back = may_change.then(|| {
                view! {
                    <PostButton action=format!("{here}/covers/{}/removal", cover.id) kind=ButtonKind::Small>
                        "Take back"
                    </PostButton>
                }
            });
            view! {
                <li>
                    <span>
                        <strong>{name_of(cover.person_id)}</strong>
                        ", "
                        <TimeOf at=cover.from_at zone />
                        " to "
                        <TimeOf at=cover.to_at zone />
                    </span>
                    {back}
                </li>
            }
        })
        .collect();
    if !may_change {
        let turns: Vec<_> = typed
            .people
            .iter()
            .filter_map(|person| person.parse().ok())
            .map(|person| view! { <li>{name_of(person)}</li> })
            .collect();
        return view! {
            <Shell part=Part::Schedules title=named.name.clone() under>
                <Section title="In turn">
                    <ol>{turns}</ol>
                </Section>
                <Section title="Covers">
                    <ul class="member-rows measure">{covers}</ul>
                </Section>
            </Shell>
        }
        .into_any();
    }
    let rotation = back.rotation.clone();
    view! {
        <Shell part=Part::Schedules title=named.name.clone() under>
            <form class="form measure" method="post" action=here>
                <FormProblem problems=above(&back.rotation) />
                <Rotation typed people problem=rotation />
                <p class="buttons">
                    <Submit>"Save"</Submit>
                    <ButtonLink href="/on-call" kind=ButtonKind::Plain>
                        "See the weeks ahead"
                    </ButtonLink>
                </p>
            </form>
            <Section title="Covers" id="covers">
                <div class="stack">
                    <p class="quiet">"Somebody has the pager for a while, whoever’s turn it is."</p>
                    <ul class="member-rows measure">{covers}</ul>
                    <form class="form measure" method="post" action=cover_here>
                        <FormKey />
                        <FormProblem problems=above(&back.cover) />
                        <Field
                            name="person"
                            label="Who has the pager"
                            kind=FieldKind::Select(who_covers)
                            value=back.cover_typed.person
                            error=back.cover.beside("person")
                        />
                        <div class="form-row">
                            <Field
                                name="from"
                                label="From"
                                kind=FieldKind::Moment
                                value=back.cover_typed.from
                                required=true
                                hint=format!("In the time of {}.", zone_words(&named.time_zone))
                                error=back.cover.beside("from")
                            />
                            <Field
                                name="to"
                                label="To"
                                kind=FieldKind::Moment
                                value=back.cover_typed.to
                                required=true
                                error=back.cover.beside("to")
                            />
                        </div>
                        <p class="buttons">
                            <Submit kind=ButtonKind::Normal>"Arrange the cover"</Submit>
                        </p>
                    </form>
                </div>
            </Section>
            <Section title="Taking it away">
                <PostButton action=removal kind=ButtonKind::Danger>
                    "Delete this schedule"
                </PostButton>
            </Section>
        </Shell>
    }
    .into_any()
}
