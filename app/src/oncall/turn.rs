//! One turn of a schedule, and what can be done about it: cover me, swap, take it.

mod asking;

use super::covers::{CancelCover, may_be_cancelled};
use super::view::may_be_on_call;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    ButtonKind, ButtonLink, Fact, Facts, FactsForm, PageHead, PostButton, Section, TimeOf,
};
use crate::form::{Form, word, word_or_none};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::zoned::zone_words;
use asking::{CoverMe, Swap};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ids::{PersonId, ScheduleId};
use domain::people::{Permission, Person};
use domain::words::listed;
use engine::oncall::calendar::{Of, Turn, turns};
use engine::oncall::covers;
use engine::oncall::requests::{self, Asked, Request};
use engine::{Error, Tx, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// How far a turn is looked at to both sides, and how far others to swap for.
const AROUND: TimeDelta = TimeDelta::days(60);

/// Which turn.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    schedule: String,
    /// Seconds since 1970.
    at: i64,
}

impl Place {
    fn schedule(&self) -> Result<ScheduleId, Error> {
        self.schedule.parse().map_err(|_| Error::NotFound("schedule"))
    }

    fn at(&self) -> Result<DateTime<Utc>, Error> {
        DateTime::from_timestamp(self.at, 0).ok_or(Error::NotFound("turn"))
    }
}

/// What is typed to ask somebody.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskForm {
    schedule: String,
    at: i64,
    /// Whose turn; one's own where it is empty.
    of: String,
    whom: Vec<String>,
    /// A turn of somebody else, as `PERSON SECONDS SECONDS`.
    instead: String,
    note: String,
}

impl AskForm {
    fn place(&self) -> Place {
        Place {
            schedule: self.schedule.clone(),
            at: self.at,
        }
    }
}

/// The turn of a schedule at an instant.
async fn turn_at(tx: &mut Tx, place: &Place) -> Result<Turn, Error> {
    let (schedule, at) = (place.schedule()?, place.at()?);
    let all = turns(tx, Of::Schedule(schedule), (at - AROUND, at + AROUND)).await?;
    let found = all.into_iter().find(|turn| turn.from <= at && turn.to > at);
    found.ok_or(Error::NotFound("turn"))
}

#[derive(Deserialize)]
pub struct TurnPage {
    /// From the query, or from a form.
    #[serde(skip)]
    place: Place,
}

pub struct TurnView {
    turn: Turn,
    people: Vec<Person>,
    /// Turns of others to come, to swap for.
    others: Vec<Turn>,
    /// What made the turn whose it is, with whether the reader may cancel that.
    covers: Vec<(Request, bool)>,
    /// Whether the reader may take it without being asked.
    may_take: bool,
    me: PersonId,
    zone: Tz,
    now: DateTime<Utc>,
    may_act: bool,
    /// Seconds since 1970.
    at: i64,
}

impl FormPage for TurnPage {
    type Caller = SignedIn;
    type View = TurnView;

