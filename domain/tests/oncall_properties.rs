//! What holds for every schedule. At an instant the rules need no intervals: all that a layer says is on the wall clock, and a wall
//! time has come when the clock has read it or something later. This is worked out here for one instant at a time, sharing nothing
//! with the intervals that are tested but the tz library.

#![allow(clippy::unwrap_used, reason = "a test that stumbles fails")]

#[path = "oncall_properties/naive.rs"]
mod naive;

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use domain::oncall::draft::ScheduleDraft;
use domain::oncall::{
    Change, Counts, HandOffs, Layer, Moment, Override, Restriction, Schedule, Shift, TimeOfDay, Unit, Weekday,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;

type People = BTreeSet<String>;

const ZONES: [Tz; 10] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Antarctica__Troll,
    Tz::Asia__Beirut,
    Tz::America__Nuuk,
    Tz::Africa__Casablanca,
    Tz::America__Havana,
];

fn zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(ZONES.as_slice())
}

fn time() -> impl Strategy<Value = TimeOfDay> {
    // Near midnight and in the small hours, where clocks are set, as well as by day.
    let hours = proptest::sample::select(&[0, 1, 2, 3, 8, 12, 17, 22, 23][..]);
    (hours, proptest::sample::select(&[0, 15, 30][..]))
        .prop_map(|(hour, minute)| TimeOfDay::new(hour, minute).unwrap())
}

fn weekday() -> impl Strategy<Value = Weekday> {
    proptest::sample::select(Weekday::ALL)
}

fn reading() -> impl Strategy<Value = NaiveDateTime> {
    let day = 0..300_u64;
    (day, time()).prop_map(|(day, time)| {
        let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        (first + Days::new(day)).and_time(time.time())
    })
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..450 * 1440_i64).prop_map(|minutes| {
        "2024-12-25T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    })
}

fn person() -> impl Strategy<Value = String> {
    proptest::sample::select(&["ana", "ben", "chi", "dee", "eli"][..]).prop_map(str::to_owned)
}

fn turns() -> impl Strategy<Value = Vec<Vec<String>>> {
    vec(vec(person(), 0..3), 1..5).prop_filter("somebody", |turns| !turns.iter().all(Vec::is_empty))
}

fn hand_offs() -> impl Strategy<Value = HandOffs> {
    let every = |units: &'static [Unit], most: u32| {
        (proptest::sample::select(units), 1..most).prop_map(|(unit, every)| HandOffs::Every { unit, every })
    };
    let moments = proptest::collection::btree_set((weekday(), time()), 1..5);
    prop_oneof![
        2 => every(&[Unit::Hour], 30),
        2 => every(&[Unit::Day], 5),
        2 => every(&[Unit::Week, Unit::Month], 3),
        2 => moments.prop_shuffle_set().prop_map(|moments| HandOffs::Weekly { moments }),
    ]
}

/// A set in whatever order.
trait Shuffled {
    fn prop_shuffle_set(self) -> BoxedStrategy<Vec<Moment>>;
}

impl<S: Strategy<Value = BTreeSet<Moment>> + 'static> Shuffled for S {
    fn prop_shuffle_set(self) -> BoxedStrategy<Vec<Moment>> {
        self.prop_map(|set| set.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
            .boxed()
    }
}

fn restriction() -> impl Strategy<Value = Restriction> {
    let weekdays = option::of(proptest::collection::btree_set(weekday(), 1..6));
    let daily =
        (time(), time(), weekdays).prop_map(|(from, to, weekdays)| Restriction::Daily { from, to, weekdays });
    let weekly =
        ((weekday(), time()), (weekday(), time())).prop_map(|(from, to)| Restriction::Weekly { from, to });
    prop_oneof![3 => daily, 1 => weekly]
}

fn layer() -> impl Strategy<Value = Layer<String>> {
    let counts = proptest::sample::select(Counts::ALL);
    let version = (option::weighted(0.3, reading()), option::weighted(0.3, reading()));
    let own_zone = option::weighted(0.3, zone());
    (
        turns(),
        hand_offs(),
        reading(),
        counts,
        version,
        vec(restriction(), 0..3),
        own_zone,
    )
        .prop_map(
            |(turns, hand_offs, start, counts, (effective_from, until), restrictions, time_zone)| Layer {
                turns,
                hand_offs,
                start,
                counts,
                effective_from,
                effective_until: until.filter(|until| effective_from.is_none_or(|from| from < *until)),
                restrictions,
                level: None,
                time_zone,
            },
        )
}

