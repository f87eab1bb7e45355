//! What the log knows: people by role, alerts, status updates, decisions, the whole timeline.

use super::view::{PostmortemView, View};
use crate::components::{Cell, DataTable, Fold, PersonName, Row, SeverityBadge, TimeForm, TimeOf};
use crate::incidents::{EntryList, Sentence};
use crate::markdown;
use domain::incidents::timeline::{Entry, Event, as_it_happened};
use leptos::prelude::*;

#[component]
pub fn PeopleByRole(view: View) -> impl IntoView {
    let story = &view.document.story;
    let none = story.roles.is_empty();
    let rows = story
        .roles
        .iter()
        .map(|held| view! { <li class="spread"><span>{held.role.label()}</span> " " <PersonName id=held.person_id.0 name=held.name.clone() /></li> })
        .collect_view();
    view! {
        <section id="people">
            <h2>"People"</h2>
            {none.then(|| view! { <p class="quiet">"Nobody took a role."</p> })}
            <ul class="rows">{rows}</ul>
        </section>
    }
}

#[component]
pub fn TheAlerts(view: View) -> impl IntoView {
    let (story, zone) = (&view.document.story, view.zone);
    if story.alerts.is_empty() {
        return ().into_any();
    }
    let (read, all) = (story.alerts.len(), story.alert_count.all_of_them);
    let rest = (i64::try_from(read).unwrap_or(i64::MAX) < all).then(
        || view! { <p class="quiet small">{format!("{read} of {all}: those that were not over first.")}</p> },
    );
    let rows = story
        .alerts
        .iter()
        .cloned()
        .map(|alert| {
            let until = match alert.ended_at {
                Some(at) => view! { <TimeOf at zone form=TimeForm::Short /> }.into_any(),
                None => view! { <span class="quiet">"still firing"</span> }.into_any(),
            };
            view! {
                <Row>
                    <Cell><bdi>{alert.title}</bdi></Cell>
                    <Cell label="Severity"><SeverityBadge severity=alert.severity short=true /></Cell>
                    <Cell label="From"><TimeOf at=alert.started_at zone form=TimeForm::Short /></Cell>
                    <Cell label="Until">{until}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <section id="alerts">
            <h2>"Alerts"</h2>
            <DataTable caption="Alerts of this incident" headers=vec!["Alert", "Severity", "From", "Until"]>{rows}</DataTable>
            {rest}
        </section>
    }
    .into_any()
}

#[component]
pub fn StatusUpdates(view: View) -> impl IntoView {
    written(&view, "status-updates", "Status updates", |event| {
        matches!(event, Event::StatusUpdate { .. })
    })
}

#[component]
pub fn Decisions(view: View) -> impl IntoView {
    written(&view, "decisions", "Decisions", |event| {
        matches!(event, Event::Decision { .. })
    })
}

fn written(
    view: &PostmortemView,
    id: &'static str,
    title: &'static str,
    is: fn(&Event) -> bool,
) -> impl IntoView + use<> {
    let (story, zone) = (&view.document.story, view.zone);
    let entries: Vec<&Entry> = story.timeline.iter().filter(|entry| is(&entry.event)).collect();
    (!entries.is_empty()).then(|| {
        let rows = entries
            .into_iter()
            .map(|entry| {
                let html = entry.event.written_text().map(markdown::written).unwrap_or_default();
                view! {
                    <li>
                        <p class="quiet small"><TimeOf at=entry.happened_at zone form=TimeForm::Short /> ", " {entry.actor_name.clone()}</p>
                        <div class="prose" dir="auto" inner_html=html></div>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section id=id>
                <h2>{title}</h2>
                <ul class="rows">{rows}</ul>
            </section>
        }
    })
}

/// On the screen the timeline is folded away; on paper it is a plain list.
#[component]
pub fn LogTimeline(view: View) -> impl IntoView {
    let (story, zone, now) = (&view.document.story, view.zone, view.now);
    let (entries, all, number) = (story.timeline.clone(), story.incident.seq, story.incident.number);
    let shown = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let (label, rest) = if shown >= all {
        (format!("All {all} entries"), None)
    } else {
        let label = format!("{shown} of {all} entries: the opening, the end, and what people did between");
        // The first that is left out.
        let from = entries
            .windows(2)
            .find(|pair| pair[1].seq > pair[0].seq + 1)
            .map_or(1, |pair| pair[0].seq + 1);
        (label, Some(format!("/incidents/{number}?from={from}")))
    };
    let rest = rest.map(|href| view! { <p class="small"><a href=href>"What lies between"</a></p> });
    let lines = as_it_happened(entries.clone())
        .into_iter()
        .map(|entry| view! { <li><TimeOf at=entry.happened_at zone form=TimeForm::Short /> " " <Sentence entry zone /></li> })
        .collect_view();
    view! {
        <section id="timeline-of-it">
            <h2>"Timeline"</h2>
            <div class="on-screen">
                <Fold label>
                    {rest}
                    <EntryList number entries zone now />
                </Fold>
            </div>
            <ol class="on-paper plain-timeline" aria-hidden="true">{lines}</ol>
        </section>
    }
}
