//! New alerts of a request: they join the open incident of their group, or open one.

use super::Source;
use crate::Tx;
use crate::db::changes::NewAlert;
use crate::db::{Arg, Question, sql};
use crate::error::Result;
use crate::incidents::{self, Opening, search, timeline};
use crate::{oncall, paging};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::alerts::{AlertBatch, AlertEvent, Status};
use domain::escalation::{Arrival, Progress};
use domain::ids::{AlertId, IncidentId, IntegrationId};
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, NoticedBy, State};

/// New alerts of one request that get a line each; the rest is told as a number.
const MOST_LINES: usize = 20;

/// What an alert that comes to an open incident is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    OneMore,
    FiresAgain,
    Worse,
}

/// The open incident of a group.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct OpenIncidentOf(pub IntegrationId, pub String);

impl Question for OpenIncidentOf {
    type Answer = Option<IncidentId>;
}

/// Puts what is new into the open incident of its group, or opens one.
pub(super) async fn join_or_open(
    tx: &mut Tx,
    from: &Source,
    delivery: &AlertBatch,
    alerts: &[&AlertEvent],
    received_at: DateTime<Utc>,
) -> Result<()> {
    let worst = alerts
        .iter()
        .map(|alert| severity_of(from, alert))
        .max()
        .unwrap_or(from.default_severity);
    // What was not read may be worse, so it wakes people whatever was.
    let worst = if delivery.is_cut {
        worst.max(from.page_from)
    } else {
        worst
    };
    let held = match open_incident(tx, from, &delivery.group).await? {
        Some(id) => Some(incidents::hold(tx, id).await?).filter(|incident| incident.state != State::Resolved),
        None => None,
    };
    match held {
        Some(mut incident) => {
            add(tx, from, &mut incident, delivery, alerts, received_at).await?;
            let news = if incident.alerts_quiet {
                incident.alerts_quiet = false;
                incidents::store(tx, &mut incident).await?;
                News::FiresAgain
            } else {
                News::OneMore
            };
            wake(tx, from, &mut incident, worst, news).await?;
            search::index(tx, &incident).await
        }
        None => open_for(tx, from, delivery, alerts, worst, received_at).await,
    }
}

async fn open_incident(tx: &mut Tx, from: &Source, group: &str) -> Result<Option<IncidentId>> {
    if let Some(known) = tx
        .ahead
        .take(&OpenIncidentOf(from.integration_id, group.to_owned()))
    {
        return Ok(known);
    }
    let open: Option<(IncidentId,)> =
        sql("SELECT id FROM incidents WHERE {any incidents} AND integration_id = $1 AND group_key = $2 AND state <> 'resolved'")
            .bind(from.integration_id)
            .bind(group)
            .maybe(tx)
            .await?;
    Ok(open.map(|(id,)| id))
}

async fn open_for(
    tx: &mut Tx,
    from: &Source,
    delivery: &AlertBatch,
    alerts: &[&AlertEvent],
    worst: Severity,
    received_at: DateTime<Utc>,
) -> Result<()> {
    let opening = Opening {
        title: title_of(from, delivery, alerts),
        severity: worst,
        team: from.team_id,
        noticed_by: NoticedBy::Alert,
        group: Some((from.integration_id, &delivery.group)),
        impact_started_at: None,
        services: &[from.service_id],
    };
    let mut incident = incidents::insert(tx, &opening).await?;
    let event = Event::Opened {
        noticed_by: NoticedBy::Alert,
        severity: worst,
    };
    timeline::record(tx, &mut incident, event).await?;
    add(tx, from, &mut incident, delivery, alerts, received_at).await?;
    if !worst.at_least(from.page_from) {
        timeline::record(
            tx,
            &mut incident,
            Event::BelowPaging {
                page_from: from.page_from,
            },
        )
        .await?;
    }
    let arrival = Arrival {
        meets: None,
        alert: worst,
        was_quiet: false,
        is_new: true,
        page_from: from.page_from,
        progress: Progress::NotStarted,
    };
    oncall::knows_policy(tx, incident.id, from.service_id);
    paging::knows_nobody_was_paged(tx, incident.id);
    incidents::wake(tx, &mut incident, arrival.waking()).await?;
    let words = alerts
        .iter()
        .take(search::MOST_ALERTS)
        .map(|alert| (alert.title.as_deref().unwrap_or_default(), &alert.labels));
    search::index_new(tx, &incident, words);
    Ok(())
}