fn exception() -> impl Strategy<Value = Override<String>> {
    let change = prop_oneof![
        person().prop_map(|person| Change::Cover { person }),
        person().prop_map(|person| Change::Add { person }),
        person().prop_map(|person| Change::Remove { person }),
        (person(), person()).prop_map(|(person, with)| Change::Replace { person, with }),
        Just(Change::Nobody),
    ];
    let length = prop_oneof![1..600_i64, 1..40_000_i64];
    (change, option::of(0..4_usize), instant(), length).prop_map(|(change, layer, from, minutes)| Override {
        change,
        layer,
        from,
        to: from + TimeDelta::minutes(minutes),
    })
}

fn schedule() -> impl Strategy<Value = Schedule<String>> {
    let levels = option::of(vec(0..3_u8, 4));
    (zone(), vec(layer(), 0..4), vec(exception(), 0..6), levels).prop_map(
        |(time_zone, mut layers, mut overrides, levels)| {
            for (layer, level) in layers.iter_mut().zip(levels.unwrap_or_default()) {
                layer.level = Some(level);
            }
            overrides.retain(|exception| exception.layer.is_none_or(|layer| layer < layers.len()));
            Schedule {
                time_zone,
                layers,
                overrides,
            }
        },
    )
}

/// Instants worth asking about: where a clock is set, where something of the schedule begins or ends, and any other.
fn worth_asking(schedule: &Schedule<String>, any: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    let ends = schedule
        .overrides
        .iter()
        .flat_map(|exception| [exception.from, exception.to]);
    let clocks = schedule
        .layers
        .iter()
        .map(|layer| layer.time_zone.unwrap_or(schedule.time_zone));
    let set = clocks.flat_map(|zone| {
        let offset = move |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let hours = (0..520 * 24).map(|hour| range().0 + TimeDelta::hours(hour));
        let set: Vec<_> = hours
            .filter(|at| offset(*at) != offset(*at + TimeDelta::hours(1)))
            .collect();
        set
    });
    let near = ends
        .chain(set)
        .flat_map(|at| [-61, -1, 0, 1, 29, 61, 90].map(|minutes| at + TimeDelta::minutes(minutes)));
    let near: Vec<_> = near.collect();
    let step = near.len() / 60 + 1;
    near.into_iter()
        .step_by(step)
        .chain(any.iter().copied())
        .collect()
}

fn at_in(shifts: &[Shift<String>], at: DateTime<Utc>) -> &Shift<String> {
    let next = shifts.partition_point(|shift| shift.to <= at);
    &shifts[next]
}

