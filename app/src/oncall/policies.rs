//! All escalation policies, and making one.

use super::editor::Asked;
use super::policy::{Steps, targets};
use super::policy_form::PolicyForm;
use super::schedules::teams_to_choose;
use crate::App;
use crate::address::Query;
use crate::answer::{Answered, Problem, problem_of, redirect};
use crate::components::{ButtonLink, EmptyState, Field, FieldKind, FormProblem, Section as Bar, Submit};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Rows, Shell};
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{PolicyId, TeamId};
use domain::people::Permission;
use engine::oncall::policies;
use engine::{Error, people, teams, transaction};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let teams = teams::all(&mut tx).await?;
    let rows: Vec<(String, String, String)> = policies::all(&mut tx)
        .await?
        .into_iter()
        .map(|named| {
            let team = teams.iter().find(|team| team.id == named.team_id);
            let under = team.map(|team| team.name.clone()).unwrap_or_default();
            (format!("/settings/policies/{}", named.id), named.name, under)
        })
        .collect();
    let frame = who.frame(&mut tx, "Escalation policies", Bar::Settings).await?;
    let may_act = who.may_act();
    Ok(render::page(StatusCode::OK, frame, move || {
        let none = rows.is_empty().then(|| {
            view! {
                <EmptyState title="No policy yet">
                    "A policy says who is paged first, and who is next if nobody answers."
                </EmptyState>
            }
        });
        let make = may_act.then(|| {
            view! {
                <p class="buttons">
                    <ButtonLink href="/settings/policies/new">"Make a policy"</ButtonLink>
                </p>
            }
        });
        view! {
            <Shell
                part=Part::Policies
                title="Escalation policies"
                under="Who is paged first, and who is next if nobody answers."
            >
                <div class="stack">{none} <Rows rows /> {make}</div>
            </Shell>
        }
    }))
}

pub async fn blank(State(app): State<App>, who: SignedIn, Query(asked): Query<Asked>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    // Others than the team's are refused when they choose it; who only reads along need not fill anything in.
    people::authorize(&mut tx, &who.person, Permission::ActOnIncident).await?;
    let team = teams::all(&mut tx)
        .await?
        .into_iter()
        .find(|team| team.slug == asked.team);
    drop(tx);
    let typed = PolicyForm {
        team: team.map(|team| team.id.to_string()).unwrap_or_default(),
        repeats: "2".to_owned(),
        ..PolicyForm::default()
    };
    form(&app, &who, StatusCode::OK, typed, Problem::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<PolicyForm>) -> Answered {
    match make(&app, &who, &typed).await {
        Ok(id) => Ok(redirect(&format!("/settings/policies/{id}"))),
        Err(error) => {
            let problem = problem_of(error)?;
            form(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
        }
    }
}

async fn make(app: &App, who: &SignedIn, typed: &PolicyForm) -> Result<PolicyId, Error> {
    let team: TeamId = typed.team.parse().map_err(|_| Error::NotFound("team"))?;
    let policy = typed.policy()?;
    transaction!(app.by(who), |tx| {
        policies::create(tx, team, &typed.name, &policy).await?
    })
}

async fn form(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    typed: PolicyForm,
    problem: Problem,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let teams = teams_to_choose(&mut tx, who).await?;
    let targets = targets(&mut tx).await?;
    let frame = who.frame(&mut tx, "A new policy", Bar::Settings).await?;
    Ok(render::page(status, frame, move || {
        let team = typed.team.clone();
        view! {
            <Shell part=Part::Policies title="A new policy" under="Step by step, until somebody acknowledges.">
                <form class="form measure" method="post" action="/settings/policies">
                    <FormKey />
                    <FormProblem problems=problem.above() />
                    <Field name="team" label="Team" kind=FieldKind::Select(teams) value=team required=true />
                    <Steps typed targets problem />
                    <p class="buttons">
                        <Submit>"Make the policy"</Submit>
                    </p>
                </form>
            </Shell>
        }
    }))
}
