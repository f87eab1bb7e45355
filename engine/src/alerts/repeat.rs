//! An alert that is open already is told again.

use super::Source;
use super::handle::OpenAlert;
use super::join::{News, wake};
use crate::db::changes::Repeat;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::incidents::{self, search};
use crate::{Tx, paging};
use chrono::{DateTime, Utc};
use domain::alerts::AlertEvent;
use domain::escalation::acknowledgement_is_old;
use domain::ids::IncidentId;
use domain::incidents::State;
use domain::incidents::timeline::Event;

/// Nobody is woken, unless it became worse, or its incident was acknowledged long ago.
pub(super) async fn repeated(
    tx: &mut Tx,
    from: &Source,
    open: &OpenAlert,
    alert: &AlertEvent,
    received_at: DateTime<Utc>,
) -> Result<()> {
    // A repeat that names no severity says nothing new about it.
    let severity = alert.severity().unwrap_or(open.severity);
    tx.changes.repeat(
        open.id,
        Repeat {
            times: 1,
            severity,
            received_at,
        },
    );
    let words = alert.words();
    if words != open.words {
        says_it_anew(tx, open, alert, words).await?;
    }
    if severity > open.severity {
        let mut incident = incidents::hold(tx, open.incident_id).await?;
        return wake(tx, from, &mut incident, severity, News::Worse).await;
    }
    match open.taken_at {
        Some(taken_at) if severity.at_least(from.page_from) => {
            remind(tx, from, open.incident_id, (received_at - taken_at).num_seconds()).await
        }
        _ => Ok(()),
    }
}

/// What repeats under an old acknowledgement reminds whoever gave it: they may have gone home.
async fn remind(tx: &mut Tx, from: &Source, incident: IncidentId, seconds: i64) -> Result<()> {
    if !acknowledgement_is_old(seconds, from.remind_after_seconds) {
        return Ok(());
    }
    let mut incident = incidents::hold(tx, incident).await?;
    match incident.state {
        State::Acknowledged | State::Mitigated => {
            paging::wake_holder_first(tx, &mut incident, Event::StillFires { seconds }).await
        }
        State::Triggered | State::Resolved => Ok(()),
    }
}

/// Newer words of the same alert are the ones that are shown.
async fn says_it_anew(tx: &mut Tx, open: &OpenAlert, alert: &AlertEvent, words: i64) -> Result<()> {
    let title = alert.title.clone().unwrap_or_else(|| open.title.clone());
    let incident = incidents::hold(tx, open.incident_id).await?;
    sql("UPDATE alerts SET title = $2, annotations = $3, link = $4, links = $5, words = $6 WHERE id = $1")
        .bind(open.id)
        .bind(&title)
        .bind(Arg::json(&alert.annotations))
        .bind(alert.link.as_deref())
        .bind(Arg::json(&alert.links))
        .bind(words)
        .run(tx)
        .await?;
    tx.changed(incident.id);
    if title != open.title {
        search::index(tx, &incident).await?;
    }
    Ok(())
}
