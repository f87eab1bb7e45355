//! One schedule: who has the pager, what the rota says, and its overrides. It is changed in the editor.

use super::layers::Layers;
use super::overrides::{self, Overrides};
use crate::App;
use crate::address::{Path, Query};
use crate::answer::{Answered, Problem, problem_of, redirect};
use crate::components::{Ask, ButtonKind, ButtonLink, FormProblem, Notice, Section as Bar, TimeOf, Tone};
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{LayerId, PersonId, ScheduleId};
use domain::oncall::{Layer, Schedule};
use domain::people::{Permission, Person};
use engine::oncall::overrides::Arranged;
use engine::oncall::schedules::Named;
use engine::oncall::{edit, rotations, schedules};
use engine::{people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

pub(super) fn zone_of(named: &Named) -> Tz {
    named.time_zone.parse().unwrap_or(chrono_tz::UTC)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Something was saved a moment ago.
    saved: String,
}

/// What came back with a problem, and what was just done.
#[derive(Clone, Debug, Default)]
pub(super) struct Back {
    is_saved: bool,
    removal: Problem,
    override_typed: overrides::Typed,
    of_override: Problem,
}

impl Back {
    pub fn of_override(of_override: Problem, override_typed: overrides::Typed) -> Self {
        Self {
            of_override,
            override_typed,
            ..Self::default()
        }
    }
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Query(asked): Query<Asked>,
) -> Answered {
    let back = Back {
        is_saved: !asked.saved.is_empty(),
        ..Back::default()
    };
    answer(&app, &who, StatusCode::OK, id, back).await
}

pub async fn remove(State(app): State<App>, who: SignedIn, Path(id): Path<ScheduleId>) -> Answered {
    let done = transaction!(app.by(&who), |tx| rotations::delete(tx, id).await?);
    match done {
        Ok(()) => Ok(redirect("/settings/schedules")),
        Err(error) => {
            let back = Back {
                removal: problem_of(error)?,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub(super) async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: ScheduleId,
    back: Back,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let layers = edit::drawn(&mut tx, id).await?.layers;
    let (named, rotation) = schedules::load(&mut tx, id).await?;
    let in_turn = layers.iter().flat_map(|(_, layer)| &layer.turns).flatten();
    let is_in_turn = in_turn.copied().any(|person| person == who.person.id);
    let arranged = engine::oncall::overrides::upcoming(&mut tx, id).await?;
    let people: Vec<Person> = people::everybody(&mut tx)
        .await?
        .into_iter()
        .map(|member| member.person)
        .collect();
    let may_change = who.may(&mut tx, Permission::ChangeTeam(named.team_id)).await?;
    let frame = who.frame(&mut tx, named.name.clone(), Bar::Settings).await?;
    let reader = Reader {
        id: who.person.id,
        may_change,
        may_arrange: may_change || (who.may_act() && is_in_turn),
    };
    let has_it = HasIt::of(&rotation, tx.now());
    Ok(render::page(status, frame, move || {
        view! { <Page named layers arranged people has_it back reader /> }
    }))
}

/// What whoever looks at it may do.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub id: PersonId,
    pub may_change: bool,
    /// In the rotation, if in no team of it: they may give their own turn away.
    pub may_arrange: bool,
}

/// Who has the pager now, until when, and whether that is by an override.
#[derive(Clone)]
struct HasIt {
    people: Vec<PersonId>,
    until: Option<DateTime<Utc>>,
    is_overridden: bool,
}

impl HasIt {
    fn of(rotation: &Schedule<PersonId>, now: DateTime<Utc>) -> Self {
        let (people, until) = rotation.at(now);
        let mut without = rotation.clone();
        without.overrides.clear();
        Self {
            is_overridden: without.on_call(now) != people,
            people: people.into_iter().collect(),
            until,
        }
    }
}

#[component]
fn Page(
    named: Named,
    layers: Vec<(LayerId, Layer<PersonId>)>,
    arranged: Vec<Arranged>,
    people: Vec<Person>,
    has_it: HasIt,
    back: Back,
    reader: Reader,
) -> impl IntoView {
    let here = format!("/settings/schedules/{}", named.id);
    let removal = format!("{here}/removal");
    let names: Vec<_> = people
        .iter()
        .map(|person| (person.id, person.name.clone()))
        .collect();
    let said = layers.iter().map(|(_, layer)| layer.clone()).collect();
    let saved = back.is_saved.then(|| view! { <Notice tone=Tone::Worked lead="Saved.">"It holds from when you said on; those whose turns change are told."</Notice> });
    let change = reader.may_change.then(|| {
        view! {
            <p class="buttons">
                <ButtonLink href=format!("{here}/edit")>"Change the schedule"</ButtonLink>
                <ButtonLink href="/on-call" kind=ButtonKind::Plain>"See the weeks ahead"</ButtonLink>
            </p>
        }
    });
    let delete = reader.may_change.then(|| {
        view! {
            <Section title="Delete">
                <Ask label="Delete this schedule" kind=ButtonKind::Danger question="Delete it for good?" action=removal answer="Delete it" in_place=true>
                    <p>"Its rotation and its overrides go with it. Where a policy still names it, it stays."</p>
                </Ask>
            </Section>
        }
    });
    view! {
        <Shell part=Part::Schedules title=named.name.clone() under=format!("In the time of {}.", zone_words(&named.time_zone))>
            {saved}
            <FormProblem problems=back.removal.above() />
            <Now has_it names=names.clone() zone=zone_of(&named) />
            <Section title="The rota">
                <Layers layers=said names />
                {change}
            </Section>
            <Overrides named layers people arranged typed=back.override_typed problem=back.of_override reader />
            {delete}
        </Shell>
    }
}

#[component]
fn Now(has_it: HasIt, names: Vec<(PersonId, String)>, zone: Tz) -> impl IntoView {
    let name_of = |id: &PersonId| {
        let named = names.iter().find(|(other, _)| other == id);
        named.map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let who = match has_it.people.as_slice() {
        [] => "nobody".to_owned(),
        some => some.iter().map(name_of).collect::<Vec<_>>().join(", "),
    };
    view! {
        <p>
            "Has the pager now: " <strong>{who}</strong>
            {has_it.is_overridden.then_some(", by an override")}
            {has_it.until.map(|until| view! { ", until " <TimeOf at=until zone /> })}
            "."
        </p>
    }
}
