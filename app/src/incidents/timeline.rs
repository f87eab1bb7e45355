//! The timeline of one incident, newest first.

use super::sentence::{Sentence, marker_of, written_kind};
use crate::components::{Phase, Timeline, TimelineEntry, Written};
use chrono_tz::Tz;
use domain::incidents::timeline::Entry;
use domain::markdown;
use leptos::prelude::*;

#[component]
pub fn IncidentTimeline(entries: Vec<Entry>, zone: Tz) -> impl IntoView {
    let rows = entries
        .into_iter()
        .rev()
        .map(|entry| view! { <EntryRow entry zone /> })
        .collect_view();
    view! { <Timeline>{rows}</Timeline> }
}

/// One entry, on the page and over the live stream.
#[component]
pub fn EntryRow(entry: Entry, zone: Tz) -> impl IntoView {
    let phase = Phase::from(entry.state);
    let (seq, at, marker) = (entry.seq, entry.happened_at, marker_of(&entry.event));
    let text = entry.event.written_text().map(markdown::to_html);
    match (text, entry.actor_id) {
        (Some(html), Some(author)) => {
            let name = entry.actor_name.clone().unwrap_or_default();
            let written = Written {
                id: author.0,
                name,
                kind: written_kind(&entry.event).to_owned(),
            };
            view! { <TimelineEntry seq at zone phase marker written=Some(written)><div inner_html=html></div></TimelineEntry> }.into_any()
        }
        _ => view! { <TimelineEntry seq at zone phase marker><Sentence entry zone /></TimelineEntry> }
            .into_any(),
    }
}
