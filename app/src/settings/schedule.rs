//! One schedule: its rotation; covers for a while are in `covers.rs`.

use super::covers::{self, Covers};
use super::forms::above;
use super::layers::Layers;
use super::rotation::{Rotation, Typed};
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Ask, ButtonKind, ButtonLink, Field, FormProblem, Notice, Section as Bar, Submit, TimeOf,
};
use crate::drawn::{DrawnFrom, merged, with_names};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::{Layer, OverrideKind, Schedule};
use domain::people::{Permission, Person};
use engine::oncall::covers::Cover;
use engine::oncall::rotations::{self, Weekly};
use engine::oncall::schedules::{self, Named};
use engine::{people, sent, transaction};
use leptos::prelude::*;

pub(super) fn zone_of(named: &Named) -> Tz {
    named.time_zone.parse().unwrap_or(chrono_tz::UTC)
}

/// What came back with a problem.
#[derive(Clone, Debug, Default)]
pub(super) struct Back {
    typed: Option<Typed>,
    rotation: Problem,
    cover_typed: covers::Typed,
    cover: Problem,
}

impl Back {
    pub fn of_cover(cover: Problem, cover_typed: covers::Typed) -> Self {
        Self {
            cover,
            cover_typed,
            ..Self::default()
        }
    }
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
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("schedule {id}")).await?;
        let now = Typed::of(rotations::read(tx, id).await?);
        let wanted = merged(&typed.without_empty_rows(), &now)?;
        if wanted.is_but_renamed(&now) {
            rotations::rename(tx, id, &wanted.name).await?;
        } else {
            rotations::change(tx, id, &wanted.weekly()?).await?;
        }
    });
    match done {
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
    let done = transaction!(app.by(&who), |tx| rotations::delete(tx, id).await?);
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

pub(super) async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: ScheduleId,
    back: Back,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let weekly = rotations::read(&mut tx, id).await?;
    let (named, rotation) = schedules::load(&mut tx, id).await?;
    let in_turn = rotation.layers.iter().flat_map(|layer| &layer.turns).flatten();
    let is_in_turn = in_turn.copied().any(|person| person == who.person.id);
    let covers = engine::oncall::covers::upcoming(&mut tx, id).await?;
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
        may_cover: may_change || (who.may_act() && is_in_turn),
    };
    let has_it = HasIt::of(&rotation, tx.now());
    Ok(render::page(status, frame, move || {
        view! { <Page named weekly rotation covers people has_it back reader /> }
    }))
}

/// What whoever looks at it may do.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub id: PersonId,
    pub may_change: bool,
    /// In the rotation, if in no team of it: they may give their own turn away.
    pub may_cover: bool,
}

/// Who has the pager now, until when, and whether that is a cover.
#[derive(Clone)]
struct HasIt {
    people: Vec<PersonId>,
    until: Option<DateTime<Utc>>,
    is_cover: bool,
}

impl HasIt {
    fn of(rotation: &Schedule<PersonId>, now: DateTime<Utc>) -> Self {
        let (people, until) = rotation.at(now);
        let mut without_covers = rotation.clone();
        without_covers
            .overrides
            .retain(|exception| exception.change.kind() != OverrideKind::Cover);
        Self {
            is_cover: without_covers.at(now).0 != people,
            people: people.into_iter().collect(),
            until,
        }
    }
}