fn range() -> (DateTime<Utc>, DateTime<Utc>) {
    (
        "2024-12-01T00:00:00Z".parse().unwrap(),
        "2026-06-01T00:00:00Z".parse().unwrap(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_every_instant_exactly_those_are_on_call_whom_the_rules_say(schedule in schedule(), any in vec(instant(), 20)) {
        let (from, to) = range();
        let shifts = schedule.shifts(from, to);
        for at in worth_asking(&schedule, &any) {
            let people = naive::people(&schedule, at);
            prop_assert_eq!(&at_in(&shifts, at).people, &people, "{}", at);
            prop_assert_eq!(schedule.on_call(at), people, "{}", at);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shifts_tile_the_range_in_as_few_pieces_as_can_be(schedule in schedule(), (one, other) in (instant(), instant())) {
        let (from, to) = (one.min(other), one.max(other));
        let shifts = schedule.shifts(from, to);
        prop_assert_eq!(shifts.is_empty(), from == to);
        if let (Some(first), Some(last)) = (shifts.first(), shifts.last()) {
            prop_assert_eq!((first.from, last.to), (from, to));
        }
        for pair in shifts.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert_ne!(&pair[0].people, &pair[1].people);
        }
        // A gap is planned exactly where an override of the whole schedule leaves nobody.
        let is_meant = |at: DateTime<Utc>| {
            schedule.overrides.iter().any(|exception| {
                exception.change == Change::Nobody
                    && exception.layer.is_none()
                    && exception.from <= at
                    && at < exception.to
            })
        };
        let apart = schedule.shifts_and_planned_gaps(from, to);
        for part in &apart {
            prop_assert!(part.from < part.to);
            for at in [part.from, part.from + (part.to - part.from) / 2, part.to - TimeDelta::nanoseconds(1)] {
                prop_assert_eq!(part.is_planned, part.people.is_empty() && is_meant(at));
                prop_assert_eq!(&at_in(&shifts, at).people, &part.people);
            }
        }
        for shift in &shifts {
            let within = apart.iter().filter(|part| shift.from <= part.from && part.to <= shift.to);
            prop_assert_eq!(shift.is_planned, within.clone().all(|part| part.is_planned));
            prop_assert_eq!(within.map(|part| part.to - part.from).sum::<TimeDelta>(), shift.to - shift.from);
        }
    }

    #[test]
    fn a_range_is_the_sum_of_its_parts(schedule in schedule(), mut cuts in vec(instant(), 3)) {
        cuts.sort();
        let whole = schedule.shifts(cuts[0], cuts[2]);
        let mut sum: Vec<Shift<String>> = schedule.shifts(cuts[0], cuts[1]);
        for shift in schedule.shifts(cuts[1], cuts[2]) {
            match sum.last_mut() {
                Some(last) if last.people == shift.people => {
                    last.to = shift.to;
                    last.is_planned &= shift.is_planned;
                }
                _ => sum.push(shift),
            }
        }
        prop_assert_eq!(sum, whole);
    }

    #[test]
    fn until_is_when_the_set_is_another_one(schedule in schedule(), at in instant()) {
        let (people, until) = schedule.at(at);
        prop_assert_eq!(&people, &naive::people(&schedule, at));
        let within = schedule.shifts(at, at + TimeDelta::days(400) + TimeDelta::minutes(1));
        prop_assert_eq!(until, within.get(1).map(|shift| shift.from));
    }

    #[test]
    fn a_change_from_a_date_on_leaves_all_before_it_as_it_was(
        before in schedule(), place in 0..4_usize, mut new in layer(), day in reading(),
    ) {
        prop_assume!(place < before.layers.len());
        // With levels a layer may stand anywhere in the list, and the places of the others stay what they are.
        let mut after = before.clone();
        for (place, layer) in (0..).zip(&mut after.layers) {
            layer.level = layer.level.or(Some(place));
        }
        let old = &mut after.layers[place];
        prop_assume!(old.effective_from.is_none_or(|from| from < day));
        prop_assume!(old.effective_until.is_none_or(|until| day < until));
        old.effective_until = Some(day);
        (new.level, new.time_zone) = (old.level, old.time_zone);
        (new.effective_from, new.effective_until) = (Some(day), None);
        let zone = old.time_zone.unwrap_or(after.time_zone);
        after.layers.push(new);
        prop_assert_eq!(after.check(), Ok(()));
        let date = domain::oncall::wall::instant(zone, day);
        prop_assert_eq!(after.shifts(range().0, date), before.shifts(range().0, date));
    }

    #[test]
    fn what_is_written_is_read_again(schedule in schedule()) {
        prop_assert_eq!(schedule.check(), Ok(()));
        let json = serde_json::to_vec(&schedule).unwrap();
        let read = ScheduleDraft::read(&json).and_then(|draft| draft.check(|name| Some(name.to_owned())));
        prop_assert_eq!(read, Ok(schedule));
    }
}

/// Twenty years of hours, counted one by one and at once.
#[test]
fn far_from_the_start_turns_are_those_that_counting_finds() {
    let layer = Layer {
        turns: ["ana", "ben", "chi", "dee", "eli"]
            .map(|name| vec![name.to_owned()])
            .to_vec(),
        hand_offs: HandOffs::Every {
            unit: Unit::Hour,
            every: 5,
        },
        start: NaiveDate::from_ymd_opt(2006, 1, 3)
            .unwrap()
            .and_time(NaiveTime::MIN),
        counts: Counts::Open,
        effective_from: None,
        effective_until: None,
        restrictions: vec![Restriction::Daily {
            from: TimeOfDay::new(9, 0).unwrap(),
            to: TimeOfDay::new(17, 0).unwrap(),
            weekdays: Some(
                Weekday::ALL
                    .iter()
                    .copied()
                    .filter(|day| *day < Weekday::Saturday)
                    .collect(),
            ),
        }],
        level: None,
        time_zone: None,
    };
    let schedule = Schedule {
        time_zone: Tz::Europe__Berlin,
        layers: vec![layer],
        overrides: vec![],
    };
    for hour in 0..48 {
        let at = "2026-03-27T07:30:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour);
        assert_eq!(
            schedule.on_call(at),
            naive::people(&schedule, at),
            "{at} {}",
            at.weekday()
        );
    }
}
