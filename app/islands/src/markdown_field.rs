//! A field for Markdown with a preview.

use crate::questions;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use web_sys::HtmlTextAreaElement;

/// The `<textarea>` itself; label, hint and error stand around it (`app::components::Field` with `FieldKind::Markdown`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MarkdownText {
    pub id: String,
    pub name: String,
    pub value: String,
    pub rows: u8,
    pub required: bool,
    pub placeholder: Option<String>,
    /// The ids of hint and error.
    pub described_by: Option<String>,
    pub invalid: bool,
}

/// A `<textarea>` that its form submits under its name. Awake, it has a preview ([`questions::markdown_preview`]), and
/// Ctrl+Enter sends the form.
#[island]
pub fn MarkdownField(field: MarkdownText) -> impl IntoView {
    let awake = RwSignal::new(false);
    let preview = RwSignal::new(None::<String>);
    let text = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| awake.set(true));
    let toggle = move |_| {
        if preview.get_untracked().is_some() {
            preview.set(None);
            return;
        }
        let Some(area) = text.get_untracked() else { return };
        let written = area.value();
        leptos::task::spawn_local(async move {
            let html = questions::markdown_preview(written).await.unwrap_or_else(|_| {
                "<p>The preview did not come. What you wrote is still here.</p>".to_owned()
            });
            preview.set(Some(html));
        });
    };
    let send = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            let form = text
                .get_untracked()
                .and_then(|area: HtmlTextAreaElement| area.form());
            if let Some(form) = form {
                event.prevent_default();
                // With the browser's own checks, as if the button had been pressed.
                let _ = form.request_submit();
            }
        }
    };
    let shows = move || preview.with(Option::is_some);
    view! {
        <div class="markdown-field">
            <textarea
                class="control"
                id=field.id
                name=field.name
                rows=field.rows.to_string()
                required=field.required
                autofocus=field.invalid
                placeholder=field.placeholder
                aria-describedby=field.described_by
                aria-invalid=field.invalid.then_some("true")
                hidden=shows
                node_ref=text
                on:keydown=send
                inner_html=escaped(&field.value)
            ></textarea>
            <div
                class="markdown-preview prose"
                hidden=move || !shows()
                inner_html=move || preview.get().unwrap_or_default()
            ></div>
            <div class="markdown-tools" hidden=move || !awake.get()>
                <span>"Markdown"</span>
                <button
                    type="button"
                    class="button plain small"
                    on:click=toggle
                    aria-pressed=move || if shows() { "true" } else { "false" }
                >
                    "Preview"
                </button>
            </div>
        </div>
    }
}

/// As the inside of a `<textarea>`. HTML drops the first line break there, so one stands before every text.
pub fn escaped(text: &str) -> String {
    ["\n", &text.replace('&', "&amp;").replace('<', "&lt;")].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_cannot_leave_its_field() {
        assert_eq!(super::escaped("</textarea><b>&"), "\n&lt;/textarea>&lt;b>&amp;");
    }
}
