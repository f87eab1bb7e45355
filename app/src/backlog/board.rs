//! A team's board.

use super::card::{PromiseCard, age};
use super::columns::{Back, Typed};
use super::moving::Moving;
use crate::App;
use crate::address::{Path, Query};
use crate::answer::{Answered, Failure, Problem};
use crate::components::{
    ButtonKind, EmptyState, Fact, Facts, Field, FieldKind, Fold, FormDialog, FormProblem, PageHead, Section,
    Submit, Tone,
};
use crate::drawn::DrawnFrom;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::forms::above;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionKind, Column};
use domain::ids::ColumnId;
use domain::people::Permission;
use engine::Tx;
use engine::action_items::{self, Board, Card};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone)]
struct Seen {
    slug: String,
    columns: Vec<Column>,
    now: DateTime<Utc>,
    zone: Tz,
    /// For those who may change the board.
    moving: Option<Moving>,
}

/// Whether what was kept or declined long ago is asked for, too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    all: String,
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let board = match asked.all.as_str() {
        "on" => action_items::whole_board(&mut tx, &slug).await?,
        _ => action_items::board(&mut tx, &slug).await?,
    };
    page(&app, &who, tx, board, StatusCode::OK, Back::default()).await
}

pub async fn answer(
    app: &App,
    who: &SignedIn,
    slug: &str,
    status: StatusCode,
    back: Back,
) -> Result<Response, Failure> {
    let mut tx = app.by(who).read().await?;
    let board = action_items::board(&mut tx, slug).await?;
    page(app, who, tx, board, status, back).await
}

async fn page(
    app: &App,
    who: &SignedIn,
    mut tx: Tx,
    board: Board,
    status: StatusCode,
    back: Back,
) -> Result<Response, Failure> {
    let title = format!("{}: what we promised to mend", board.team.name);
    let mut frame = who.frame(&mut tx, title.clone(), Section::Backlog).await?;
    frame.wide = true;
    let columns: Vec<Column> = board.columns.iter().map(|(column, _)| column.clone()).collect();
    let may_change = who.may(&mut tx, Permission::ChangeTeam(board.team.id)).await?;
    let seen = Seen {
        slug: board.team.slug.clone(),
        now: app.engine.context.now(),
        zone: who.zone(),
        moving: may_change.then(|| Moving::between(&columns)),
        columns,
    };
    Ok(render::page(status, frame, move || {
        view! {
            <PageHead title />
            <InNumbers board=board.clone() seen=seen.clone() />
            <TeamBoard board seen back />
        }
    }))
}

/// What is ageing, over its limit, overdue.
#[component]
fn InNumbers(board: Board, seen: Seen) -> impl IntoView {
    let today = seen.now.with_timezone(&seen.zone).date_naive();
    let cards = || board.columns.iter().flat_map(|(_, cards)| cards);
    let mut open: Vec<&Card> = cards().filter(|card| card.item.state.is_open()).collect();
    open.sort_by_key(|card| card.item.created_at);
    let kept = cards().count() - open.len();
    if open.is_empty() && kept == 0 {
        return ().into_any();
    }
    let overdue = open.iter().filter(|card| card.item.is_overdue(today)).count();
    let unowned = open.iter().filter(|card| card.item.owner_id.is_none()).count();
    let looking_ahead = open
        .iter()
        .filter(|card| matches!(card.item.kind, ActionKind::Prevent | ActionKind::Detect))
        .count();
    let all = open.len();
    let kept_label = if board.left_out > 0 { "Kept lately" } else { "Kept" };
    let late = if overdue > 0 { Tone::Broken } else { Tone::Plain };
    let median = open.get(all / 2).map(|card| age(card.item.created_at, seen.now));
    let oldest = open.first().map(|card| age(card.item.created_at, seen.now));
    view! {
        <div class="board-numbers"><Facts>
            <Fact label="Open">{all}</Fact>
            <Fact label="Overdue" tone=late>{format!("{overdue} of {all}")}</Fact>
            {(unowned > 0).then(|| view! { <Fact label="Nobody owns">{unowned}</Fact> })}
            {median.map(|median| view! { <Fact label="Half are at least">{median}</Fact> })}
            {oldest.map(|oldest| view! { <Fact label="The oldest is">{oldest}</Fact> })}
            <Fact label="Prevent or detect">{format!("{looking_ahead} of {all}")}</Fact>
            <Fact label=kept_label tone=Tone::Mended>{kept}</Fact>
        </Facts></div>
    }
    .into_any()
}

