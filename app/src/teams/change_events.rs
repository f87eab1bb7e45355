//! What was changed on a service, as machines told it.

use crate::components::{Cell, DataTable, Row, TimeOf};
use crate::settings::Section;
use chrono_tz::Tz;
use engine::alerts::change_events::Change;
use leptos::prelude::*;

/// So many are shown.
pub(super) const SHOWN: i64 = 20;

#[component]
pub(super) fn ChangeEvents(changes: Vec<Change>, zone: Tz) -> impl IntoView {
    if changes.is_empty() {
        return None;
    }
    let rows = changes
        .into_iter()
        .map(|change| {
            let links = change
                .links
                .into_iter()
                .map(|link| {
                    let words = match link.text.is_empty() {
                        true => link.href.clone(),
                        false => link.text,
                    };
                    view! { <a href=link.href rel="noopener noreferrer nofollow">{words}</a> " " }
                })
                .collect_view();
            let details: Vec<String> = change
                .details
                .into_iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            view! {
                <Row>
                    <Cell label="When">
                        <TimeOf at=change.at zone />
                    </Cell>
                    <Cell label="What">
                        <bdi>{change.summary}</bdi>
                        <span class="quiet small">" " {details.join(", ")}</span>
                    </Cell>
                    <Cell label="From">{change.source}</Cell>
                    <Cell label="Where to look">{links}</Cell>
                </Row>
            }
        })
        .collect_view();
    let headers = vec!["When", "What", "From", "Where to look"];
    Some(view! {
        <Section title="What was changed" id="changes">
            <DataTable caption="The last change events, newest first" headers>
                {rows}
            </DataTable>
        </Section>
    })
}
