//! A team's board.

use super::board_card::BoardCard;
use super::card::{PromiseCard, age};
use super::columns::ChangeColumns;
use super::decide::Deciding;
use super::filters::Filters;
use super::moving::Moving;
use super::query::BoardQuery;
use super::view::{BoardPage, BoardView};
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, EmptyState, Fact, Facts, Fold, PageHead, Section, Tone};
use crate::form_page::{FormPage, Here, Returned};
use crate::preferences::here as browser;
use crate::session::SignedIn;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionKind, ActionState, Column};
use domain::people::Permission;
use engine::action_items::{self, Board, Card};
use engine::{Error, Tx, learning, people, postmortems, teams};
use leptos::prelude::*;
use std::sync::Arc;

impl FormPage for BoardPage {
    type Caller = SignedIn;
    type View = BoardView;

    const IS_WIDE: bool = true;

    fn address(&self) -> String {
        self.query.address(&self.slug)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<BoardView> {
        let mut query = here.page.query.clone();
        if !query.factor.is_empty() {
            // An address that was kept may have a name from before.
            let now = postmortems::factor_name_now(tx, &query.factor).await?;
            query.factor = now.ok_or(Error::NotFound("factor"))?;
        }
        let filter = query.filter()?;
        let board = match &*query.all {
            "on" => action_items::whole_board(tx, &here.page.slug).await?,
            _ => action_items::board(tx, &here.page.slug).await?,
        };
        let columns: Vec<Column> = board.columns.iter().map(|(column, _)| column.clone()).collect();
        let may_change = here.who.may(tx, Permission::ChangeTeam(board.team.id)).await?;
        let services = teams::services(tx).await?;
        let is_shown = |id| board.services.values().any(|services| services.contains(&id));
        let now = here.app.engine.context.now();
        Ok(BoardView {
            services: services
                .into_iter()
                .filter(|service| is_shown(service.id))
                .map(|service| (service.id, service.name))
                .collect(),
            now,
            zone: here.who.zone(),
            today: now.with_timezone(&here.who.zone()).date_naive(),
            moving: may_change.then(|| Moving::between(&columns, &query)),
            deciding: match may_change && is_any_proposed(&board) {
                true => Some(Deciding::about(&columns, &people::active(tx).await?, &query)),
                false => None,
            },
            came_back: learning::after_items_of(tx, board.team.id).await?,
            columns,
            board,
            filter,
            query,
        })
    }

    fn title(view: &BoardView) -> (String, Section) {
        (title_of(&view.board), Section::Backlog)
    }

    fn show(view: BoardView, returned: Returned) -> impl IntoView {
        let view = Arc::new(view);
        view! {
            <PageHead title=title_of(&view.board) />
            <InNumbers view=Arc::clone(&view) />
            <div class="board-tools">
                <Filters view=Arc::clone(&view) />
                <ToTriage view=Arc::clone(&view) />
            </div>
            <TeamBoard view returned />
        }
    }
}

fn is_any_proposed(board: &Board) -> bool {
    let mut cards = board.columns.iter().flat_map(|(_, cards)| cards);
    cards.any(|card| card.item.state == ActionState::Proposed)
}

fn title_of(board: &Board) -> String {
    format!("{}: backlog", board.team.name)
}

pub async fn show(mut here: Here<BoardPage>, Query(query): Query<BoardQuery>) -> Answered {
    here.page.query = query;
    here.show().await
}

/// The way to what waits for a decision, for those who may take it.
#[component]
fn ToTriage(view: Arc<BoardView>) -> impl IntoView {
    let proposed = view.proposed();
    (proposed > 0 && view.moving.is_some()).then(|| {
        let href = format!("/teams/{}/backlog/triage", view.board.team.slug);
        view! { <ButtonLink href kind=ButtonKind::Normal>{format!("Triage {proposed}")}</ButtonLink> }
    })
}

/// What is ageing, over its limit, overdue.
#[component]
fn InNumbers(view: Arc<BoardView>) -> impl IntoView {
    let board = &view.board;
    let today = view.today;
    let cards = || board.columns.iter().flat_map(|(_, cards)| cards);
    let mut open: Vec<&Card> = cards().filter(|card| card.item.state.is_open()).collect();
    open.sort_by_key(|card| card.item.created_at);
    let count = |state| cards().filter(|card| card.item.state == state).count();
    let (done, verified) = (count(ActionState::Done), count(ActionState::Verified));
    if open.is_empty() && done + verified == 0 {
        return ().into_any();
    }
    let overdue = open.iter().filter(|card| card.item.is_overdue(today)).count();
    let unowned = open.iter().filter(|card| card.item.owner_id.is_none()).count();
    let looking_ahead = open
        .iter()
        .filter(|card| matches!(card.item.kind, ActionKind::Prevent | ActionKind::Detect))
        .count();
    let all = open.len();
    let lately = if board.left_out > 0 { " lately" } else { "" };
    let late = if overdue > 0 { Tone::Broken } else { Tone::Plain };
    let median = open.get(all / 2).map(|card| age(card.item.created_at, view.now));
    let oldest = open.first().map(|card| age(card.item.created_at, view.now));
    view! {
        <div class="board-numbers"><Facts>
            <Fact label="Open">{all}</Fact>
            <Fact label="Overdue" tone=late>{format!("{overdue} of {all}")}</Fact>
            {(unowned > 0).then(|| view! { <Fact label="Nobody owns">{unowned}</Fact> })}
            {median.map(|median| view! { <Fact label="Half are at least">{median}</Fact> })}
            {oldest.map(|oldest| view! { <Fact label="The oldest is">{oldest}</Fact> })}
            <Fact label="Prevent or detect">{format!("{looking_ahead} of {all}")}</Fact>
            <Fact label=format!("To be verified{lately}")>{done}</Fact>
            <Fact label=format!("Verified{lately}") tone=Tone::Mended>{verified}</Fact>
        </Facts></div>
    }
    .into_any()
}

#[component]
fn TeamBoard(view: Arc<BoardView>, returned: Returned) -> impl IntoView {
    let board = &view.board;
    let empty = board.declined.is_empty() && board.columns.iter().all(|(_, cards)| cards.is_empty());
    let columns = board
        .columns
        .iter()
        .map(|(column, cards)| {
            let shown: Vec<Card> = cards.iter().filter(|card| view.fits(card)).cloned().collect();
            view! { <BoardColumn column=column.clone() held=cards.len() cards=shown view=Arc::clone(&view) /> }
        })
        .collect_view();
    let declined: Vec<Card> = board
        .declined
        .iter()
        .filter(|card| view.fits(card))
        .cloned()
        .collect();
    let at = format!("/teams/{}/backlog", board.team.slug);
    let change = view.moving.is_some().then(
        || view! { <ChangeColumns at=format!("{at}/columns") columns=view.columns.clone() returned /> },
    );
    let now = view.now;
    // Letters act alone only where they are wanted.
    let keys = browser().single_keys.then_some("on");
    view! {
        {empty.then(|| view! {
            <EmptyState title="Nothing promised yet">
                "Action items come from incidents and their postmortems. Each lies here until it is done, and says which incident it would prevent."
            </EmptyState>
        })}
        <div class="board" role="region" aria-label="Board" tabindex="0" data-keys=keys>{columns}</div>
        <Declined cards=declined now zone=view.zone />
        <LeftOut count=board.left_out at />
        {change}
    }
}

#[component]
fn Declined(cards: Vec<Card>, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    (!cards.is_empty()).then(|| {
        let cards = cards
            .into_iter()
            .map(|card| view! { <PromiseCard card now zone /> })
            .collect_view();
        view! { <Fold label="Declined, with the reason"><div class="stack measure">{cards}</div></Fold> }
    })
}

#[component]
fn LeftOut(count: i64, #[prop(into)] at: String) -> impl IntoView {
    let words = match count {
        1 => "One that was kept or declined more than 90 days ago is not shown.".to_owned(),
        _ => format!("{count} that were kept or declined more than 90 days ago are not shown."),
    };
    (count > 0).then(|| {
        view! {
            <p class="small quiet">{words} " " <a href=format!("{at}?all=on")>"Show all"</a></p>
        }
    })
}

/// `held`: how many lie there, also those that are not shown.
#[component]
fn BoardColumn(column: Column, held: usize, cards: Vec<Card>, view: Arc<BoardView>) -> impl IntoView {
    let held = i64::try_from(held).unwrap_or(i64::MAX);
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
        .map(|card| view! { <OneCard card view=Arc::clone(&view) /> })
        .collect_view();
    view! {
        <section class=class aria-label=name.clone() data-column=column.id.to_string()>
            <header><h2>{name.clone()}</h2> " " {count}</header>
            {none.then(|| view! { <p class="board-none small quiet">"No card here"</p> })}
            <div class="cards-list">{rows}</div>
        </section>
    }
}

#[component]
fn OneCard(card: Card, view: Arc<BoardView>) -> impl IntoView {
    let today = view.today;
    let came_back = view.came_back.get(&card.item.id).copied();
    let Some(moving) = &view.moving else {
        return view! { <BoardCard card today came_back /> }.into_any();
    };
    let moving = moving.for_card(&card);
    let deciding = view
        .deciding
        .as_ref()
        .filter(|_| card.item.state == ActionState::Proposed)
        .map(|deciding| view! { <div class="card-decide">{deciding.for_card(&card)}</div> });
    view! { <BoardCard card today came_back>{moving} {deciding}</BoardCard> }.into_any()
}
