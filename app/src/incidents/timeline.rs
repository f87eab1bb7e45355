//! The timeline of one incident.

use super::sentence::{Sentence, marker_of, written_kind};
use crate::components::{Phase, Timeline, TimelineDay, TimelineEntry, Written};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::incidents::Incident;
use domain::incidents::timeline::Entry;
use domain::markdown;
use islands::LiveTimeline;
use leptos::prelude::*;

/// Entries, newest first. A line says the day where it changes; today's stand on top without one, since what arrives live is put
/// before them.
#[component]
pub fn EntryList(entries: Vec<Entry>, zone: Tz, now: DateTime<Utc>) -> impl IntoView {
    let today = now.with_timezone(&zone).date_naive();
    let day_of = |entry: &Entry| entry.happened_at.with_timezone(&zone).date_naive();
    let days = day_lines(entries.iter().rev().map(day_of), today);
    let rows = entries
        .into_iter()
        .rev()
        .zip(days)
        .map(|(entry, day)| {
            let phase = Phase::from(entry.state);
            let day = day.map(|day| view! { <TimelineDay day phase /> });
            view! { {day} <EntryRow entry zone /> }
        })
        .collect_view();
    view! { <Timeline>{rows}</Timeline> }
}

/// Before which rows a line says the day.
fn day_lines(days: impl Iterator<Item = NaiveDate>, today: NaiveDate) -> Vec<Option<NaiveDate>> {
    let mut said = today;
    days.map(|day| (std::mem::replace(&mut said, day) != day).then_some(day))
        .collect()
}

/// How many more one press brings.
const MORE: i64 = 1_000;

/// Live where it reaches to the newest entry; a part from long ago is only read.
#[component]
pub fn IncidentTimeline(
    incident: Incident,
    entries: Vec<Entry>,
    zone: Tz,
    now: DateTime<Utc>,
) -> impl IntoView {
    let Incident { number, seq, .. } = incident;
    let oldest = entries.first().map_or(1, |entry| entry.seq);
    let reaches_now = entries.last().is_none_or(|entry| entry.seq >= seq);
    let list = view! { <EntryList entries zone now /> };
    let list = if reaches_now {
        let address = format!("/live/incidents/{number}");
        view! { <LiveTimeline address after=seq zone=zone.name().to_owned()>{list}</LiveTimeline> }.into_any()
    } else {
        view! {
            <p class="timeline-rest"><a href=format!("/incidents/{number}")>"Back to the newest entries"</a></p>
            {list}
        }
        .into_any()
    };
    view! { {list} <Earlier number oldest /> }
}

/// The way to what is left out of a long timeline.
#[component]
fn Earlier(number: i64, oldest: i64) -> impl IntoView {
    let left_out = oldest - 1;
    let words = match left_out {
        1 => "Show the first entry".to_owned(),
        _ if left_out <= MORE => format!("Show {left_out} earlier entries"),
        _ => format!("Show {MORE} of {left_out} earlier entries"),
    };
    let from = (oldest - MORE).max(1);
    (left_out > 0).then(|| {
        view! {
            <p class="timeline-rest"><a href=format!("/incidents/{number}?from={from}#entry-{oldest}")>{words}</a></p>
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_day_where_it_changes() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let lines = |days: &[u32]| {
            let lines = day_lines(days.iter().copied().map(day), day(20));
            let shown = lines
                .into_iter()
                .map(|line| line.map(|line| line.format("%d").to_string()));
            shown.map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        assert_eq!(lines(&[20, 20, 19, 19, 17]), ["", "", "19", "", "17"]);
        assert_eq!(lines(&[19, 19, 18]), ["19", "", "18"]);
        assert_eq!(lines(&[18, 18]), ["18", ""]);
        assert_eq!(lines(&[20, 20]), ["", ""]);
        // What was learned late stands where it was written down.
        assert_eq!(lines(&[20, 18, 20]), ["", "18", "20"]);
        assert!(lines(&[]).is_empty());
    }
}
