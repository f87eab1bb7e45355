//! The box of facts over the document.

use super::view::View;
use crate::components::{Duration, Fact, Facts, FactsForm, TimeForm, TimeOf};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

#[component]
pub fn FactsBox(view: View) -> impl IntoView {
    let incident = view.document.story.incident.clone();
    let zone = view.zone;
    let counted = incident.instants().counted_from();
    let (from_words, from) = counted.map_or(("from opening", incident.opened_at), |(from, at)| {
        (from.label(), at)
    });
    let took = move |label: &'static str, seconds: Option<i64>| {
        view! {
            <Fact label=format!("{label}, {from_words}")>
                {match seconds {
                    Some(seconds) => view! { <Duration seconds /> }.into_any(),
                    None => view! { <span class="quiet">"unknown"</span> }.into_any(),
                }}
            </Fact>
        }
    };
    let until = incident.mitigated_at.or(incident.resolved_at);
    let reopened = view.document.as_before.map(|at| {
        view! {
            <p class="quiet small">
                {format!("INC-{} was reopened on ", view.number)} <TimeOf at zone form=TimeForm::Short />
                ", after this was published. Facts, figure and timeline are as they were before; back to draft they are read anew."
            </p>
        }
    });
    view! {
        <Facts form=FactsForm::Boxed>
            <Fact label="Impact">
                <TimeOf at=from zone form=TimeForm::Short />
                {until.map(|at| view! { " to " <TimeOf at zone form=until_form(from, at, zone) /> })}
            </Fact>
            {took("To acknowledge", incident.seconds_to_acknowledge)}
            {took("To mitigate", incident.seconds_to_mitigate)}
            {took("To resolve", incident.seconds_to_resolve)}
        </Facts>
        {reopened}
    }
}

/// The day is said again when it is another one.
fn until_form(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> TimeForm {
    if from.with_timezone(&zone).date_naive() == to.with_timezone(&zone).date_naive() {
        TimeForm::Clock
    } else {
        TimeForm::Short
    }
}
