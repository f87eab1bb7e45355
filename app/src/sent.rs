//! Forms that make something carry a key. Sent twice, by an impatient hand or a bad network, they make one thing: the second is
//! led to where the first was.

use crate::answer::{Failure, error_page, internal_error, redirect};
use crate::preferences;
use crate::state::App;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::sent::{self, Standing};
use engine::transaction;
use leptos::prelude::*;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::Instrument;
use url::form_urlencoded;
use uuid::Uuid;

/// The hidden field.
const FIELD: &str = "form_key";
/// How often is looked whether the first has made it, and how long.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const LOOKS: u32 = 200;

tokio::task_local! {
    /// The key of the forms on the page that is made just now.
    static KEY: Uuid;
    /// The form that is worked on just now, where it carries a key.
    static FORM: Vec<u8>;
}

/// What the form that is worked on just now is known by.
pub fn under_way() -> Option<Vec<u8>> {
    FORM.try_with(Clone::clone).ok()
}

/// The key of a form that makes something.
#[component]
pub fn FormKey() -> impl IntoView {
    let key = KEY.try_with(ToString::to_string).ok();
    key.map(|key| view! { <input type="hidden" name=FIELD value=key /> })
}

/// Middleware: pages get a key, and forms that have one are worked on once.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    let key = app.engine.context.new_id();
    if request.method() != Method::POST {
        return KEY.scope(key, next.run(request)).await;
    }
    let (parts, body) = request.into_parts();
    // What is longer than a form may be was refused before.
    let Ok(sent) = to_bytes(body, usize::MAX).await else {
        return internal_error();
    };
    let is_keyed = carries_key(&sent);
    let hash = sent::hash_of(parts.uri.path(), &sent);
    let request = Request::from_parts(parts, Body::from(sent));
    let handled = KEY.scope(key, next.run(request));
    if !is_keyed {
        return handled.await;
    }
    for _ in 0..LOOKS {
        match transaction!(app.engine, |tx| sent::take(tx, &hash).await?) {
            Ok(Standing::New) => {
                let handled = FORM.scope(hash.clone(), handled);
                return work_on(app, hash, handled).await;
            }
            Ok(Standing::DoneUnseen) => {
                return error_page(
                    StatusCode::OK,
                    "This was done already",
                    "The same form came before, and what it asks for was done. Look where it belongs: it is there once.",
                );
            }
            Ok(Standing::Done(led_to)) => return remembered(&hash).unwrap_or_else(|| redirect(&led_to)),
            Ok(Standing::UnderWay) => app.engine.context.pause(LOOK_AGAIN).await,
            Err(error) => return Failure(error).into_response(),
        }
    }
    error_page(
        StatusCode::SERVICE_UNAVAILABLE,
        "This is being worked on",
        "The same form came before and is not done yet. Look in a moment whether what it makes is there.",
    )
}

fn carries_key(sent: &[u8]) -> bool {
    form_urlencoded::parse(sent).any(|(name, value)| name == FIELD && value.parse::<Uuid>().is_ok())
}

/// Does what the form asks for to its end, also where its sender is gone: the second may be there already, and wait for it.
async fn work_on(
    app: App,
    hash: Vec<u8>,
    handled: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let working = async move {
        let response = handled.await;
        let led_to = response
            .headers()
            .get(header::LOCATION)
            .and_then(|path| path.to_str().ok())
            .filter(|_| response.status() == StatusCode::SEE_OTHER)
            .map(str::to_owned);
        if led_to.is_some() {
            remember(&hash, response.headers());
        }
        let noted = transaction!(app.engine, |tx| match &led_to {
            Some(led_to) => sent::done(tx, &hash, led_to).await?,
            None => sent::refused(tx, &hash).await?,
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "what became of a form could not be noted");
        }
        response
    };
    let working = tokio::spawn(preferences::carried(working).in_current_span());
    working.await.unwrap_or_else(|_| internal_error())
}

/// Headers of the last answers, since some say more than where to go: a secret is shown once. They are not stored.
static ANSWERS: Mutex<VecDeque<(Vec<u8>, HeaderMap)>> = Mutex::new(VecDeque::new());
const MOST_ANSWERS: usize = 64;

fn remember(hash: &[u8], headers: &HeaderMap) {
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if answers.len() >= MOST_ANSWERS {
        answers.pop_front();
    }
    answers.push_back((hash.to_owned(), headers.clone()));
}

fn remembered(hash: &[u8]) -> Option<Response> {
    let answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, headers) = answers.iter().rev().find(|(other, _)| other == hash)?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    *response.headers_mut() = headers.clone();
    Some(response)
}
