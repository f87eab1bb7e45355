//! One action item: what it says, its state, its column.

use super::card::PromiseCard;
use super::fields::{ActionFields, ActionTyped};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Failure, Problem, problem_of, see};
use crate::components::{ButtonKind, Choice, Field, FieldKind, PageHead, Section, Submit};
use crate::drawn::{DrawnFrom, merged, with_names};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::action_items::ActionState;
use domain::ids::ColumnId;
use engine::action_items::{self};
use engine::{people, postmortems, sent, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

pub async fn show(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    answer(&app, &who, number, StatusCode::OK, None, Problem::default()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<ActionTyped>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("action item {number}")).await?;
        let card = action_items::find(tx, number).await?;
        let draft = merged(&typed, &ActionTyped::of(&card))?.draft()?;
        action_items::change(tx, number, &draft, typed.why()).await?
    });
    back(&app, &who, number, done, Some(typed)).await
}

#[derive(Debug, Deserialize)]
pub struct StateTyped {
    state: ActionState,
    #[serde(default)]
    reason: String,
}

pub async fn state(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<StateTyped>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let card = action_items::find(tx, number).await?;
        action_items::change_state(tx, number, typed.state, &typed.reason).await?;
        card.team_slug
    });
    to_board(&app, &who, number, done).await
}

#[derive(Debug, Deserialize)]
pub struct ColumnTyped {
    column: ColumnId,
    before: Option<i64>,
}

pub async fn column(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<ColumnTyped>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let card = action_items::find(tx, number).await?;
        action_items::move_card(tx, number, typed.column, typed.before).await?;
        card.team_slug
    });
    to_board(&app, &who, number, done).await
}

async fn to_board(app: &App, who: &SignedIn, number: i64, done: engine::Result<String>) -> Answered {
    match done {
        Ok(slug) => Ok(see(&format!("/teams/{slug}/backlog"))),
        Err(error) => back(app, who, number, Err(error), None).await,
    }
}

async fn back(
    app: &App,
    who: &SignedIn,
    number: i64,
    done: engine::Result<()>,
    typed: Option<ActionTyped>,
) -> Answered {
    match done {
        Ok(()) => Ok(see(&format!("/action-items/{number}"))),
        Err(error) => {
            answer(
                app,
                who,
                number,
                StatusCode::UNPROCESSABLE_ENTITY,
                typed,
                problem_of(error)?,
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
    let card = action_items::find(&mut tx, number).await?;
    let may = action_items::authorize(&mut tx, &card.item).await.is_ok();
    let (everybody, all_teams) = (people::active(&mut tx).await?, teams::all(&mut tx).await?);
    let factors = postmortems::factors_of(&mut tx, card.item.incident_id).await?;
    let factors: Vec<_> = factors
        .into_iter()
        .map(|factor| (factor.id.to_string(), factor.name))
        .collect();
    let frame = who
        .frame(
            &mut tx,
            format!("ACT-{number} {}", card.item.title),
            Section::Backlog,
        )
        .await?;
    let stands = ActionTyped::of(&card);
    let typed = typed.unwrap_or_else(|| stands.clone());
    let names = everybody
        .iter()
        .map(|person| (person.id.to_string(), &*person.name));
    let names = names.chain(all_teams.iter().map(|team| (team.id.to_string(), &*team.name)));
    let names = names.chain(factors.iter().map(|(id, name)| (id.clone(), &**name)));
    let problem = Problem {
        sentence: with_names(&problem.sentence, names),
        ..problem
    };
    let (now, zone) = (app.engine.context.now(), who.zone());
    Ok(render::page(status, frame, move || {
        let board = format!("/teams/{}/backlog", card.team_slug);
        let over = view! { <span>{format!("ACT-{number}")}</span> <a href=board>{format!("{} backlog", card.team)}</a> };
        view! {
            <div class="alone roomy">
                <PageHead title=card.item.title.clone() over=over.into_any() />
                <PromiseCard card=card.clone() now zone untitled=true />
                {may.then(|| view! {
                    <StateForm number state=card.item.state problem=problem.clone() />
                    <form class="form" method="post" action=format!("/action-items/{number}")>
                        <DrawnFrom now=stands />
                        <ActionFields typed=typed.clone() problem people=everybody teams=all_teams factors />
                        <Field name="why" label="Why the day moves" hint="Where it does. It stays beside the first day." value=typed.why().to_owned() />
                        <p class="buttons"><Submit>"Save"</Submit></p>
                    </form>
                })}
            </div>
        }
    }))
}

#[component]
fn StateForm(number: i64, state: ActionState, problem: Problem) -> impl IntoView {
    let states: Vec<_> = ActionState::ALL
        .iter()
        .filter(|to| state.may_become(**to))
        .map(|state| Choice::new(state, state.as_str()))
        .collect();
    view! {
        <form class="form" method="post" action=format!("/action-items/{number}/state")>
            <div class="form-row">
                <Field name="state" label="State" kind=FieldKind::Select(states) value=state.to_string() error=problem.beside("state") />
                <Field name="reason" label="Why, when it is declined" error=problem.beside("reason") />
            </div>
            <div class="buttons"><Submit kind=ButtonKind::Normal>"Set the state"</Submit></div>
        </form>
    }
}
