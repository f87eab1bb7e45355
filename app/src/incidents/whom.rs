//! Asking for help: paging somebody, who comes beside whoever has the incident, and handing it over, which waits for their answer.

use super::verb::drawn_in;
use super::view::{HelpForm, IncidentPage, Returned, Seen, after, came_back, lead_to};
use crate::answer::Answered;
use crate::components::{
    Ask, Choice, Field, FieldKind, FormDialog, HiddenFields, Notice, PostButton, Problems, Submit, TimeForm,
    TimeOf, Tone,
};
use crate::form::{Form, word};
use crate::form_page::Here;
use crate::sent::FormKey;
use domain::fields;
use domain::incidents::verb::Verb;
use domain::incidents::whom::Whom;
use domain::people::Role;
use engine::incidents::{self, Handover};
use engine::transaction;
use leptos::prelude::*;

/// What is asked of somebody.
#[derive(Clone, Copy)]
enum Asking {
    Page,
    HandOver,
}

impl Asking {
    /// As its form is known on the page.
    const fn form(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::HandOver => "handover",
        }
    }

    const fn verb(self) -> Verb {
        match self {
            Self::Page => Verb::PageSomebody,
            Self::HandOver => Verb::HandOver,
        }
    }
}

pub async fn page_somebody(here: Here<IncidentPage>, form: Form<HelpForm>) -> Answered {
    ask(here, form, Asking::Page).await
}

pub async fn hand_over(here: Here<IncidentPage>, form: Form<HelpForm>) -> Answered {
    ask(here, form, Asking::HandOver).await
}

async fn ask(here: Here<IncidentPage>, Form(asked): Form<HelpForm>, asking: Asking) -> Answered {
    let number = here.page.number;
    let done = async {
        let whom: Whom = word("whom", &asked.whom)?;
        transaction!(here.by(), |tx| {
            incidents::must_fit(tx, number, asking.verb(), drawn_in(&asked.drawn)).await?;
            match asking {
                Asking::Page => incidents::page_somebody(tx, number, whom, &asked.why).await?,
                Asking::HandOver => incidents::hand_over(tx, number, whom, &asked.why).await?,
            }
        })
    };
    match done.await {
        Ok(()) => lead_to(&here, "head").await,
        Err(error) => {
            let returned = Returned {
                form: asking.form(),
                asked,
                ..Returned::default()
            };
            came_back(&here, error, returned).await
        }
    }
}

pub async fn accept(here: Here<IncidentPage>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| incidents::accept_handover(tx, number).await?);
    after(&here, done, "acceptance", "").await
}

pub async fn take_back(here: Here<IncidentPage>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| incidents::take_back_handover(tx, number).await?);
    after(&here, done, "acceptance", "").await
}

/// The two forms behind their buttons, while somebody has it; before, only the first makes sense.
#[component]
pub fn AskForHelp(seen: Seen) -> impl IntoView {
    let came_back = seen.returned.form == Asking::HandOver.form();
    let has_it = seen.story.incident.state != domain::incidents::State::Triggered || came_back;
    view! {
        <WhomForm
            seen=seen.clone()
            form="page"
            label="Page somebody"
            title="Who is to come?"
            hint="They are paged now. Whoever has the incident keeps it."
            answer="Page them"
        />
        {has_it.then(|| view! {
            <WhomForm
                seen
                form="handover"
                label="Hand over"
                title="Who is to take it over?"
                hint="They are paged. It stays where it is until they accept; if nobody does in time, the policy starts."
                answer="Ask them"
            />
        })}
    }
}

#[component]
fn WhomForm(
    seen: Seen,
    form: &'static str,
    label: &'static str,
    title: &'static str,
    hint: &'static str,
    answer: &'static str,
) -> impl IntoView {
    let number = seen.story.incident.number;
    let came_back = seen.returned.form == form;
    let problems: Problems = if came_back {
        seen.returned.problem.clone().into()
    } else {
        Problems::default()
    };
    let asked = if came_back {
        seen.returned.asked.clone()
    } else {
        HelpForm::default()
    };
    let whole = problems.whole.clone();
    view! {
        <FormDialog label title group="verbs" open=came_back>
            <form class="form" method="post" action=format!("/incidents/{number}/{form}")>
                <FormKey />
                <HiddenFields fields=seen.drawn_of_responder() />
                <Field name="whom" id=format!("field-{form}-whom") label="Whom" kind=FieldKind::Select(choices(&seen)) value=asked.whom hint error=problems.of("whom").or(whole) required=true />
                <Field of=fields::WHY_CALLED id=format!("field-{form}-why") label="Why" value=asked.why error=problems.of("why") placeholder="Knows the payment gateway" />
                <Submit>{answer}</Submit>
            </form>
        </FormDialog>
    }
}

/// People, whoever is on call on a schedule, and teams. The same for every reader, since they share what is live.
fn choices(seen: &Seen) -> Vec<Choice> {
    let people = seen
        .everybody
        .iter()
        .filter(|person| person.role != Role::Observer);
    let people = people.map(|person| Choice::new(Whom::Person(person.id), person.name.clone()));
    let schedules = seen.beside.schedules.iter();
    let schedules =
        schedules.map(|(id, name)| Choice::new(Whom::Schedule(*id), format!("On call now: {name}")));
    let teams = seen.beside.teams.iter();
    let teams = teams.map(|team| Choice::new(Whom::Team(team.id), format!("All of {}", team.name)));
    let none = Choice::new("", "Choose");
    std::iter::once(none)
        .chain(people)
        .chain(schedules)
        .chain(teams)
        .collect()
}

/// That somebody was asked to take it over, with the button for whoever was. Live.
#[component]
pub fn HandoverPart(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let shown = seen.beside.handover.clone().map(|handover| {
        let Handover { from_name, whom, due_at, .. } = handover.clone();
        let accept = seen.reader.is_one_of(&handover.asked).then(|| {
            view! { <PostButton action=format!("/incidents/{number}/handover/acceptance") kind=crate::components::ButtonKind::Primary>"Take it over"</PostButton> }
        });
        let stays = format!("It stays with {from_name}, and whoever was asked is told.");
        let keep = (seen.reader.may_act && !seen.reader.is_one_of(&handover.asked)).then(|| {
            view! {
                <Ask label="Ask nobody any more" question="Ask nobody any more?" action=format!("/incidents/{number}/handover/removal") answer="Ask nobody">
                    <p>{stays}</p>
                </Ask>
            }
        });
        let actions = view! { {accept} {keep} };
        let zone = seen.reader.zone;
        view! {
            <Notice tone=Tone::Worked lead=format!("{whom} is asked to take it over.") actions=actions.into_any()>
                {format!("It stays with {from_name} until then. If nobody accepts by ")}
                <TimeOf at=due_at zone form=TimeForm::Clock />
                ", the policy starts."
            </Notice>
        }
    });
    view! { <div id="handover" class="next">{shown}</div> }
}
