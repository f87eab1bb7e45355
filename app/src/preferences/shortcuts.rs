//! What the keys do, and the switch for single keys (WCAG 2.2, 2.1.4): dictation and unsteady hands press them by accident.

use super::{COOKIE_SECONDS, here};
use crate::App;
use crate::accounts::next_path;
use crate::answer::{Answered, redirect};
use crate::components::{PageHead, ShortcutList};
use crate::form::Form;
use crate::render;
use crate::session::{SignedIn, with_cookie};
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;

pub(super) const COOKIE: &str = "kintsugi_keys";
pub(super) const OFF: &str = "off";

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let frame = who.frame_of(&mut tx, "Shortcuts").await?;
    Ok(render::page(StatusCode::OK, frame, || {
        let under = view! { "Everything works by Tab and Enter, too." }.into_any();
        view! {
            <PageHead title="Shortcuts" under />
            <ShortcutList />
            <SingleKeys />
        }
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    keys: String,
    back: String,
}

/// `POST /shortcuts`
pub async fn post(visitor: Visitor, Form(chosen): Form<Chosen>) -> Response {
    let keys = if chosen.keys == OFF { OFF } else { "on" };
    let response = redirect(next_path(&chosen.back));
    with_cookie(response, COOKIE, keys, "/", COOKIE_SECONDS, visitor.over_tls)
}

/// The switch, with a sentence for how it stands.
#[component]
fn SingleKeys() -> impl IntoView {
    let (sentence, keys, words) = if here().single_keys {
        (
            "Single keys act while you are not writing. If you dictate, or press keys by accident, turn them off; Ctrl K stays.",
            OFF,
            "Turn single keys off",
        )
    } else {
        (
            "Single keys are off in this browser. Ctrl K finds anything all the same.",
            "on",
            "Turn single keys on",
        )
    };
    view! {
        <form class="form measure" method="post" action="/shortcuts">
            <input type="hidden" name="back" value="/shortcuts" />
            <p>{sentence}</p>
            <p class="buttons">
                <button class="button" name="keys" value=keys>
                    {words}
                </button>
            </p>
        </form>
    }
}
