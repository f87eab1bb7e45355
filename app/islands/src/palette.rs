//! The palette: finds anything from anywhere.

use crate::keys::{is_single, listen, on_key};
use crate::questions;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::{Dialog, Div, Input, P};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};

/// How long a person pauses before the server is asked.
const PAUSE: Duration = Duration::from_millis(90);

/// A dialog that Ctrl-K opens (⌘K on keyboards that have it; and `/`, where single keys act), as does writing into the field in the
/// bar. Its rows are options that
/// [`questions::find`] answers; Enter follows the one that is chosen. Closed, it gives the focus back to where it was.
#[island]
pub fn Palette(single_keys: bool, is_apple: bool) -> impl IntoView {
    let palette = Parts {
        dialog: NodeRef::new(),
        field: NodeRef::new(),
        rows: NodeRef::new(),
        heard: NodeRef::new(),
        asked: StoredValue::new(0),
    };
    Effect::new(move |_| palette.listen(single_keys, is_apple));
    view! {
        <dialog class="palette" aria-label="Find anything" node_ref=palette.dialog on:click=move |event| palette.clicked(&event)>
            <form method="get" action="/find" role="search">
                <input
                    type="text"
                    name="q"
                    class="palette-field"
                    role="combobox"
                    aria-label="Find anything"
                    aria-autocomplete="list"
                    aria-expanded="true"
                    aria-controls="palette-rows"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    placeholder="INC-142, a service, a person, a page"
                    node_ref=palette.field
                    on:input=move |_| palette.ask()
                    on:keydown=move |event| palette.key(&event)
                />
                <button type="button" class="button plain small" on:click=move |_| palette.close()>
                    "Close"
                </button>
            </form>
            <div class="palette-rows" id="palette-rows" role="listbox" aria-label="Found" node_ref=palette.rows></div>
            <p class="unseen" role="status" node_ref=palette.heard></p>
            <p class="palette-help" aria-hidden="true">
                <span><kbd>"↑"</kbd> <kbd>"↓"</kbd> " choose"</span>
                <span><kbd>"Enter"</kbd> " go there"</span>
                <span><kbd>"Esc"</kbd> " close"</span>
            </p>
        </dialog>
    }
}

#[derive(Clone, Copy)]
struct Parts {
    dialog: NodeRef<Dialog>,
    field: NodeRef<Input>,
    rows: NodeRef<Div>,
    heard: NodeRef<P>,
    /// Counts questions, so that a late answer to an older one is dropped.
    asked: StoredValue<u32>,
}

impl Parts {
    fn listen(self, single_keys: bool, is_apple: bool) {
        on_key(move |event| {
            // On a Mac, Ctrl-K deletes what stands behind the cursor.
            let held = if is_apple {
                event.meta_key()
            } else {
                event.ctrl_key()
            };
            if (held && event.key() == "k") || (single_keys && event.key() == "/" && is_single(event)) {
                event.prevent_default();
                self.open("");
            }
        });
        let in_bar = document().query_selector("[data-palette]").ok().flatten();
        if let Some(in_bar) = in_bar.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            for event in ["click", "input"] {
                let field = in_bar.clone();
                listen(&in_bar, event, move |_| {
                    let written = field.value();
                    field.set_value("");
                    self.open(&written);
                });
            }
        }
    }

    fn open(self, written: &str) {
        let (Some(dialog), Some(field)) = (self.dialog.get_untracked(), self.field.get_untracked()) else {
            return;
        };
        if !dialog.open() {
            if dialog.show_modal().is_err() {
                return;
            }
            field.set_value(written);
            self.ask();
        }
        let _ = field.focus();
        if written.is_empty() {
            field.select();
        }
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    /// Beside the dialog is the dialog itself: what lies behind it.
    fn clicked(self, event: &MouseEvent) {
        let on_itself = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|target| target.tag_name() == "DIALOG");
        if on_itself {
            self.close();
        }
    }

    fn ask(self) {
        let number = self.asked.get_value() + 1;
        self.asked.set_value(number);
        set_timeout(
            move || {
                leptos::task::spawn_local(async move {
                    if self.asked.get_value() != number {
                        return;
                    }
                    let Some(field) = self.field.get_untracked() else {
                        return;
                    };
                    let answer = questions::find(field.value()).await;
                    if self.asked.get_value() == number {
                        self.show(answer);
                    }
                });
            },
            PAUSE,
        );
    }

    fn show(self, answer: Result<String, ServerFnError>) {
        let Some(rows) = self.rows.get_untracked() else {
            return;
        };
        rows.set_inner_html(&answer.unwrap_or_else(|_| {
            "<p class=\"palette-none\">The answer did not come. Press Enter to look on a page of its own.</p>".to_owned()
        }));
        self.choose(0);
        if let Some(heard) = self.heard.get_untracked() {
            let words = match self.options().len() {
                0 => "Nothing fits".to_owned(),
                1 => "1 result".to_owned(),
                results => [&results.to_string(), " results"].concat(),
            };
            heard.set_text_content(Some(&words));
        }
    }

    fn options(self) -> Vec<Element> {
        let found = self
            .rows
            .get_untracked()
            .and_then(|rows| rows.query_selector_all("[role=option]").ok());
        let Some(found) = found else { return Vec::new() };
        (0..found.length())
            .filter_map(|index| found.get(index)?.dyn_into().ok())
            .collect()
    }

    fn chosen(self) -> Option<usize> {
        self.options()
            .iter()
            .position(|option| option.get_attribute("aria-selected").as_deref() == Some("true"))
    }

    fn choose(self, index: usize) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        let _ = field.remove_attribute("aria-activedescendant");
        for (place, option) in self.options().into_iter().enumerate() {
            let chosen = place == index;
            let _ = option.set_attribute("aria-selected", if chosen { "true" } else { "false" });
            if chosen {
                let _ = field.set_attribute("aria-activedescendant", &option.id());
                let into_sight = ScrollIntoViewOptions::new();
                into_sight.set_block(ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&into_sight);
            }
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let options = self.options();
        let Some(last) = options.len().checked_sub(1) else {
            return;
        };
        let chosen = self.chosen();
        match event.key().as_str() {
            "ArrowDown" => self.choose(chosen.filter(|index| *index < last).map_or(0, |index| index + 1)),
            "ArrowUp" => self.choose(chosen.filter(|index| *index > 0).map_or(last, |index| index - 1)),
            "Enter" => match chosen.and_then(|index| options[index].dyn_ref::<HtmlElement>()) {
                Some(link) => link.click(),
                None => return,
            },
            _ => return,
        }
        event.prevent_default();
    }
}
