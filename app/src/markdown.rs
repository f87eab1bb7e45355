//! The preview of what somebody is writing.

use crate::answer::{Failure, error_page, internal_error};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::markdown::to_html_naming;
use domain::mentions::Names;
use domain::people::Person;
use engine::{Acting, people};
use leptos::prelude::{provide_context, use_context};
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

/// The preview of a text. What went wrong is an answer of its own.
///
/// # Errors
/// It is longer than any text that can be saved, or could not be made.
pub(crate) async fn preview(acting: &Acting, text: String) -> Result<String, Response> {
    if text.chars().count() > MOST_CHARACTERS {
        return Err(error_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Too long to show",
            "A text holds up to 100,000 characters. Shorten it, or write it in parts.",
        ));
    }
    let names = match text.contains('@') {
        true => names(acting)
            .await
            .map_err(|error| Failure::from(error).into_response())?,
        false => Names::default(),
    };
    let turn = MAKING.acquire().await;
    // Off the threads that answer others.
    let made = tokio::task::spawn_blocking(move || to_html_naming(&text, &names)).await;
    drop(turn);
    made.map_err(|_| internal_error())
}

async fn names(acting: &Acting) -> engine::Result<Names> {
    Ok(Names::of(&people::active(&mut acting.read().await?).await?))
}
