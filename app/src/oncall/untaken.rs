//! Turns that nobody has taken: who was asked, “I cannot”, and giving one to somebody.

use super::view::{RequestPage, may_be_on_call, sentence_of};
use crate::answer::Answered;
use crate::components::{ButtonKind, Choice, Fact, Field, FieldKind, FormProblem, Submit, TimeOf};
use crate::form::{Form, word};
use crate::form_page::{Back, Here};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::people::Person;
use domain::words::listed;
use engine::oncall::requests::{Accepted, Request};
use engine::oncall::untaken::{self, Asked};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// Whom it is given to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GiveForm {
    person: String,
}

pub async fn give(here: Here<RequestPage>, Form(form): Form<GiveForm>) -> Answered {
    let id = here.page.request;
    let done: Result<Accepted, Error> = transaction!(here.by(), |tx| {
        untaken::give(tx, id, word("person", &form.person)?).await?
    });
    match done {
        Ok(accepted) if accepted != Accepted::Now => here.say(Ok(sentence_of(accepted))).await,
        done => here.after(done, form).await,
    }
}

pub async fn decline(here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| untaken::decline(tx, id).await?);
    here.after_press(done).await
}

/// Who was asked, and who said that they cannot.
#[component]
pub(super) fn WhoWasAsked(asked: Vec<Asked>) -> impl IntoView {
    let names = |declined: bool| {
        let names: Vec<&str> = asked
            .iter()
            .filter(|asked| asked.declined_at.is_some() == declined)
            .map(|asked| asked.name.as_str())
            .collect();
        listed(&names)
    };
    let (silent, declined) = (names(false), names(true));
    view! {
        {(!silent.is_empty()).then(|| view! { <Fact label="Asked, without an answer so far">{silent}</Fact> })}
        {(!declined.is_empty()).then(|| view! { <Fact label="Cannot">{declined}</Fact> })}
    }
}

#[component]
pub(super) fn Give(action: String, others: Vec<Person>, back: Back<GiveForm>) -> impl IntoView {
    let (typed, problem) = back.or(GiveForm::default);
    let choices: Vec<Choice> = others
        .into_iter()
        .map(|person| Choice::new(person.id, person.name))
        .collect();
    view! {
        <section class="part">
            <h2>"Give it to somebody"</h2>
            <p class="quiet measure">"Ask them first. They and whoever asks are told by mail."</p>
            <form class="form inline measure" method="post" action=action>
                <FormProblem problems=problem.above() />
                <Field
                    name="person"
                    label="Who serves"
                    kind=FieldKind::Select(choices)
                    value=typed.person
                    error=problem.beside("person")
                />
                <Submit kind=ButtonKind::Normal>"Give the turn"</Submit>
            </form>
        </section>
    }
}

/// Those of a team, or of the reader's teams; nothing where there are none.
#[component]
pub fn Untaken(requests: Vec<Request>, zone: Tz) -> impl IntoView {
    (!requests.is_empty()).then(|| {
        let rows = requests
            .into_iter()
            .map(|request| {
                let title = format!("{}: {}", request.asked_by_name, request.schedule_name);
                view! {
                    <li class="stack-tight">
                        <p><a href=format!("/on-call/requests/{}", request.id)>{title}</a></p>
                        <p class="small quiet"><TimeOf at=request.from_at zone /> " to " <TimeOf at=request.to_at zone /></p>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="part" id="untaken">
                <h2>"Turns that nobody has taken"</h2>
                <p class="quiet">"Somebody asked to be covered for, and it begins within a week. Take it, or give it to somebody."</p>
                <ul class="stack">{rows}</ul>
            </section>
        }
    })
}

/// Everybody whom it can be given to.
pub(super) fn others(people: Vec<Person>, asker: PersonId) -> Vec<Person> {
    let may = |person: &Person| person.id != asker && may_be_on_call(person);
    people.into_iter().filter(may).collect()
}
