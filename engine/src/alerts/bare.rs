//! When handling an alert fails by a fault of our own: a bare incident that says so, and pages. It shares nothing with
//! grouping, so that what broke there cannot break here; and where paging is what broke, the team is mailed without it.

use super::Receiver;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, Opening, search, timeline};
use crate::mail::notices;
use crate::paging;
use domain::ids::IncidentId;
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, NoticedBy};

/// All faults of one integration join one open incident.
const GROUP: &str = "kintsugi: not handled";

/// Opens or joins it. Where the policy cannot be walked either, the team and the administrators are mailed instead.
///
/// # Errors
/// [`crate::Error::Database`]; within, a fault that leaves nothing behind.
pub(super) async fn open(tx: &mut Tx, from: &Receiver, reason: &str) -> Result<Result<(), String>> {
    let by_policy = async |tx: &mut Tx| join_or_open(tx, from, reason, By::Policy).await;
    let Err(fault) = tx.try_within_savepoint(by_policy).await? else {
        return Ok(Ok(()));
    };
    tracing::error!(%fault, "a bare incident could page nobody; mailing its team instead");
    let reason = format!("{reason}. Nobody could be paged by the policy either: {fault}");
    let by_mail = async |tx: &mut Tx| join_or_open(tx, from, &reason, By::MailToTheTeam).await;
    tx.try_within_savepoint(by_mail).await
}

/// How people are woken.
#[derive(Clone, Copy)]
enum By {
    Policy,
    MailToTheTeam,
}

async fn join_or_open(tx: &mut Tx, from: &Receiver, reason: &str, by: By) -> Result<()> {
    let open: Option<(IncidentId,)> =
        sql("SELECT id FROM incidents WHERE integration_id = $1 AND group_key = $2 AND state <> 'resolved'")
            .bind(from.integration_id)
            .bind(GROUP)
            .maybe(tx)
            .await?;
    let event = Event::OpenedBare {
        reason: reason.to_owned(),
    };
    if let Some((id,)) = open {
        let mut incident = incidents::hold(tx, id).await?;
        timeline::record(tx, &mut incident, None, event).await?;
        return match by {
            By::Policy => paging::tell_of_another_fault(tx, &mut incident).await,
            By::MailToTheTeam => notices::nobody_has_this(tx, &incident).await,
        };
    }
    let mut incident = insert(tx, from).await?;
    timeline::record(tx, &mut incident, None, event).await?;
    match by {
        By::Policy => paging::start(tx, &mut incident, PageReason::OnCall).await?,
        By::MailToTheTeam => notices::nobody_has_this(tx, &incident).await?,
    }
    search::index(tx, &incident).await
}

async fn insert(tx: &mut Tx, from: &Receiver) -> Result<Incident> {
    let opening = Opening {
        title: format!(
            "{}: an alert came in that Kintsugi could not handle",
            from.service_name
        ),
        // Nobody knows how bad it is, so at least as bad as what wakes people.
        severity: from.default_severity.max(from.page_from),
        team: from.team_id,
        noticed_by: NoticedBy::Alert,
        group: Some((from.integration_id, GROUP)),
        impact_started_at: None,
        services: &[from.service_id],
    };
    let mut incident = incidents::insert(tx, &opening).await?;
    let opened = Event::Opened {
        noticed_by: NoticedBy::Alert,
        severity: opening.severity,
    };
    timeline::record(tx, &mut incident, None, opened).await?;
    Ok(incident)
}