#[component]
fn TeamBoard(board: Board, seen: Seen, back: Back) -> impl IntoView {
    let empty = board.declined.is_empty() && board.columns.iter().all(|(_, cards)| cards.is_empty());
    let columns = board
        .columns
        .into_iter()
        .map(|(column, cards)| view! { <BoardColumn column cards seen=seen.clone() /> })
        .collect_view();
    let declined = (!board.declined.is_empty()).then(|| {
        let (now, zone) = (seen.now, seen.zone);
        let cards = board
            .declined
            .into_iter()
            .map(|card| view! { <PromiseCard card now zone /> })
            .collect_view();
        view! { <Fold label="Declined, with the reason"><div class="stack measure">{cards}</div></Fold> }
    });
    let came_back = !back.problem.sentence.is_empty();
    let of = |column: Option<ColumnId>| (came_back && back.column == column).then(|| back.clone());
    let changes = seen
        .columns
        .iter()
        .map(|column| view! { <ChangeColumn column=column.clone() slug=seen.slug.clone() back=of(Some(column.id)) /> })
        .collect_view();
    let Back { typed, problem, .. } = of(None).unwrap_or_default();
    view! {
        {empty.then(|| view! {
            <EmptyState title="Nothing promised yet">
                "Action items come from incidents and their postmortems. Each lies here until it is done, and says which incident it would prevent."
            </EmptyState>
        })}
        <div class="board" role="region" aria-label="Board" tabindex="0">{columns}</div>
        {declined}
        <LeftOut count=board.left_out slug=seen.slug.clone() />
        {seen.moving.is_some().then(|| view! {
            <FormDialog label="Change the columns" kind=ButtonKind::Small open=came_back in_place=true>
                {changes}
                <form class="form inline" method="post" action=format!("/teams/{}/backlog/columns", seen.slug)>
                    <FormKey />
                    <FormProblem problems=above(&problem) />
                    <Field name="name" label="New column" value=typed.name required=true error=problem.beside("name") />
                    <Field name="limit" label="Cards at most" value=typed.limit kind=FieldKind::Number { min: 1, max: 99 } error=problem.beside("limit") />
                    <Submit kind=ButtonKind::Small>"Add the column"</Submit>
                </form>
            </FormDialog>
        })}
    }
}

#[component]
fn LeftOut(count: i64, slug: String) -> impl IntoView {
    let words = match count {
        1 => "One that was kept or declined more than 90 days ago is not shown.".to_owned(),
        _ => format!("{count} that were kept or declined more than 90 days ago are not shown."),
    };
    (count > 0).then(|| {
        view! {
            <p class="small quiet">{words} " " <a href=format!("/teams/{slug}/backlog?all=on")>"Show all"</a></p>
        }
    })
}

#[component]
fn BoardColumn(column: Column, cards: Vec<Card>, seen: Seen) -> impl IntoView {
    let held = i64::try_from(cards.len()).unwrap_or(i64::MAX);
    let count = match column.card_limit {
        Some(limit) if held > limit => view! { <span class="board-count over-limit">{format!("{held} of {limit}, over the limit")}</span> }.into_any(),
        Some(limit) => view! { <span class="board-count">{format!("{held} of {limit}")}</span> }.into_any(),
        None => view! { <span class="board-count">{held}</span> }.into_any(),
    };
    let over = column.card_limit.is_some_and(|limit| held > limit);
    let class = if over { "board-column over" } else { "board-column" };
    let none = cards.is_empty();
    let name = column.name.clone();
    let rows = cards
        .into_iter()
        .map(|card| view! { <BoardCard card seen=seen.clone() /> })
        .collect_view();
    view! {
        <section class=class aria-label=name.clone()>
            <header><h2>{name.clone()}</h2> " " {count}</header>
            {none.then(|| view! { <p class="board-none small quiet">"No card here"</p> })}
            <div class="cards-list">{rows}</div>
        </section>
    }
}

#[component]
fn ChangeColumn(column: Column, slug: String, back: Option<Back>) -> impl IntoView {
    let now = Typed::of(&column);
    let (typed, problem) = match back {
        Some(back) => (back.typed, back.problem),
        None => (now.clone(), Problem::default()),
    };
    view! {
            <form class="form inline" method="post" action=format!("/teams/{slug}/backlog/columns/{}", column.id)>
                <DrawnFrom now />
                <FormProblem problems=above(&problem) />
                <Field name="name" label="Name" value=typed.name required=true error=problem.beside("name") id=format!("field-name-{}", column.id) />
                <Field name="limit" label="Cards at most" value=typed.limit kind=FieldKind::Number { min: 1, max: 99 } error=problem.beside("limit") id=format!("field-limit-{}", column.id) />
                <Submit kind=ButtonKind::Small>"Save"</Submit>
            </form>
    }
}

#[component]
fn BoardCard(card: Card, seen: Seen) -> impl IntoView {
    let (now, zone) = (seen.now, seen.zone);
    match &seen.moving {
        Some(moving) => {
            let moving = moving.for_card(&card);
            view! { <PromiseCard card now zone>{moving}</PromiseCard> }.into_any()
        }
        None => view! { <PromiseCard card now zone /> }.into_any(),
    }
}
