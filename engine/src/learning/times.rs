//! How long incidents took, how many there were week by week, and when people were woken: of teams and services, never of a person.

use super::scope::{Period, Scope, in_scope};
use super::took::{Measured, measures, opened};
use crate::Tx;
use crate::db::{FromEither, dialect, sql};
use crate::error::Result;
use crate::paging::WENT_OUT;
use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::learning::{By, night_of};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Times {
    /// What was measured, over all and for each severity, team, service or week that there was.
    pub measures: Vec<Measured>,
    /// Weeks by their Monday (UTC), each with what was opened in it and how many nights somebody was woken.
    pub weeks: BTreeMap<NaiveDate, Week>,
    /// Pages by the hour on the clock of whoever got them, 0 to 23.
    pub pages_by_hour: [usize; 24],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Week {
    pub incidents: usize,
    pub alerts: usize,
    /// Nights of people in which a page came.
    pub nights_woken: usize,
}

/// Reads them, of incidents that were opened in the period.
pub async fn times(tx: &mut Tx, period: Period, scope: Scope, by: By) -> Result<Times> {
    let incidents = opened(tx, period, scope).await?;
    let mut times = Times {
        measures: measures(tx, period, scope, &incidents, by).await?,
        ..Times::default()
    };
    for incident in &incidents {
        times.week_of(incident.opened_at).incidents += 1;
    }
    alerts(tx, period, scope, &mut times).await?;
    let pages = pages(tx, period, scope).await?;
    for page in &pages {
        times.pages_by_hour[page.hour() as usize] += 1;
    }
    let nights: BTreeSet<(PersonId, NaiveDate)> = pages.iter().filter_map(Paged::night).collect();
    for (_, night) in nights {
        times.weeks.entry(monday_of(night)).or_default().nights_woken += 1;
    }
    Ok(times)
}

impl Times {
    fn week_of(&mut self, at: DateTime<Utc>) -> &mut Week {
        self.weeks.entry(monday_of(at.date_naive())).or_default()
    }
}

pub(super) fn monday_of(day: NaiveDate) -> NaiveDate {
    let since = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(since)).unwrap_or(day)
}

async fn alerts(tx: &mut Tx, period: Period, scope: Scope, times: &mut Times) -> Result<()> {
    let day = dialect::day(tx, "a.started_at");
    let days: Vec<(String, i64)> = alerts_by(tx, period, scope, period, &day).await?;
    for (day, count) in days {
        if let Ok(day) = day.parse() {
            times.weeks.entry(monday_of(day)).or_default().alerts += usize::try_from(count).unwrap_or(0);
        }
    }
    Ok(())
}

/// How many alerts fired within a part of the period, by something of them (`a`) or of their incidents (`o`). None of them belongs to
/// an incident that was over before the period.
pub(super) async fn alerts_by<T>(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    within: Period,
    by: &str,
) -> Result<Vec<(T, i64)>>
where
    (T, i64): FromEither,
{
    let open = dialect::by_index(tx, "incidents_open");
    let over = dialect::by_index(tx, "incidents_resolved");
    scope
        .ask_put_together(
            format!(
                "SELECT {by}, COUNT(*) FROM (
                    SELECT i.id, i.number FROM incidents i {open} WHERE {{visible i}} AND i.state <> 'resolved' {}
                    UNION ALL SELECT i.id, i.number FROM incidents i {over} WHERE {{visible i}} AND i.resolved_at >= $3 {}
                 ) o CROSS JOIN alerts a WHERE a.incident_id = o.id AND a.started_at >= $6 AND a.started_at < $7 GROUP BY {by}",
                in_scope!(),
                in_scope!()
            ),
            period,
        )
        .bind(within.from)
        .bind(within.until)
        .all(tx)
        .await
}

/// A page that went out to somebody.
pub(super) struct Paged {
    pub number: i64,
    person: PersonId,
    at: DateTime<Tz>,
}

impl Paged {
    /// On the clock of whoever got it, 0 to 23.
    pub fn hour(&self) -> u32 {
        self.at.hour()
    }

    /// Whose night it came in, by the day on whose evening that began.
    pub fn night(&self) -> Option<(PersonId, NaiveDate)> {
        let night = night_of(self.at.to_utc(), self.at.timezone())?;
        Some((self.person, night))
    }
}

pub(super) async fn pages(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<Paged>> {
    let zones: Vec<(PersonId, String)> = sql("SELECT id, time_zone FROM people").all(tx).await?;
    let zones: BTreeMap<PersonId, Tz> = zones
        .into_iter()
        .map(|(person, zone)| (person, zone.parse().unwrap_or(chrono_tz::UTC)))
        .collect();
    let pages: Vec<(PersonId, DateTime<Utc>, i64)> = scope
        .ask(
            constcat::concat!(
                "SELECT g.person_id, g.created_at, i.number FROM people p CROSS JOIN pages g CROSS JOIN incidents i
                 WHERE g.person_id = p.id AND i.id = g.incident_id AND {visible i} AND g.created_at >= $3 AND g.created_at < $4 AND ",
                WENT_OUT,
                in_scope!()
            ),
            period,
        )
        .all(tx)
        .await?;
    let page = |(person, at, number): (PersonId, DateTime<Utc>, i64)| {
        let zone = zones.get(&person).copied().unwrap_or(chrono_tz::UTC);
        Paged {
            number,
            person,
            at: at.with_timezone(&zone),
        }
    };
    Ok(pages.into_iter().map(page).collect())
}
