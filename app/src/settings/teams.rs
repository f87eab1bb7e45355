//! All teams with what they run.

use super::forms::{above, address};
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{ButtonKind, EmptyState, Field, FormProblem, Section as Bar, Submit};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::teams::{Service, Team};
use engine::{teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
}

/// A team with its services and the number of its members.
struct Row {
    team: Team,
    services: Vec<Service>,
    members: usize,
}

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    answer(&app, &who, StatusCode::OK, Typed::default(), Problem::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    let done = transaction!(app.by(&who), |tx| teams::create(tx, &typed.name, &[]).await?);
    match done {
        Ok(team) => Ok(see(&address(&format!("/settings/teams/{}", team.slug)))),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
        }
    }
}

async fn answer(app: &App, who: &SignedIn, status: StatusCode, typed: Typed, problem: Problem) -> Answered {
    let mut tx = app.by(who).read().await?;
    let services = teams::services(&mut tx).await?;
    let members = teams::members::all(&mut tx).await?;
    let rows: Vec<Row> = teams::all(&mut tx)
        .await?
        .into_iter()
        .map(|team| Row {
            services: services
                .iter()
                .filter(|service| service.team_id == team.id)
                .cloned()
                .collect(),
            members: members.iter().filter(|(of, _)| *of == team.id).count(),
            team,
        })
        .collect();
    let frame = who.frame(&mut tx, "Teams and services", Bar::Settings).await?;
    let may_administer = who.is_administrator();
    Ok(render::page(
        status,
        frame,
        move || view! { <Page rows typed problem may_administer /> },
    ))
}

#[component]
fn Page(rows: Vec<Row>, typed: Typed, problem: Problem, may_administer: bool) -> impl IntoView {
    let none = rows.is_empty().then(|| {
        view! { <EmptyState title="No team yet">"A team runs services and has people who are paged for them."</EmptyState> }
    });
    let rows = rows
        .into_iter()
        .map(
            |Row {
                 team,
                 services,
                 members,
             }| {
                let services = services
                    .into_iter()
                    .map(|service| {
                        let href = address(&format!("/settings/services/{}", service.slug));
                        view! {
                            <li>
                                <a href=href>{service.name}</a>
                            </li>
                        }
                    })
                    .collect_view();
                let members = match members {
                    1 => "1 member".to_owned(),
                    members => format!("{members} members"),
                };
                view! {
                    <section class="team-row">
                        <h2>
                            <a href=address(&format!("/settings/teams/{}", team.slug))>{team.name}</a>
                        </h2>
                        <p class="quiet small">{members}</p>
                        <ul>{services}</ul>
                    </section>
                }
            },
        )
        .collect_view();
    let make = may_administer.then(|| {
        view! {
            <Section title="A new team">
                <form class="form inline measure" method="post" action="/settings/teams">
                    <FormKey />
                    <FormProblem problems=above(&problem) />
                    <Field name="name" label="Name" value=typed.name required=true error=problem.beside("name") />
                    <Submit kind=ButtonKind::Normal>"Make the team"</Submit>
                </form>
            </Section>
        }
    });
    view! {
        <Shell
            part=Part::Teams
            title="Teams and services"
            under="A team’s members and administrators change its services, schedules and policies."
        >
            {none}
            {rows}
            {make}
        </Shell>
    }
}
