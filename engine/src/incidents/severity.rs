//! How bad it is.

use super::{hold_number, holder, page_from, store, timeline};
use crate::error::Result;
use crate::messages::notices;
use crate::{Tx, paging, people};
use domain::Severity;
use domain::escalation::{Arrival, Waking};
use domain::incidents::Incident;
use domain::incidents::timeline::{Event, PageReason};
use domain::people::Permission;

/// Changes the severity. Raising it pages by the same rule as a worse alert does, while it is open.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn change_severity(tx: &mut Tx, number: i64, to: Severity) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    if incident.severity == to {
        return Ok(());
    }
    if !incident.state.is_open() {
        // It is put right for those who learn from it; it wakes nobody.
        let from = std::mem::replace(&mut incident.severity, to);
        store(tx, &mut incident).await?;
        return timeline::record(tx, &mut incident, Event::SeverityChanged { from, to }).await;
    }
    let arrival = Arrival {
        meets: Some((incident.state, incident.severity)),
        alert: to,
        was_quiet: false,
        is_new: false,
        page_from: page_from(tx, incident.id).await?,
        progress: paging::progress(tx, &incident).await?,
    };
    let from = std::mem::replace(&mut incident.severity, to);
    store(tx, &mut incident).await?;
    timeline::record(tx, &mut incident, Event::SeverityChanged { from, to }).await?;
    if to > from {
        is_worse(tx, &incident).await?;
    }
    wake(tx, &mut incident, arrival.waking()).await
}

/// Raises the severity to that of a worse alert; the caller holds the incident and pages.
pub(crate) async fn raise_to(tx: &mut Tx, incident: &mut Incident, to: Severity) -> Result<()> {
    if to > incident.severity {
        let from = std::mem::replace(&mut incident.severity, to);
        store(tx, incident).await?;
        timeline::record(tx, incident, Event::SeverityChanged { from, to }).await?;
        is_worse(tx, incident).await?;
    }
    Ok(())
}

/// What waits to be told waits no longer, and its service may page by another policy.
async fn is_worse(tx: &mut Tx, incident: &Incident) -> Result<()> {
    paging::take_out_of_digests(tx, incident).await?;
    paging::send_those_on_lists(tx, incident).await?;
    paging::as_bad_as_it_is(tx, incident.id).await
}

pub(crate) async fn wake(tx: &mut Tx, incident: &mut Incident, waking: Waking) -> Result<()> {
    match waking {
        Waking::StartPolicy => paging::start(tx, incident, PageReason::OnCall).await,
        Waking::TellItRose => paging::tell_it_rose(tx, incident).await,
        Waking::WakeHolderFirst => paging::wake_holder_first(tx, incident, Event::FiresAgain).await,
        Waking::TellHolderQuietly => tell_holder_quietly(tx, incident).await,
        Waking::Record => Ok(()),
    }
}

async fn tell_holder_quietly(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let Some(holder) = holder(tx, incident.id).await? else {
        return Ok(());
    };
    match people::find_active(tx, holder.person_id).await? {
        Some(person) => notices::one_more_alert(tx, incident, &person).await,
        None => Ok(()),
    }
}
