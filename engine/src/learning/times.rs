//! How long incidents took, how many there were week by week, and when people were woken: of teams and services, never of a person.

use super::scope::{Period, Scope, in_scope};
use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use domain::Severity;
use domain::ids::PersonId;
use domain::incidents::State;
use domain::learning::{Spread, night_of};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Times {
    /// What was measured, over all severities and for each that there was.
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

#[derive(Clone, Debug)]
pub struct Measured {
    pub label: &'static str,
    /// From when is counted.
    pub from: &'static str,
    pub all: Spread,
    pub by_severity: Vec<(Severity, Spread)>,
}

#[derive(sqlx::FromRow)]
struct Took {
    severity: Severity,
    opened_at: DateTime<Utc>,
    impact_started_at: Option<DateTime<Utc>>,
    detected_at: Option<DateTime<Utc>>,
    seconds_to_acknowledge: Option<i64>,
    seconds_to_mitigate: Option<i64>,
    seconds_to_resolve: Option<i64>,
}

impl Took {
    fn seconds_to_detect(&self) -> Option<i64> {
        Some((self.detected_at? - self.impact_started_at?).num_seconds())
    }
}

/// Reads them, of incidents that were opened in the period.
pub async fn times(tx: &mut Tx, period: Period, scope: Scope) -> Result<Times> {
    let states: Vec<String> = State::ALL.iter().map(|state| format!("'{state}'")).collect();
    // By an index that begins with the state.
    let (by_index, states) = (dialect::by_index(tx, "incidents_listing"), states.join(", "));
    let incidents: Vec<Took> = scope
        .ask_put_together(
            format!(
                "SELECT i.severity, i.opened_at, i.impact_started_at, i.detected_at, i.seconds_to_acknowledge, i.seconds_to_mitigate,
                    i.seconds_to_resolve FROM incidents i {by_index}
                 WHERE {{visible i}} AND i.state IN ({states}) AND i.opened_at >= $3 AND i.opened_at < $4 {}",
                in_scope!()
            ),
            period,
        )
        .all(tx)
        .await?;
    let mut times = Times {
        measures: measures(&incidents),
        ..Times::default()
    };
    for incident in &incidents {
        times.week_of(incident.opened_at).incidents += 1;
    }
    alerts(tx, period, scope, &mut times).await?;
    pages(tx, period, scope, &mut times).await?;
    Ok(times)
}

impl Times {
    fn week_of(&mut self, at: DateTime<Utc>) -> &mut Week {
        self.weeks.entry(monday_of(at.date_naive())).or_default()
    }
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    let since = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(since)).unwrap_or(day)
}

fn measures(incidents: &[Took]) -> Vec<Measured> {
    let measure = |label, from, of: fn(&Took) -> Option<i64>| {
        let severities: BTreeSet<Severity> = incidents.iter().map(|incident| incident.severity).collect();
        let of_severity = |severity: Severity| {
            let these = incidents
                .iter()
                .filter(move |incident| incident.severity == severity);
            (severity, Spread::of(these.map(of)))
        };
        Measured {
            label,
            from,
            all: Spread::of(incidents.iter().map(of)),
            by_severity: severities.into_iter().map(of_severity).collect(),
        }
    };
    let from = "from impact start, else detection, else opening";
    vec![
        measure("To detect", "from impact start", Took::seconds_to_detect),
        measure("To acknowledge", from, |took| took.seconds_to_acknowledge),
        measure("To mitigate", from, |took| took.seconds_to_mitigate),
        measure("To resolve", from, |took| took.seconds_to_resolve),
    ]
}

/// Alerts that fired in the period. None of them belongs to an incident that was over before.
async fn alerts(tx: &mut Tx, period: Period, scope: Scope, times: &mut Times) -> Result<()> {
    let day = dialect::day(tx, "a.started_at");
    let open = dialect::by_index(tx, "incidents_open");
    let over = dialect::by_index(tx, "incidents_resolved");
    let days: Vec<(String, i64)> = scope
        .ask_put_together(
            format!(
                "SELECT {day}, COUNT(*) FROM (
                    SELECT i.id FROM incidents i {open} WHERE {{visible i}} AND i.state <> 'resolved' {}
                    UNION ALL SELECT i.id FROM incidents i {over} WHERE {{visible i}} AND i.resolved_at >= $3 {}
                 ) o CROSS JOIN alerts a WHERE a.incident_id = o.id AND a.started_at >= $3 AND a.started_at < $4 GROUP BY {day}",
                in_scope!(),
                in_scope!()
            ),
            period,
        )
        .all(tx)
        .await?;
    for (day, count) in days {
        if let Ok(day) = day.parse() {
            times.weeks.entry(monday_of(day)).or_default().alerts += usize::try_from(count).unwrap_or(0);
        }
    }
    Ok(())
}

async fn pages(tx: &mut Tx, period: Period, scope: Scope, times: &mut Times) -> Result<()> {
    let zones: Vec<(PersonId, String)> = sql("SELECT id, time_zone FROM people").all(tx).await?;
    let zones: BTreeMap<PersonId, Tz> = zones
        .into_iter()
        .map(|(person, zone)| (person, zone.parse().unwrap_or(chrono_tz::UTC)))
        .collect();
    let pages: Vec<(PersonId, DateTime<Utc>)> = scope
        .ask(
            constcat::concat!(
                "SELECT g.person_id, g.created_at FROM people p CROSS JOIN pages g CROSS JOIN incidents i
                 WHERE g.person_id = p.id AND i.id = g.incident_id AND {visible i} AND g.created_at >= $3 AND g.created_at < $4",
                in_scope!()
            ),
            period,
        )
        .all(tx)
        .await?;
    let mut nights: BTreeSet<(PersonId, NaiveDate)> = BTreeSet::new();
    for (person, at) in pages {
        let zone = zones.get(&person).copied().unwrap_or(chrono_tz::UTC);
        let hour = usize::try_from(at.with_timezone(&zone).hour()).unwrap_or(0);
        times.pages_by_hour[hour] += 1;
        nights.extend(night_of(at, zone).map(|night| (person, night)));
    }
    for (_, night) in nights {
        times.weeks.entry(monday_of(night)).or_default().nights_woken += 1;
    }
    Ok(())
}
