//! One person, as administrators change them and everybody else reads them.

use super::forms::above;
use super::person_fields::{PersonFields, Typed};
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    ButtonKind, ButtonLink, Fact, Facts, FactsForm, FormProblem, Notice, PostButton, Section as Bar, Submit,
    Tone,
};
use crate::drawn::{DrawnFrom, merged};
use crate::form::{Form, word};
use crate::render;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::PersonId;
use engine::mailed_links;
use engine::people::changes::{self, Change};
use engine::people::{self, Member};
use engine::{Error, sent, transaction};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<PersonId>) -> Answered {
    answer(&app, &who, StatusCode::OK, id, None, Problem::default()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PersonId>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let typed = merged(&typed, &Typed::of(&people::find(tx, id).await?))?;
        let change = Change {
            name: typed.name,
            email: typed.email,
            role: word("role", &typed.role)?,
            time_zone: typed.time_zone,
        };
        changes::change(tx, id, &change).await?
    });
    after(&app, &who, id, Some(typed), done).await
}

pub async fn reactivate(State(app): State<App>, who: SignedIn, Path(id): Path<PersonId>) -> Answered {
    let done = transaction!(app.by(&who), |tx| changes::reactivate(tx, id).await?);
    after(&app, &who, id, None, done).await
}

pub async fn invite_again(State(app): State<App>, who: SignedIn, Path(id): Path<PersonId>) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        mailed_links::invite_again(tx, &who.person, id).await?
    });
    after(&app, &who, id, None, done).await
}

async fn after(
    app: &App,
    who: &SignedIn,
    id: PersonId,
    typed: Option<Typed>,
    done: Result<(), Error>,
) -> Answered {
    match done {
        Ok(()) => Ok(see(&format!("/settings/people/{id}"))),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(app, who, StatusCode::UNPROCESSABLE_ENTITY, id, typed, problem).await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: PersonId,
    typed: Option<Typed>,
    problem: Problem,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let member = people::everybody(&mut tx)
        .await?
        .into_iter()
        .find(|member| member.person.id == id);
    let member = member.ok_or(Error::NotFound("person"))?;
    let frame = who
        .frame(&mut tx, member.person.name.clone(), Bar::Settings)
        .await?;
    let may_administer = who.is_administrator();
    Ok(render::page(
        status,
        frame,
        move || view! { <Page member typed problem may_administer /> },
    ))
}

#[component]
fn Page(member: Member, typed: Option<Typed>, problem: Problem, may_administer: bool) -> impl IntoView {
    let Member { person, can_log_in } = member;
    let active = person.deactivated_at.is_none();
    let here = format!("/settings/people/{}", person.id);
    let stands = Typed::of(&person);
    let typed = typed.unwrap_or_else(|| stands.clone());
    let under = match (active, can_log_in) {
        (false, _) => "Deactivated: no log-in, no pages. What they did stays theirs.",
        (true, false) => "Invited, and has not set a password yet.",
        (true, true) => "Active.",
    };
    if !may_administer {
        return view! {
            <Shell part=Part::People title=person.name under>
                <Facts form=FactsForm::Listed>
                    <Fact label="E-mail address">{person.email}</Fact>
                    <Fact label="Role">{person.role.to_string()}</Fact>
                    <Fact label="Time zone">{zone_words(&person.time_zone)}</Fact>
                </Facts>
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
            {invite}
            <form class="form measure" method="post" action=here>
                <DrawnFrom now=stands />
                <FormProblem problems=above(&problem) />
                <PersonFields typed problem=problem.clone() email_hint="Pages go there." />
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
