//! Finding anything: a page of its own, and the rows of the palette that any page opens by Ctrl-K.

mod groups;
mod view;

use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{Field, FieldKind, PageHead, Submit};
use crate::render;
use crate::session::SignedIn;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use domain::people::Role;
use engine::find::{Found, find};
use engine::{Acting, incidents};
use groups::groups;
use leptos::prelude::*;
use serde::Deserialize;

pub(crate) use groups::{Group, Mark, Row};
pub(crate) use view::{Nothing, Options, Results};

/// Of one kind, on the page and in the palette.
const MOST_ON_PAGE: usize = 20;
const MOST_IN_PALETTE: usize = 5;

pub fn routes() -> Router<App> {
    Router::new().route("/find", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FindQuery {
    q: String,
}

async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<FindQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let found = find(&mut tx, &asked.q, MOST_ON_PAGE).await?;
    let frame = who.frame_of(&mut tx, "Find").await?;
    let groups = groups(found, &asked.q, MOST_ON_PAGE, who.person.role);
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <PageHead title="Find anything" />
            <Ask asked=asked.q.clone() />
            <Answer asked=asked.q groups />
        }
    }))
}

/// The palette's options as HTML. Asked for nothing, it offers what is open and where to go.
pub(crate) async fn options(acting: &Acting, role: Role, asked: &str) -> engine::Result<String> {
    let mut tx = acting.read().await?;
    let found = if asked.trim().is_empty() {
        let most = i64::try_from(MOST_IN_PALETTE).unwrap_or(i64::MAX);
        let incidents = incidents::worst_open(&mut tx, most).await?;
        Found {
            incidents,
            ..Found::default()
        }
    } else {
        find(&mut tx, asked, MOST_IN_PALETTE).await?
    };
    drop(tx);
    let groups = groups(found, asked, MOST_IN_PALETTE, role);
    Ok(render::fragment(move || view! { <Options groups /> }))
}

#[component]
fn Ask(asked: String) -> impl IntoView {
    view! {
        <form class="filters" method="get" action="/find" role="search" aria-label="Find on this page">
            <Field
                name="q"
                label="Words or a number"
                kind=FieldKind::Search
                value=asked
                placeholder="INC-142, a service, a person, a postmortem"
                label_unseen=true
                autofocus=true
                class="grow"
            />
            <Submit>"Find"</Submit>
        </form>
    }
}

#[component]
fn Answer(asked: String, groups: Vec<Group>) -> impl IntoView {
    if asked.trim().is_empty() || groups.is_empty() {
        view! { <Nothing asked /> }.into_any()
    } else {
        view! { <Results groups /> }.into_any()
    }
}
