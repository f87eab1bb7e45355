//! Postmortems in the browser: the list, the document, and a form handler a verb.

mod action_items;
mod came_back;
mod document;
mod factors;
mod facts;
mod figure;
mod from_the_log;
mod list;
mod page;
mod sections;
mod start;
mod state;
mod suggestions;
mod view;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/postmortems", get(list::show))
        .route(
            "/incidents/{number}/postmortem",
            get(page::show).post(start::post),
        )
        .route(
            "/incidents/{number}/postmortem/sections/{section}",
            post(sections::post),
        )
        .route(
            "/incidents/{number}/postmortem/texts/{text}",
            post(sections::bring_back),
        )
        .route(
            "/incidents/{number}/postmortem/texts/{text}/removal",
            post(sections::put_away),
        )
        .route("/incidents/{number}/postmortem/factors", post(factors::post))
        .route(
            "/incidents/{number}/postmortem/suggestions",
            post(suggestions::post),
        )
        .route(
            "/incidents/{number}/postmortem/factors/{factor}",
            post(factors::change),
        )
        .route(
            "/incidents/{number}/postmortem/factors/{factor}/removal",
            post(factors::remove),
        )
        .route(
            "/incidents/{number}/postmortem/action-items",
            post(action_items::post),
        )
        .route(
            "/incidents/{number}/postmortem/came-back/{factor}",
            post(came_back::post),
        )
        .route(
            "/incidents/{number}/postmortem/came-back/{factor}/proposals",
            post(came_back::propose),
        )
        .route("/incidents/{number}/postmortem/state", post(state::post))
        .route("/incidents/{number}/postmortem/title", post(state::title))
}
