//! Covers of a schedule: somebody has the pager for a while, whoever's turn it is.

use super::forms::above;
use super::rotation::may_be_on_call;
use super::schedule::{Back, Reader, answer, zone_of};
use super::shell::Section;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{Ask, ButtonKind, Choice, Field, FieldKind, FormProblem, Submit, TimeOf};
use crate::form::Form;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::{Moment, MomentField, NotAMoment, zone_words};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{OverrideId, PersonId, ScheduleId};
use domain::oncall::Fault;
use domain::people::Person;
use engine::oncall::Refused;
use engine::oncall::covers::{self, Cover};
use engine::oncall::schedules::{self, Named};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    person: String,
    from: String,
    from_zone: String,
    from_which: String,
    to: String,
    to_zone: String,
    to_which: String,
}

impl Typed {
    fn from(&self, zone: Tz) -> Moment {
        Moment {
            at: self.from.clone(),
            zone: zone_or(&self.from_zone, zone),
            which: self.from_which.clone(),
            ..Moment::default()
        }
    }

    fn to(&self, zone: Tz) -> Moment {
        Moment {
            at: self.to.clone(),
            zone: zone_or(&self.to_zone, zone),
            which: self.to_which.clone(),
            ..Moment::default()
        }
    }

    /// Who, and from when to when, by the clock in the schedule's zone.
    fn read(&self, zone: Tz) -> Result<(PersonId, Span), Error> {
        let moment = |field, typed: Moment| {
            let wrong = |wrong: NotAMoment| Refused::NotAMoment {
                field,
                sentence: wrong.to_string(),
            };
            typed
                .read(zone)
                .and_then(|at| at.ok_or(NotAMoment::Unreadable))
                .map_err(wrong)
        };
        let person = self.person.parse().map_err(|_| Refused::Schedule {
            field: "person",
            fault: Fault::NoPerson,
        })?;
        Ok((
            person,
            (moment("from", self.from(zone))?, moment("to", self.to(zone))?),
        ))
    }
}

/// From when to when.
type Span = (DateTime<Utc>, DateTime<Utc>);

fn zone_or(said: &str, zone: Tz) -> String {
    if said.is_empty() { zone.name() } else { said }.to_owned()
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let named = schedules::find(tx, id).await?;
        let read = typed.read(zone_of(&named));
        let (person, span) = match read {
            Ok(read) => read,
            Err(wrong) => {
                // Whoever may not arrange any is told that first.
                covers::authorize(tx, id, None).await?;
                Err(wrong)?
            }
        };
        covers::add_between(tx, id, person, span).await?
    });
    match done {
        Ok(_) => Ok(see(&format!("/settings/schedules/{id}#covers"))),
        Err(error) => {
            let back = Back::of_cover(problem_of(error)?, typed);
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn remove(
    State(app): State<App>,
    who: SignedIn,
    Path((id, cover)): Path<(ScheduleId, OverrideId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| covers::remove(tx, id, cover).await?)?;
    Ok(see(&format!("/settings/schedules/{id}#covers")))
}

/// Those to come, and the form that arranges one.
#[component]
pub(super) fn Covers(
    named: Named,
    people: Vec<Person>,
    covers: Vec<Cover>,
    typed: Typed,
    problem: Problem,
    reader: Reader,
) -> impl IntoView {
    let zone = zone_of(&named);
    let here = format!("/settings/schedules/{}/covers", named.id);
    let name_of = |id: PersonId| {
        let person = people.iter().find(|person| person.id == id);
        person.map(|person| person.name.clone()).unwrap_or_default()
    };
    let rows = covers
        .into_iter()
        .map(|cover| {
            let action = (reader.may_change || cover.created_by == Some(reader.id))
                .then(|| format!("{here}/{}/removal", cover.id));
            view! { <CoverRow name=name_of(cover.person_id) cover zone action /> }
        })
        .collect_view();
    let arrange = reader
        .may_cover
        .then(|| view! { <Arrange named=named.clone() people action=here typed problem gives_own_turn=!reader.may_change /> });
    view! {
        <Section title="Covers" id="covers">
            <div class="stack">
                <p class="quiet">{format!("Somebody has the pager for a while, whoever’s turn it is. Times are those of {}.", zone_words(&named.time_zone))}</p>
                <ul class="member-rows measure">{rows}</ul>
                {arrange}
            </div>
        </Section>
    }
}

/// `action`: where it is cancelled, for who may.
#[component]
fn CoverRow(name: String, cover: Cover, zone: Tz, action: Option<String>) -> impl IntoView {
    let back = action.map(|action| {
        view! {
            <Ask
                label="Cancel cover"
                about=name.clone()
                kind=ButtonKind::Small
                question="Cancel this cover?"
                action
                answer="Cancel it"
            >
                <p>"Whoever the rotation names is on call for that time."</p>
            </Ask>
        }
    });
    view! {
        <li>
            <span>
                <strong>{name}</strong>
                ", "
                <TimeOf at=cover.from_at zone />
                " to "
                <TimeOf at=cover.to_at zone />
            </span>
            {back}
        </li>
    }
}

#[component]
fn Arrange(
    named: Named,
    people: Vec<Person>,
    action: String,
    typed: Typed,
    problem: Problem,
    gives_own_turn: bool,
) -> impl IntoView {
    let zone = zone_of(&named);
    let who: Vec<Choice> = people
        .iter()
        .filter(|person| may_be_on_call(person))
        .map(|person| Choice::new(person.id, person.name.clone()))
        .collect();
    let (from, to) = (typed.from(zone), typed.to(zone));
    view! {
        <form class="form measure" method="post" action=action>
            <FormKey />
            <FormProblem problems=above(&problem) />
            {gives_own_turn.then(|| view! { <p class="quiet">"You are in no team of this schedule: give your own turn away, or a part of it."</p> })}
            <Field
                name="person"
                label="Who has the pager"
                kind=FieldKind::Select(who)
                value=typed.person
                error=problem.beside("person")
            />
            <div class="form-row">
                <MomentField
                    name="from"
                    label="From"
                    moment=from
                    required=true
                    hint=format!("In the time of {}.", zone_words(&named.time_zone))
                    error=problem.beside("from")
                />
                <MomentField name="to" label="To" moment=to required=true error=problem.beside("to") />
            </div>
            <p class="buttons">
                <Submit kind=ButtonKind::Normal>"Arrange the cover"</Submit>
            </p>
        </form>
    }
}
