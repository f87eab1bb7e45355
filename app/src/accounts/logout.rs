//! Logging out.

use crate::App;
use crate::answer::{Answered, redirect};
use crate::session::{token, without_session};
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::HeaderMap;
use engine::people::sessions;
use engine::transaction;

pub async fn post(State(app): State<App>, visitor: Visitor, headers: HeaderMap) -> Answered {
    if let Some(token) = token(&headers) {
        transaction!(app.engine, |tx| sessions::end(tx, &token).await?)?;
    }
    Ok(without_session(redirect("/login"), visitor.over_tls))
}
