//! One person, as administrators change them and everybody else reads them.

use super::fields::{PersonFields, PersonForm};
use crate::answer::Answered;
use crate::components::{
    ButtonKind, ButtonLink, Fact, Facts, FactsForm, FormProblem, Notice, PostButton, Section as Bar, Submit,
    Tone,
};
use crate::drawn::{DrawnFrom, merged};
use crate::form::{Form, word};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::zoned::zone_words;
use domain::ids::PersonId;
use engine::mailed_links;
use engine::people::changes::{self, Change};
use engine::people::{self, Member};
use engine::{Error, Tx, sent, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct PersonPage {
    person: PersonId,
}

pub struct PersonView {
    member: Member,
    may_administer: bool,
}

impl FormPage for PersonPage {
    type Caller = SignedIn;
    type View = PersonView;

    fn address(&self) -> String {
        format!("/settings/people/{}", self.person)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PersonView> {
        let everybody = people::everybody(tx).await?;
        let member = everybody
            .into_iter()
            .find(|member| member.person.id == here.page.person);
        Ok(PersonView {
            member: member.ok_or(Error::NotFound("person"))?,
            may_administer: here.who.is_administrator(),
        })
    }

    fn title(view: &PersonView) -> (String, Bar) {
        (view.member.person.name.clone(), Bar::Settings)
    }

    fn show(view: PersonView, returned: Returned) -> impl IntoView {
        view! { <OnePerson view returned /> }
    }
}

pub async fn show(here: Here<PersonPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<PersonPage>, Form(form): Form<PersonForm>) -> Answered {
    let id = here.page.person;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let form = merged(&form, &PersonForm::of(&people::find(tx, id).await?))?;
        let change = Change {
            name: form.name,
            email: form.email,
            role: word("role", &form.role)?,
            time_zone: form.time_zone,
        };
        changes::change(tx, id, &change).await?
    });
    here.after(done, form).await
}

pub async fn reactivate(here: Here<PersonPage>) -> Answered {
    let done = transaction!(here.by(), |tx| changes::reactivate(tx, here.page.person).await?);
    here.after_press(done).await
}

pub async fn invite_again(here: Here<PersonPage>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        mailed_links::invite_again(tx, &here.who.person, here.page.person).await?
    });
    here.after_press(done).await
}

#[component]
fn OnePerson(view: PersonView, returned: Returned) -> impl IntoView {
    let Member { person, can_log_in } = view.member;
    let active = person.deactivated_at.is_none();
    let here = format!("/settings/people/{}", person.id);
    let stands = PersonForm::of(&person);
    let pressed = returned.of_press();
    let (typed, problem) = returned.of().or(|| stands.clone());
    let under = match (active, can_log_in) {
        (false, _) => "Deactivated: no log-in, no pages. What they did stays theirs.",
        (true, false) => "Invited, and has not set a password yet.",
        (true, true) => "Active.",
    };
    let turns = format!("/on-call/calendar?person={}", person.id);
    let turns = view! { <p><a href=turns>"Their turns in the calendar"</a></p> };
    if !view.may_administer {
        return view! {
            <Shell part=Part::People title=person.name under>
                <Facts form=FactsForm::Listed>
                    <Fact label="E-mail address">{person.email}</Fact>
                    <Fact label="Role">{person.role.to_string()}</Fact>
                    <Fact label="Time zone">{zone_words(&person.time_zone)}</Fact>
                </Facts>
                {turns}
            </Shell>
        }
        .into_any();
    }
    let invite = (active && !can_log_in).then(|| {
        let actions = view! { <PostButton action=format!("{here}/invitation")>"Send it again"</PostButton> }.into_any();
        view! { <Notice tone=Tone::Worked lead="The invitation waits." actions>"A new one replaces the one before."</Notice> }
    });
    let end = if active {
        view! { <ButtonLink href=format!("{here}/deactivation") kind=ButtonKind::Danger>"Deactivate"</ButtonLink> }.into_any()
    } else {
        view! { <PostButton action=format!("{here}/reactivation")>"Let in again"</PostButton> }.into_any()
    };
    view! {
        <Shell part=Part::People title=person.name.clone() under>
            <FormProblem problems=pressed.above() />
            {invite}
            {turns}
            <form class="form measure" method="post" action=here>
                <DrawnFrom now=stands />
                <FormProblem problems=problem.above() />
                <PersonFields typed problem email_hint="Pages go there." />
                <p class="buttons">
                    <Submit>"Save"</Submit>
                </p>
            </form>
            <Section title=if active { "Deactivate" } else { "Let in again" }>
                <p class="quiet">
                    "Somebody who is deactivated cannot log in and is not paged. The next page shows what names them, and asks who takes it over."
                </p>
                {end}
            </Section>
        </Shell>
    }
    .into_any()
}