#[component]
fn Page(
    named: Named,
    weekly: Weekly,
    rotation: Schedule<PersonId>,
    covers: Vec<Cover>,
    people: Vec<Person>,
    has_it: HasIt,
    back: Back,
    reader: Reader,
) -> impl IntoView {
    let zone = zone_of(&named);
    let here = format!("/settings/schedules/{}", named.id);
    let removal = format!("{here}/removal");
    let stands = Typed::of(weekly);
    let typed = back.typed.unwrap_or_else(|| stands.clone());
    let is_covered = has_it.is_cover;
    // A rota that says more than the form, or has more layers, is told in words.
    let is_all_of_form = rotations::fits(&rotation);
    let is_told = !is_all_of_form || rotation.layers.len() > 1 || rotation.layers.iter().any(says_more);
    let under = if is_told {
        format!("In the time of {}.", zone_words(&named.time_zone))
    } else {
        format!(
            "Handed over every week, in the time of {}.",
            zone_words(&named.time_zone)
        )
    };
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
    let told = is_told.then(|| {
        let names = names.clone();
        view! {
            <Section title="The rota">
                <Layers rotation names />
            </Section>
        }
    });
    let now = view! {
        <p>
            "Has the pager now: "
            <strong>{match has_it.people.as_slice() {
                [] => "nobody".to_owned(),
                some => some.iter().map(|person| name_of(*person)).collect::<Vec<_>>().join(", "),
            }}</strong>
            {is_covered.then_some(", by a cover")}
            {has_it.until.map(|until| view! { ", until " <TimeOf at=until zone /> })}
            "."
        </p>
    };
    let covers = view! { <Covers named=named.clone() people=people.clone() covers typed=back.cover_typed problem=back.cover reader /> };
    if !reader.may_change {
        let turns: Vec<_> = typed
            .people
            .iter()
            .filter_map(|person| person.parse().ok())
            .map(|person| view! { <li>{name_of(person)}</li> })
            .collect();
        return view! {
            <Shell part=Part::Schedules title=named.name.clone() under>
                {now}
                {told.map_or_else(
                    || view! { <Section title="In turn"><ol>{turns}</ol></Section> }.into_any(),
                    IntoAny::into_any,
                )}
                {covers}
            </Shell>
        }
        .into_any();
    }
    let ids = names.iter().map(|(id, name)| (id.to_string(), &**name));
    let problem = Problem {
        sentence: with_names(&back.rotation.sentence, ids),
        ..back.rotation
    };
    let problems = above(&problem);
    let fields = if is_all_of_form {
        view! { <Rotation typed people problem is_covered /> }.into_any()
    } else {
        view! { <OnlyName typed problem /> }.into_any()
    };
    view! {
        <Shell part=Part::Schedules title=named.name.clone() under>
            {now}
            {told}
            <form class="form measure" method="post" action=here>
                <DrawnFrom now=stands />
                <FormProblem problems />
                {fields}
                <p class="buttons">
                    <Submit>"Save"</Submit>
                    <ButtonLink href="/on-call" kind=ButtonKind::Plain>
                        "See the weeks ahead"
                    </ButtonLink>
                </p>
            </form>
            {covers}
            <Section title="Delete">
                <Ask label="Delete this schedule" kind=ButtonKind::Danger question="Delete it for good?" action=removal answer="Delete it" in_place=true>
                    <p>"Its rotation and its covers go with it. Where a policy still names it, it stays."</p>
                </Ask>
            </Section>
        </Shell>
    }
    .into_any()
}

/// Whether a layer that the form can change says more than the form shows.
fn says_more(layer: &Layer<PersonId>) -> bool {
    !layer.restrictions.is_empty() || layer.level.is_some_and(|level| level > 0)
}

/// For a rota that says more than the form can. What it cannot show is sent as it stands.
#[component]
fn OnlyName(typed: Typed, problem: Problem) -> impl IntoView {
    let as_it_stands: Vec<_> = [
        ("time_zone", typed.time_zone),
        ("hand_off_day", typed.hand_off_day),
        ("hand_off_time", typed.hand_off_time),
    ]
    .into_iter()
    .chain(typed.people.into_iter().map(|person| ("people", person)))
    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
    .collect();
    view! {
        <Notice lead="This rota says more than the form can.">
            "Its name can be changed here, the rest stays as it is."
        </Notice>
        {as_it_stands}
        <Field name="name" label="Name" value=typed.name required=true error=problem.beside("name") />
    }
}
