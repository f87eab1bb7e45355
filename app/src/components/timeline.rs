//! The timeline: newest first, told as a person would tell it, the seam as its spine.

use super::avatar::hue;
use super::badge::Badge;
use super::seam::Phase;
use super::time::{TimeForm, TimeOf};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::people::initials;
use leptos::prelude::*;
use uuid::Uuid;

/// The shape on the spine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marker {
    /// What people do.
    #[default]
    Ring,
    /// What machines say is broken: alerts, pages.
    Diamond,
    /// A change from outside.
    Dashed,
    /// Mended.
    Dot,
    /// What people decided.
    Square,
    /// What people told those who wait.
    Bubble,
}

impl Marker {
    /// It is looked for later, so it is a card that is told apart from notes.
    const fn stands_out(self) -> bool {
        matches!(self, Self::Square | Self::Bubble)
    }
}

/// The head of an entry that a person wrote, which makes it a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub id: Uuid,
    pub name: String,
    /// “note”, “status update”, “decision”.
    pub kind: String,
}

/// What else is known of an entry than what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Where it stands by itself, and can be changed.
    pub href: Option<String>,
    /// “added 10 min later”, “edited”, “pinned”.
    pub marks: Vec<String>,
    /// It takes its place by its time, not on top.
    pub is_late: bool,
    /// Whose note it is, where it may be told together with those beside it.
    pub note_by: Option<Uuid>,
    /// It is told together with the one above: its head is heard, not seen.
    pub continues: bool,
}

/// The list that [`TimelineEntry`]s stand in, newest first.
#[component]
pub fn Timeline(children: Children) -> impl IntoView {
    view! {
        <ol class="timeline" id="timeline" reversed=true>
            {children()}
        </ol>
    }
}

/// The day of the entries below it. `phase` is that of the first of them: the spine runs through.
#[component]
pub fn TimelineDay(day: NaiveDate, phase: Phase) -> impl IntoView {
    view! {
        <li class=format!("entry-day phase-{}", phase.word())>
            <span>{day.format("%a %-d %b").to_string()}</span>
        </li>
    }
}

/// One entry. `phase` is the state the incident is in once it has happened.
#[component]
pub fn TimelineEntry(
    seq: i64,
    at: DateTime<Utc>,
    zone: Tz,
    phase: Phase,
    #[prop(optional)] marker: Marker,
    #[prop(default = None)] written: Option<Written>,
    #[prop(optional)] about: About,
    children: Children,
) -> impl IntoView {
    let marks = about.marks.join(" · ");
    let marks = (!marks.is_empty()).then(|| view! { " " <span class="entry-more small">{marks}</span> });
    let link = about.href.map(|href| {
        view! { <a class="entry-link" href=href aria-label=format!("Entry {seq}: link to it, pin, change")>"⋯"</a> }
    });
    let late = about.is_late.then_some("");
    let note_by = about.note_by.map(|person| person.to_string());
    let mut class = format!("entry phase-{}", phase.word());
    if written.is_some() {
        class.push_str(" written");
    }
    if marker.stands_out() {
        class.push_str(" stands-out");
    }
    if about.continues {
        class.push_str(" continues");
    }
    let what = match written {
        Some(Written { id, name, kind }) => {
            let kind = if marker.stands_out() {
                view! { <Badge>{kind}</Badge> }.into_any()
            } else {
                view! { <span class="entry-kind">{kind}</span> }.into_any()
            };
            view! {
                <div class="entry-what">
                    <p class="entry-head">
                        <span class=format!("avatar small {}", hue(id)) aria-hidden="true">
                            {initials(&name)}
                        </span>
                        <strong>{name}</strong>
                        " "
                        {kind}
                        {marks}
                    </p>
                    <div class="prose" dir="auto">{children()}</div>
                </div>
            }
            .into_any()
        }
        None => view! { <div class="entry-what" dir="auto">{children()} {marks}</div> }.into_any(),
    };
    view! {
        <li class=class id=format!("entry-{seq}") data-seq=seq.to_string() data-at=at.timestamp().to_string() data-late=late data-by=note_by>
            <span class="entry-time">
                <TimeOf at zone form=TimeForm::Clock />
                {link}
            </span>
            <span class="entry-marker">
                <MarkerShape marker />
            </span>
            {what}
        </li>
    }
}

#[component]
fn MarkerShape(marker: Marker) -> impl IntoView {
    let (path, dashes, fill) = match marker {
        Marker::Diamond => ("M8 1.5 14.5 8 8 14.5 1.5 8Z", None, None),
        Marker::Ring => ("M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z", None, None),
        Marker::Dashed => ("M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z", Some("2.6 2.6"), None),
        Marker::Dot => ("M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z", None, Some("currentColor")),
        Marker::Square => ("M3.3 3.3h9.4v9.4H3.3Z", None, None),
        Marker::Bubble => ("M2.5 2.5h11v7h-5l-3 3v-3h-3Z", None, None),
    };
    view! {
        <svg viewBox="0 0 16 16" width="16" height="16" stroke-width="2.6" aria-hidden="true">
            <path d=path fill=fill stroke-dasharray=dashes></path>
        </svg>
    }
}
