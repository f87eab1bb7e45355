//! What a batch of alerts is going to ask the database, asked for all of them at once.

use super::handle::{OPEN_ALERT, OpenAlert, OpenAlertOf};
use super::ingest::InboundRequest;
use super::join::OpenIncidentOf;
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use crate::{oncall, paging};
use domain::alerts::Status;
use domain::ids::{IncidentId, IntegrationId, ServiceId};
use std::collections::{BTreeMap, BTreeSet};

/// Alerts that are looked up in one statement.
const AT_ONCE: usize = 1024;

#[derive(sqlx::FromRow)]
struct OpenOfBatch {
    integration_id: IntegrationId,
    dedup_key: String,
    #[sqlx(flatten)]
    open: OpenAlert,
}

type Named<'a> = BTreeSet<(IntegrationId, &'a str)>;

/// Looks up the open alerts and incidents of what arrives, and for what is going to open one, whom that pages.
pub(super) async fn look(tx: &mut Tx, batch: &[&InboundRequest]) -> Result<()> {
    let is_open = open_alerts(tx, batch).await?;
    let (mut groups, mut services) = (Named::new(), BTreeMap::new());
    for arriving in batch {
        let from = arriving.from.integration_id;
        let opens = arriving
            .delivery
            .alerts
            .iter()
            .any(|alert| alert.status == Status::Firing && !is_open.contains(&(from, alert.key.clone())));
        if opens {
            groups.insert((from, &arriving.delivery.group));
            services.insert((from, arriving.delivery.group.as_str()), arriving.from.service_id);
        }
    }
    for joined in open_incidents(tx, &groups).await? {
        services.retain(|(integration, group), _| (*integration, *group) != (joined.0, joined.1.as_str()));
    }
    let services: BTreeSet<ServiceId> = services.into_values().collect();
    if services.is_empty() {
        return Ok(());
    }
    let people = oncall::look_ahead(tx, &services).await?;
    paging::look_ahead(tx, &people).await
}

/// Answers which of them are open.
async fn open_alerts(tx: &mut Tx, batch: &[&InboundRequest]) -> Result<BTreeSet<(IntegrationId, String)>> {
    let keys: Named = batch
        .iter()
        .flat_map(|arriving| {
            let from = arriving.from.integration_id;
            arriving
                .delivery
                .alerts
                .iter()
                .map(move |alert| (from, alert.key.as_str()))
        })
        .collect();
    let keys: Vec<_> = keys.into_iter().collect();
    let mut found: Vec<OpenOfBatch> = Vec::new();
    for some in keys.chunks(AT_ONCE) {
        let open = sql_of_rows(
            constcat::concat!(
                "WITH asked (integration_id, dedup_key) AS (VALUES {rows}) SELECT a.integration_id, a.dedup_key, ",
                OPEN_ALERT,
                // SQLite takes tables in the order of a CROSS JOIN, whatever it believes of how large they are.
                " FROM asked CROSS JOIN alerts a CROSS JOIN incidents i
                  WHERE {any i} AND a.integration_id = asked.integration_id AND a.dedup_key = asked.dedup_key AND a.open AND i.id = a.incident_id"
            ),
            rows_of(some),
        );
        found.extend(open.all::<OpenOfBatch>(tx).await?);
    }
    for (integration, key) in keys {
        tx.ahead.put(OpenAlertOf(integration, key.to_owned()), None);
    }
    let mut is_open = BTreeSet::new();
    for OpenOfBatch {
        integration_id,
        dedup_key,
        open,
    } in found
    {
        is_open.insert((integration_id, dedup_key.clone()));
        tx.ahead.put(OpenAlertOf(integration_id, dedup_key), Some(open));
    }
    Ok(is_open)
}

/// Answers which groups have an open incident.
async fn open_incidents(tx: &mut Tx, groups: &Named<'_>) -> Result<Vec<(IntegrationId, String)>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(IntegrationId, String, IncidentId)> = sql_of_rows(
        "WITH asked (integration_id, group_key) AS (VALUES {rows})
         SELECT i.integration_id, i.group_key, i.id
         FROM asked CROSS JOIN incidents i WHERE {any i} AND i.integration_id = asked.integration_id AND i.group_key = asked.group_key
            AND i.state <> 'resolved'",
        rows_of(&groups.iter().copied().collect::<Vec<_>>()),
    )
    .all(tx)
    .await?;
    for (integration, group) in groups {
        tx.ahead
            .put(OpenIncidentOf(*integration, (*group).to_owned()), None);
    }
    let mut joined = Vec::new();
    for (integration, group, incident) in found {
        tx.ahead
            .put(OpenIncidentOf(integration, group.clone()), Some(incident));
        joined.push((integration, group));
    }
    Ok(joined)
}

fn rows_of(named: &[(IntegrationId, &str)]) -> Vec<Vec<Arg>> {
    named
        .iter()
        .map(|(integration, name)| vec![Arg::from(*integration), Arg::from(*name)])
        .collect()
}
