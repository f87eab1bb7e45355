//! Calendars that people and teams have elsewhere: when somebody is away, and which days are holidays.

mod absence;
mod cover;
mod holidays;
mod view;

pub use cover::Covers;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/on-call/absence", get(absence::show))
        .route(
            "/on-call/absence/addresses",
            get(absence::show).post(absence::add_address),
        )
        .route(
            "/on-call/absence/files",
            get(absence::show).post(absence::add_file),
        )
        .route("/on-call/absence/cover", post(absence::ask_for_cover))
        .route(
            "/on-call/absence/calendars/{calendar}/reading",
            post(absence::read_soon),
        )
        .route(
            "/on-call/absence/calendars/{calendar}/removal",
            post(absence::remove),
        )
        .route("/settings/teams/{slug}/holidays", get(holidays::show))
        .route(
            "/settings/teams/{slug}/holidays/addresses",
            get(holidays::show).post(holidays::add_address),
        )
        .route(
            "/settings/teams/{slug}/holidays/files",
            get(holidays::show).post(holidays::add_file),
        )
        .route(
            "/settings/teams/{slug}/holidays/calendars/{calendar}/reading",
            post(holidays::read_soon),
        )
        .route(
            "/settings/teams/{slug}/holidays/calendars/{calendar}/removal",
            post(holidays::remove),
        )
}
