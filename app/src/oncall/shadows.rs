//! Shadows of a schedule: who goes along with it to learn, and gets a copy of its pages.

use super::span::{Span, SpanFields, SpanRow, TypedSpan};
use super::view::{Reader, SchedulePage, zone_of};
use crate::address::Path;
use crate::answer::{Answered, Problem};
use crate::components::{Ask, ButtonKind, Choice, Field, FieldKind, FormProblem, Submit, TimeOf};
use crate::form::Form;
use crate::form_page::{Back, Here};
use crate::sent::FormKey;
use crate::settings::Section;
use crate::zoned::zone_words;
use chrono_tz::Tz;
use domain::ids::{PersonId, ShadowId};
use domain::oncall::Fault;
use domain::people::Person;
use engine::oncall::Refused;
use engine::oncall::schedules::{self, Named};
use engine::oncall::shadows::{self, Shadow};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShadowForm {
    shadow: String,
    #[serde(flatten)]
    span: TypedSpan,
}

impl ShadowForm {
    /// Who, and from when to when.
    fn read(&self, zone: Tz) -> Result<(PersonId, Span), Error> {
        let person = self.shadow.parse().map_err(|_| Refused::Schedule {
            field: "shadow",
            fault: Fault::NoPerson,
        })?;
        Ok((person, self.span.read(zone)?))
    }
}

pub async fn add(here: Here<SchedulePage>, Form(form): Form<ShadowForm>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        let named = schedules::find(tx, id).await?;
        shadows::authorize(tx, id).await?;
        let (person, span) = form.read(zone_of(&named))?;
        shadows::add(tx, id, person, span).await?
    });
    here.after_at("shadows", done, form).await
}

/// Which shadow of the schedule in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    shadow: ShadowId,
}

pub async fn remove(here: Here<SchedulePage>, Path(which): Path<Which>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| shadows::remove(tx, id, which.shadow).await?);
    let to = format!("/settings/schedules/{id}#shadows");
    here.lead_press(done.map(|()| to)).await
}

/// Those that are not over, and the form that adds one.
#[component]
pub(super) fn Shadows(
    named: Named,
    shadows: Vec<Shadow>,
    people: Vec<Person>,
    back: Back<ShadowForm>,
    reader: Reader,
) -> impl IntoView {
    let zone = zone_of(&named);
    let at = format!("/settings/schedules/{}/shadows", named.id);
    let rows = shadows
        .into_iter()
        .map(|shadow| {
            let may_end = reader.may_change || shadow.person_id == reader.id;
            let action = may_end.then(|| format!("{at}/{}/removal", shadow.id));
            view! { <ShadowRow shadow zone action /> }
        })
        .collect_view();
    let add = reader
        .may_change
        .then(|| view! { <AddShadow named people action=at.clone() back /> });
    view! {
        <Section title="Shadows" id="shadows">
            <div class="stack">
                <p class="quiet">"Who shadows this schedule learns: they get a copy by mail when its pager goes. They are not on call, nothing is escalated to them, and it counts as no load."</p>
                <ul class="member-rows measure">{rows}</ul>
                {add}
            </div>
        </Section>
    }
}

/// `action`: where it ends, for who may.
#[component]
fn ShadowRow(shadow: Shadow, zone: Tz, action: Option<String>) -> impl IntoView {
    let end = action.map(|action| {
        view! {
            <Ask
                label="Remove shadow"
                about=shadow.name.clone()
                kind=ButtonKind::Small
                question="Remove this shadow?"
                action
                answer="Remove it"
            >
                <p>"They get no copies of this schedule’s pages any more."</p>
            </Ask>
        }
        .into_any()
    });
    view! { <SpanRow words=shadow.name.clone() span=(shadow.from_at, shadow.to_at) zone end /> }
}

#[component]
fn AddShadow(named: Named, people: Vec<Person>, action: String, back: Back<ShadowForm>) -> impl IntoView {
    let (typed, problem): (ShadowForm, Problem) = back.or(ShadowForm::default);
    let zone = zone_of(&named);
    let who = people
        .iter()
        .filter(|person| person.deactivated_at.is_none())
        .map(|person| Choice::new(person.id, person.name.clone()))
        .collect();
    view! {
        <form class="form measure" method="post" action=action>
            <FormKey />
            <FormProblem problems=problem.above() />
            <Field name="shadow" label="Who shadows" kind=FieldKind::Select(who) value=typed.shadow error=problem.beside("shadow") />
            <SpanFields typed=typed.span zone problem=problem.clone() hint=format!("In the time of {}.", zone_words(&named.time_zone)) of="shadow" />
            <p class="buttons">
                <Submit kind=ButtonKind::Normal>"Add the shadow"</Submit>
            </p>
        </form>
    }
}

/// Shadows in the days of a calendar, apart from whoever has the pager.
#[component]
pub(super) fn ShadowLines(shadows: Vec<Shadow>, zone: Tz) -> impl IntoView {
    (!shadows.is_empty()).then(|| {
        let rows = shadows
            .into_iter()
            .map(|shadow| {
                view! {
                    <li>
                        {format!("{} shadows {}, ", shadow.name, shadow.schedule_name)}
                        <TimeOf at=shadow.from_at zone />
                        " to "
                        <TimeOf at=shadow.to_at zone />
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="stack-tight">
                <h2>"Shadows"</h2>
                <p class="quiet">"They get a copy of pages, and are not on call."</p>
                <ul>{rows}</ul>
            </section>
        }
    })
}
