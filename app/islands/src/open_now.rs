//! How many incidents are open: in the title, the icon and the bar, kept up while a page is open, and told to those who listen.

use crate::keys::listen;
use crate::questions::{self, Open};
use leptos::prelude::*;
use std::time::Duration;
use web_sys::VisibilityState;

/// A question is one cheap query, and no connection stays open for it: HTTP/1.1 allows a browser six of them.
const EVERY: Duration = Duration::from_secs(30);

/// Asks [`questions::open`] while the page is seen, and when somebody comes back to it.
#[island]
pub fn OpenNow() -> impl IntoView {
    let polite = RwSignal::new(String::new());
    let at_once = RwSignal::new(String::new());
    let known = StoredValue::new(None::<Open>);
    Effect::new(move |_| {
        let look = move || {
            if document().visibility_state() == VisibilityState::Visible {
                leptos::task::spawn_local(async move {
                    if let Ok(now) = questions::open().await {
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

fn show(now: &Open) {
    let title = document().title();
    let plain = title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
        .map_or(title.as_str(), |(_, plain)| plain);
    let count = now.open.to_string();
    let marked = if now.open > 0 {
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
            let _ = around.toggle_attribute_with_force("hidden", now.open == 0);
        }
    }
}

/// A page that is left open tells, too, what could not be sent and what nobody has. It came with those of its own time.
fn show_banners(before: Option<&Open>, now: &Open) {
    if before.is_some_and(|before| before.banners != now.banners)
        && let Some(banners) = document().get_element_by_id("banners")
    {
        banners.set_inner_html(&now.banners);
    }
}

/// A page to me cannot wait until the reader has finished the sentence; everything else can.
fn tell(before: Option<&Open>, now: &Open, polite: RwSignal<String>, at_once: RwSignal<String>) {
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
