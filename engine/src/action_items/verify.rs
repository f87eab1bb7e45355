//! That something worked, said by somebody else than whoever did it, with what shows it.

use super::edits::Edited;
use super::{Refused, find, place, state, tell_whom_it_names};
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::{ActionItem, ActionState, Evidence, may_verify};
use domain::fields;
use domain::ids::PersonId;
use domain::people::Permission;
use url::Url;

/// Says that it worked. Doing it twice changes nothing.
///
/// # Errors
/// [`Refused::OwnWord`], [`Refused::NoEvidence`], [`Refused::NoLink`], [`domain::fields::Unfit`], [`Refused::NoSuchStep`]
pub async fn verify(tx: &mut Tx, number: i64, evidence: Evidence, words: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let item = find(tx, number).await?.item;
    if item.state == ActionState::Verified {
        return Ok(());
    }
    if !may_verify(&item, done_by(tx, &item).await?, tx.actor().person()) {
        return Err(Refused::OwnWord.into());
    }
    let words = fields::EVIDENCE.read(words)?;
    if words.is_empty() {
        return Err(Refused::NoEvidence.into());
    }
    if evidence == Evidence::Link && !words.split_whitespace().any(is_link) {
        return Err(Refused::NoLink.into());
    }
    state::write(tx, &item, ActionState::Verified, "").await?;
    let (id, now, by) = (tx.context.new_id(), tx.now(), tx.actor().person());
    sql(
        "INSERT INTO action_item_verifications (id, action_item_id, at, verified_by, evidence, words)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Arg::Id(Some(id)))
    .bind(item.id)
    .bind(now)
    .bind(by)
    .bind(evidence)
    .bind(&words)
    .run(tx)
    .await?;
    tell_whom_it_names(tx, &item, &words, "").await?;
    place::follow(tx, &item, ActionState::Verified).await
}

/// Who did it: whoever owned it when it was done; where nobody did, whoever said that it is done.
pub async fn done_by(tx: &mut Tx, item: &ActionItem) -> Result<Option<PersonId>> {
    let done: Option<(DateTime<Utc>, Option<PersonId>)> = sql(
        "SELECT at, actor_id FROM action_item_changes WHERE action_item_id = $1 AND to_state = 'done' ORDER BY at DESC, id DESC LIMIT 1",
    )
    .bind(item.id)
    .maybe(tx)
    .await?;
    let Some((at, actor)) = done else {
        return Ok(None);
    };
    // What the first change of the owner since then says that it was.
    let since: Option<(Option<String>,)> = sql(
        "SELECT was FROM action_item_edits WHERE action_item_id = $1 AND field = $2 AND at >= $3 ORDER BY at, id LIMIT 1",
    )
    .bind(item.id)
    .bind(Edited::Owner.as_str())
    .bind(at)
    .maybe(tx)
    .await?;
    let owner = match since {
        Some((was,)) => was.and_then(|id| id.parse().ok()),
        None => item.owner_id,
    };
    Ok(owner.or(actor))
}

pub(super) fn is_link(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
