//! One thing that is switched on or off, with its own button.

use super::button::{ButtonKind, Submit};
use super::field::{Field, FieldKind};
use leptos::prelude::*;

/// A form that is one switch and the button that saves it.
#[component]
pub fn SwitchForm(
    #[prop(into)] action: String,
    name: &'static str,
    label: &'static str,
    is_on: bool,
    hint: &'static str,
    #[prop(optional)] kind: ButtonKind,
) -> impl IntoView {
    view! {
        <form class="form measure" method="post" action=action>
            <Field name label kind=FieldKind::Check value=if is_on { "on" } else { "" } hint />
            <p class="buttons"><Submit kind>"Save"</Submit></p>
        </form>
    }
}
