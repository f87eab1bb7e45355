//! What islands ask: the server functions of [`islands::questions`], answered for whoever asks. Origin, session and rights are those
//! of every form.

use crate::answer::{Failure, error_page, problem_json};
use crate::session::{SignedIn, look_without_use};
use crate::{App, find, markdown, oncall, open};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::people::Person;
use engine::{Acting, Actor};
use islands::questions::{Answer, Answers, Open};
use leptos::prelude::*;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use std::sync::{Arc, Mutex, PoisonError};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/ask/markdown-preview", post(ask))
        .route("/ask/find", get(ask))
        .route("/ask/open", get(look))
        .route("/ask/schedule-preview", post(ask))
}

async fn ask(State(app): State<App>, who: SignedIn, question: Request) -> Response {
    answered(Reader::new(app.by(&who), who.person), question).await
}

/// A page that asks by itself is no use of the session: who has left the desk is logged out all the same.
async fn look(State(app): State<App>, question: Request) -> Result<Response, Failure> {
    let mut tx = app.engine.read().await?;
    let Some(person) = look_without_use(&mut tx, question.headers()).await? else {
        return Ok(problem_json(StatusCode::UNAUTHORIZED, "Log in first.", None));
    };
    drop(tx);
    let reader = Actor::Person {
        person: person.clone(),
        address: None,
    };
    Ok(answered(Reader::new(app.engine.by(reader), person), question).await)
}

/// Whoever asks.
struct Reader {
    acting: Acting,
    person: Person,
    /// What is answered instead, where something went wrong.
    instead: Mutex<Option<Response>>,
}

impl Reader {
    const fn new(acting: Acting, person: Person) -> Self {
        Self {
            acting,
            person,
            instead: Mutex::new(None),
        }
    }

    fn instead(&self) -> std::sync::MutexGuard<'_, Option<Response>> {
        self.instead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn or_instead<T>(&self, done: Result<T, Response>) -> Result<T, ServerFnError> {
        done.map_err(|instead| {
            *self.instead() = Some(instead);
            ServerFnError::new("refused")
        })
    }
}

impl Answers for Reader {
    fn markdown_preview(&self, text: String) -> Answer<'_, String> {
        Box::pin(async { self.or_instead(markdown::preview(&self.acting, text).await) })
    }

    fn find(&self, words: String) -> Answer<'_, String> {
        Box::pin(async move {
            let found = find::options(&self.acting, self.person.role, &words).await;
            self.or_instead(found.map_err(page_of))
        })
    }

    fn open(&self) -> Answer<'_, Open> {
        Box::pin(async { self.or_instead(open::now(&self.acting, &self.person).await.map_err(page_of)) })
    }

    fn schedule_preview(&self, schedule: String, fields: String) -> Answer<'_, String> {
        Box::pin(async move {
            let zone = self.person.time_zone.parse().unwrap_or(chrono_tz::UTC);
            let drawn = oncall::schedule_preview(&self.acting, zone, &schedule, &fields).await;
            self.or_instead(drawn)
        })
    }
}

fn page_of(error: engine::Error) -> Response {
    Failure::from(error).into_response()
}

async fn answered(reader: Reader, question: Request) -> Response {
    let reader = Arc::new(reader);
    let answers: Arc<dyn Answers> = reader.clone();
    let give = move || provide_context(Arc::clone(&answers));
    let answer = leptos_axum::handle_server_fns_with_context(give, question).await;
    let mut answer = answer.into_response();
    if let Some(instead) = reader.instead().take() {
        return instead;
    }
    if answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return error_page(
            StatusCode::BAD_REQUEST,
            "This question cannot be read",
            "A field is missing, is there twice or holds what no keyboard has. Load the page again.",
        );
    }
    answer.headers_mut().insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    answer
}
