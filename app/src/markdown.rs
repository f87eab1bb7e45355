//! The preview of what somebody is writing.

use crate::App;
use crate::form::Form;
use crate::session::SignedIn;
use axum::Router;
use axum::response::Html;
use axum::routing::post;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Typed {
    #[serde(default)]
    text: String,
}

pub fn routes() -> Router<App> {
    Router::new().route("/markdown/preview", post(preview))
}

async fn preview(_who: SignedIn, Form(typed): Form<Typed>) -> Html<String> {
    Html(domain::markdown::to_html(&typed.text))
}
