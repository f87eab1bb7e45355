//! What happened to an action item, in the order in which it did.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::{ActionState, Evidence};
use domain::ids::ActionItemId;
use std::collections::BTreeMap;

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

/// Everything that is known, the oldest first. Where a card was moved by a new state, that says so once.
pub async fn story(tx: &mut Tx, item: ActionItemId) -> Result<Vec<Happened>> {
    let mut all = changes(tx, item).await?;
    all.extend(edits(tx, item).await?);
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
    all.sort_by_key(|happened| happened.at);
    Ok(all)
}

fn happened((at, who, what): Row<What>) -> Happened {
    Happened { at, who, what }
}

/// When, who, from and to which state.
type StateRow = (DateTime<Utc>, Option<String>, Option<ActionState>, ActionState);

async fn changes(tx: &mut Tx, item: ActionItemId) -> Result<Vec<Happened>> {
    let rows: Vec<StateRow> = sql(
        "SELECT c.at, p.name, c.from_state, c.to_state FROM action_item_changes c LEFT JOIN people p ON p.id = c.actor_id
         WHERE c.action_item_id = $1 AND c.to_state <> 'verified' ORDER BY c.at",
    )
    .bind(item)
    .all(tx)
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(at, who, from, to)| happened((at, who, What::Became { from, to })))
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
         WHERE e.action_item_id = $1 AND e.field <> 'column' ORDER BY e.at",
    )
    .bind(item)
    .all(tx)
    .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let names = names(tx).await?;
    let named = |id: Option<String>| id.map(|id| names.get(&id).cloned().unwrap_or(id));
    let rows = rows.into_iter();
    Ok(rows
        .map(|edit| {
            let what = What::Changed {
                field: edit.field,
                was: named(edit.was),
                became: named(edit.became),
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
    let all = people.into_iter().chain(teams).chain(factors);
    Ok(all.map(|(id, name)| (id.to_string(), name)).collect())
}
