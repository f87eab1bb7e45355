//! Coming in and going out: log-in, forgotten passwords, invitations.

mod door;
mod forgotten;
mod invitation;
mod login;
mod logout;
mod reset;

pub(crate) use door::next_path;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(login::show).post(login::post))
        .route("/logout", post(logout::post))
        .route("/password/forgotten", get(forgotten::show).post(forgotten::post))
        .route("/password/reset/{token}", get(reset::show).post(reset::post))
        .route(
            "/invitations/{token}",
            get(invitation::show).post(invitation::post),
        )
}
