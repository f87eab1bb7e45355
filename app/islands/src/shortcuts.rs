//! Single keys that lead somewhere, and the dialog that lists them.

use crate::keys::{focus, is_single, on_key};
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// After `g`, the second key has to come within this many milliseconds.
const PAIR: f64 = 1500.0;

/// Where `g` and another key lead.
const PLACES: [(&str, &str); 6] = [
    ("h", "/"),
    ("i", "/incidents"),
    ("o", "/on-call"),
    ("p", "/postmortems"),
    ("b", "/backlog"),
    ("s", "/settings"),
];

/// The rows of lists that `j` and `k` walk through; each leads somewhere by its first link.
const ROWS: &str =
    "main :is(.incident-list, .waiting, .library, .find-list, .settings-rows) > li, main .promise";

/// Wraps the list of shortcuts that the server made (also at `/shortcuts`) into a dialog that `?` opens. Put one on a page, and only
/// where single keys are wanted.
#[island]
pub fn Shortcuts(children: Children) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let went = StoredValue::new(0.0_f64);
    Effect::new(move |_| {
        on_key(move |event| {
            if is_single(event) && act(event, dialog, went) {
                event.prevent_default();
            }
        });
    });
    view! {
        <dialog class="shortcuts-dialog" aria-label="Shortcuts" node_ref=dialog>
            {children()}
            <form method="dialog" class="buttons">
                <button class="button" autofocus=true>
                    "Close"
                </button>
            </form>
        </dialog>
    }
}

/// Whether the key was one of ours.
fn act(event: &KeyboardEvent, dialog: NodeRef<Dialog>, went: StoredValue<f64>) -> bool {
    let key = event.key();
    let now = event.time_stamp();
    let is_second = now - went.get_value() < PAIR;
    went.set_value(0.0);
    if is_second && let Some((_, address)) = PLACES.iter().find(|(second, _)| *second == key) {
        return window().location().assign(address).is_ok();
    }
    match key.as_str() {
        "g" => {
            went.set_value(now);
            true
        }
        "?" => dialog
            .get_untracked()
            .is_some_and(|dialog| dialog.show_modal().is_ok()),
        "n" => go_to("form[action$=\"/notes\"] textarea"),
        // It only goes to the button: what wakes or calms others is never one stray key away.
        "a" => go_to("form[action$=\"/acknowledgement\"] button"),
        "j" => walk(1),
        "k" => walk(-1),
        _ => false,
    }
}

fn go_to(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found.is_some_and(|element| focus(&element))
}

/// To the next or the previous row's link.
fn walk(step: i32) -> bool {
    let Ok(rows) = document().query_selector_all(ROWS) else {
        return false;
    };
    let rows: Vec<Element> = (0..rows.length())
        .filter_map(|index| rows.get(index)?.dyn_into().ok())
        .collect();
    let active = document().active_element();
    let here = rows
        .iter()
        .position(|row| active.as_ref().is_some_and(|active| row.contains(Some(active))));
    let next = match (here, step) {
        (Some(here), 1) => here + 1,
        (Some(here), _) => here.saturating_sub(1),
        (None, _) => 0,
    };
    let link = rows
        .get(next)
        .and_then(|row| row.query_selector("a[href]").ok().flatten());
    link.is_some_and(|link| focus(&link))
}
