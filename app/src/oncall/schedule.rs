//! One schedule: who has the pager, what the rota says, and its overrides. It is changed in the editor.

use super::layers::Layers;
use super::notes::{HandOffs, HandOffsView};
use super::overrides::Overrides;
use super::shadows::Shadows;
use super::shown::ShowToOthers;
use super::view::{Reader, SchedulePage, zone_of};
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{Ask, ButtonKind, ButtonLink, FormProblem, Notice, Section as Bar, TimeOf, Tone};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::zoned::zone_words;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{LayerId, PersonId};
use domain::oncall::{Layer, Schedule};
use domain::people::{Permission, Person};
use engine::oncall::overrides::Arranged;
use engine::oncall::schedules::Named;
use engine::oncall::shadows::{self, Shadow};
use engine::oncall::{edit, rotations, schedules, shown};
use engine::{Tx, hand_offs, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Something was saved a moment ago.
    saved: String,
}

pub struct ScheduleView {
    named: Named,
    layers: Vec<(LayerId, Layer<PersonId>)>,
    arranged: Vec<Arranged>,
    shadows: Vec<Shadow>,
    people: Vec<Person>,
    has_it: HasIt,
    reader: Reader,
    hand_offs: HandOffsView,
    /// Where others see who is on call.
    shown: Option<String>,
    is_saved: bool,
}

impl FormPage for SchedulePage {
    type Caller = SignedIn;
    type View = ScheduleView;

    fn address(&self) -> String {
        format!("/settings/schedules/{}", self.schedule)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<ScheduleView> {
        let (id, who) = (here.page.schedule, &here.who);
        let layers = edit::drawn(tx, id).await?.layers;
        let (named, rotation) = schedules::load(tx, id).await?;
        let in_turn = layers.iter().flat_map(|(_, layer)| &layer.turns).flatten();
        let is_in_turn = in_turn.copied().any(|person| person == who.person.id);
        let may_change = who.may(tx, Permission::ChangeTeam(named.team_id)).await?;
        let everybody = people::everybody(tx).await?.into_iter();
        Ok(ScheduleView {
            arranged: engine::oncall::overrides::upcoming(tx, id).await?,
            shadows: shadows::of_schedule(tx, id).await?,
            people: everybody.map(|member| member.person).collect(),
            has_it: HasIt::of(&rotation, tx.now()),
            reader: Reader {
                id: who.person.id,
                may_change,
                may_arrange: may_change || (who.may_act() && is_in_turn),
            },
            hand_offs: HandOffsView {
                at: here.page.address(),
                note: hand_offs::note_of(tx, id).await?,
                tells: hand_offs::tells_hand_offs(tx, id).await?,
                may_change,
                may_leave: may_change
                    || (who.may_act() && rotation.on_call(tx.now()).contains(&who.person.id)),
                zone: who.zone(),
            },
            shown: shown::token_of(tx, id)
                .await?
                .map(|token| here.app.engine.context.link(&format!("/shown/{token}"))),
            is_saved: here.page.is_saved,
            named,
            layers,
        })
    }

    fn title(view: &ScheduleView) -> (String, Bar) {
        (view.named.name.clone(), Bar::Settings)
    }

    fn next(view: &ScheduleView) -> Option<&'static str> {
        view.reader.may_change.then_some("change")
    }

    fn show(view: ScheduleView, returned: Returned) -> impl IntoView {
        view! { <OneSchedule view returned /> }
    }
}

pub async fn show(mut here: Here<SchedulePage>, Query(asked): Query<Asked>) -> Answered {
    here.page.is_saved = !asked.saved.is_empty();
    here.show().await
}

pub async fn remove(here: Here<SchedulePage>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| rotations::delete(tx, id).await?);
    here.lead_press(done.map(|()| "/settings/schedules".to_owned()))
        .await
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
fn OneSchedule(view: ScheduleView, returned: Returned) -> impl IntoView {
    let ScheduleView {
        named,
        layers,
        arranged,
        shadows,
        people,
        has_it,
        reader,
        hand_offs,
        shown,
        is_saved,
    } = view;
    let pressed = returned.of_press();
    let at = format!("/settings/schedules/{}", named.id);
    let others = reader
        .may_change
        .then(|| view! { <ShowToOthers at address=shown /> });
    let here = format!("/settings/schedules/{}", named.id);
    let removal = format!("{here}/removal");
    let file = format!("{here}/schedule.json");
    let names: Vec<_> = people
        .iter()
        .map(|person| (person.id, person.name.clone()))
        .collect();
    let said = layers.iter().map(|(_, layer)| layer.clone()).collect();
    let saved = is_saved.then(|| view! { <Notice tone=Tone::Worked lead="Saved.">"It holds from when you said on; those whose turns change are told."</Notice> });
    let change = reader.may_change.then(|| {
        view! {
            <p class="buttons" id="change">
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
            <FormProblem problems=pressed.above() />
            <Now has_it names=names.clone() zone=zone_of(&named) />
            <Section title="The rota">
                <Layers layers=said names />
                {change}
            </Section>
            <Overrides named=named.clone() layers people=people.clone() arranged back=returned.of() reader />
            <Shadows named shadows people back=returned.of() reader />
            <HandOffs view=hand_offs returned />
            {others}
            <Section title="As a file">
                <p>
                    <a href=file>"As JSON"</a> ", with its overrides: "
                    <code>"kintsugi oncall preview schedule.json"</code> " says who is on call when, without a database."
                </p>
            </Section>
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
