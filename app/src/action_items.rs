//! The teams' boards, and one action item.

mod board;
mod board_card;
mod card;
mod change;
mod columns;
mod decide;
mod fields;
mod filters;
mod item;
mod item_asks;
mod item_story;
mod item_view;
mod more;
mod moving;
mod of_incident;
mod query;
mod teams;
mod triage;
mod verify;
mod view;

pub use card::{DueWords, PromiseCard, age};
pub use fields::{ActionItemFields, ActionItemForm, ItemChoices};

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/backlog", get(teams::show))
        .route("/teams/{slug}/backlog", get(board::show))
        .route(
            "/teams/{slug}/backlog/triage",
            get(triage::show).post(triage::post),
        )
        .route("/teams/{slug}/backlog/columns", post(columns::add))
        .route("/teams/{slug}/backlog/columns/{column}", post(columns::change))
        .route(
            "/teams/{slug}/backlog/columns/{column}/place",
            post(columns::place),
        )
        .route(
            "/teams/{slug}/backlog/columns/{column}/deletion",
            post(columns::delete),
        )
        .route("/action-items/{number}", get(item::show).post(item::post))
        .route("/action-items/{number}/state", post(change::state))
        .route("/action-items/{number}/column", post(item::column))
        .route("/action-items/{number}/triage", post(decide::post))
        .route("/action-items/{number}/verification", post(verify::post))
        .route("/action-items/{number}/description", post(more::describe))
        .route("/action-items/{number}/comments", post(more::comment))
        .route(
            "/incidents/{number}/action-items",
            get(of_incident::show).post(of_incident::post),
        )
}
