//! Who is on call at one instant, worked out without an interval.

use super::*;

/// The latest that the local clock has read until now. No clock was ever set back by more than a day.
fn high_water(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    let readings = (0..=1440).map(|minutes| {
        let utc = (at - TimeDelta::minutes(minutes)).naive_utc();
        utc + TimeDelta::seconds(i64::from(
            zone.offset_from_utc_datetime(&utc).fix().local_minus_utc(),
        ))
    });
    readings.max().unwrap()
}

pub fn people(schedule: &Schedule<String>, at: DateTime<Utc>) -> People {
    let sets: Vec<(usize, People)> = schedule
        .layers
        .iter()
        .enumerate()
        .map(|(place, layer)| {
            let now = high_water(layer.time_zone.unwrap_or(schedule.time_zone), at);
            let counts = layer.effective_from.is_none_or(|from| from <= now)
                && layer.effective_until.is_none_or(|until| now < until);
            let mut people = People::new();
            if counts {
                people = of_layer(layer, now);
                overridden(schedule, Some(place), at, &mut people);
            }
            (layer.level.map_or(place, usize::from), people)
        })
        .collect();
    let top = sets
        .iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(level, _)| *level)
        .max();
    let mut people: People = sets
        .into_iter()
        .filter(|(level, _)| Some(*level) == top)
        .flat_map(|(_, people)| people)
        .collect();
    overridden(schedule, None, at, &mut people);
    people
}

fn overridden(schedule: &Schedule<String>, layer: Option<usize>, at: DateTime<Utc>, people: &mut People) {
    let in_force =
        |exception: &&Override<String>| exception.layer == layer && exception.from <= at && at < exception.to;
    for exception in schedule.overrides.iter().filter(in_force) {
        match exception.change.clone() {
            Change::Cover { person } => *people = People::from([person]),
            Change::Add { person } => drop(people.insert(person)),
            Change::Remove { person } => drop(people.remove(&person)),
            Change::Replace { person, with } => {
                if people.remove(&person) {
                    people.insert(with);
                }
            }
            Change::Nobody => people.clear(),
        }
    }
}

/// Goes from period to period, from hand-off 0 on.
fn of_layer(layer: &Layer<String>, now: NaiveDateTime) -> People {
    let is_within = |restriction: &Restriction| {
        windows(restriction, now, now)
            .iter()
            .any(|(from, to)| *from <= now && now < *to)
    };
    if !layer.restrictions.is_empty() && !layer.restrictions.iter().any(is_within) {
        return People::new();
    }
    let counts_open = layer.counts == Counts::Open && !layer.restrictions.is_empty();
    let days_of_a_turn = match layer.hand_offs {
        HandOffs::Every {
            unit: Unit::Day,
            every,
        } if counts_open => Some(every as usize),
        _ => None,
    };
    let mut begin = first(layer);
    let (mut number, mut passed) = (0, 0);
    if now < begin {
        return People::new();
    }
    loop {
        number += 1;
        let end = match days_of_a_turn {
            Some(_) => begin + Days::new(1),
            None => next(layer, begin, number),
        };
        let is_open = !counts_open
            || layer.restrictions.iter().any(|restriction| {
                windows(restriction, begin, end)
                    .iter()
                    .any(|(from, to)| *from < end && begin < *to)
            });
        if now < end {
            let turn = passed / days_of_a_turn.unwrap_or(1) % layer.turns.len();
            return if is_open {
                layer.turns[turn].iter().cloned().collect()
            } else {
                People::new()
            };
        }
        passed += usize::from(is_open);
        begin = end;
    }
}

fn first(layer: &Layer<String>) -> NaiveDateTime {
    match &layer.hand_offs {
        HandOffs::Every { .. } => layer.start,
        HandOffs::Weekly { moments } => soonest(moments, layer.start),
    }
}

/// The first moment of the pattern at or after.
fn soonest(moments: &[Moment], after: NaiveDateTime) -> NaiveDateTime {
    let dates = (0..=7).map(|days| after.date() + Days::new(days));
    let of_date = |date: NaiveDate| {
        let of_day = moments.iter().filter(move |(day, _)| *day == Weekday::of(date));
        of_day.map(move |(_, time)| date.and_time(time.time()))
    };
    dates
        .flat_map(of_date)
        .filter(|moment| *moment >= after)
        .min()
        .unwrap()
}

fn next(layer: &Layer<String>, begin: NaiveDateTime, number: u32) -> NaiveDateTime {
    match &layer.hand_offs {
        HandOffs::Weekly { moments } => soonest(moments, begin + TimeDelta::minutes(1)),
        HandOffs::Every {
            unit: Unit::Month,
            every,
        } => layer.start + Months::new(number * every),
        HandOffs::Every { unit, every } => {
            let hours = match unit {
                Unit::Hour => 1,
                Unit::Day => 24,
                Unit::Week | Unit::Month => 168,
            };
            begin + TimeDelta::hours(hours * i64::from(*every))
        }
    }
}

/// The windows around these readings, on the wall clock.
fn windows(
    restriction: &Restriction,
    from: NaiveDateTime,
    to: NaiveDateTime,
) -> Vec<(NaiveDateTime, NaiveDateTime)> {
    let dates = (from.date() - Days::new(8))
        .iter_days()
        .take_while(|date| *date <= to.date());
    dates
        .filter_map(|date| match restriction {
            Restriction::Daily { from, to, weekdays } => {
                let listed = weekdays
                    .as_ref()
                    .is_none_or(|days| days.contains(&Weekday::of(date)));
                let end = if to.time() > from.time() {
                    date
                } else {
                    date.succ_opt().unwrap()
                };
                listed.then(|| (date.and_time(from.time()), end.and_time(to.time())))
            }
            Restriction::Weekly { from, to } => (Weekday::of(date) == from.0).then(|| {
                let begin = date.and_time(from.1.time());
                (begin, soonest(&[*to], begin + TimeDelta::minutes(1)))
            }),
        })
        .collect()
}
