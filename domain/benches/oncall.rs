//! How long the rules take: a year of a large rota, and who is on call now in a large house. `cargo bench -p domain`.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::PersonId;
use domain::oncall::{
    Change, Counts, HandOffs, Layer, Override, Restriction, Schedule, TimeOfDay, Unit, Weekday,
};
use std::hint::black_box;
use uuid::Uuid;

fn main() {
    divan::main();
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_442_000, 0).expect("2 March 2026, 09:00")
}

fn person(number: u32) -> PersonId {
    PersonId(Uuid::from_u128(u128::from(number)))
}

fn time(hour: u32) -> TimeOfDay {
    TimeOfDay::new(hour, 0).expect("a time of day")
}

fn layer(hand_offs: HandOffs, counts: Counts, restrictions: Vec<Restriction>) -> Layer<PersonId> {
    Layer {
        turns: (0..7)
            .map(|number| vec![person(number), person(number + 1)])
            .collect(),
        hand_offs,
        start: (now() - TimeDelta::weeks(150)).naive_utc(),
        counts,
        effective_from: None,
        effective_until: None,
        restrictions,
        level: None,
        time_zone: None,
    }
}

/// Five layers with windows and a hundred covers of a day, of the whole and of each layer.
fn large() -> Schedule<PersonId> {
    let every = |unit, every| HandOffs::Every { unit, every };
    let daily = |from, to, weekdays: Option<&[Weekday]>| Restriction::Daily {
        from: time(from),
        to: time(to),
        weekdays: weekdays.map(|days| days.iter().copied().collect()),
    };
    let weekend = Restriction::Weekly {
        from: (Weekday::Friday, time(17)),
        to: (Weekday::Monday, time(9)),
    };
    let working = &Weekday::ALL[..5];
    let twice_a_week = HandOffs::Weekly {
        moments: vec![(Weekday::Monday, time(9)), (Weekday::Friday, time(17))],
    };
    let layers = vec![
        layer(every(Unit::Week, 1), Counts::All, vec![daily(0, 0, None)]),
        layer(twice_a_week, Counts::All, vec![weekend]),
        layer(
            every(Unit::Day, 1),
            Counts::Open,
            vec![daily(9, 17, Some(working))],
        ),
        layer(every(Unit::Hour, 12), Counts::All, vec![daily(20, 8, None)]),
        layer(
            every(Unit::Day, 2),
            Counts::All,
            vec![daily(12, 13, Some(working)), daily(18, 19, None)],
        ),
    ];
    let overrides = (0..100_u8).map(|number| {
        let from = now() + TimeDelta::hours(i64::from(number) * 80);
        Override {
            change: match number % 4 {
                0 => Change::Cover { person: person(9) },
                1 => Change::Add { person: person(8) },
                2 => Change::Remove { person: person(3) },
                _ => Change::Replace {
                    person: person(2),
                    with: person(9),
                },
            },
            layer: Some(usize::from(number) % 7).filter(|layer| *layer < 5),
            from,
            to: from + TimeDelta::days(1),
        }
    });
    Schedule {
        time_zone: chrono_tz::Europe::Berlin,
        layers,
        overrides: overrides.collect(),
    }
}

#[divan::bench]
fn a_year_of_five_layers_with_windows_and_a_hundred_overrides(bencher: divan::Bencher) {
    let schedule = large();
    bencher.bench(|| black_box(&schedule).shifts(now(), now() + TimeDelta::days(365)));
}

/// Schedules of one to three layers, every third with windows.
fn house() -> Vec<Schedule<PersonId>> {
    let large = large();
    let of = |number: usize| {
        let mut schedule = large.clone();
        schedule.layers.rotate_left(number % 5);
        schedule.layers.truncate(1 + number % 3);
        schedule.overrides.truncate(number % 10);
        for (place, layer) in schedule.layers.iter_mut().enumerate() {
            if place != number % 3 {
                layer.restrictions.clear();
            }
        }
        schedule.overrides.retain(|exception| exception.layer.is_none());
        schedule
    };
    (0..1000).map(of).collect()
}

#[divan::bench]
fn who_is_on_call_now_in_a_thousand_schedules(bencher: divan::Bencher) {
    let house = house();
    let on_call = || -> usize {
        let each = black_box(&house)
            .iter()
            .map(|schedule| schedule.on_call(now()).len());
        each.sum()
    };
    bencher.bench(on_call);
}

#[divan::bench]
fn who_is_on_call_now_and_until_when_in_a_thousand_schedules(bencher: divan::Bencher) {
    let house = house();
    let at = || -> usize {
        black_box(&house)
            .iter()
            .filter(|schedule| schedule.at(now()).1.is_some())
            .count()
    };
    bencher.bench(at);
}