    fn address(&self) -> String {
        format!(
            "/on-call/turn?schedule={}&at={}",
            self.place.schedule, self.place.at
        )
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<TurnView> {
        let (place, me) = (&here.page.place, here.who.person.id);
        let turn = turn_at(tx, place).await?;
        let now = tx.now();
        let mut taken = Vec::new();
        for request in covers::of_turn(tx, turn.schedule.id, (turn.from, turn.to)).await? {
            let may_cancel = may_be_cancelled(&here.who, tx, &request).await?;
            taken.push((request, may_cancel));
        }
        let coming = turns(tx, Of::Schedule(turn.schedule.id), (now, now + AROUND)).await?;
        Ok(TurnView {
            others: coming
                .into_iter()
                .filter(|other| other.from > now && other.to < now + AROUND && other.people.len() == 1)
                .collect(),
            people: people::active(tx).await?,
            covers: taken,
            may_take: here
                .who
                .may(tx, Permission::ChangeTeam(turn.schedule.team_id))
                .await?,
            turn,
            me,
            zone: here.who.zone(),
            now,
            may_act: here.who.may_act(),
            at: place.at,
        })
    }

    fn title(_: &TurnView) -> (String, Section) {
        ("A turn".to_owned(), Section::OnCall)
    }

    fn show(view: TurnView, returned: Returned) -> impl IntoView {
        view! { <OneTurn view back=returned.of() /> }
    }
}

pub async fn show(mut here: Here<TurnPage>, Query(place): Query<Place>) -> Answered {
    here.page.place = place;
    here.show().await
}

/// Cover me, or somebody else: the team or chosen people are asked.
pub async fn ask(here: Here<TurnPage>, Form(form): Form<AskForm>) -> Answered {
    asked(here, form, false).await
}

/// Swap: one person is asked for one of their turns.
pub async fn swap(here: Here<TurnPage>, Form(form): Form<AskForm>) -> Answered {
    asked(here, form, true).await
}

async fn asked(mut here: Here<TurnPage>, form: AskForm, is_swap: bool) -> Answered {
    here.page.place = form.place();
    let done = transaction!(here.by(), |tx| {
        let turn = turn_at(tx, &form.place()).await?;
        let (whom, instead) = if is_swap {
            swapped(&form.instead)?
        } else {
            (named(&form.whom)?, None)
        };
        let asked = Asked {
            schedule: turn.schedule.id,
            span: (turn.from, turn.to),
            whom,
            instead,
            note: form.note.clone(),
        };
        match word_or_none::<PersonId>("of", &form.of)? {
            Some(whose) => requests::ask_for(tx, whose, &asked).await?,
            None => requests::ask(tx, &asked).await?,
        }
    });
    here.lead(done.map(|id| format!("/on-call/requests/{id}")), form)
        .await
}

/// Takes the rest of a running turn, or one to come.
pub async fn take(mut here: Here<TurnPage>, Form(form): Form<AskForm>) -> Answered {
    here.page.place = form.place();
    let done = transaction!(here.by(), |tx| {
        let turn = turn_at(tx, &form.place()).await?;
        requests::take(tx, turn.schedule.id, (turn.from, turn.to)).await?
    });
    here.lead(done.map(|()| "/on-call".to_owned()), form).await
}

fn named(whom: &[String]) -> Result<Vec<PersonId>, Error> {
    let chosen = whom.iter().filter(|person| !person.is_empty());
    chosen.map(|person| word("whom", person)).collect()
}

type Span = (DateTime<Utc>, DateTime<Utc>);

/// `PERSON SECONDS SECONDS`
fn swapped(typed: &str) -> Result<(Vec<PersonId>, Option<Span>), Error> {
    let read = || {
        let mut parts = typed.split(' ');
        let person = parts.next()?.parse::<PersonId>().ok()?;
        let mut instant = || DateTime::from_timestamp(parts.next()?.parse().ok()?, 0);
        Some((vec![person], Some((instant()?, instant()?))))
    };
    read().ok_or(Error::NotAChoice("instead"))
}

#[component]
fn OneTurn(view: TurnView, back: Back<AskForm>) -> impl IntoView {
    let (typed, problem) = back.or(AskForm::default);
    let TurnView {
        turn,
        people,
        others,
        covers,
        may_take,
        me,
        zone,
        now,
        may_act,
        at,
    } = view;
    let names: Vec<&str> = turn.people.iter().map(|person| person.name.as_str()).collect();
    let who = match (names.is_empty(), turn.is_planned) {
        (true, true) => "Nobody, as planned".to_owned(),
        (true, false) => "Nobody".to_owned(),
        _ => listed(&names),
    };
    let is_over = turn.to <= now;
    let schedule = turn.schedule.clone();
    let place = vec![("schedule", schedule.id.to_string()), ("at", at.to_string())];
    let take = (may_take && !is_over && turn.people.iter().map(|person| person.id).ne([me])).then(|| {
        let label = if turn.from <= now { "Take it now" } else { "Take it" };
        view! { <PostButton action="/on-call/turn/taking" fields=place.clone() makes=true>{label}</PostButton> }
    });
    // One's own first; that of others for who may change the schedule.
    let mut whose: Vec<Person> = turn.people.clone();
    whose.retain(|person| person.id == me || may_take);
    whose.sort_by_key(|person| person.id != me);
    let ask = (may_act && !is_over && !whose.is_empty()).then(|| {
        let is_the_only_one = |person: PersonId| matches!(whose.as_slice(), [one] if one.id == person);
        let people: Vec<Person> = people
            .into_iter()
            .filter(|person| !is_the_only_one(person.id) && may_be_on_call(person))
            .collect();
        let others: Vec<Turn> = others
            .into_iter()
            .filter(|turn| turn.people.iter().all(|person| !is_the_only_one(person.id)))
            .collect();
        let (cover, swap) = match whose.as_slice() {
            [one] if one.id == me => ("Cover me".to_owned(), "Swap".to_owned()),
            [one] => (
                format!("Ask for cover for {}", one.name),
                format!("Swap for {}", one.name),
            ),
            _ => ("Ask for cover".to_owned(), "Swap".to_owned()),
        };
        view! {
            <CoverMe label=cover whose=whose.clone() place=place.clone() people typed=typed.clone() problem=problem.clone() />
            <Swap label=swap whose place=place.clone() others typed problem zone />
        }
    });
    let asked_for = covers
        .iter()
        .map(|(request, _)| {
            let taken_by = request.taken_by_name.clone().unwrap_or_default();
            let words = format!("{} asked, {taken_by} took it", request.asked_by_name);
            let page = format!("/on-call/requests/{}", request.id);
            view! { <Fact label="Cover"><a href=page>{words}</a></Fact> }
        })
        .collect_view();
    let cancel = covers
        .into_iter()
        .filter(|(_, may_cancel)| *may_cancel)
        .map(|(request, _)| view! { <CancelCover request /> })
        .collect_view();
    let title = format!("{who}: {}", schedule.name);
    view! {
        <PageHead title under=view! { {format!("Times are in {}.", zone_words(zone.name()))} }.into_any() />
        <div class="stack measure">
            <Facts form=FactsForm::Listed>
                <Fact label="Schedule"><a href=format!("/settings/schedules/{}", schedule.id)>{schedule.name.clone()}</a></Fact>
                <Fact label="Has the pager">{who}</Fact>
                <Fact label="From"><TimeOf at=turn.from zone /></Fact>
                <Fact label="To"><TimeOf at=turn.to zone /></Fact>
                {turn.is_overridden.then(|| view! { <Fact label="Said by">"an override"</Fact> })}
                {asked_for}
            </Facts>
            {is_over.then(|| view! { <p>"It is over."</p> })}
            {take}
            {ask}
            {cancel}
            <p class="buttons">
                <ButtonLink href=format!("/on-call/calendar?schedule={}", schedule.id) kind=ButtonKind::Plain>"The calendar of this schedule"</ButtonLink>
                {may_take.then(|| view! { <ButtonLink href=format!("/settings/schedules/{}#overrides", schedule.id) kind=ButtonKind::Plain>"Arrange an override"</ButtonLink> })}
            </p>
        </div>
    }
}
