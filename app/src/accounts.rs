//! Coming in and going out: log-in, forgotten passwords, invitations.

mod door;
mod forgotten;
mod links;
mod login;
mod logout;

pub(crate) use door::next_path;

use crate::App;
use axum::Router;
use axum::routing::{get, post};
use links::{Invitation, PasswordReset};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(login::show).post(login::post))
        .route("/logout", post(logout::post))
        .route("/password/forgotten", get(forgotten::show).post(forgotten::post))
        .route(
            "/password/reset/{token}",
            get(links::show::<PasswordReset>).post(links::post::<PasswordReset>),
        )
        .route(
            "/invitations/{token}",
            get(links::show::<Invitation>).post(links::post::<Invitation>),
        )
}
