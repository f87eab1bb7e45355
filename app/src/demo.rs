//! The demo: a banner on every page, and a log-in of one click. Nothing of it is there otherwise.

use crate::App;
use crate::address::Path;
use crate::answer::{Answered, redirect};
use crate::components::{ButtonKind, PostButton};
use crate::session::with_session;
use crate::state::Demo;
use crate::visitor::Visitor;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::post;
use domain::ids::PersonId;
use domain::people::Role;
use engine::people::sessions;
use engine::{Error, Tx, oncall, transaction};
use leptos::prelude::*;

tokio::task_local! {
    /// Set while a request to the demo is answered, so that pages without anybody signed in have the banner too.
    static DEMO: Demo;
}

/// Middleware around everything that the demo serves.
pub async fn mark(State(demo): State<Demo>, request: Request, next: Next) -> Response {
    DEMO.scope(demo, next.run(request)).await
}

/// Whether the page that is being made belongs to the demo.
pub fn is_shown() -> bool {
    DEMO.try_with(|_| ()).is_ok()
}

pub fn routes() -> Router<App> {
    Router::new().route("/demo-log-in/{role}", post(log_in))
}

async fn log_in(State(app): State<App>, visitor: Visitor, Path(role): Path<String>) -> Answered {
    let (Some(demo), Ok(role)) = (app.installation.demo, role.parse::<Role>()) else {
        return Err(Error::NotFound("role").into());
    };
    let address = visitor
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    let secret = transaction!(app.engine, |tx| {
        let person = somebody(tx, demo, role).await?;
        sessions::start(tx, person, &visitor.user_agent, &address).await?
    })?;
    Ok(with_session(redirect("/"), &secret, visitor.over_tls))
}

/// The responder is whoever has the pager now.
async fn somebody(tx: &mut Tx, demo: Demo, role: Role) -> engine::Result<PersonId> {
    match role {
        Role::Administrator => Ok(demo.administrator),
        Role::Observer => Ok(demo.observer),
        Role::Responder => {
            let (_, on_call) = oncall::on_call_now(tx, demo.watched).await?;
            on_call
                .into_iter()
                .next()
                .ok_or(Error::NotFound("person on call"))
        }
    }
}

/// What stands above every page of the demo.
#[component]
pub fn Notice(signed_in: bool) -> impl IntoView {
    let ends = if DEMO.try_with(|demo| demo.is_thrown_away).unwrap_or(false) {
        " All of it is invented, and what you do is thrown away."
    } else {
        " All of it is invented."
    };
    let mails = signed_in.then(|| {
        view! {
            " No mail leaves it: "
            <a href="/mail">"read them here"</a>
            "."
        }
    });
    view! {
        <aside class="banner demo-banner" aria-label="About this demo">
            <p>
                <strong>"This is a demo."</strong>
                <span class="demo-more">
                    {ends}
                    " To start for real: "
                    <code>"kintsugi serve"</code>
                    "."
                </span>
                {mails}
            </p>
        </aside>
    }
}

/// The doors on the log-in page: one for each role.
#[component]
pub fn Doors() -> impl IntoView {
    let doors = [
        (
            Role::Responder,
            "Come in as the responder on call",
            "You have the pager. Something is broken just now.",
        ),
        (
            Role::Administrator,
            "Come in as an administrator",
            "You may change teams, services, schedules and people.",
        ),
        (
            Role::Observer,
            "Come in as an observer",
            "You read along and change nothing.",
        ),
    ];
    let doors = doors
        .into_iter()
        .map(|(role, words, under)| {
            let kind = match role {
                Role::Responder => ButtonKind::Primary,
                _ => ButtonKind::Normal,
            };
            view! {
                <li>
                    <PostButton action=format!("/demo-log-in/{role}") kind>
                        {words}
                    </PostButton>
                    <p class="quiet small">{under}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="demo-doors" aria-label="Doors of the demo">
            <ul>{doors}</ul>
            <p class="quiet small">
                "Or log in as people do elsewhere; nobody in the demo knows a password."
            </p>
        </section>
    }
}
