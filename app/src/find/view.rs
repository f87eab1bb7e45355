//! Rows of what was found: as links under headings on the page, as options of a list in the palette.

use super::groups::{Group, Mark, Row};
use crate::components::avatar::hue;
use crate::components::{EmptyState, Glyph, Picture, SeverityBadge, StateBadge};
use domain::find::Kind;
use domain::people::initials;
use leptos::prelude::*;

#[component]
pub fn Results(groups: Vec<Group>) -> impl IntoView {
    let groups = groups
        .into_iter()
        .map(|group| {
            let rows = group
                .rows
                .into_iter()
                .map(|row| {
                    let href = row.href.clone();
                    view! {
                        <li>
                            <a class="find-row" href=href>
                                <Words row />
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <section class="find-group">
                    <h2>{group.title}</h2>
                    <ul class="find-list">{rows}</ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="find-results">{groups}</div> }
}

/// What the palette puts into its list box.
#[component]
pub fn Options(groups: Vec<Group>) -> impl IntoView {
    if groups.is_empty() {
        return view! { <p class="palette-none">"Nothing fits. Fewer or shorter words find more."</p> }
            .into_any();
    }
    let mut number = 0;
    groups
        .into_iter()
        .map(|group| {
            let heading = format!("palette-{}", group.title.replace(' ', "-").to_lowercase());
            let rows = group
                .rows
                .into_iter()
                .map(|row| {
                    number += 1;
                    let id = format!("palette-row-{number}");
                    let href = row.href.clone();
                    view! {
                        <a class="find-row" role="option" aria-selected="false" tabindex="-1" id=id href=href>
                            <Words row />
                        </a>
                    }
                })
                .collect_view();
            let labelled_by = heading.clone();
            view! {
                <div role="group" aria-labelledby=labelled_by>
                    <p class="palette-heading" role="presentation" id=heading>
                        {group.title}
                    </p>
                    {rows}
                </div>
            }
        })
        .collect_view()
        .into_any()
}

#[component]
fn Words(row: Row) -> impl IntoView {
    let mark = match row.mark {
        Mark::Incident(severity, _) => view! { <SeverityBadge severity short=true /> }.into_any(),
        Mark::Person(id) => view! {
            <span class=format!("avatar small {}", hue(id)) aria-hidden="true">
                {initials(&row.name)}
            </span>
        }
        .into_any(),
        Mark::Named(kind) => view! { <Glyph of=picture(kind) /> }.into_any(),
        Mark::Place => view! { <Glyph of=Picture::Page /> }.into_any(),
    };
    let state = match row.mark {
        Mark::Incident(_, state) => Some(view! { <StateBadge state /> }),
        _ => None,
    };
    view! {
        <span class="find-mark">{mark}</span>
        <span class="find-words">
            <span class="find-name">
                {row.label.map(|label| view! { <span class="find-number">{label}</span> " " })} <bdi>{row.name}</bdi>
            </span>
            " "
            <span class="find-beside">{row.beside}</span>
        </span>
        " "
        {state}
    }
}

const fn picture(kind: Kind) -> Picture {
    match kind {
        Kind::Service => Picture::Service,
        Kind::Postmortem => Picture::Postmortems,
        Kind::ActionItem => Picture::ActionItem,
        Kind::Person => Picture::Person,
        Kind::Team => Picture::Team,
        Kind::Schedule => Picture::OnCall,
        Kind::Policy => Picture::Escalate,
    }
}

/// Nothing was asked for, or nothing fits: says what can be found, and how.
#[component]
pub fn Nothing(asked: String) -> impl IntoView {
    let asked = asked.trim().to_owned();
    if asked.is_empty() {
        view! {
            <EmptyState title="Everything here has a name or a number">
                "A number such as INC-142 or ACT-17 leads straight there. Beginnings of words find incidents by title, service and
                label, and services, people, teams, schedules, postmortems, action items and settings by name."
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState title=format!("Nothing fits “{asked}”")>
                "All words have to fit, each as the beginning of a word. Remove one, or look through "
                <a href="/incidents?state=all">"all incidents"</a> "."
            </EmptyState>
        }
        .into_any()
    }
}
