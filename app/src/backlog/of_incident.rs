//! Action items that are made during the incident.

use super::card::PromiseCard;
use super::fields::{ActionFields, ActionTyped};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Failure, Problem, problem_of, see};
use crate::components::{ButtonKind, ButtonLink, PageHead, Section, Submit};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::{action_items, incidents, people, postmortems, teams, transaction};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    answer(&app, &who, number, StatusCode::OK, None, Problem::default()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<ActionTyped>,
) -> Answered {
    let done = match typed.draft() {
        Ok(draft) => transaction!(app.by(&who), |tx| {
            action_items::add(tx, number, &draft).await?
        }),
        Err(refused) => Err(refused),
    };
    match done {
        Ok(_) => Ok(see(&format!("/incidents/{number}/action-items"))),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(
                &app,
                &who,
                number,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(typed),
                problem,
            )
            .await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    number: i64,
    status: StatusCode,
    typed: Option<ActionTyped>,
    problem: Problem,
) -> Result<Response, Failure> {
    let mut tx = app.by(who).read().await?;
    let incident = incidents::find(&mut tx, number).await?;
    let cards = action_items::of_incident(&mut tx, incident.id).await?;
    let (everybody, all_teams) = (people::active(&mut tx).await?, teams::all(&mut tx).await?);
    let factors = postmortems::factors_of(&mut tx, incident.id).await?;
    let factors: Vec<_> = factors
        .into_iter()
        .map(|factor| (factor.id.to_string(), factor.name))
        .collect();
    let frame = who
        .frame(
            &mut tx,
            format!("Action items of INC-{number}"),
            Section::Incidents,
        )
        .await?;
    let typed = typed.unwrap_or_else(|| ActionTyped::for_team(incident.team_id.to_string()));
    let (now, zone, may) = (app.engine.context.now(), who.zone(), who.may_act());
    Ok(render::page(status, frame, move || {
        let cards = cards
            .into_iter()
            .map(|card| view! { <PromiseCard card now zone /> })
            .collect_view();
        view! {
            <div class="alone roomy">
                <PageHead title=format!("Action items of INC-{number}") under=view! { {incident.title} }.into_any() />
                <div class="stack">{cards}</div>
                {may.then(|| view! {
                    <form class="form" method="post" action=format!("/incidents/{number}/action-items")>
                        <FormKey />
                        <ActionFields typed problem people=everybody teams=all_teams factors />
                        <div class="buttons">
                            <Submit>"Add it"</Submit>
                            <ButtonLink href=format!("/incidents/{number}") kind=ButtonKind::Plain>"Back to the incident"</ButtonLink>
                        </div>
                    </form>
                })}
            </div>
        }
    }))
}
