//! Forms behind a button, and words folded away. Both are `<details>`: they open without JavaScript.

use super::button::ButtonKind;
use leptos::prelude::*;

/// A form behind a button. Give `open` when the form came back with a problem, so that it is seen.
/// Dialogs of one `group` close each other.
#[component]
pub fn FormDialog(
    #[prop(into)] label: String,
    /// Heard after the label, where several buttons on a page have the same one.
    #[prop(optional, into)]
    about: String,
    #[prop(optional, into)] title: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] open: bool,
    #[prop(optional)] group: Option<&'static str>,
    /// The panel pushes the page down instead of lying over it.
    #[prop(optional)]
    in_place: bool,
    #[prop(optional, into)] id: String,
    children: Children,
) -> impl IntoView {
    let class = if in_place { "dialog in-place" } else { "dialog" };
    let id = (!id.is_empty()).then_some(id);
    view! {
        <details class=class open=open name=group id=id>
            <summary class=kind.class()>
                {label} {(!about.is_empty()).then(|| view! { <span class="unseen">": " {about}</span> })}
            </summary>
            <div class="dialog-panel">
                {(!title.is_empty()).then(|| view! { <h2>{title}</h2> })} {children()}
            </div>
        </details>
    }
}

/// Words folded away under a line.
#[component]
pub fn Fold(#[prop(into)] label: String, #[prop(optional)] open: bool, children: Children) -> impl IntoView {
    view! {
        <details class="fold" open=open>
            <summary>{label}</summary>
            {children()}
        </details>
    }
}
