//! Several of a list, each with a box of its own.

use super::field::Choice;
use leptos::prelude::*;

#[component]
pub fn Checks(
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
    chosen: Vec<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(default = None)] error: Option<String>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described: Vec<String> = [
        error.as_ref().map(|_| error_id.clone()),
        (!hint.is_empty()).then(|| hint_id.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let checks = choices
        .into_iter()
        .map(|choice| {
            let checked = chosen.contains(&choice.value);
            view! {
                <label class="check">
                    <input type="checkbox" name=name value=choice.value checked=checked />
                    " "
                    {choice.label}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=described>
            <legend class="field-label">{label}</legend>
            <div class="checks">{checks}</div>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {error.map(|error| view! { <p class="field-error" id=error_id>{error}</p> })}
        </fieldset>
    }
}
