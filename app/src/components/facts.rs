//! Facts in one line between hairlines: a quiet word over what matters.

use super::seam::Tone;
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FactsForm {
    /// One line; on a phone a short list.
    #[default]
    Line,
    /// Fields of one box, as over a postmortem.
    Boxed,
    /// Always a list.
    Listed,
}

/// Holds [`Fact`]s.
#[component]
pub fn Facts(
    #[prop(optional)] form: FactsForm,
    #[prop(optional, into)] id: String,
    children: Children,
) -> impl IntoView {
    let class = match form {
        FactsForm::Line => "facts",
        FactsForm::Boxed => "facts boxed",
        FactsForm::Listed => "facts listed",
    };
    let id = (!id.is_empty()).then_some(id);
    view! {
        <dl class=class id=id>
            {children()}
        </dl>
    }
}

#[component]
pub fn Fact(
    #[prop(into)] label: String,
    #[prop(optional)] tone: Tone,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("fact {} {class}", tone.class())>
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
