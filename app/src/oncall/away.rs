//! “Away from … to …”: one press asks for somebody to take each turn in that time, the reader's or somebody else's; what is asked for
//! and offered.

use super::span::{SpanFields, TypedSpan};
use crate::answer::Answered;
use crate::calendars::Covers;
use crate::components::{Choice, Field, FieldKind, FormProblem, PageHead, Section, Submit, TimeOf};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use chrono_tz::Tz;
use domain::fields;
use domain::ids::PersonId;
use domain::people::Person;
use engine::oncall::absences::{self, Absent};
use engine::oncall::away;
use engine::oncall::requests::{self, Request};
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// When somebody is away.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AwayForm {
    /// Whose turns; one's own where it is empty.
    of: String,
    #[serde(flatten)]
    span: TypedSpan,
    note: String,
}

#[derive(Deserialize)]
pub struct AwayPage {}

pub struct AwayView {
    mine: Vec<Request>,
    offered: Vec<Request>,
    absent: Vec<Absent>,
    /// For whom else the reader may ask.
    others: Vec<Person>,
    zone: Tz,
}

impl FormPage for AwayPage {
    type Caller = SignedIn;
    type View = AwayView;

    fn address(&self) -> String {
        "/on-call/away".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<AwayView> {
        let me = here.who.person.id;
        Ok(AwayView {
            mine: requests::open_of(tx, me).await?,
            offered: requests::offered_to(tx, me).await?,
            absent: absences::of_person(tx, me).await?,
            others: away::others(tx, &here.who.person).await?,
            zone: here.who.zone(),
        })
    }

    fn title(_: &AwayView) -> (String, Section) {
        ("Away, and what is offered".to_owned(), Section::OnCall)
    }

    fn show(view: AwayView, returned: Returned) -> impl IntoView {
        view! { <Away view back=returned.of() /> }
    }
}

pub async fn show(here: Here<AwayPage>) -> Answered {
    here.show().await
}

pub async fn ask(here: Here<AwayPage>, Form(form): Form<AwayForm>) -> Answered {
    let zone = here.who.zone();
    let done = transaction!(here.by(), |tx| {
        let span = form.span.read(zone)?;
        match word_or_none::<PersonId>("of", &form.of)? {
            Some(whose) => away::away_for(tx, whose, span, &form.note).await?,
            None => away::away(tx, span, &form.note).await?,
        }
    });
    here.after(done, form).await
}

#[component]
fn Away(view: AwayView, back: Back<AwayForm>) -> impl IntoView {
    let zone = view.zone;
    let (typed, problem) = back.or(AwayForm::default);
    let no_such_person = problem.beside("of");
    let whose = (!view.others.is_empty()).then(|| {
        let others = view.others.into_iter();
        let others = others.map(|person| Choice::new(person.id, person.name));
        let choices: Vec<Choice> = std::iter::once(Choice::new("", "Mine")).chain(others).collect();
        view! {
            <Field name="of" label="Whose turns" kind=FieldKind::Select(choices) value=typed.of error=no_such_person
                hint="Of somebody else: in the schedules of your teams. They are told." />
        }
    });
    view! {
        <PageHead title="Away" under=view! { {format!("Times are in {}.", zone_words(zone.name()))} }.into_any() />
        <div class="stack-loose measure">
            <Covers absent=view.absent zone />
            <p><a href="/on-call/absence">"Let a calendar of yours say when you are away"</a></p>
            <form class="form" method="post" action="/on-call/away">
                <FormKey />
                <FormProblem problems=problem.above() />
                <p>"For each turn in that time the team is asked by mail. The first who accepts has it."</p>
                {whose}
                <SpanFields typed=typed.span zone problem=problem.clone() from_label="Away from" to_label="to" />
                <Field of=fields::REQUEST_NOTE label="What you want to say" value=typed.note error=problem.beside("whom").or_else(|| problem.beside("note")) />
                <p class="buttons"><Submit>"Ask for each turn"</Submit></p>
            </form>
            <Requests title="Asked for, and not taken yet" none="You ask for nothing." requests=view.mine zone />
            <Requests title="Offered to you" none="Nothing is offered to you." requests=view.offered zone />
        </div>
    }
}

#[component]
fn Requests(title: &'static str, none: &'static str, requests: Vec<Request>, zone: Tz) -> impl IntoView {
    let empty = requests.is_empty().then(|| view! { <p class="quiet">{none}</p> });
    let rows = requests
        .into_iter()
        .map(|request| {
            view! {
                <li>
                    <a href=format!("/on-call/requests/{}", request.id)>{request.schedule_name.clone()}</a>
                    <p>{request.asked_by_name.clone()} ", " <TimeOf at=request.from_at zone /> " to " <TimeOf at=request.to_at zone /></p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="stack-tight">
            <h2>{title}</h2>
            {empty}
            <ul class="settings-rows">{rows}</ul>
        </section>
    }
}
