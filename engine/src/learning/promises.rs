//! Promises whose first due day lies in a period: kept on time, late, open; and how old what is open is.

use super::scope::{Period, Scope, at_service};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::action_items::ActionState;
use domain::ids::{ActionItemId, TeamId};
use domain::learning::{Kept, Promise, Spread, first_due};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    /// First due in the period, by number.
    pub due: Vec<Promise>,
    /// Ages of what is open now, whenever it is due.
    pub ages: Spread,
    /// What is open for the longest.
    pub oldest: Option<(i64, String)>,
    /// Done, and nobody has said yet whether it worked.
    pub unverified: Vec<(i64, String)>,
}

impl Promises {
    pub fn count(&self, kept: Kept) -> usize {
        self.due.iter().filter(|promise| promise.kept() == kept).count()
    }

    /// How many of them were moved to another day.
    pub fn moved(&self) -> usize {
        self.due.iter().filter(|promise| promise.moved > 0).count()
    }
}

#[derive(sqlx::FromRow)]
struct Item {
    id: ActionItemId,
    number: i64,
    title: String,
    team_id: TeamId,
    state: ActionState,
    due_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    time_zone: Option<String>,
}

/// Reads them.
pub async fn promises(tx: &mut Tx, period: Period, scope: Scope) -> Result<Promises> {
    let now = tx.now();
    let items = items(tx, scope).await?;
    let mut moves = moves(tx).await?;
    let done = done(tx).await?;
    let mut promises = Promises::default();
    let mut open: Vec<&Item> = Vec::new();
    for item in &items {
        let changes = moves.remove(&item.id).unwrap_or_default();
        if item.state.is_open() {
            open.push(item);
        }
        if item.state == ActionState::Done {
            promises.unverified.push((item.number, item.title.clone()));
        }
        let Some((first, moved)) = first_due(&changes, item.due_on) else {
            continue;
        };
        // A day is due from its beginning on: today's are in a period that reaches to now.
        if !period.has(first.and_time(NaiveTime::MIN).and_utc()) {
            continue;
        }
        let zone = item.time_zone.as_deref().and_then(|zone| zone.parse().ok());
        let zone = zone.unwrap_or(chrono_tz::UTC);
        let is_done = matches!(item.state, ActionState::Done | ActionState::Verified);
        let done_on = done.get(&item.id).filter(|_| is_done);
        promises.due.push(Promise {
            number: item.number,
            title: item.title.clone(),
            first_due: first,
            moved,
            done_on: done_on.map(|at| at.with_timezone(&zone).date_naive()),
            is_declined: item.state == ActionState::Declined,
        });
    }
    promises.ages = Spread::of(
        open.iter()
            .map(|item| Some((now - item.created_at).num_seconds())),
    );
    let oldest = open.iter().min_by_key(|item| item.created_at);
    promises.oldest = oldest.map(|item| (item.number, item.title.clone()));
    Ok(promises)
}

async fn items(tx: &mut Tx, scope: Scope) -> Result<Vec<Item>> {
    let rows: Vec<Item> = sql(constcat::concat!(
        "SELECT a.id, a.number, a.title, a.team_id, a.state, a.due_on, a.created_at, p.time_zone
         FROM action_items a CROSS JOIN incidents i LEFT JOIN people p ON p.id = a.owner_id
         WHERE i.id = a.incident_id AND {visible i} AND ",
        at_service!("$1"),
        " ORDER BY a.number",
    ))
    .bind(scope.service_arg())
    .all(tx)
    .await?;
    let is_ours = |item: &Item| scope.team.is_none_or(|team| item.team_id == team);
    Ok(rows.into_iter().filter(is_ours).collect())
}

type Moves = BTreeMap<ActionItemId, Vec<(Option<NaiveDate>, Option<NaiveDate>)>>;

async fn moves(tx: &mut Tx) -> Result<Moves> {
    let rows: Vec<(ActionItemId, Option<String>, Option<String>)> = sql(
        "SELECT action_item_id, was, became FROM action_item_edits WHERE field = 'due_on' ORDER BY at, id",
    )
    .all(tx)
    .await?;
    let mut moves = Moves::new();
    let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
    for (item, was, became) in rows {
        moves.entry(item).or_default().push((day(was), day(became)));
    }
    Ok(moves)
}

/// When each was done last.
async fn done(tx: &mut Tx) -> Result<BTreeMap<ActionItemId, DateTime<Utc>>> {
    let rows: Vec<(ActionItemId, DateTime<Utc>)> = sql(
        "SELECT action_item_id, MAX(at) FROM action_item_changes WHERE to_state = 'done' GROUP BY action_item_id",
    )
    .all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}
