//! Everybody who has an account, and inviting more.

use super::forms::above;
use super::person_fields::{PersonFields, Typed};
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{Badge, Cell, DataTable, FormProblem, PersonName, Row, Section as Bar, Submit};
use crate::form::{Form, word_or_none};
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use domain::people::Role;
use engine::mailed_links::{self, Invited};
use engine::people::{self, Member};
use engine::transaction;
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let typed = Typed {
        role: Role::Responder.to_string(),
        time_zone: who.person.time_zone.clone(),
        ..Typed::default()
    };
    answer(&app, &who, StatusCode::OK, typed, Problem::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    let done = async {
        let invited = Invited {
            name: typed.name.clone(),
            email: typed.email.clone(),
            role: word_or_none("role", &typed.role)?,
            time_zone: typed.time_zone.clone(),
        };
        transaction!(app.by(&who), |tx| {
            mailed_links::invite(tx, &who.person, &invited).await?
        })
    };
    match done.await {
        Ok(_) => Ok(see("/settings/people#invite")),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
        }
    }
}

async fn answer(app: &App, who: &SignedIn, status: StatusCode, typed: Typed, problem: Problem) -> Answered {
    let mut tx = app.by(who).read().await?;
    let everybody = people::everybody(&mut tx).await?;
    let frame = who.frame(&mut tx, "People", Bar::Settings).await?;
    let may_administer = who.is_administrator();
    Ok(render::page(
        status,
        frame,
        move || view! { <Page everybody typed problem may_administer /> },
    ))
}

#[component]
fn Page(everybody: Vec<Member>, typed: Typed, problem: Problem, may_administer: bool) -> impl IntoView {
    let rows = everybody
        .into_iter()
        .map(|Member { person, can_log_in }| {
            let state = match (person.deactivated_at, can_log_in) {
                (Some(_), _) => view! { <Badge>"deactivated"</Badge> }.into_any(),
                (None, false) => view! { <Badge>"invited"</Badge> }.into_any(),
                (None, true) => ().into_any(),
            };
            view! {
                <Row>
                    <Cell>
                        <a href=format!("/settings/people/{}", person.id)>
                            <PersonName id=person.id.0 name=person.name />
                        </a>
                        " "
                        {state}
                    </Cell>
                    <Cell label="E-mail address"><span class="long-word">{person.email}</span></Cell>
                    <Cell label="Role">{person.role.to_string()}</Cell>
                    <Cell label="Time zone"><span class="long-word">{zone_words(&person.time_zone)}</span></Cell>
                </Row>
            }
        })
        .collect_view();
    let invite = may_administer.then(|| {
        view! {
            <Section title="Invite somebody" id="invite">
                <form class="form measure" method="post" action="/settings/people">
                    <FormKey />
                    <FormProblem problems=above(&problem) />
                    <PersonFields
                        typed
                        problem
                        email_hint="A link to set a password goes there. Pages go there too."
                    />
                    <p class="buttons">
                        <Submit>"Send the invitation"</Submit>
                    </p>
                </form>
            </Section>
        }
    });
    view! {
        <Shell part=Part::People title="People" under="Everybody who is logged in reads everything.">
            <DataTable caption="People" headers=vec!["Name", "E-mail address", "Role", "Time zone"]>
                {rows}
            </DataTable>
            {invite}
        </Shell>
    }
}
