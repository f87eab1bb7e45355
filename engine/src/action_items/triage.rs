//! Triage: a proposed action item is accepted, by whom and by when, or declined.

use super::edits::{Edited, record};
use super::{Refused, authorize, change_state, check_owner, find, tell_owner};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, teams};
use chrono::NaiveDate;
use domain::action_items::ActionState;
use domain::ids::PersonId;
use domain::people::Permission;

/// What becomes of it.
#[derive(Clone, Debug)]
pub enum Triage {
    Accept {
        owner: Option<PersonId>,
        due_on: Option<NaiveDate>,
    },
    Decline {
        reason: String,
    },
}

/// Decides about an action item that is proposed. What is accepted has an owner and a day. Deciding the same twice changes nothing.
///
/// # Errors
/// [`Refused::Decided`], [`Refused::NoOwner`], [`Refused::NoDay`], [`Refused::NoReason`], [`Refused::OwnerGone`], [`Refused::NoSuchStep`]
pub async fn triage(tx: &mut Tx, number: i64, triage: &Triage) -> Result<()> {
    let item = find(tx, number).await?.item;
    authorize(tx, &item).await?;
    let is_proposed = item.state == ActionState::Proposed;
    let (owner, due_on) = match triage {
        Triage::Decline { reason } if is_proposed || item.state == ActionState::Declined => {
            return change_state(tx, number, ActionState::Declined, reason).await;
        }
        Triage::Decline { .. } => return Err(Refused::Decided(item.state).into()),
        Triage::Accept { owner, due_on } => {
            let due_on = due_on.ok_or(Refused::NoDay)?;
            (owner.ok_or(Refused::NoOwner)?, due_on)
        }
    };
    if !is_proposed {
        let is_the_same = item.state == ActionState::Accepted
            && item.owner_id == Some(owner)
            && item.due_on == Some(due_on);
        return if is_the_same {
            Ok(())
        } else {
            Err(Refused::Decided(item.state).into())
        };
    }
    let is_new = item.owner_id != Some(owner);
    if is_new {
        check_owner(tx, Some(owner)).await?;
    }
    sql("UPDATE action_items SET owner_id = $2, due_on = $3 WHERE id = $1")
        .bind(item.id)
        .bind(owner)
        .bind(due_on)
        .run(tx)
        .await?;
    record(tx, item.id, Edited::Owner, (item.owner_id, Some(owner)), None).await?;
    record(tx, item.id, Edited::DueOn, (item.due_on, Some(due_on)), None).await?;
    change_state(tx, number, ActionState::Accepted, "").await?;
    if is_new {
        tell_owner(tx, number).await?;
    }
    Ok(())
}

/// Decides about several of a team's proposed action items, each by its number. One that would be accepted without a day waits; an owner
/// alone is refused, since it would be lost.
///
/// # Errors
/// [`crate::Error::NotAllowed`], or what [`triage`] refuses, with the line it belongs to.
pub async fn triage_several(tx: &mut Tx, team: &str, lines: &[(i64, Triage)]) -> Result<()> {
    let team = teams::find(tx, team).await?;
    tx.authorize(Permission::ChangeTeam(team.id)).await?;
    for (number, decided) in lines {
        if let Triage::Accept { owner, due_on: None } = decided
            && *owner == find(tx, *number).await?.item.owner_id
        {
            continue;
        }
        let done = triage(tx, *number, decided).await;
        done.map_err(|error| error.of_line(*number))?;
    }
    Ok(())
}
