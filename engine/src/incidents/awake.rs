//! “I am awake”: one press holds all incidents that page somebody, and for a while what comes for them stands on one list
//! ([`domain::escalation::awake`]).

use super::{acknowledge, hold, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::awake::AWAKE_FOR;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::Via;
use domain::incidents::{Incident, State};
use domain::people::Permission;
use std::collections::BTreeSet;

/// Whoever was paged longer ago than this for what nobody has yet sees it among the open ones.
const PAGED_WITHIN: TimeDelta = TimeDelta::days(1);
/// As many as one press takes up.
const MOST: i64 = 200;

/// Since and until when somebody said to be awake, while that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Awake {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Whether they are.
pub async fn awake(tx: &mut Tx, person: PersonId) -> Result<Option<Awake>> {
    let now = tx.now();
    sql("SELECT awake_since AS since, awake_until AS until FROM people
         WHERE id = $1 AND awake_since IS NOT NULL AND awake_until > $2")
    .bind(person)
    .bind(now)
    .maybe(tx)
    .await
}

/// Acknowledges all that pages whoever presses, and puts what comes for them onto one list for a while. Pressing again takes up what came
/// since, and begins the while anew. Says how many it took.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn i_am_awake(tx: &mut Tx) -> Result<usize> {
    tx.authorize(Permission::ActOnIncident).await?;
    let by = tx.person()?;
    let now = tx.now();
    sql("UPDATE people SET awake_until = $3,
            awake_since = CASE WHEN awake_until > $2 AND awake_since IS NOT NULL THEN awake_since ELSE $2 END WHERE id = $1")
        .bind(by)
        .bind(now)
        .bind(now + AWAKE_FOR)
        .run(tx)
        .await?;
    // In one order, as all who take several incidents.
    let paged: BTreeSet<IncidentId> = pages_me(tx, by, Some(State::Triggered), now - PAGED_WITHIN)
        .await?
        .into_iter()
        .map(|incident| incident.id)
        .collect();
    let mut taken = 0;
    for id in paged {
        let incident = hold(tx, id).await?;
        if incident.state == State::Triggered {
            acknowledge::apply(tx, incident, Via::Page).await?;
            taken += 1;
        }
    }
    Ok(taken)
}

/// Is paged as ever from now on.
pub async fn i_am_asleep(tx: &mut Tx) -> Result<()> {
    let by = tx.person()?;
    sql("UPDATE people SET awake_since = NULL, awake_until = NULL WHERE id = $1")
        .bind(by)
        .run(tx)
        .await
        .map(drop)
}

/// Incidents that page somebody and that nobody has, those that came first on top.
pub async fn waiting_for(tx: &mut Tx, person: PersonId) -> Result<Vec<Incident>> {
    let since = tx.now() - PAGED_WITHIN;
    pages_me(tx, person, Some(State::Triggered), since).await
}

/// The list of somebody who is awake: what they took up by saying so, and all that came since.
pub async fn came_for(tx: &mut Tx, person: PersonId, awake: Awake) -> Result<Vec<Incident>> {
    pages_me(tx, person, None, awake.since - AWAKE_FOR).await
}

async fn pages_me(
    tx: &mut Tx,
    person: PersonId,
    state: Option<State>,
    since: DateTime<Utc>,
) -> Result<Vec<Incident>> {
    // CROSS JOIN, so that SQLite begins with the person's pages and not with all incidents.
    let numbers: Vec<(i64,)> = sql("SELECT i.number FROM pages g CROSS JOIN incidents i
         WHERE i.id = g.incident_id AND g.person_id = $1 AND g.created_at > $2 AND {visible i} AND i.state <> 'resolved'
           AND ($3 = '' OR i.state = $3)
         GROUP BY i.number ORDER BY MIN(g.created_at), i.number LIMIT $4")
        .bind(person)
        .bind(since)
        .bind(state.map_or("", State::as_str))
        .bind(MOST)
        .all(tx)
        .await?;
    let mut incidents = Vec::new();
    for (number,) in numbers {
        incidents.push(timeline::find(tx, number).await?);
    }
    Ok(incidents)
}
