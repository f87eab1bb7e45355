//! What the keys do, as a list of words.

use crate::preferences::here;
use leptos::prelude::*;

/// Keys, what they do, and whether they act alone, so that they can be turned off.
const ALWAYS: [(&[&str], &str); 1] = [(&["Ctrl", "K"], "Find anything")];

const SINGLE: [(&[&str], &str); 17] = [
    (&["/"], "Find anything"),
    (&["?"], "Show this list"),
    (&["g", "h"], "Go home"),
    (&["g", "i"], "Go to incidents"),
    (&["g", "o"], "Go to on call"),
    (&["g", "p"], "Go to postmortems"),
    (&["g", "b"], "Go to the backlog"),
    (&["g", "s"], "Go to settings"),
    (&["n"], "Write a note on an incident"),
    (&["a"], "To the button that acknowledges; Enter presses it"),
    (&["j"], "Next in a list"),
    (&["k"], "Previous in a list"),
    (&["h"], "On a board: the column to the left"),
    (&["l"], "On a board: the column to the right"),
    (&["m"], "On a board: move the card"),
    (&["t"], "On a board: decide about a proposed card"),
    (&["J", "K"], "On a board: the card one lower, or one higher"),
];

#[component]
pub fn ShortcutList() -> impl IntoView {
    let here = here();
    let ctrl = if here.is_apple { "⌘" } else { "Ctrl" };
    let always = ALWAYS
        .into_iter()
        .map(move |(keys, words)| row(keys, words, ctrl));
    let single = here.single_keys.then(|| {
        SINGLE
            .into_iter()
            .map(|(keys, words)| row(keys, words, ctrl))
            .collect_view()
    });
    view! {
        <dl class="shortcuts">
            {always.collect_view()} {single}
        </dl>
    }
}

fn row(keys: &'static [&'static str], words: &'static str, ctrl: &'static str) -> impl IntoView {
    let keys = keys
        .iter()
        .map(|key| {
            let key = if *key == "Ctrl" { ctrl } else { key };
            view! {
                <kbd>{key}</kbd>
                " "
            }
        })
        .collect_view();
    view! {
        <div>
            <dt>{keys}</dt>
            <dd>{words}</dd>
        </div>
    }
}
