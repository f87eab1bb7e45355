//! A request of a source is handled: what it comes to is decided from what is known, and what has to follow is done.

use super::decide::{FollowUp, decide};
use super::ingest::InboundRequest;
use super::known::Known;
use super::{change_events, heartbeats};
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, search, timeline};
use crate::{Tx, paging};
use domain::ids::IncidentId;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, State};

/// Handles one request of a source: its alerts join or open the incident of its group, or end.
pub async fn handle(tx: &mut Tx, request: &InboundRequest) -> Result<()> {
    handle_knowing(tx, &mut Known::default(), request).await
}

/// As [`handle`], with what was looked up for the batch in which it came.
pub(super) async fn handle_knowing(tx: &mut Tx, known: &mut Known, request: &InboundRequest) -> Result<()> {
    known.learn(tx, &[request]).await?;
    for follow_up in decide(known, &mut tx.decisions(), request)? {
        follow(tx, known, request, follow_up).await?;
    }
    for change in &request.delivery.changes {
        change_events::keep(tx, &request.from, change).await?;
    }
    if let Some(name) = &request.delivery.heartbeat {
        heartbeats::heard(tx, &request.from, name).await?;
    }
    Ok(())
}

async fn follow(tx: &mut Tx, known: &mut Known, request: &InboundRequest, follow_up: FollowUp) -> Result<()> {
    match follow_up {
        FollowUp::StartPolicy(id, service) => {
            let mut incident = taken(tx, known, id).await?;
            paging::start_knowing(tx, &mut known.paging, &mut incident, service).await
        }
        FollowUp::Wake {
            incident,
            fires_again,
            alert,
            waking,
        } => {
            let mut incident = taken(tx, known, incident).await?;
            known.paging.forget_pages();
            if fires_again {
                incident.alerts_quiet = false;
                incidents::store(tx, &mut incident).await?;
            }
            incidents::raise_to(tx, &mut incident, alert).await?;
            incidents::wake(tx, &mut incident, waking).await
        }
        FollowUp::Acknowledge(incident) => {
            known.give_away(incident);
            incidents::acknowledge_from_source(tx, incident).await.map(drop)
        }
        FollowUp::Remind(incident, seconds) => {
            let mut incident = taken(tx, known, incident).await?;
            known.paging.forget_pages();
            match incident.state {
                State::Acknowledged | State::Mitigated => {
                    paging::wake_holder_first(tx, &mut incident, Event::StillFires { seconds }).await
                }
                State::Triggered | State::Resolved => Ok(()),
            }
        }
        FollowUp::Index(incident) => {
            let incident = timeline::find_by_id(tx, incident).await?;
            search::index(tx, &incident).await
        }
        FollowUp::EndIfQuiet(incident) => {
            let incident = taken(tx, known, incident).await?;
            if incident.state == State::Resolved || is_one_open(tx, incident.id).await? {
                return Ok(());
            }
            incidents::resolve_by_alerts(tx, incident, request.from.resolves_with_alerts).await
        }
    }
}

/// The incident, which changes past what is known of it.
async fn taken(tx: &mut Tx, known: &mut Known, id: IncidentId) -> Result<Incident> {
    match known.give_away(id) {
        Some(incident) => Ok(incident),
        None => timeline::hold(tx, id).await,
    }
}

async fn is_one_open(tx: &mut Tx, incident: IncidentId) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM alerts WHERE incident_id = $1 AND open)")
        .bind(incident)
        .scalar(tx)
        .await
}
