//! The preview of what somebody is writing.

use crate::App;
use crate::answer::{Answered, error_page, internal_error};
use crate::form::Form;
use crate::session::SignedIn;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use axum::routing::post;
use domain::markdown::to_html_naming;
use domain::mentions::Names;
use domain::people::Person;
use engine::people;
use leptos::prelude::{provide_context, use_context};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The longest text that can be saved is a section of a postmortem.
const MOST_CHARACTERS: usize = 100_000;

/// Previews that are made at once; whoever types fast waits for themselves.
static MAKING: Semaphore = Semaphore::const_new(2);

/// Whom `@name` leads to on the page that is made.
#[derive(Clone)]
struct Known(Arc<Names>);

/// On the page that is made, `@name` of these leads to them.
pub fn name_people(people: &[Person]) {
    provide_context(Known(Arc::new(Names::of(people))));
}

/// What somebody wrote, safe to stand in a page as it is.
pub fn written(text: &str) -> String {
    match use_context::<Known>() {
        Some(Known(names)) => to_html_naming(text, &names),
        None => domain::markdown::to_html(text),
    }
}

#[derive(Debug, Deserialize)]
struct PreviewForm {
    #[serde(default)]
    text: String,
}

pub fn routes() -> Router<App> {
    Router::new().route("/markdown/preview", post(preview))
}

async fn preview(State(app): State<App>, who: SignedIn, Form(typed): Form<PreviewForm>) -> Answered {
    if typed.text.chars().count() > MOST_CHARACTERS {
        return Ok(error_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Too long to show",
            "A text holds up to 100,000 characters. Shorten it, or write it in parts.",
        ));
    }
    let names = if typed.text.contains('@') {
        let mut tx = app.by(&who).read().await?;
        Names::of(&people::active(&mut tx).await?)
    } else {
        Names::default()
    };
    let turn = MAKING.acquire().await;
    // Off the threads that answer others.
    let made = tokio::task::spawn_blocking(move || to_html_naming(&typed.text, &names)).await;
    drop(turn);
    Ok(made.map_or_else(|_| internal_error(), |html| Html(html).into_response()))
}
