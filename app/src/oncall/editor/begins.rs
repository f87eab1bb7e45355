//! When a change begins to hold.

use super::typed::{Typed, Wrong};
use crate::components::{Choice, Field, FieldKind, TimeForm};
use crate::zoned::zone_words;
use engine::oncall::edit::Drawn;
use leptos::prelude::*;

/// After the turn or the round, now, or on a date.
#[component]
pub(super) fn Begins(typed: Typed, drawn: Drawn, wrong: Wrong) -> impl IntoView {
    let zone = drawn.named.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let at = |at: Option<_>| at.map_or_else(|| "now".to_owned(), |at| TimeForm::Short.format(at, zone));
    let choices = vec![
        Choice::new(
            "after_turn",
            format!("After this turn ({})", at(drawn.after_turn)),
        ),
        Choice::new(
            "after_round",
            format!("After a full round ({})", at(drawn.after_round)),
        ),
        Choice::new("now", "Now"),
        Choice::new("on", "On a date"),
    ];
    let begins = if typed.begins.is_empty() {
        "after_turn".to_owned()
    } else {
        typed.begins
    };
    let hint = format!(
        "By the clock of {}. Until then, and for what was, nothing changes.",
        zone_words(&typed.time_zone)
    );
    view! {
        <Field name="begins" label="The change begins" kind=FieldKind::Radio(choices) value=begins error=wrong.beside("begins") />
        <Field name="on" label="On" kind=FieldKind::Moment value=typed.on hint error=wrong.beside("on") />
    }
}
