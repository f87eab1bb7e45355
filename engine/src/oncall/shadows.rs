//! Shadows: people who go along with a schedule for a while, to learn. They get a copy of its pages, and nothing else changes: they are not
//! on call, nothing is escalated to them, and it counts no load.

use super::calendar::Of;
use super::{Refused, schedules};
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::people::{self, CannotBeChosen};
use crate::{Tx, news};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::ids::{IncidentId, PersonId, ScheduleId, ShadowId, TeamId};
use domain::news::{About, News};
use domain::oncall::{SpanFault, still_to_come};
use domain::people::Permission;

/// Who learns longer than this is on call.
const LONGEST: TimeDelta = TimeDelta::days(180);
/// Copies that are told in one transaction.
const AT_ONCE: i64 = 200;

/// Somebody who goes along.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Shadow {
    pub id: ShadowId,
    pub schedule_id: ScheduleId,
    pub schedule_name: String,
    pub team_id: TeamId,
    pub person_id: PersonId,
    pub name: String,
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
}

const SHADOWS: &str =
    "SELECT s.id, s.schedule_id, c.name AS schedule_name, c.team_id, s.person_id, p.name, s.from_at, s.to_at
     FROM schedule_shadows s JOIN schedules c ON c.id = s.schedule_id JOIN people p ON p.id = s.person_id
     WHERE p.deactivated_at IS NULL AND s.to_at > $1 ";

/// Those of a schedule that are not over, the next one first.
pub async fn of_schedule(tx: &mut Tx, schedule: ScheduleId) -> Result<Vec<Shadow>> {
    let now = tx.now();
    sql(constcat::concat!(
        SHADOWS,
        "AND s.schedule_id = $2 ORDER BY s.from_at, s.id"
    ))
    .bind(now)
    .bind(schedule)
    .all(tx)
    .await
}

/// Those between two instants, the next one first.
pub async fn between(tx: &mut Tx, of: Of, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<Shadow>> {
    let mut shadows: Vec<Shadow> = sql(constcat::concat!(
        SHADOWS,
        "AND s.from_at < $2 ORDER BY s.from_at, s.id"
    ))
    .bind(from)
    .bind(to)
    .all(tx)
    .await?;
    shadows.retain(|shadow| match of {
        Of::All => true,
        Of::Schedule(schedule) => shadow.schedule_id == schedule,
        Of::Team(team) => shadow.team_id == team,
        Of::Person(person) => shadow.person_id == person,
    });
    Ok(shadows)
}

/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn authorize(tx: &mut Tx, schedule: ScheduleId) -> Result<()> {
    let named = schedules::find(tx, schedule).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await
}

/// Lets somebody go along with a schedule, whoever is active, observers too.
///
/// # Errors
/// [`Refused::CannotBeChosen`], [`Refused::EndsTooEarly`], [`Refused::IsOver`], [`Refused::ShadowsTooLong`]
pub async fn add(
    tx: &mut Tx,
    schedule: ScheduleId,
    person: PersonId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<ShadowId> {
    authorize(tx, schedule).await?;
    let now = tx.now();
    match people::choose(tx, person).await? {
        Ok(_) | Err(CannotBeChosen::Observes(_)) => {}
        Err(fault) => return Err(Refused::CannotBeChosen(fault, "shadow").into()),
    }
    still_to_come((from, to), now, LONGEST).map_err(|fault| match fault {
        SpanFault::LastsTooLong => Refused::ShadowsTooLong,
        fault => fault.into(),
    })?;
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let id: ShadowId = tx.new_id();
    sql(
        "INSERT INTO schedule_shadows (id, schedule_id, person_id, from_at, to_at, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(schedule)
    .bind(person)
    .bind(from)
    .bind(to)
    .bind(now)
    .bind(tx.actor().person())
    .run(tx)
    .await?;
    changed(tx, schedule).await?;
    before.told(tx).await?;
    Ok(id)
}

/// Somebody goes along no more. They may say so themselves.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn remove(tx: &mut Tx, schedule: ScheduleId, id: ShadowId) -> Result<()> {
    let shadows = of_schedule(tx, schedule).await?;
    let shadow = shadows.iter().find(|shadow| shadow.id == id);
    if shadow.is_none_or(|shadow| tx.actor().person() != Some(shadow.person_id)) {
        authorize(tx, schedule).await?;
    }
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    sql("DELETE FROM schedule_shadows WHERE id = $1 AND schedule_id = $2")
        .bind(id)
        .bind(schedule)
        .run(tx)
        .await?;
    changed(tx, schedule).await?;
    before.told(tx).await
}

async fn changed(tx: &mut Tx, schedule: ScheduleId) -> Result<()> {
    sql("UPDATE schedules SET shadowed_until = (SELECT MAX(to_at) FROM schedule_shadows WHERE schedule_id = $1) WHERE id = $1")
        .bind(schedule)
        .run(tx)
        .await
        .map(drop)
}

#[derive(sqlx::FromRow)]
struct Paged {
    incident_id: IncidentId,
    schedule_id: ScheduleId,
    at: DateTime<Utc>,
    #[sqlx(json)]
    paged: Vec<(PersonId, String)>,
}

/// Whether pages wait to be told to whoever goes along.
pub(crate) async fn wait(tx: &mut Tx) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM shadowed_pages)")
        .scalar(tx)
        .await
}

/// Tells whoever went along when somebody was paged. Says of how many pages.
pub(crate) async fn tell(tx: &mut Tx) -> Result<usize> {
    // Of two nodes one gets each row.
    let pages: Vec<Paged> = sql(
        "DELETE FROM shadowed_pages WHERE id IN (SELECT id FROM shadowed_pages ORDER BY id LIMIT $1)
         RETURNING incident_id, schedule_id, at, paged",
    )
    .bind(AT_ONCE)
    .all(tx)
    .await?;
    for page in &pages {
        let shadows: Vec<(PersonId, String)> = sql(
            "SELECT s.person_id, c.name FROM schedule_shadows s JOIN schedules c ON c.id = s.schedule_id
             WHERE s.schedule_id = $1 AND s.from_at <= $2 AND s.to_at > $2",
        )
        .bind(page.schedule_id)
        .bind(page.at)
        .all(tx)
        .await?;
        for (person, schedule) in shadows {
            if !page.paged.iter().any(|(paged, _)| *paged == person) {
                copy(tx, page, person, schedule).await?;
            }
        }
    }
    Ok(pages.len())
}

async fn copy(tx: &mut Tx, page: &Paged, person: PersonId, schedule: String) -> Result<()> {
    let (number, title, severity): (i64, String, Severity) =
        sql("SELECT number, title, severity FROM incidents WHERE {any incidents} AND id = $1")
            .bind(page.incident_id)
            .one(tx, "incident")
            .await?;
    let news = News::Shadowed {
        incident: About {
            number,
            title,
            severity,
        },
        name: schedule,
        paged: page.paged.iter().map(|(_, name)| name.clone()).collect(),
    };
    news::tell(tx, person, Some(page.incident_id), &news).await
}
