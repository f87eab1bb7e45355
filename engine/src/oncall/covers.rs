//! Cancel cover: what somebody accepted is taken back, while something of it is to come.

use super::overrides::{self, Arranged};
use super::requests::{self, Request};
use crate::Tx;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, RequestId, ScheduleId};
use domain::people::Permission;
use std::collections::BTreeSet;

/// What it takes to cancel it: both of them may, whoever asked for one of them, and whoever may change the schedule.
pub fn permission(request: &Request, person: PersonId) -> Permission {
    if request.is_of(person) || request.taken_by == Some(person) {
        Permission::ActOnIncident
    } else {
        Permission::ChangeTeam(request.team_id)
    }
}

/// Whether there is something left to cancel.
pub async fn is_to_come(tx: &mut Tx, request: &Request) -> Result<bool> {
    Ok(request.state == "taken" && !left_of(tx, request).await?.is_empty())
}

/// Those that made a turn whose it is, and are not over.
pub async fn of_turn(
    tx: &mut Tx,
    schedule: ScheduleId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Request>> {
    let arranged = overrides::upcoming(tx, schedule).await?.into_iter();
    let within = arranged.filter(|arranged| arranged.from_at < to && arranged.to_at > from);
    let ids: BTreeSet<RequestId> = within.filter_map(|arranged| arranged.request_id).collect();
    let mut found = Vec::new();
    for id in ids {
        let request = requests::find(tx, id).await?;
        if request.state == "taken" {
            found.push(request);
        }
    }
    Ok(found)
}

/// Whoever had the turn has what is left of it again; of a swap, each their own. Those whose turns change are told. What has passed
/// stays.
///
/// # Errors
/// [`crate::Error::NotAllowed`], [`crate::Error::NotFound`]
pub async fn cancel(tx: &mut Tx, id: RequestId) -> Result<()> {
    let request = requests::find(tx, id).await?;
    let wanted = match tx.actor().person() {
        Some(person) => permission(&request, person),
        None => Permission::ChangeTeam(request.team_id),
    };
    tx.authorize(wanted).await?;
    let left = left_of(tx, &request).await?;
    if left.is_empty() {
        return Ok(());
    }
    match overrides::cancel_request(tx, id).await? {
        true => overrides::take_back(tx, request.schedule_id, left).await,
        false => Ok(()),
    }
}

async fn left_of(tx: &mut Tx, request: &Request) -> Result<Vec<Arranged>> {
    let mut left = overrides::upcoming(tx, request.schedule_id).await?;
    left.retain(|arranged| arranged.request_id == Some(request.id));
    Ok(left)
}
