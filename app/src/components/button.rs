//! Buttons. What changes something is a form with one button; what leads somewhere is a link that looks like one.

use crate::sent::FormKey;
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Normal,
    /// The one thing to do here; ink on paper, never a colour.
    Primary,
    Plain,
    Danger,
    Small,
}

impl ButtonKind {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Normal => "button",
            Self::Primary => "button primary",
            Self::Plain => "button plain",
            Self::Danger => "button danger",
            Self::Small => "button small",
        }
    }
}

/// A form that is only its button: `POST action`, with hidden `(name, value)` fields where it needs some.
#[component]
pub fn PostButton(
    #[prop(into)] action: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] fields: Vec<(&'static str, String)>,
    /// Said to those who do not see what stands beside the button.
    #[prop(optional, into)]
    label: String,
    /// It makes something: pressed twice, it makes one.
    #[prop(optional)]
    makes: bool,
    children: Children,
) -> impl IntoView {
    let label = (!label.is_empty()).then_some(label);
    view! {
        <form class="button-form" method="post" action=action>
            {makes.then(|| view! { <FormKey /> })}
            <HiddenFields fields />
            <button class=kind.class() aria-label=label>
                {children()}
            </button>
        </form>
    }
}

/// What a form carries without showing it.
#[component]
pub fn HiddenFields(fields: Vec<(&'static str, String)>) -> impl IntoView {
    fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
}

/// The button at the end of a form.
#[component]
pub fn Submit(
    #[prop(default = ButtonKind::Primary)] kind: ButtonKind,
    /// With a name and value the handler learns which of several buttons was pressed.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(optional, into)] value: String,
    children: Children,
) -> impl IntoView {
    let value = name.map(|_| value);
    view! {
        <button class=kind.class() name=name value=value>
            {children()}
        </button>
    }
}

#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=href>
            {children()}
        </a>
    }
}