/// What several alerts share, else what the worst of them says.
fn title_of(from: &Source, delivery: &AlertBatch, alerts: &[&AlertEvent]) -> String {
    // Of equally bad ones the first counts, which `max_by_key` would not give.
    let worst = alerts
        .iter()
        .rev()
        .max_by_key(|alert| severity_of(from, alert))
        .and_then(|alert| alert.title.clone());
    let title = match (alerts.len(), worst) {
        (..=1, worst) => worst,
        (_, _) if delivery.group_title.is_some() => delivery.group_title.clone(),
        (several, worst) => worst.map(|title| format!("{title} (and {} more)", several - 1)),
    };
    let title = title.unwrap_or_else(|| format!("{}: an alert without a title", from.service_name));
    title.chars().take(200).collect()
}

fn title_of_one(alert: &AlertEvent) -> String {
    let title = alert.title.clone();
    title.unwrap_or_else(|| "An alert without a title".to_owned())
}

/// Puts new alerts into the incident, which the caller holds.
async fn add(
    tx: &mut Tx,
    from: &Source,
    incident: &mut Incident,
    delivery: &AlertBatch,
    alerts: &[&AlertEvent],
    received_at: DateTime<Utc>,
) -> Result<()> {
    for (place, alert) in alerts.iter().enumerate() {
        let id: AlertId = tx.new_id();
        let title = title_of_one(alert);
        let severity = severity_of(from, alert);
        tx.changes.alerts.push(NewAlert {
            id,
            incident_id: incident.id,
            integration_id: from.integration_id,
            service_id: from.service_id,
            key: alert.key.clone(),
            title: title.clone(),
            severity,
            severity_word: alert.severity_word.clone(),
            labels: Arg::json(&alert.labels),
            annotations: Arg::json(&alert.annotations),
            link: alert.link.clone(),
            links: Arg::json(&alert.links),
            words: alert.words(),
            started_at: alert.started_at.min(received_at),
            received_at,
        });
        if place < MOST_LINES {
            let event = Event::AlertAdded {
                alert: id,
                title,
                severity,
                status: Status::Firing,
                link: alert.link.clone(),
            };
            timeline::record_at(tx, incident, event, alert.started_at.min(received_at)).await?;
        }
    }
    if let Some(more) = alerts.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        let event = Event::MoreAlertsAdded {
            count: u64::try_from(more).unwrap_or(0),
        };
        timeline::record(tx, incident, event).await?;
    }
    if delivery.is_cut {
        timeline::record(tx, incident, cut(delivery)).await?;
    }
    if delivery.left_out > 0 {
        timeline::record(
            tx,
            incident,
            Event::AlertsLeftOut {
                count: delivery.left_out,
            },
        )
        .await?;
    }
    Ok(())
}

fn cut(delivery: &AlertBatch) -> Event {
    Event::RequestCut {
        read: u64::try_from(delivery.alerts.len()).unwrap_or(u64::MAX),
    }
}

/// Says in the group's incident that only the beginning of a request was read, which told nothing new.
pub(super) async fn say_that_it_is_cut(tx: &mut Tx, from: &Source, delivery: &AlertBatch) -> Result<()> {
    if let Some(incident) = open_incident(tx, from, &delivery.group).await? {
        let mut incident = incidents::hold(tx, incident).await?;
        timeline::record(tx, &mut incident, cut(delivery)).await?;
    }
    Ok(())
}

/// Raises the incident to a worse alert and wakes whom the rule says. The caller holds the incident.
pub(super) async fn wake(
    tx: &mut Tx,
    from: &Source,
    incident: &mut Incident,
    alert: Severity,
    news: News,
) -> Result<()> {
    let arrival = Arrival {
        meets: Some((incident.state, incident.severity)),
        alert,
        was_quiet: news == News::FiresAgain,
        is_new: news != News::Worse,
        page_from: from.page_from,
        progress: paging::progress(tx, incident.id).await?,
    };
    incidents::raise_to(tx, incident, alert).await?;
    incidents::wake(tx, incident, arrival.waking()).await
}

fn severity_of(from: &Source, alert: &AlertEvent) -> Severity {
    alert.severity().unwrap_or(from.default_severity)
}
