//! Teams: who is in them, what they run, and how alerts come in.

mod change_events;
mod integration_card;
mod integrations;
mod list;
pub mod one_time_secrets;
mod requests;
mod service;
pub mod set_up;
mod signing;
mod team;
mod view;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/settings/teams", get(list::show).post(list::post))
        .route("/settings/teams/{slug}", get(team::show).post(team::rename))
        .route(
            "/settings/teams/{slug}/members",
            get(team::show).post(team::add_member),
        )
        .route(
            "/settings/teams/{slug}/members/{person}/removal",
            post(team::remove_member),
        )
        .route(
            "/settings/teams/{slug}/services",
            get(team::show).post(team::add_service),
        )
        .route(
            "/settings/services/{slug}",
            get(service::show).post(service::post),
        )
        .route(
            "/settings/services/{slug}/integrations",
            get(service::show).post(integrations::create),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/replacement",
            post(integrations::replace),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/revocation",
            post(integrations::revoke),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/signing",
            post(signing::set),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/signing/removal",
            post(signing::remove),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests",
            get(requests::list),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests/{request}",
            get(requests::show),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests/{request}/body",
            get(requests::download),
        )
}
