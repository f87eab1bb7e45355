//! What the live stream of an incident says: entries as HTML, and the regions of the page that changed.

use super::alerts::AlertsPart;
use super::beside::Beside;
use super::facts::{FactsPart, InstantsPart};
use super::next::NextPart;
use super::page::{HeadPart, VerbsPart};
use super::pages_sent::PagesPart;
use super::people::PeoplePart;
use super::strip::Strip;
use super::tasks::{ActionItemsPart, TasksPart};
use super::timeline::EntryRow;
use super::update::UpdatePart;
use super::view::{Reader, Seen};
use super::whom::HandoverPart;
use crate::App;
use crate::markdown;
use crate::render::fragment;
use crate::session::SignedIn;
use crate::tints;
use domain::ids::IncidentId;
use domain::incidents::timeline::{Entry, Event, Show};
use domain::people::{Permission, Person, allows};
use engine::incidents::{self, timeline};
use engine::live::Notice;
use engine::people;
use leptos::prelude::*;
use quick_cache::sync::Cache;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries after a seq, and the regions as they are now.
#[derive(Clone, Debug)]
pub struct News {
    /// The incident's. Where entries end before it, the rest is to be asked for.
    pub seq: i64,
    pub entries: Entries,
    /// A JSON object: HTML by the region's id.
    pub regions: Arc<str>,
}

/// `seq` and HTML, oldest first.
type Entries = Arc<[(i64, String)]>;

/// Entries in one answer.
const AT_ONCE: i64 = 500;

/// The incident that a stream follows, where its reader may see it.
///
/// # Errors
/// [`engine::Error::NotFound`]
pub async fn incident_of(app: &App, who: &SignedIn, number: i64) -> engine::Result<IncidentId> {
    let mut tx = app.by(who).read().await?;
    Ok(incidents::find(&mut tx, number).await?.id)
}

/// What was read and rendered a moment ago. Five hundred who follow one incident are told of the same change at the same time:
/// the first of them reads, the first of each kind renders, and the others wait for that.
pub struct Told {
    looks: Cache<Look, Arc<Seen>>,
    entries: Cache<(Look, i64), Entries>,
    regions: Cache<(Look, Reader), Arc<str>>,
}

/// A look at an incident that shows what a notice told of. It is kept for a second, since pages say “in three minutes”.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Look {
    number: i64,
    notice: Notice,
    second: i64,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            looks: Cache::new(32),
            entries: Cache::new(128),
            regions: Cache::new(128),
        }
    }
}

impl Told {
    /// What happened after `after`, for this reader; `None` when nothing did. Times of entries are in UTC; the island puts them
    /// into the reader's zone.
    ///
    /// # Errors
    /// [`engine::Error::NotFound`], [`engine::Error::Database`]
    pub async fn news(
        &self,
        app: &App,
        told_of: (i64, Notice),
        after: i64,
        reader: &Person,
    ) -> engine::Result<Option<News>> {
        tints::within(app, self.news_in_tints(app, told_of, after, reader)).await
    }

    async fn news_in_tints(
        &self,
        app: &App,
        (number, notice): (i64, Notice),
        after: i64,
        reader: &Person,
    ) -> engine::Result<Option<News>> {
        let second = app.engine.context.now().timestamp();
        let look = Look {
            number,
            notice,
            second,
        };
        let seen = self.looks.get_or_insert_async(&look, see(app, number)).await?;
        if seen.story.incident.seq <= after {
            return Ok(None);
        }
        let rendered = rendered_entries(app, seen.story.incident.id, after);
        let entries = self.entries.get_or_insert_async(&(look, after), rendered).await?;
        let may_act = allows(reader.role, &[], Permission::ActOnIncident);
        let reader = Reader::of(reader, may_act, &seen.story, &seen.beside);
        let rendered = async {
            let seen = Seen {
                reader,
                ..Seen::clone(&seen)
            };
            Ok::<Arc<str>, engine::Error>(regions(&seen).into())
        };
        Ok(Some(News {
            seq: seen.story.incident.seq,
            entries,
            regions: self
                .regions
                .get_or_insert_async(&(look, reader), rendered)
                .await?,
        }))
    }
}

/// What all readers see, whom [`incident_of`] has let in; who reads is put in later.
async fn see(app: &App, number: i64) -> engine::Result<Arc<Seen>> {
    let mut tx = app.engine.read().await?;
    let story = incidents::around(&mut tx, number).await?;
    let beside = Beside::read(&mut tx, story.incident.id).await?;
    Ok(Arc::new(Seen {
        looks_like: Arc::default(),
        beside: Arc::new(beside),
        story: Arc::new(story),
        everybody: people::active(&mut tx).await?.into(),
        services: Arc::default(),
        reader: Reader::ANYBODY,
        now: app.engine.context.now(),
        show: Show::All,
        returned: Arc::default(),
    }))
}

async fn rendered_entries(app: &App, incident: IncidentId, after: i64) -> engine::Result<Entries> {
    let mut tx = app.engine.read().await?;
    let number = timeline::find_by_id(&mut tx, incident).await?.number;
    let entries = timeline::after(&mut tx, incident, after, AT_ONCE).await?;
    let everybody = people::active(&mut tx).await?;
    let mut told = Vec::new();
    for entry in entries {
        let seq = entry.seq;
        // Whoever is cut off between the two asks for both again.
        if let Some(changed) = entry.event.changes_entry() {
            let changed = timeline::entry(&mut tx, incident, changed).await?;
            told.push((seq - 1, entry_html(number, &everybody, changed, None)));
        }
        let paged = match &entry.event {
            Event::PageSettled { page, .. } => timeline::paged(&mut tx, incident, *page, seq).await?,
            _ => None,
        };
        told.push((
            seq,
            match paged {
                Some(paged) => entry_html(number, &everybody, paged, Some(entry.event)),
                None => entry_html(number, &everybody, entry, None),
            },
        ));
    }
    Ok(told.into())
}

fn entry_html(number: i64, everybody: &[Person], entry: Entry, outcome: Option<Event>) -> String {
    fragment(move || {
        markdown::name_people(everybody);
        view! { <EntryRow number entry outcome zone=chrono_tz::UTC /> }
    })
}

fn regions(seen: &Seen) -> String {
    let (story, zone) = (&seen.story, seen.reader.zone);
    let part = |name: &'static str, html: String| (name, html);
    let regions: BTreeMap<&str, String> = BTreeMap::from([
        part("head", fragment(|| view! { <HeadPart seen=seen.clone() /> })),
        part("actions", fragment(|| view! { <VerbsPart seen=seen.clone() /> })),
        part("next", fragment(|| view! { <NextPart seen=seen.clone() /> })),
        part(
            "update",
            fragment(|| {
                markdown::name_people(&seen.everybody);
                view! { <UpdatePart seen=seen.clone() /> }
            }),
        ),
        part(
            "handover",
            fragment(|| view! { <HandoverPart seen=seen.clone() /> }),
        ),
        part("tasks", fragment(|| view! { <TasksPart seen=seen.clone() /> })),
        part(
            "action-items",
            fragment(|| view! { <ActionItemsPart seen=seen.clone() /> }),
        ),
        part("strip", fragment(|| view! { <Strip seen=seen.clone() /> })),
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
    ]);
    serde_json::json!(regions).to_string()
}
