//! When handling an alert fails by a fault of our own: a bare incident that says so, and pages. It shares nothing with
//! grouping, so that what broke there cannot break here.

use super::Receiver;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, Opening, search, timeline};
use crate::paging;
use domain::ids::IncidentId;
use domain::incidents::NoticedBy;
use domain::incidents::timeline::{Event, PageReason};

/// All faults of one integration join one open incident.
const GROUP: &str = "kintsugi: not handled";

pub(super) async fn open(tx: &mut Tx, from: &Receiver, reason: &str) -> Result<()> {
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
        return Ok(());
    }
    let opening = Opening {
        title: format!(
            "{}: an alert came in that Kintsugi could not handle",
            from.service_name
        ),
        severity: from.default_severity,
        team: from.team_id,
        noticed_by: NoticedBy::Alert,
        group: Some((from.integration_id, GROUP)),
        impact_started_at: None,
        services: &[from.service_id],
    };
    let mut incident = incidents::insert(tx, &opening).await?;
    let opened = Event::Opened {
        noticed_by: NoticedBy::Alert,
        severity: from.default_severity,
    };
    timeline::record(tx, &mut incident, None, opened).await?;
    timeline::record(tx, &mut incident, None, event).await?;
    paging::start(tx, &mut incident, PageReason::OnCall).await?;
    search::index(tx, &incident).await
}
