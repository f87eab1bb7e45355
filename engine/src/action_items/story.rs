//! What happened to an action item, in the order in which it did.

use super::edits::Edited;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::{ActionState, Evidence};
use domain::ids::ActionItemId;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub at: DateTime<Utc>,
    /// `None`: the program itself.
    pub who: Option<String>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// From no state: it was made.
    Became {
        from: Option<ActionState>,
        to: ActionState,
        /// Why it was declined.
        reason: Option<String>,
    },
    /// In names that people say, not ids.
    Changed {
        field: String,
        was: Option<String>,
        became: Option<String>,
        why: Option<String>,
    },
    /// Markdown.
    Said(String),
    Verified {
        evidence: Evidence,
        words: String,
    },
}

type Row<T> = (DateTime<Utc>, Option<String>, T);

/// Everything that is known, the oldest first. Where a card was moved and got another state by it, the state says so alone.
pub async fn story(tx: &mut Tx, item: ActionItemId) -> Result<Vec<Happened>> {
    let mut all = changes(tx, item).await?;
    let verified: Vec<(DateTime<Utc>, Option<String>, Evidence, String)> = sql(
        "SELECT v.at, p.name, v.evidence, v.words FROM action_item_verifications v
         LEFT JOIN people p ON p.id = v.verified_by WHERE v.action_item_id = $1",
    )
    .bind(item)
    .all(tx)
    .await?;
    all.extend(
        verified
            .into_iter()
            .map(|(at, who, evidence, words)| happened((at, who, What::Verified { evidence, words }))),
    );
    let became: BTreeSet<DateTime<Utc>> = all.iter().map(|happened| happened.at).collect();
    let mut edits = edits(tx, item).await?;
    edits.retain(|edit| !(is_move(&edit.what) && became.contains(&edit.at)));
    all.extend(edits);
    let comments: Vec<(DateTime<Utc>, Option<String>, String)> = sql(
        "SELECT c.at, p.name, c.body FROM action_item_comments c LEFT JOIN people p ON p.id = c.author_id
         WHERE c.action_item_id = $1",
    )
    .bind(item)
    .all(tx)
    .await?;
    all.extend(
        comments
            .into_iter()
            .map(|(at, who, body)| happened((at, who, What::Said(body)))),
    );
    all.sort_by_key(|happened| happened.at);
    Ok(all)
}

fn is_move(what: &What) -> bool {
    matches!(what, What::Changed { field, .. } if field == Edited::Column.as_str())
}

fn happened((at, who, what): Row<What>) -> Happened {
    Happened { at, who, what }
}

/// When, who, from and to which state, and why.
type StateRow = (
    DateTime<Utc>,
    Option<String>,
    Option<ActionState>,
    ActionState,
    Option<String>,
);

async fn changes(tx: &mut Tx, item: ActionItemId) -> Result<Vec<Happened>> {
    let rows: Vec<StateRow> = sql(
        "SELECT c.at, p.name, c.from_state, c.to_state, c.reason FROM action_item_changes c LEFT JOIN people p ON p.id = c.actor_id
         WHERE c.action_item_id = $1 AND NOT (c.to_state = 'verified'
            AND EXISTS (SELECT 1 FROM action_item_verifications v WHERE v.action_item_id = c.action_item_id AND v.at = c.at))
         ORDER BY c.at, c.id",
    )
    .bind(item)
    .all(tx)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(at, who, from, to, reason)| happened((at, who, What::Became { from, to, reason })))
        .collect())
}

#[derive(sqlx::FromRow)]
struct Edit {
    at: DateTime<Utc>,
    name: Option<String>,
    field: String,
    was: Option<String>,
    became: Option<String>,
    why: Option<String>,
}

async fn edits(tx: &mut Tx, item: ActionItemId) -> Result<Vec<Happened>> {
    let rows: Vec<Edit> = sql(
        "SELECT e.at, p.name, e.field, e.was, e.became, e.why FROM action_item_edits e LEFT JOIN people p ON p.id = e.actor_id
         WHERE e.action_item_id = $1 ORDER BY e.at, e.id",
    )
    .bind(item)
    .all(tx)
    .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let names = names(tx).await?;
    let named = |field: &str, id: Option<String>| {
        let gone = |id: String| match field == Edited::Column.as_str() {
            true => "a column that was deleted".to_owned(),
            false => id,
        };
        id.map(|id| names.get(&id).cloned().unwrap_or_else(|| gone(id)))
    };
    let rows = rows.into_iter();
    Ok(rows
        .map(|edit| {
            let what = What::Changed {
                was: named(&edit.field, edit.was),
                became: named(&edit.field, edit.became),
                field: edit.field,
                why: edit.why,
            };
            happened((edit.at, edit.name, what))
        })
        .collect())
}

/// What the ids in edits are called now.
async fn names(tx: &mut Tx) -> Result<BTreeMap<String, String>> {
    let people: Vec<(uuid::Uuid, String)> = sql("SELECT id, name FROM people").all(tx).await?;
    let teams: Vec<(uuid::Uuid, String)> = sql("SELECT id, name FROM teams").all(tx).await?;
    let factors: Vec<(uuid::Uuid, String)> =
        sql("SELECT n.id, f.name FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id")
            .all(tx)
            .await?;
    let columns: Vec<(uuid::Uuid, String)> = sql("SELECT id, name FROM board_columns").all(tx).await?;
    let all = people.into_iter().chain(teams).chain(factors).chain(columns);
    Ok(all.map(|(id, name)| (id.to_string(), name)).collect())
}
