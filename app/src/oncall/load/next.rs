//! An order for the next rotation that evens it out, and the schedules that it is for.

use super::spoken;
use crate::oncall::editor::with_order;
use chrono::TimeDelta;
use domain::ids::{PersonId, TeamId};
use domain::oncall::{Load, evened_out, in_order};
use domain::words::listed;
use engine::Tx;
use engine::load::Served;
use engine::oncall::edit;
use engine::oncall::schedules::{self, Named};
use leptos::prelude::*;

/// Schedules of a team whose turns do not stand in this order.
pub(super) async fn to_change(tx: &mut Tx, team: TeamId, order: &[PersonId]) -> engine::Result<Vec<Named>> {
    let mut found = Vec::new();
    for named in schedules::all(tx).await? {
        if named.team_id != team {
            continue;
        }
        let drawn = edit::drawn(tx, named.id).await?;
        let turns = drawn.layers.into_iter().map(|(_, layer)| layer.turns);
        let turns: Vec<Vec<Vec<PersonId>>> = turns.collect();
        if in_order(&turns, order) != turns {
            found.push(named);
        }
    }
    Ok(found)
}

/// An order for the next rotation that evens it out, and why.
#[component]
pub(super) fn WhoIsNext(people: Vec<Served>, order: Vec<PersonId>, to_change: Vec<Named>) -> impl IntoView {
    let schedules = match to_change.is_empty() {
        true => {
            view! { <p class="quiet">"The schedules of the team stand in that order already."</p> }.into_any()
        }
        false => {
            let links = to_change.into_iter().map(|named| {
                let href = with_order(named.id, &order);
                view! { <li><a href=href>"Open " {named.name} " in this order"</a></li> }
            });
            view! { <ul>{links.collect_view()}</ul> }.into_any()
        }
    };
    // Whoever leads and never serves is not put into the rotation by this.
    let loads: Vec<(String, Load)> = people
        .iter()
        .filter(|served| served.hours.total() > TimeDelta::zero())
        .map(|served| (served.person.name.clone(), served.hours))
        .collect();
    let order = evened_out(&loads);
    let why = order.first().and_then(|first| {
        let hard = |name: &String| {
            let found = loads.iter().find(|(other, _)| other == name);
            found.map(|(_, load)| load.hard()).unwrap_or_default()
        };
        let last = order.last()?;
        (first != last).then(|| {
            format!(
                "{first} had {} at night and on weekends, {last} {}: whoever had the least goes first.",
                spoken(hard(first)),
                spoken(hard(last))
            )
        })
    });
    (order.len() > 1).then(|| {
        view! {
            <section class="stack-tight">
                <h2>"An order that evens it out"</h2>
                <p>{listed(&order)} "."</p>
                {why.map(|why| view! { <p class="quiet">{why} " A change of a schedule begins when you say, and shows before it is saved what it comes to."</p> })}
                {schedules}
            </section>
        }
    })
}
