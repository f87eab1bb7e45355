//! Weekly rotations: the schedule that a form makes. Its people take the pager in order, a week each.

use super::store::{self, Said};
use super::{Refused, checked_name, choose, schedules, shift_news};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use domain::ids::{LayerId, PersonId, ScheduleId, TeamId};
use domain::oncall::{Change, Counts, Fault, HandOffs, Layer, Override, Schedule, Unit, wall};
use domain::people::Permission;

/// What the form says. The first of the people has the pager now, from the last hand-off on.
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
    let (name, rotation) = checked(tx, weekly, &[]).await?;
    store::create(tx, team, &name, &rotation).await
}

/// Gives a schedule another name; who has the pager when stays as it is.
///
/// # Errors
/// [`Refused::NoName`], [`Refused::NameTooLong`]
pub async fn rename(tx: &mut Tx, id: ScheduleId, name: &str) -> Result<()> {
    let named = schedules::find(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    let before = audit::before(tx, Subject::Schedule(id)).await?;
    sql("UPDATE schedules SET name = $2 WHERE id = $1")
        .bind(id)
        .bind(checked_name(name)?)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Whether the form can say how the first layer hands over, and to whom. What else there is stays when it is saved: windows, levels,
/// further layers, overrides.
pub fn fits(rotation: &Schedule<PersonId>) -> bool {
    let a_week = HandOffs::Every {
        unit: Unit::Week,
        every: 1,
    };
    rotation.layers.first().is_none_or(|layer| {
        layer.hand_offs == a_week
            && layer.turns.iter().all(|turn| turn.len() == 1)
            && layer.effective_from.is_none()
            && layer.effective_until.is_none()
            && layer.time_zone.is_none()
    })
}

/// Changes a schedule; covers that were arranged stay, and so does what the form cannot say.
///
/// # Errors
/// [`Refused`]
pub async fn change(tx: &mut Tx, id: ScheduleId, weekly: &Weekly) -> Result<()> {
    let (named, before) = schedules::load(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    if !fits(&before) {
        return Err(Refused::BeyondForm.into());
    }
    let was = audit::before(tx, Subject::Schedule(id)).await?;
    let shifts = shift_news::before(tx, id).await?;
    let (name, mut rotation) = checked(tx, weekly, &turns_of(&before)).await?;
    let bridge = begin_late(&before, &mut rotation, tx.now());
    sql("UPDATE schedules SET name = $2, time_zone = $3 WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(rotation.time_zone.name())
        .run(tx)
        .await?;
    let layer = change_first_layer(tx, id, before.layers.into_iter().next(), rotation).await?;
    if let (Some(until), Some(first)) = (bridge, weekly.people.first()) {
        hold_until(tx, &named, layer, *first, until).await?;
    }
    was.told(tx).await?;
    shifts.told(tx, None).await
}

/// What the form cannot say is taken from the layer as it was.
async fn change_first_layer(
    tx: &mut Tx,
    id: ScheduleId,
    before: Option<Layer<PersonId>>,
    rotation: Schedule<PersonId>,
) -> Result<Option<LayerId>> {
    let stands: Option<(LayerId,)> =
        sql("SELECT id FROM schedule_layers WHERE schedule_id = $1 ORDER BY position LIMIT 1")
            .bind(id)
            .maybe(tx)
            .await?;
    let Some(said) = rotation.layers.into_iter().next() else {
        return Ok(None);
    };
    let layer = match before {
        Some(before) => Layer {
            turns: said.turns,
            hand_offs: said.hand_offs,
            start: said.start,
            ..before
        },
        None => said,
    };
    match stands {
        Some((stands,)) => {
            store::write_layer(tx, stands, &layer).await?;
            Ok(Some(stands))
        }
        None => Ok(Some(store::insert_layer(tx, id, 0, &layer).await?)),
    }
}

/// Who has a turn, as often as they have one.
fn turns_of(rotation: &Schedule<PersonId>) -> Vec<PersonId> {
    let layer = rotation.layers.first();
    layer.map_or_else(Vec::new, |layer| layer.turns.iter().flatten().copied().collect())
}

/// A turn that runs ends at the new hand-off that is nearest to when it would have ended: moved by two hours, it does not end
/// in an hour. Where that is not the next one, the rotation begins at the next one, which is said.
fn begin_late(
    before: &Schedule<PersonId>,
    after: &mut Schedule<PersonId>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let week = TimeDelta::days(7);
    let (old, new) = (before.layers.first()?, after.layers.first_mut()?);
    // Within windows somebody has it for hours at a time: a turn that ends early leaves nobody without.
    if !old.restrictions.is_empty() {
        return None;
    }
    let last = last_hand_off(before.time_zone, old.start.weekday(), old.start.time(), now);
    let would_end = wall::instant(before.time_zone, last + week);
    let next = wall::instant(after.time_zone, new.start + week);
    let one_later = wall::instant(after.time_zone, new.start + week + week);
    if (next - would_end).abs() <= (one_later - would_end).abs() {
        return None;
    }
    new.start += week;
    Some(next)
}

/// Somebody has the pager until the rotation begins. Covers that were arranged go before it.
async fn hold_until(
    tx: &mut Tx,
    schedule: &schedules::Named,
    layer: Option<LayerId>,
    person: PersonId,
    until: DateTime<Utc>,
) -> Result<()> {
    let exception = Override {
        from: tx.now(),
        to: until,
        layer: None,
        change: Change::Add { person },
    };
    let said = Said {
        layer,
        position: 0,
        created_at: schedule.created_at,
        created_by: None,
    };
    store::insert_override(tx, schedule.id, &exception, said)
        .await
        .map(drop)
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

/// The form as it would be filled in now: whoever's turn it is stands first.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read(tx: &mut Tx, id: ScheduleId) -> Result<Weekly> {
    let (named, rotation) = schedules::load(tx, id).await?;
    let now = wall::reading(rotation.time_zone, tx.now());
    let Some(layer) = rotation.layers.first() else {
        return Ok(Weekly {
            name: named.name,
            time_zone: named.time_zone,
            hand_off_day: Weekday::Mon,
            hand_off_time: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            people: Vec::new(),
        });
    };
    let mut people: Vec<PersonId> = layer
        .turns
        .iter()
        .filter_map(|turn| turn.first().copied())
        .collect();
    let weeks = (now - layer.start).num_seconds().div_euclid(7 * 86_400);
    let turns = i64::try_from(people.len()).unwrap_or(1).max(1);
    // Before it begins, whoever is first has the pager.
    people.rotate_left(usize::try_from(weeks.max(0).rem_euclid(turns)).unwrap_or(0));
    Ok(Weekly {
        name: named.name,
        time_zone: named.time_zone,
        hand_off_day: layer.start.weekday(),
        hand_off_time: layer.start.time(),
        people,
    })
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

/// `stands` are the turns as they are: who took over those of somebody else has more than one.
async fn checked(tx: &mut Tx, weekly: &Weekly, stands: &[PersonId]) -> Result<(String, Schedule<PersonId>)> {
    let name = checked_name(&weekly.name)?;
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
        if turns(&weekly.people, *person) > turns(stands, *person).max(1) {
            return Err(Refused::TwiceInRotation(found.name).into());
        }
    }
    let rotation = Schedule {
        time_zone: zone,
        layers: vec![Layer {
            turns: weekly.people.iter().map(|person| vec![*person]).collect(),
            hand_offs: HandOffs::Every {
                unit: Unit::Week,
                every: 1,
            },
            start: last_hand_off(zone, weekly.hand_off_day, weekly.hand_off_time, tx.now()),
            counts: Counts::All,
            effective_from: None,
            effective_until: None,
            restrictions: Vec::new(),
            level: None,
            time_zone: None,
        }],
        overrides: Vec::new(),
    };
    rotation.check().map_err(|invalid| Refused::Schedule {
        field: "hand_off_time",
        fault: invalid.fault,
    })?;
    Ok((name, rotation))
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
