//! Forms behind a button, and words folded away. Both are `<details>`: they open without JavaScript.

use super::button::{ButtonKind, HiddenFields, Submit};
use super::icon::{Glyph, Picture};
use crate::sent::FormKey;
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

/// What ends something asks first: the button opens a question, and the button in it does it. That one rests for a second once it is
/// seen, so that no second tap answers the question. `children` stand above it: what follows, or fields.
#[component]
pub fn Ask(
    #[prop(into)] label: String,
    /// Heard after the label, where several buttons on a page have the same one.
    #[prop(optional, into)]
    about: String,
    #[prop(default = None)] glyph: Option<Picture>,
    #[prop(optional)] kind: ButtonKind,
    #[prop(into)] question: String,
    #[prop(into)] action: String,
    #[prop(optional)] fields: Vec<(&'static str, String)>,
    /// What the button in the question says.
    answer: &'static str,
    #[prop(optional)] open: bool,
    #[prop(default = None)] group: Option<&'static str>,
    #[prop(optional)] in_place: bool,
    /// It makes something: sent twice, it makes one.
    #[prop(optional)]
    makes: bool,
    children: Children,
) -> impl IntoView {
    let class = if in_place {
        "dialog asks in-place"
    } else {
        "dialog asks"
    };
    let about = (!about.is_empty()).then(|| view! { <span class="unseen">": " {about}</span> });
    view! {
        <details class=class open=open name=group>
            <summary class=kind.class()>{glyph.map(|of| view! { <Glyph of /> })} {label} {about}</summary>
            <div class="dialog-panel">
                <h2>{question}</h2>
                <form class="form settling" method="post" action=action>
                    {makes.then(|| view! { <FormKey /> })}
                    <HiddenFields fields />
                    {children()}
                    <p class="buttons"><Submit>{answer}</Submit></p>
                </form>
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
