//! The timeline of one incident.

use super::sentence::{Sentence, marker_of, written_kind};
use crate::components::{About, Phase, Tab, Tabs, Timeline, TimelineDay, TimelineEntry, Written};
use crate::markdown;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::ids::PageId;
use domain::incidents::Incident;
use domain::incidents::instants::spoken;
use domain::incidents::timeline::{Entry, Event, Show, as_it_happened};
use islands::LiveTimeline;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Entries, newest first. A line says the day where it changes; today's stand on top without one, since what arrives live is put
/// before them.
#[component]
pub fn EntryList(number: i64, entries: Vec<Entry>, zone: Tz, now: DateTime<Utc>) -> impl IntoView {
    let today = now.with_timezone(&zone).date_naive();
    let (entries, mut outcomes) = folded(as_it_happened(entries));
    let day_of = |entry: &Entry| entry.happened_at.with_timezone(&zone).date_naive();
    let entries: Vec<Entry> = entries.into_iter().rev().collect();
    let days = day_lines(entries.iter().map(day_of), today);
    let continuing = continuing(&entries, &days);
    let rows = entries
        .into_iter()
        .zip(days)
        .zip(continuing)
        .map(|((entry, day), continues)| {
            let phase = Phase::from(entry.state);
            let day = day.map(|day| view! { <TimelineDay day phase /> });
            let outcome = page_of(&entry.event).and_then(|page| outcomes.remove(&page));
            view! { {day} <EntryRow number entry outcome continues zone /> }
        })
        .collect_view();
    view! { <Timeline>{rows}</Timeline> }
}

/// What the mail server said of a page stands in the line of the page. Where that line is not shown, it has one of its own.
fn folded(entries: Vec<Entry>) -> (Vec<Entry>, BTreeMap<PageId, Event>) {
    let paged: BTreeSet<PageId> = entries.iter().filter_map(|entry| page_of(&entry.event)).collect();
    let mut outcomes = BTreeMap::new();
    let mut shown = Vec::with_capacity(entries.len());
    for entry in entries {
        match &entry.event {
            Event::PageSettled { page, .. } if paged.contains(page) => {
                outcomes.insert(*page, entry.event);
            }
            _ => shown.push(entry),
        }
    }
    (shown, outcomes)
}

const fn page_of(event: &Event) -> Option<PageId> {
    match event {
        Event::Paged { page, .. } => Some(*page),
        _ => None,
    }
}

/// Before which rows a line says the day.
fn day_lines(days: impl Iterator<Item = NaiveDate>, today: NaiveDate) -> Vec<Option<NaiveDate>> {
    let mut said = today;
    days.map(|day| (std::mem::replace(&mut said, day) != day).then_some(day))
        .collect()
}

/// Which rows go on with the row above, where no line says the day between. Whoever looks at a part of the timeline sees as
/// neighbours what is shown as such.
fn continuing(entries: &[Entry], days: &[Option<NaiveDate>]) -> Vec<bool> {
    let above = std::iter::once(None).chain(entries.iter().map(Some));
    entries
        .iter()
        .zip(above)
        .zip(days)
        .map(|((entry, above), day)| day.is_none() && above.is_some_and(|above| entry.continues(above)))
        .collect()
}

/// How many more one press brings.
const MORE: i64 = 1_000;

/// Live where it reaches to the newest entry; a part from long ago is only read.
#[component]
pub fn IncidentTimeline(
    incident: Incident,
    entries: Vec<Entry>,
    show: Show,
    zone: Tz,
    now: DateTime<Utc>,
) -> impl IntoView {
    let Incident { number, seq, .. } = incident;
    if show != Show::All {
        return view! { <InParts number entries show zone now /> }.into_any();
    }
    let oldest = entries.first().map_or(1, |entry| entry.seq);
    let reaches_now = entries.last().is_none_or(|entry| entry.seq >= seq);
    let list = view! { <EntryList number entries zone now /> };
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
    view! { <Shown number show /> {list} <Earlier number oldest /> }.into_any()
}

/// A part of the timeline, as it stood when the page was made.
#[component]
fn InParts(number: i64, entries: Vec<Entry>, show: Show, zone: Tz, now: DateTime<Utc>) -> impl IntoView {
    let none = entries.is_empty();
    view! {
        <Shown number show />
        {none.then(|| view! { <p class="quiet">"Nothing of this kind yet."</p> })}
        <EntryList number entries zone now />
    }
}

/// What of the timeline is shown, and the ways to all of it as a text, in the order of time.
#[component]
fn Shown(number: i64, show: Show) -> impl IntoView {
    let tabs = Show::ALL
        .iter()
        .map(|part| Tab {
            href: match part {
                Show::All => format!("/incidents/{number}"),
                part => format!("/incidents/{number}?show={part}"),
            },
            label: part.label().to_owned(),
            count: None,
            current: *part == show,
        })
        .collect();
    view! {
        <div class="timeline-shown">
            <Tabs label="What the timeline shows" tabs />
            <div class="timeline-texts">
                <a href=format!("/incidents/{number}/timeline.md") data-copies="">"As Markdown"</a>
                <a href=format!("/incidents/{number}/timeline.txt") data-copies="">"As plain text"</a>
            </div>
        </div>
    }
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

/// One entry, on the page and over the live stream. `outcome`: what became of the page that it tells of. `continues`: it goes on with the
/// one above; of what arrives live, the island finds that out.
#[component]
pub fn EntryRow(
    number: i64,
    entry: Entry,
    #[prop(default = None)] outcome: Option<Event>,
    #[prop(optional)] continues: bool,
    zone: Tz,
) -> impl IntoView {
    let phase = Phase::from(entry.state);
    let (seq, at, marker) = (entry.seq, entry.happened_at, marker_of(&entry.event));
    let about = About {
        href: Some(format!("/incidents/{number}/entries/{seq}")),
        marks: marks_of(&entry),
        is_late: entry.is_late(),
        note_by: entry.note_by().map(|person| person.0),
        continues,
    };
    let text = entry.event.written_text().map(markdown::written);
    match (text, entry.actor_id) {
        (Some(html), Some(author)) => {
            let name = entry.actor_name.clone().unwrap_or_default();
            let written = Written {
                id: author.0,
                name,
                kind: written_kind(&entry.event).to_owned(),
            };
            view! { <TimelineEntry seq at zone phase marker written=Some(written) about><div inner_html=html></div></TimelineEntry> }.into_any()
        }
        _ => view! { <TimelineEntry seq at zone phase marker about><Sentence entry outcome zone /></TimelineEntry> }
            .into_any(),
    }
}

/// What has become of an entry since it happened.
fn marks_of(entry: &Entry) -> Vec<String> {
    let mut marks = Vec::new();
    if entry.is_late() {
        let later = (entry.recorded_at - entry.happened_at).num_seconds();
        marks.push(format!("added {} later", spoken(later)));
    }
    if entry.edited_at.is_some() && entry.event.written_text().is_some() {
        marks.push("edited".to_owned());
    }
    if entry.pinned_at.is_some() {
        marks.push("pinned".to_owned());
    }
    marks
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
