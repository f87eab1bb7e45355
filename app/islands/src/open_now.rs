//! How many incidents are open: in the title, the icon and the bar, kept up while a page is open, and told to those who listen.

use crate::keys::listen;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, VisibilityState};

/// A question is one cheap query, and no connection stays open for it: HTTP/1.1 allows a browser six of them.
const EVERY: Duration = Duration::from_secs(30);

/// Asks `GET /open` while the page is seen, and when somebody comes back to it.
#[island]
pub fn OpenNow() -> impl IntoView {
    let polite = RwSignal::new(String::new());
    let at_once = RwSignal::new(String::new());
    let known = StoredValue::new(None::<Known>);
    Effect::new(move |_| {
        let look = move || {
            if document().visibility_state() == VisibilityState::Visible {
                leptos::task::spawn_local(async move {
                    if let Some(now) = ask().await {
                        show(&now);
                        show_banners(known.get_value().as_ref(), &now);
                        tell(known.get_value().as_ref(), &now, polite, at_once);
                        known.set_value(Some(now));
                    }
                });
            }
        };
        look();
        set_interval(look, EVERY);
        listen(&window(), "focus", move |_| look());
        listen(&document(), "visibilitychange", move |_| look());
    });
    view! {
        <p class="unseen" role="status">
            {move || polite.get()}
        </p>
        <p class="unseen" role="alert">
            {move || at_once.get()}
        </p>
    }
}

#[derive(Clone)]
struct Known {
    open: f64,
    /// Names the last page to whoever is signed in.
    page: String,
    /// What that page says.
    words: String,
    icon: String,
    /// What stands on top of every page, as HTML.
    banners: String,
}

async fn ask() -> Option<Known> {
    let response = JsFuture::from(window().fetch_with_str("/open")).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    if !response.ok() || response.redirected() {
        return None;
    }
    let json = JsFuture::from(response.json().ok()?).await.ok()?;
    let text = |name: &str| get(&json, name)?.as_string();
    Some(Known {
        open: get(&json, "open")?.as_f64()?,
        page: text("page")?,
        words: text("words")?,
        icon: text("icon")?,
        banners: text("banners")?,
    })
}

fn get(json: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(json, &name.into()).ok()
}

fn show(now: &Known) {
    let title = document().title();
    let plain = title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
        .map_or(title.as_str(), |(_, plain)| plain);
    let count = (now.open as i64).to_string();
    let marked = if now.open > 0.0 {
        ["(", &count, ") ", plain].concat()
    } else {
        plain.to_owned()
    };
    if marked != title {
        document().set_title(&marked);
    }
    if let Some(icon) = document().query_selector("link[rel=icon]").ok().flatten()
        && icon.get_attribute("href").as_deref() != Some(&now.icon)
    {
        let _ = icon.set_attribute("href", &now.icon);
    }
    if let Some(badge) = document().query_selector("[data-open]").ok().flatten() {
        badge.set_text_content(Some(&count));
        if let Some(around) = badge.parent_element() {
            let _ = around.toggle_attribute_with_force("hidden", now.open == 0.0);
        }
    }
}

/// A page that is left open tells, too, what could not be sent and what nobody has. It came with those of its own time.
fn show_banners(before: Option<&Known>, now: &Known) {
    if before.is_some_and(|before| before.banners != now.banners)
        && let Some(banners) = document().get_element_by_id("banners")
    {
        banners.set_inner_html(&now.banners);
    }
}

/// A page to me cannot wait until the reader has finished the sentence; everything else can.
fn tell(before: Option<&Known>, now: &Known, polite: RwSignal<String>, at_once: RwSignal<String>) {
    let Some(before) = before else { return };
    if now.page != before.page && !now.page.is_empty() {
        at_once.set(now.words.clone());
    }
    if now.open > before.open {
        polite.set("Another incident is open.".to_owned());
    } else if now.open < before.open {
        polite.set("One incident less is open.".to_owned());
    }
}
