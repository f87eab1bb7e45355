//! Search and filters over a board.

use super::query::{BoardQuery, NOBODY};
use super::view::BoardView;
use crate::components::{ButtonKind, Choice, Field, FieldKind, Submit};
use domain::action_items::{ActionKind, Priority};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A plain form whose answer has an address. It offers what is on the board.
#[component]
pub(super) fn Filters(view: Arc<BoardView>) -> impl IntoView {
    let query = view.query.clone();
    let any = |label: &str| vec![Choice::new("", label)];
    let cards = || view.board.columns.iter().flat_map(|(_, cards)| cards);
    let owners: BTreeSet<(String, String)> = cards()
        .filter_map(|card| Some((card.owner.clone()?, card.item.owner_id?.to_string())))
        .collect();
    let mut owner = any("Any owner");
    owner.push(Choice::new(NOBODY, "Nobody"));
    owner.extend(owners.into_iter().map(|(name, id)| Choice::new(id, name)));
    let mut factors: BTreeSet<String> = cards().filter_map(|card| card.factor.clone()).collect();
    if !query.factor.is_empty() {
        // Asked for and on no card, it is said all the same.
        factors.insert(query.factor.clone());
    }
    let mut factor = any("Any factor");
    factor.extend(factors.into_iter().map(|name| Choice::new(&name, name.clone())));
    let incidents: BTreeSet<(i64, String)> = cards()
        .map(|card| (card.incident_number, card.incident_title.clone()))
        .collect();
    let mut incident = any("Any incident");
    let incidents = incidents.into_iter().rev();
    incident.extend(incidents.map(|(number, title)| Choice::new(number, format!("INC-{number} {title}"))));
    let mut service = any("Any service");
    service.extend(
        view.services
            .iter()
            .map(|(id, name)| Choice::new(id, name.clone())),
    );
    let mut kind = any("Any kind");
    kind.extend(
        ActionKind::ALL
            .iter()
            .map(|kind| Choice::new(kind, kind.as_str())),
    );
    let mut priority = any("Any priority");
    priority.extend(
        Priority::ALL
            .iter()
            .map(|priority| Choice::new(priority, format!("{priority} priority"))),
    );
    let plain = BoardQuery {
        q: String::new(),
        all: String::new(),
        ..query.clone()
    };
    let narrowed = plain != BoardQuery::default();
    let clear = (query != BoardQuery::default()).then(|| {
        let href = BoardQuery::default().address(&view.board.team.slug);
        view! { <a href=href>"Show everything"</a> }
    });
    view! {
        <form class="filters" method="get" action=format!("/teams/{}/backlog", view.board.team.slug) role="search" aria-label="Cards">
            <input type="hidden" name="all" value=query.all />
            <Field name="q" label="Search the cards" kind=FieldKind::Search value=query.q placeholder="Words or ACT-12" label_unseen=true class="grow" />
            <details class="filters-more" open=narrowed>
                <summary class=ButtonKind::Normal.class()>"Filters"</summary>
                <div class="filters-fields">
                    <Field name="owner" label="Owner" kind=FieldKind::Select(owner) value=query.owner label_unseen=true />
                    <Field name="kind" label="Kind" kind=FieldKind::Select(kind) value=query.kind label_unseen=true />
                    <Field name="priority" label="Priority" kind=FieldKind::Select(priority) value=query.priority label_unseen=true />
                    <Field name="factor" label="Factor" kind=FieldKind::Select(factor) value=query.factor label_unseen=true />
                    <Field name="incident" label="Incident" kind=FieldKind::Select(incident) value=query.incident label_unseen=true />
                    <Field name="service" label="Service" kind=FieldKind::Select(service) value=query.service label_unseen=true />
                    <Field name="late" label="Late" kind=FieldKind::Check value=query.late />
                </div>
            </details>
            <Submit kind=ButtonKind::Normal>"Show"</Submit>
            {clear}
        </form>
    }
}
