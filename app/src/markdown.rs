//! The preview of what somebody is writing.

use crate::App;
use crate::answer::trouble;
use crate::form::Form;
use crate::session::SignedIn;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use tokio::sync::Semaphore;

/// The longest text that can be saved is a section of a postmortem.
const MOST_CHARACTERS: usize = 100_000;

/// Previews that are made at once; whoever types fast waits for themselves.
static MAKING: Semaphore = Semaphore::const_new(2);

#[derive(Debug, Deserialize)]
struct Typed {
    #[serde(default)]
    text: String,
}

pub fn routes() -> Router<App> {
    Router::new().route("/markdown/preview", post(preview))
}

async fn preview(_who: SignedIn, Form(typed): Form<Typed>) -> Response {
    if typed.text.chars().count() > MOST_CHARACTERS {
        return trouble(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Too long to show",
            "A text holds up to 100,000 characters. Shorten it, or write it in parts.",
        );
    }
    let turn = MAKING.acquire().await;
    // Off the threads that answer others.
    let made = tokio::task::spawn_blocking(move || domain::markdown::to_html(&typed.text)).await;
    drop(turn);
    made.map_or_else(|_| crate::answer::of_our_own(), |html| Html(html).into_response())
}
