//! Durations that go on, ticking.

use crate::words::spoken;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// Moves every `<time data-since="unix seconds">` on the page, also those that arrive later. Put one on a page.
/// `now` is the server's time in Unix seconds when it made the page: the clock of a phone may be off.
#[island]
pub fn Ticker(now: i64) -> impl IntoView {
    Effect::new(move |_| {
        let ahead = now - here();
        if let Ok(handle) = set_interval_with_handle(move || tick(ahead), Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn here() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

fn tick(ahead: i64) {
    let now = here() + ahead;
    let Ok(found) = document().query_selector_all("time[data-since]") else {
        return;
    };
    for index in 0..found.length() {
        let Some(time) = found
            .get(index)
            .and_then(|node| node.dyn_into::<web_sys::Element>().ok())
        else {
            continue;
        };
        let Some(since) = time
            .get_attribute("data-since")
            .and_then(|since| since.parse::<i64>().ok())
        else {
            continue;
        };
        let words = spoken(now - since);
        if time.text_content().as_deref() != Some(&words) {
            time.set_text_content(Some(&words));
        }
    }
}
