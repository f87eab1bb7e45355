//! What the live stream of an incident says: entries as HTML, and the regions of the page that changed.

use super::alerts::AlertsPart;
use super::facts::{FactsPart, InstantsPart};
use super::next::NextPart;
use super::page::{HeadPart, Returned, Seen};
use super::pages_sent::PagesPart;
use super::people::PeoplePart;
use super::timeline::EntryRow;
use crate::App;
use crate::render::fragment;
use chrono_tz::Tz;
use domain::ids::IncidentId;
use domain::incidents::timeline::Entry;
use domain::people::{Deed, Person, allows};
use engine::incidents::{self, timeline};
use engine::people;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Entries after a seq, and the regions as they are now.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// `seq` and HTML, oldest first.
    pub entries: Vec<(i64, String)>,
    /// HTML by the region's id.
    pub regions: BTreeMap<&'static str, String>,
}

/// Entries in one answer; the rest comes with the next.
const AT_ONCE: i64 = 500;

/// The incident that a stream follows.
///
/// # Errors
/// [`engine::Error::NotFound`]
pub async fn incident_of(app: &App, number: i64) -> engine::Result<IncidentId> {
    let mut tx = app.engine.read().await?;
    Ok(incidents::find(&mut tx, number).await?.id)
}

/// What happened after `after`, for this reader. Times of entries are in UTC; the island puts them into the reader's zone.
///
/// # Errors
/// [`engine::Error::NotFound`]
pub async fn news(app: &App, number: i64, after: i64, reader: &Person) -> engine::Result<News> {
    let mut tx = app.engine.read().await?;
    let incident = incidents::find(&mut tx, number).await?;
    let entries = timeline::after(&mut tx, incident.id, after, AT_ONCE).await?;
    if entries.is_empty() {
        return Ok(News::default());
    }
    let story = incidents::around(&mut tx, number).await?;
    let zone: Tz = reader.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let seen = Seen {
        story,
        everybody: people::active(&mut tx).await?,
        services: Vec::new(),
        reader: reader.clone(),
        zone,
        now: app.engine.context.now(),
        may_act: allows(reader.role, &[], Deed::ActOnIncident),
        returned: Returned::default(),
    };
    drop(tx);
    let entries = entries
        .into_iter()
        .map(|entry| (entry.seq, entry_html(entry)))
        .collect();
    Ok(News {
        entries,
        regions: regions(&seen),
    })
}

fn entry_html(entry: Entry) -> String {
    fragment(move || view! { <EntryRow entry zone=chrono_tz::UTC /> })
}

fn regions(seen: &Seen) -> BTreeMap<&'static str, String> {
    let (story, zone) = (&seen.story, seen.zone);
    let part = |name: &'static str, html: String| (name, html);
    BTreeMap::from([
        part("head", fragment(|| view! { <HeadPart seen=seen.clone() /> })),
        part("next", fragment(|| view! { <NextPart seen=seen.clone() /> })),
        part("facts", fragment(|| view! { <FactsPart seen=seen.clone() /> })),
        part("people", fragment(|| view! { <PeoplePart seen=seen.clone() /> })),
        part(
            "alerts",
            fragment(|| view! { <AlertsPart story=story.clone() zone /> }),
        ),
        part(
            "pages",
            fragment(|| view! { <PagesPart story=story.clone() zone /> }),
        ),
        part(
            "instants",
            fragment(|| view! { <InstantsPart seen=seen.clone() /> }),
        ),
    ])
}
