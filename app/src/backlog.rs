//! The teams' boards, and one action item.

mod board;
mod card;
mod columns;
mod fields;
mod item;
mod moving;
mod of_incident;
mod teams;

pub use card::{DueWords, PromiseCard, age};
pub use fields::{ActionFields, ActionTyped};

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/backlog", get(teams::show))
        .route("/teams/{slug}/backlog", get(board::show))
        .route("/teams/{slug}/backlog/columns", post(columns::add))
        .route("/teams/{slug}/backlog/columns/{column}", post(columns::change))
        .route("/action-items/{number}", get(item::show).post(item::post))
        .route("/action-items/{number}/state", post(item::state))
        .route("/action-items/{number}/column", post(item::column))
        .route(
            "/incidents/{number}/action-items",
            get(of_incident::show).post(of_incident::post),
        )
}
