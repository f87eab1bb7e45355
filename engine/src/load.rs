//! How on call is shared out: hours by kind, pages, and nights in which somebody was woken. Each person sees their own; a team sees its
//! spread, and names only where it wants them.

use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::oncall::calendar::{Of, turns};
use crate::paging::WENT_OUT;
use crate::{Tx, calendars, teams};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::ids::{IncidentId, PersonId, TeamId};
use domain::learning::night_of;
use domain::oncall::{Load, rests_on_one};
use domain::people::{Permission, Person};
use std::collections::{BTreeMap, BTreeSet};

/// From … until before.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// What one person had in a period.
#[derive(Clone, Debug)]
pub struct Served {
    pub person: Person,
    pub hours: Load,
    pub pages: usize,
    /// Nights by their own clock.
    pub nights_woken: usize,
}

#[derive(Clone, Debug, Default)]
pub struct TeamLoad {
    /// Members who may be on call, and who else was, by name.
    pub people: Vec<Served>,
    /// Whether any day of the period is a holiday of the team.
    pub has_holidays: bool,
    /// One person acted in so many of so many incidents, which is more than half.
    pub rests_on_one: Option<(usize, usize)>,
}

/// Of a team, from an instant until before another one.
pub async fn of_team(tx: &mut Tx, team: TeamId, period: Span) -> Result<TeamLoad> {
    let mut people: BTreeMap<PersonId, Person> = teams::members::who_act(tx, team)
        .await?
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    let mut spans: BTreeMap<PersonId, Vec<Span>> = BTreeMap::new();
    for turn in turns(tx, Of::Team(team), period).await? {
        for person in turn.people {
            spans.entry(person.id).or_default().push((turn.from, turn.to));
            people.entry(person.id).or_insert(person);
        }
    }
    // A day of one zone is another one elsewhere.
    let days = (
        period.0.date_naive() - Days::new(1),
        period.1.date_naive() + Days::new(2),
    );
    let holidays = calendars::holidays_of(tx, team, days).await?;
    let mut pages = pages(tx, team, period).await?;
    let mut served: Vec<Served> = people
        .into_values()
        .map(|person| {
            let zone: Tz = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
            let times = pages.remove(&person.id).unwrap_or_default();
            let nights: BTreeSet<NaiveDate> = times.iter().filter_map(|at| night_of(*at, zone)).collect();
            Served {
                hours: Load::with_holidays(spans.get(&person.id).map_or(&[], Vec::as_slice), zone, |day| {
                    holidays.contains_key(&day)
                }),
                pages: times.len(),
                nights_woken: nights.len(),
                person,
            }
        })
        .collect();
    served.sort_by(|a, b| (&a.person.name, a.person.id).cmp(&(&b.person.name, b.person.id)));
    Ok(TeamLoad {
        people: served,
        has_holidays: !holidays.is_empty(),
        rests_on_one: rests_on_one(&acted(tx, team, period).await?),
    })
}

/// When each was paged for incidents of the team; what did not go out woke nobody.
async fn pages(
    tx: &mut Tx,
    team: TeamId,
    (from, to): Span,
) -> Result<BTreeMap<PersonId, Vec<DateTime<Utc>>>> {
    let rows: Vec<(PersonId, DateTime<Utc>)> = sql(constcat::concat!(
        "SELECT g.person_id, g.created_at FROM pages g JOIN incidents i ON i.id = g.incident_id
         WHERE {visible i} AND i.team_id = $1 AND g.created_at >= $2 AND g.created_at < $3 AND ",
        WENT_OUT
    ))
    .bind(team)
    .bind(from)
    .bind(to)
    .all(tx)
    .await?;
    let mut pages: BTreeMap<PersonId, Vec<DateTime<Utc>>> = BTreeMap::new();
    for (person, at) in rows {
        pages.entry(person).or_default().push(at);
    }
    Ok(pages)
}

/// Who acted in which incident that opened then.
async fn acted(tx: &mut Tx, team: TeamId, (from, to): Span) -> Result<Vec<(PersonId, IncidentId)>> {
    sql(
        "SELECT DISTINCT t.actor_id, t.incident_id FROM incidents i JOIN timeline t ON t.incident_id = i.id
         WHERE {visible i} AND i.team_id = $1 AND i.opened_at >= $2 AND i.opened_at < $3 AND t.actor_id IS NOT NULL",
    )
    .bind(team)
    .bind(from)
    .bind(to)
    .all(tx)
    .await
}

/// Hours to be paid: of everybody for administrators, else one's own.
///
/// # Errors
/// [`Error::NotAllowed`]
pub async fn to_pay(tx: &mut Tx, team: TeamId, period: Span) -> Result<Vec<Served>> {
    let me = tx.person()?;
    let sees_all = match tx.authorize(Permission::Administer).await {
        Ok(()) => true,
        Err(Error::NotAllowed(_)) => false,
        Err(error) => return Err(error),
    };
    let mut people = of_team(tx, team, period).await?.people;
    people.retain(|served| sees_all || served.person.id == me);
    Ok(people)
}

/// Whether the team sees names.
pub async fn with_names(tx: &mut Tx, team: TeamId) -> Result<bool> {
    sql("SELECT load_with_names FROM teams WHERE id = $1")
        .bind(team)
        .scalar(tx)
        .await
}

/// Sets whether the team sees names.
///
/// # Errors
/// [`Error::NotAllowed`]
pub async fn show_names(tx: &mut Tx, team: TeamId, shown: bool) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    sql("UPDATE teams SET load_with_names = $2 WHERE id = $1")
        .bind(team)
        .bind(shown)
        .run(tx)
        .await?;
    before.told(tx).await
}
