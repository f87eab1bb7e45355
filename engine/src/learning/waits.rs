//! Where it waits: from resolved to a document, to review, to published; from promised to accepted, done, verified.

use super::scope::{Period, Scope, at_service, in_scope};
use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::action_items::ActionState;
use domain::ids::TeamId;
use domain::learning::{Spread, Step};
use domain::postmortems::PostmortemState;
use std::collections::BTreeMap;

/// A review that waits longer is named.
const LONG_REVIEW: TimeDelta = TimeDelta::days(14);

/// One step on the way, over all that took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub step: Step,
    pub spread: Spread,
    /// Number of the incident or action item, and seconds; the slowest first.
    pub each: Vec<(i64, i64)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    pub stages: Vec<Stage>,
    /// How many SEV1 and SEV2 were resolved in the period and have none; the newest of them, by number.
    pub without_document: usize,
    pub newest_without: Vec<(i64, String)>,
    /// Documents in review for more than 14 days, whenever that began.
    pub long_reviews: Vec<(i64, String)>,
}

/// Reads them: documents of incidents that were resolved in the period, action items that were promised in it. `most`: so many without
/// a document are named.
pub async fn waits(tx: &mut Tx, period: Period, scope: Scope, most: usize) -> Result<Waits> {
    let mut stages = of_documents(tx, period, scope).await?;
    stages.extend(of_items(tx, period, scope).await?);
    let (without_document, newest_without) = without_document(tx, period, scope, most).await?;
    Ok(Waits {
        stages,
        without_document,
        newest_without,
        long_reviews: long_reviews(tx, scope).await?,
    })
}

fn stage(step: Step, took: impl Iterator<Item = (i64, Option<i64>)>) -> Stage {
    let known = took.filter_map(|(number, seconds)| Some((number, seconds?)));
    let mut each: Vec<(i64, i64)> = known.collect();
    each.sort_by_key(|(number, seconds)| std::cmp::Reverse((*seconds, *number)));
    Stage {
        step,
        spread: Spread::of(each.iter().map(|(_, seconds)| Some(*seconds))),
        each,
    }
}

/// By number: when it began, and when it first came to each state.
type Reached<'a> = BTreeMap<i64, (DateTime<Utc>, BTreeMap<&'a str, DateTime<Utc>>)>;

/// Number, team, when it was promised, a state, and when it first came to it.
type ItemRow = (i64, TeamId, DateTime<Utc>, ActionState, DateTime<Utc>);

/// What somebody did before it was asked for took no time.
fn between(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<i64> {
    Some((to? - from?).num_seconds().max(0))
}

pub(super) async fn of_documents(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<Stage>> {
    let rows: Vec<(i64, DateTime<Utc>, PostmortemState, DateTime<Utc>)> = scope
.ask(constcat::concat!(
        "SELECT i.number, i.resolved_at, c.to_state, MIN(c.at) FROM incidents i JOIN postmortems m ON m.incident_id = i.id
         JOIN postmortem_changes c ON c.postmortem_id = m.id
         WHERE {visible i} AND i.resolved_at >= $3 AND i.resolved_at < $4",
        in_scope!(),
        " GROUP BY i.number, i.resolved_at, c.to_state"
    ), period)
    .all(tx)
    .await?;
    let mut documents: Reached<'_> = BTreeMap::new();
    for (number, resolved, state, at) in rows {
        let document = documents.entry(number).or_insert((resolved, BTreeMap::new()));
        document.1.insert(state.as_str(), at);
    }
    let step = |step, from: Option<PostmortemState>, to: PostmortemState| {
        let took = documents.iter().map(|(number, (resolved, states))| {
            let at = |state: PostmortemState| states.get(state.as_str()).copied();
            let from = from.map_or(Some(*resolved), at);
            (*number, between(from, at(to)))
        });
        stage(step, took)
    };
    use PostmortemState::{Draft, InReview, Published};
    Ok(vec![
        step(Step::Started, None, Draft),
        step(Step::Review, Some(Draft), InReview),
        step(Step::Published, Some(InReview), Published),
    ])
}

pub(super) async fn of_items(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<Stage>> {
    let rows: Vec<ItemRow> = sql(constcat::concat!(
        "SELECT a.number, a.team_id, a.created_at, c.to_state, MIN(c.at) FROM action_items a
         JOIN incidents i ON i.id = a.incident_id AND {visible i} JOIN action_item_changes c ON c.action_item_id = a.id
         WHERE a.created_at >= $1 AND a.created_at < $2 AND ",
        at_service!("$3"),
        " GROUP BY a.number, a.team_id, a.created_at, c.to_state",
    ))
    .bind(period.from)
    .bind(period.until)
    .bind(scope.service_arg())
    .all(tx)
    .await?;
    let mut items: Reached<'_> = BTreeMap::new();
    for (number, team, created, state, at) in rows {
        if scope.team.is_none_or(|ours| ours == team) {
            let item = items.entry(number).or_insert((created, BTreeMap::new()));
            item.1.insert(state.as_str(), at);
        }
    }
    let step = |step, from: Option<ActionState>, to: ActionState| {
        let took = items.iter().map(|(number, (created, states))| {
            let at = |state: ActionState| states.get(state.as_str()).copied();
            let from = from.map_or(Some(*created), at);
            (*number, between(from, at(to)))
        });
        stage(step, took)
    };
    use ActionState::{Accepted, Done, Verified};
    Ok(vec![
        step(Step::Accepted, None, Accepted),
        step(Step::Done, Some(Accepted), Done),
        step(Step::Verified, Some(Done), Verified),
    ])
}

async fn without_document(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    most: usize,
) -> Result<(usize, Vec<(i64, String)>)> {
    let by_index = dialect::by_index(tx, "incidents_resolved");
    let rows: Vec<(i64, String, i64)> = scope
        .ask_put_together(
            format!(
                "SELECT i.number, i.title, COUNT(*) OVER () FROM incidents i {by_index}
                 WHERE {{visible i}} AND i.severity <= 2 AND i.resolved_at >= $3 AND i.resolved_at < $4
                    AND NOT EXISTS (SELECT 1 FROM postmortems m WHERE m.incident_id = i.id)
                    AND NOT EXISTS (SELECT 1 FROM incident_links d WHERE d.incident_id = i.id AND d.kind = 'duplicate_of')
                    {} ORDER BY i.number DESC LIMIT {most}",
                in_scope!()
            ),
            period,
        )
        .all(tx)
        .await?;
    let count = rows.first().map_or(0, |(.., count)| *count);
    let newest = rows.into_iter().map(|(number, title, _)| (number, title));
    Ok((usize::try_from(count).unwrap_or(0), newest.collect()))
}

async fn long_reviews(tx: &mut Tx, scope: Scope) -> Result<Vec<(i64, String)>> {
    let ever = Period {
        from: DateTime::UNIX_EPOCH,
        until: tx.now() - LONG_REVIEW,
    };
    scope.ask(constcat::concat!(
        "SELECT i.number, m.title FROM postmortems m CROSS JOIN incidents i
         WHERE i.id = m.incident_id AND {visible i} AND m.state = 'in_review'
            AND (SELECT MAX(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'in_review') BETWEEN $3 AND $4",
        in_scope!(),
        " ORDER BY i.number DESC"
    ), ever)
    .all(tx)
    .await
}
