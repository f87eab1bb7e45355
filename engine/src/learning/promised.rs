//! What was meant to keep a factor from coming back: action items of earlier incidents at the same service, as they stood when the
//! later one began.

use super::look::{Look, Naming};
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use domain::action_items::{ActionKind, ActionState};
use std::collections::{BTreeMap, BTreeSet};

/// An action item of an earlier incident at the same service that answers the factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// ACT-…
    pub number: i64,
    pub title: String,
    pub kind: ActionKind,
    /// Of the earlier incident. INC-…
    pub earlier: i64,
    /// When the later incident began.
    pub then: ActionState,
    pub now: ActionState,
}

/// Those that were made before the incident of a naming began, by number. Their titles are filled in by [`titles`].
pub(super) fn promised(look: &Look, naming: &Naming) -> Vec<Promised> {
    let mut all: Vec<Promised> = look
        .earlier_here(naming)
        .flat_map(|other| other.answers.iter().map(move |answer| (other, answer)))
        .filter_map(|(other, answer)| {
            let (_, then) = answer.before(naming.met.began_at)?;
            Some(Promised {
                number: answer.number,
                title: String::new(),
                kind: answer.kind,
                earlier: other.met.number,
                then,
                now: answer
                    .states
                    .last()
                    .map_or(ActionState::Proposed, |(_, state)| *state),
            })
        })
        .collect();
    all.sort_by_key(|promised| promised.number);
    all.dedup_by_key(|promised| promised.number);
    all
}

/// What these action items are called.
pub(super) async fn titles(tx: &mut Tx, numbers: BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let asked = numbers
        .into_iter()
        .map(|number| vec![Arg::from(number)])
        .collect();
    let rows: Vec<(i64, String)> = sql_of_rows(
        "WITH asked (number) AS (VALUES {rows}) SELECT a.number, a.title FROM action_items a
         WHERE a.number IN (SELECT number FROM asked)",
        asked,
    )
    .all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}
