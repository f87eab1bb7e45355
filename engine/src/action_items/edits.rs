//! What was changed of an action item beside its state, so that a day that moved three times is told from one that stood.

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::ids::ActionItemId;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    DueOn,
    Owner,
    Team,
    Column,
    Kind,
    Factor,
}

impl Edited {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DueOn => "due_on",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Column => "column",
            Self::Kind => "kind",
            Self::Factor => "factor",
        }
    }
}

/// Writes down that a field became something else, in the words in which the row has it; where it did not, nothing.
pub(super) async fn record<T: PartialEq + ToString>(
    tx: &mut Tx,
    item: ActionItemId,
    edited: Edited,
    (was, became): (Option<T>, Option<T>),
    why: Option<&str>,
) -> Result<()> {
    if was == became {
        return Ok(());
    }
    let (id, now, actor) = (tx.context.new_id(), tx.now(), tx.actor().person());
    sql(
        "INSERT INTO action_item_edits (id, action_item_id, at, actor_id, field, was, became, why)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(Arg::Id(Some(id)))
    .bind(item)
    .bind(now)
    .bind(actor)
    .bind(edited.as_str())
    .bind(was.map(|was| was.to_string()))
    .bind(became.map(|became| became.to_string()))
    .bind(why)
    .run(tx)
    .await
    .map(drop)
}
