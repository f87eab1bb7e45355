//! What whoever comes on call has to know: what is open, what the turn before had, and what was left for them.

use super::notes::{Note, note_for};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::oncall::schedules;
use crate::timeline;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IncidentId, PersonId, ScheduleId, TeamId};
use domain::incidents::Incident;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of each list; the rest is counted.
const MOST: usize = 10;
/// How far back the turn before is looked for.
const TURN_BEFORE: TimeDelta = TimeDelta::days(14);

/// An incident, and whoever has it.
#[derive(Clone, Debug)]
pub struct Told {
    pub incident: Incident,
    pub held_by: Option<(PersonId, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Of the schedule's team, the worst first.
    pub open: Vec<Told>,
    /// More that are open.
    pub more_open: usize,
    /// Who had the pager right before, by name.
    pub before: Vec<(PersonId, String)>,
    /// What paged somebody of them in that turn: how many, and the newest.
    pub paged: usize,
    pub last: Vec<Incident>,
    pub note: Option<Note>,
}

impl Around {
    /// Whether whoever has it goes off call with this turn.
    pub fn is_left(&self, told: &Told) -> bool {
        let held_by = told.held_by.as_ref();
        held_by.is_some_and(|(holder, _)| self.before.iter().any(|(person, _)| person == holder))
    }
}

/// As of now, for whoever comes on at that instant.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn around(
    tx: &mut Tx,
    schedule: ScheduleId,
    from: DateTime<Utc>,
    comes: PersonId,
) -> Result<Around> {
    // Who had it may be gone by now.
    let (named, _, rotation) = schedules::load_as_written(tx, schedule).await?;
    let shifts = rotation.shifts(from - TURN_BEFORE, from);
    let before = shifts
        .last()
        .filter(|last| last.to == from && !last.people.contains(&comes));
    let ids: BTreeSet<PersonId> = before.map(|shift| shift.people.clone()).unwrap_or_default();
    let mut around = Around {
        before: names(tx, &ids).await?,
        note: note_for(tx, schedule, from).await?,
        ..Around::default()
    };
    if let Some(before) = before {
        let paged = paged_in(tx, &ids, (before.from, from)).await?;
        around.paged = paged.len();
        around.last = paged.into_iter().take(MOST).collect();
    }
    let open = open_of(tx, named.team_id).await?;
    around.more_open = open.len().saturating_sub(MOST);
    for incident in open.into_iter().take(MOST) {
        let holder = timeline::holder(tx, incident.id).await?;
        around.open.push(Told {
            held_by: holder.map(|holder| (holder.person_id, holder.name)),
            incident,
        });
    }
    Ok(around)
}

async fn names(tx: &mut Tx, ids: &BTreeSet<PersonId>) -> Result<Vec<(PersonId, String)>> {
    let found = crate::people::of(tx, ids).await?;
    Ok(found
        .into_values()
        .map(|person| (person.id, person.name))
        .collect())
}

async fn open_of(tx: &mut Tx, team: TeamId) -> Result<Vec<Incident>> {
    sql(constcat::concat!(
        "SELECT ",
        timeline::COLUMNS,
        " FROM incidents WHERE {visible incidents} AND team_id = $1 AND state <> 'resolved' ORDER BY severity, number DESC LIMIT 100"
    ))
    .bind(team)
    .all(tx)
    .await
}

/// Incidents that paged one of these people in that time, newest first.
async fn paged_in(
    tx: &mut Tx,
    people: &BTreeSet<PersonId>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Incident>> {
    let mut found: BTreeMap<IncidentId, Incident> = BTreeMap::new();
    for person in people {
        let paged: Vec<Incident> = sql(constcat::concat!(
            "SELECT ",
            timeline::COLUMNS,
            " FROM incidents WHERE {visible incidents} AND id IN
                (SELECT incident_id FROM pages WHERE person_id = $1 AND created_at >= $2 AND created_at < $3)"
        ))
        .bind(*person)
        .bind(from)
        .bind(to)
        .all(tx)
        .await?;
        found.extend(paged.into_iter().map(|incident| (incident.id, incident)));
    }
    // Ids are in the order of their making.
    Ok(found.into_values().rev().collect())
}
