//! Weekly rotations, which the set-up makes: people take the pager in order, a week each. And schedules that go.

use super::store;
use super::{Refused, choose, schedules, shift_news};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use domain::fields;
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::oncall::{Fault, Layer, Schedule, wall};
use domain::people::Permission;

/// What the form says: the first of the people has the pager now, from the last hand-off on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub hand_off_day: Weekday,
    pub hand_off_time: NaiveTime,
    pub people: Vec<PersonId>,
}

/// Makes a schedule of a team.
///
/// # Errors
/// [`Refused`]
pub async fn create(tx: &mut Tx, team: TeamId, weekly: &Weekly) -> Result<ScheduleId> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let (name, rotation) = checked(tx, weekly).await?;
    store::create(tx, team, &name, &rotation).await
}

/// Deletes a schedule that no policy names.
///
/// # Errors
/// [`Refused::InUse`]
pub async fn delete(tx: &mut Tx, id: ScheduleId) -> Result<()> {
    let named = schedules::find(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    let before = audit::before(tx, Subject::Schedule(id)).await?;
    let policies: Vec<(String,)> = sql("SELECT DISTINCT p.name FROM escalation_policies p
         JOIN policy_steps s ON s.policy_id = p.id JOIN policy_targets t ON t.step_id = s.id
         WHERE t.schedule_id = $1 ORDER BY p.name")
    .bind(id)
    .all(tx)
    .await?;
    if !policies.is_empty() {
        let names: Vec<String> = policies
            .into_iter()
            .map(|(name,)| format!("the policy {name}"))
            .collect();
        return Err(Refused::InUse(names.join(", ")).into());
    }
    let shifts = shift_news::before(tx, id).await?;
    sql("DELETE FROM schedules WHERE id = $1")
        .bind(id)
        .run(tx)
        .await?;
    before.told(tx).await?;
    shifts.told(tx, None).await
}

/// The last time before `now` at which the clock in the zone read this weekday and time.
pub fn last_hand_off(zone: Tz, day: Weekday, time: NaiveTime, now: DateTime<Utc>) -> NaiveDateTime {
    let reading = wall::reading(zone, now);
    let back = (7 + reading.weekday().num_days_from_monday() - day.num_days_from_monday()) % 7;
    let date = reading
        .date()
        .checked_sub_days(Days::new(u64::from(back)))
        .unwrap_or_default();
    let hand_off = date.and_time(time);
    if hand_off > reading {
        hand_off.checked_sub_days(Days::new(7)).unwrap_or(hand_off)
    } else {
        hand_off
    }
}

async fn checked(tx: &mut Tx, weekly: &Weekly) -> Result<(String, Schedule<PersonId>)> {
    let name = fields::NAME.read(&weekly.name)?;
    let zone: Tz = weekly.time_zone.trim().parse().map_err(|_| Refused::Schedule {
        field: "time_zone",
        fault: Fault::NoZone,
    })?;
    if weekly.people.is_empty() {
        return Err(Refused::NobodyInRotation.into());
    }
    let turns = |all: &[PersonId], person: PersonId| all.iter().filter(|other| **other == person).count();
    for person in &weekly.people {
        let found = choose(tx, *person, "people").await?;
        if turns(&weekly.people, *person) > 1 {
            return Err(Refused::TwiceInRotation(found.name).into());
        }
    }
    let rotation = Schedule {
        time_zone: zone,
        layers: vec![Layer::weekly(
            weekly.people.iter().copied(),
            last_hand_off(zone, weekly.hand_off_day, weekly.hand_off_time, tx.now()),
        )],
        overrides: Vec::new(),
    };
    rotation.check().map_err(|invalid| Refused::Schedule {
        field: "hand_off_time",
        fault: invalid.fault,
    })?;
    Ok((name.into(), rotation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hand_off_is_not_after_now() {
        let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        for (now, zone, day, hand_off) in [
            // Monday 2 March 2026, 09:00 in UTC and 10:00 in Berlin.
            (
                "2026-03-02T09:00:00Z",
                Tz::UTC,
                Weekday::Mon,
                "2026-03-02T09:00:00",
            ),
            (
                "2026-03-02T08:59:59Z",
                Tz::UTC,
                Weekday::Mon,
                "2026-02-23T09:00:00",
            ),
            (
                "2026-03-02T08:30:00Z",
                Tz::Europe__Berlin,
                Weekday::Mon,
                "2026-03-02T09:00:00",
            ),
            (
                "2026-03-02T09:00:00Z",
                Tz::UTC,
                Weekday::Fri,
                "2026-02-27T09:00:00",
            ),
            (
                "2026-03-08T23:00:00Z",
                Tz::Pacific__Auckland,
                Weekday::Mon,
                "2026-03-09T09:00:00",
            ),
        ] {
            let at = last_hand_off(zone, day, nine, now.parse().unwrap());
            assert_eq!(at, hand_off.parse::<NaiveDateTime>().unwrap(), "{now} {zone}");
        }
    }
}
