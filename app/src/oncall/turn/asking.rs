//! The forms that ask others to take a turn, or to swap it.

use super::AskForm;
use crate::answer::Problem;
use crate::components::{Checks, Choice, Field, FieldKind, FormDialog, FormProblem, Submit, TimeForm};
use crate::sent::FormKey;
use chrono_tz::Tz;
use domain::fields;
use domain::people::Person;
use engine::oncall::calendar::Turn;
use leptos::prelude::*;

fn hidden(place: Vec<(&'static str, String)>) -> impl IntoView {
    place
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
}

/// Whose turn it is about: to be chosen where several have it.
#[component]
fn Whose(whose: Vec<Person>, id: &'static str, typed: String, error: Option<String>) -> impl IntoView {
    if let [one] = whose.as_slice() {
        return view! { <input type="hidden" name="of" value=one.id.to_string() /> }.into_any();
    }
    let choices: Vec<Choice> = whose
        .into_iter()
        .map(|person| Choice::new(person.id, person.name))
        .collect();
    view! { <Field name="of" id label="Whose turn" kind=FieldKind::Select(choices) value=typed error /> }
        .into_any()
}

#[component]
pub(super) fn CoverMe(
    label: String,
    whose: Vec<Person>,
    place: Vec<(&'static str, String)>,
    people: Vec<Person>,
    typed: AskForm,
    problem: Problem,
) -> impl IntoView {
    let no_such_person = problem.beside("of");
    let too_long = problem.beside("note").filter(|_| typed.instead.is_empty());
    let open = problem.beside("whom").is_some()
        || problem.beside("from").is_some()
        || no_such_person.is_some()
        || too_long.is_some();
    let error = problem.beside("whom").or_else(|| problem.beside("from"));
    // Where nothing is to be chosen, there is no field to say it beside.
    let above = match (&no_such_person, whose.len()) {
        (Some(_), 1) => problem.of_all(),
        _ => problem.above(),
    };
    let choices = people
        .into_iter()
        .map(|person| Choice::new(person.id, person.name));
    let choices = choices.collect::<Vec<_>>();
    view! {
        <FormDialog label in_place=true open group="turn">
            <form class="form" method="post" action="/on-call/turn/requests">
                <FormKey />
                <FormProblem problems=above />
                {hidden(place)}
                <Whose whose id="cover-of" typed=typed.of error=no_such_person />
                <Checks name="whom" label="Ask" choices chosen=typed.whom error
                    hint="Nobody chosen asks everybody in the team. They get a mail with one button, and the first who accepts has the turn." />
                <Field of=fields::REQUEST_NOTE id="cover-note" label="What you want to say" value=typed.note error=too_long />
                <p class="buttons"><Submit>"Ask"</Submit></p>
            </form>
        </FormDialog>
    }
}

#[component]
pub(super) fn Swap(
    label: String,
    whose: Vec<Person>,
    place: Vec<(&'static str, String)>,
    others: Vec<Turn>,
    typed: AskForm,
    problem: Problem,
    zone: Tz,
) -> impl IntoView {
    let at = |at| TimeForm::Short.format(at, zone);
    let choices: Vec<Choice> = others
        .iter()
        .filter_map(|turn| {
            let person = turn.people.first()?;
            let value = format!("{} {} {}", person.id, turn.from.timestamp(), turn.to.timestamp());
            Some(Choice::new(
                value,
                format!("{}, {} to {}", person.name, at(turn.from), at(turn.to)),
            ))
        })
        .collect();
    let too_long = problem.beside("note").filter(|_| !typed.instead.is_empty());
    let open = problem.beside("instead").is_some() || too_long.is_some();
    (!choices.is_empty()).then(|| {
        view! {
            <FormDialog label in_place=true open group="turn">
                <form class="form" method="post" action="/on-call/turn/swaps">
                    <FormKey />
                    {hidden(place)}
                    <Whose whose id="swap-of" typed=typed.of error=problem.beside("of") />
                    <Field name="instead" label="For the turn of" kind=FieldKind::Select(choices) value=typed.instead error=problem.beside("instead")
                        hint="They get a mail with one button. It is done when they accept." />
                    <Field of=fields::REQUEST_NOTE id="swap-note" label="What you want to say" value=typed.note error=too_long />
                    <p class="buttons"><Submit>"Ask to swap"</Submit></p>
                </form>
            </FormDialog>
        }
    })
}
