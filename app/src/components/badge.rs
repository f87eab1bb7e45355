//! Severity and state: colour, shape and word, always all three.

use super::icon::{Icon, Shape};
use super::seam::{Phase, Tone};
use domain::Severity;
use domain::incidents::State;
use leptos::prelude::*;

/// “SEV2 major”, with a shape that is louder the worse it is.
#[component]
pub fn SeverityBadge(
    severity: Severity,
    /** Leaves the second word out. */
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let (class, shape) = match severity {
        Severity::Sev1 => ("badge sev1", Shape::Triangle),
        Severity::Sev2 => ("badge sev2", Shape::Triangle),
        Severity::Sev3 => ("badge sev3", Shape::HollowTriangle),
        Severity::Sev4 => ("badge sev4", Shape::Diamond),
        Severity::Sev5 => ("badge sev5", Shape::Ring),
    };
    let words = if short {
        severity.to_string()
    } else {
        format!("{severity} {}", severity.word())
    };
    view! {
        <span class=class title=short.then(|| severity.word())>
            <Icon shape />
            {words}
        </span>
    }
}

/// “Acknowledged”, with the shape of its state.
#[component]
pub fn StateBadge(state: State) -> impl IntoView {
    let shape = match state {
        State::Triggered => Shape::Dot,
        State::Acknowledged => Shape::Ring,
        State::Mitigated => Shape::HalfMended,
        State::Resolved => Shape::Check,
    };
    view! {
        <Badge tone=Tone::from(Phase::from(state)) shape=Some(shape)>
            {state.label()}
        </Badge>
    }
}

/// Any other word on a ground of its own: a kind, a state of a postmortem or an action item.
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(default = None)] shape: Option<Shape>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            {shape.map(|shape| view! { <Icon shape /> })}
            {children()}
        </span>
    }
}
