//! How many incidents are open and what needs seeing to, asked now and then by every page that is looked at.

use crate::App;
use crate::answer::Failure;
use crate::assets::favicon;
use crate::banners;
use crate::components::Banners;
use crate::render::fragment;
use crate::session::look_without_use;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use engine::{Actor, incidents, paging};
use leptos::prelude::*;
use serde::Serialize;

pub fn routes() -> Router<App> {
    Router::new().route("/open", get(show))
}

#[derive(Debug, Default, Serialize)]
struct Open {
    open: i64,
    /// The address of the icon that says so.
    icon: &'static str,
    /// Names the last page to whoever asks, and says it; empty without one.
    page: String,
    words: String,
    /// What stands on top of every page now, as HTML.
    banners: String,
}

/// A page that asks by itself is no use of the session: who has left the desk is logged out all the same.
async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let mut tx = app.engine.read().await?;
    let Some(person) = look_without_use(&mut tx, &headers).await? else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    drop(tx);
    let reader = Actor::Person {
        person: person.clone(),
        address: None,
    };
    let mut tx = app.engine.by(reader).read().await?;
    let count = incidents::count_open(&mut tx).await?;
    let last = paging::to_person(&mut tx, person.id, 1).await?.pop();
    let (page, words) = last
        .map(|page| {
            (
                format!("{} {}", page.number, page.created_at.timestamp_micros()),
                format!("You are paged: INC-{} {}", page.number, page.title),
            )
        })
        .unwrap_or_default();
    let banners = banners::now(&mut tx, &person).await?;
    let open = Open {
        open: count.open,
        icon: favicon(count.open, count.unacknowledged),
        page,
        words,
        banners: fragment(move || view! { <Banners banners /> }),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(open)).into_response())
}
