//! Whoever has other shifts than before is told, unless they changed them themselves.

use super::overview::AHEAD;
use super::schedules;
use crate::Tx;
use crate::error::{Error, Result};
use crate::news;
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::news::{News, Time};
use domain::oncall::{Schedule, differences};

/// A schedule as it was before a change.
#[must_use = "a change that is not told leaves people on call without knowing it"]
pub(crate) struct Before {
    schedule: ScheduleId,
    stood: Option<(String, Schedule<PersonId>)>,
}

/// To be called before a schedule is changed.
pub(crate) async fn before(tx: &mut Tx, schedule: ScheduleId) -> Result<Before> {
    let stood = stands(tx, schedule).await?;
    Ok(Before { schedule, stood })
}

/// Of a schedule that is made.
pub(super) const fn before_it_was_made(schedule: ScheduleId) -> Before {
    Before {
        schedule,
        stood: None,
    }
}

async fn stands(tx: &mut Tx, schedule: ScheduleId) -> Result<Option<(String, Schedule<PersonId>)>> {
    match schedules::load(tx, schedule).await {
        Ok((named, rotation)) => Ok(Some((named.name, rotation))),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Before {
    /// Tells of the weeks ahead, and until `until` where that is later. What the program does by itself is told to nobody.
    pub(crate) async fn told(self, tx: &mut Tx, until: Option<DateTime<Utc>>) -> Result<()> {
        if tx.actor().person().is_none() {
            return Ok(());
        }
        let after = stands(tx, self.schedule).await?;
        let Some((name, zone)) = after
            .as_ref()
            .or(self.stood.as_ref())
            .map(|(name, rotation)| (name.clone(), rotation.time_zone))
        else {
            return Ok(());
        };
        let nobody = || Schedule {
            time_zone: zone,
            layers: Vec::new(),
            overrides: Vec::new(),
        };
        let was = self.stood.map_or_else(nobody, |(_, rotation)| rotation);
        let is = after.map_or_else(nobody, |(_, rotation)| rotation);
        let now = tx.now();
        let end = until.unwrap_or(now).max(now + AHEAD);
        for (person, change) in differences(&was, &is, (now, end)) {
            let times = |times: Vec<(DateTime<Utc>, DateTime<Utc>)>| {
                times.into_iter().map(|(from, to)| Time { from, to }).collect()
            };
            let news = News::ShiftsChanged {
                schedule: self.schedule,
                name: name.clone(),
                gained: times(change.gained),
                lost: times(change.lost),
            };
            news::tell(tx, person, None, &news).await?;
        }
        Ok(())
    }
}
