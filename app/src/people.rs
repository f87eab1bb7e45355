//! People: who has an account, what each sets for themselves, and how one leaves.

mod deactivation;
mod fields;
mod list;
mod mails;
mod password;
mod person;
mod profile;
mod several;
mod view;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/settings/profile", get(profile::show).post(profile::post))
        .route("/settings/profile/mails", get(profile::show).post(mails::post))
        .route("/settings/password", get(profile::show).post(password::post))
        .route("/settings/sessions/removal", post(profile::log_out_everywhere))
        .route("/settings/people", get(list::show).post(list::invite))
        .route("/settings/people/several", post(several::post))
        .route("/settings/people/{person}", get(person::show).post(person::post))
        .route(
            "/settings/people/{person}/deactivation",
            get(deactivation::show).post(deactivation::post),
        )
        .route("/settings/people/{person}/reactivation", post(person::reactivate))
        .route("/settings/people/{person}/invitation", post(person::invite_again))
}
