//! A schedule is changed from an instant on: what was before stays as it was.

use super::schedule::Schedule;
use super::{Layer, Override, wall};
use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// A layer as it is wanted from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted<P> {
    /// The layer at that place, as it is.
    Kept(usize),
    /// This instead of the layer at that place.
    Changed(usize, Layer<P>),
    New(Layer<P>),
}

/// What becomes of the layers of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed<P> {
    pub schedule: Schedule<P>,
    /// For each layer, the one that it was before; `None` for one that is new.
    pub was: Vec<Option<usize>>,
    /// The layers that end, each with the one that goes on for it.
    pub follows: Vec<(usize, usize)>,
}

/// The first full minute from `at` on at which clocks of all these zones read what they read only then, so that a layer can begin and
/// end at it.
pub fn can_begin(at: DateTime<Utc>, zones: &[Tz]) -> DateTime<Utc> {
    let minute = TimeDelta::minutes(1);
    let full = at.duration_trunc(minute).unwrap_or(at);
    let mut begin = if full < at { full + minute } else { full };
    let is_plain = |at: DateTime<Utc>| {
        let mut zones = zones.iter();
        zones.all(|zone| wall::instant(*zone, wall::reading(*zone, at)) == at)
    };
    // A clock is set back by an hour or so.
    for _ in 0..3 * 24 * 60 {
        if is_plain(begin) {
            break;
        }
        begin += minute;
    }
    begin
}

impl<P: Clone + Ord> Schedule<P> {
    /// The schedule with these layers from `at` on, in a zone. `at` is one of [`can_begin`]. Layers that are not wanted any more end
    /// then, or go where they had not begun; those that are over stay, since they say who was on call,
    /// and go on from `at` where they are wanted to.
    #[must_use]
    pub fn changed_from(&self, at: DateTime<Utc>, zone: Tz, wanted: &[Wanted<P>]) -> Changed<P> {
        let has_levels = self.layers.iter().any(|layer| layer.level.is_some());
        let mut layers: Vec<Layer<P>> = self.layers.clone();
        for (place, layer) in layers.iter_mut().enumerate() {
            if !has_levels {
                layer.level = Some(u8::try_from(place).unwrap_or(99).min(99));
            }
            if zone != self.time_zone && layer.time_zone.is_none() {
                layer.time_zone = Some(self.time_zone);
            }
        }
        let mut changed: Vec<(Option<usize>, Layer<P>)> = Vec::new();
        let mut begins: Vec<(usize, Layer<P>)> = Vec::new();
        for (place, layer) in layers.into_iter().enumerate() {
            // One that stays is said anew where its times are read by another clock.
            let is_read_anew = zone != self.time_zone
                && self
                    .layers
                    .get(place)
                    .is_some_and(|layer| layer.time_zone.is_none());
            let instead = wanted.iter().find_map(|wanted| match wanted {
                Wanted::Kept(of) if *of == place => Some(is_read_anew.then(|| Layer {
                    time_zone: None,
                    ..layer.clone()
                })),
                Wanted::Changed(of, new) if *of == place => Some(Some(Layer {
                    level: new.level.or(layer.level),
                    ..new.clone()
                })),
                _ => None,
            });
            let own = layer.time_zone.unwrap_or(zone);
            let instant = |reading: NaiveDateTime| wall::instant(own, reading);
            let is_over = layer.effective_until.is_some_and(|until| instant(until) <= at);
            let is_to_come = layer.effective_from.is_some_and(|from| instant(from) >= at);
            match instead {
                Some(None) => changed.push((Some(place), layer)),
                // It can be planned otherwise, but not into what was before.
                Some(Some(new)) if is_to_come => changed.push((Some(place), new.beginning_at(zone, at))),
                Some(Some(new)) if is_over => {
                    let own = new.time_zone.unwrap_or(zone);
                    let goes_on = |until| wall::instant(own, until) > at;
                    if !is_read_anew && new.effective_until.is_none_or(goes_on) {
                        begins.push((changed.len(), new));
                    }
                    changed.push((Some(place), layer));
                }
                None if is_to_come => {}
                _ if is_over => changed.push((Some(place), layer)),
                ends => {
                    begins.extend(ends.flatten().map(|new| (changed.len(), new)));
                    let until = Some(wall::reading(own, at));
                    changed.push((
                        Some(place),
                        Layer {
                            effective_until: until,
                            ..layer
                        },
                    ));
                }
            }
        }
        let mut follows = Vec::new();
        for (old, layer) in begins {
            follows.push((old, changed.len()));
            changed.push((None, layer.beginning_at(zone, at)));
        }
        let new = wanted.iter().filter_map(|wanted| match wanted {
            Wanted::New(layer) => Some(Layer {
                level: layer.level.or(Some(0)),
                ..layer.clone()
            }),
            Wanted::Kept(_) | Wanted::Changed(..) => None,
        });
        changed.extend(new.map(|layer| (None, layer.beginning_at(zone, at))));
        let (was, layers): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
        let overrides = self.overrides_after(at, &was, &follows);
        Changed {
            schedule: Schedule {
                time_zone: zone,
                layers,
                overrides,
            },
            was,
            follows,
        }
    }

    /// Overrides of a layer that ends go on with the one that follows it.
    fn overrides_after(
        &self,
        at: DateTime<Utc>,
        was: &[Option<usize>],
        follows: &[(usize, usize)],
    ) -> Vec<Override<P>> {
        let mut overrides = Vec::new();
        for exception in &self.overrides {
            let Some(layer) = exception.layer else {
                overrides.push(exception.clone());
                continue;
            };
            let Some(place) = was.iter().position(|was| *was == Some(layer)) else {
                continue;
            };
            let of = |layer, from, to| Override {
                layer: Some(layer),
                from,
                to,
                ..exception.clone()
            };
            let Some((_, next)) = follows.iter().find(|(old, _)| *old == place) else {
                overrides.push(of(place, exception.from, exception.to));
                continue;
            };
            if exception.from < at {
                overrides.push(of(place, exception.from, exception.to.min(at)));
            }
            if exception.to > at {
                overrides.push(of(*next, exception.from.max(at), exception.to));
            }
        }
        overrides
    }
}

impl<P> Layer<P> {
    fn beginning_at(mut self, zone: Tz, at: DateTime<Utc>) -> Self {
        let zone = self.time_zone.unwrap_or(zone);
        let is_later = |from: &NaiveDateTime| wall::instant(zone, *from) > at;
        let from = self.effective_from.filter(is_later);
        self.effective_from = Some(from.unwrap_or_else(|| wall::reading(zone, at)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oncall::Change;
    use crate::oncall::draft::ScheduleDraft;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn rota() -> Schedule<String> {
        let json = r#"{"time_zone":"Europe/Berlin","layers":[
            {"turns":[["ana"],["bo"]],"unit":"week","every":1,"start":"2026-01-05T09:00"},
            {"turns":[["cy"],["dee"]],"unit":"day","every":1,"start":"2026-01-05T09:00",
             "restrictions":[{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue","wed","thu","fri"]}]}],
          "overrides":[
            {"kind":"cover","person":"eve","layer":0,"from":"2026-03-20T00:00:00Z","to":"2026-04-10T00:00:00Z"},
            {"kind":"add","person":"fay","from":"2026-03-27T00:00:00Z","to":"2026-04-10T00:00:00Z"}]}"#;
        let read = ScheduleDraft::read(json.as_bytes()).unwrap();
        read.check(|name| Some(name.to_owned())).unwrap()
    }

    /// All around the night in which Berlin goes to summer time.
    const MOMENTS: [&str; 5] = [
        "2026-03-28T12:00:00Z",
        "2026-03-29T00:59:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-30T07:00:00Z",
        "2026-10-25T00:30:00Z",
    ];

    #[test]
    fn what_was_before_a_change_stays_as_it_was_and_what_is_wanted_holds_from_then_on() {
        let before = rota();
        let first = instant("2026-01-01T00:00:00Z");
        for moment in MOMENTS {
            for zone in [Tz::Europe__Berlin, Tz::America__New_York] {
                let at = can_begin(instant(moment), &[Tz::Europe__Berlin, zone]);
                let mut people = before.layers[0].clone();
                people.turns.push(vec!["gus".to_owned()]);
                let wanted = [Wanted::Changed(0, people.clone()), Wanted::Kept(1)];
                let changed = before.changed_from(at, zone, &wanted);
                changed.schedule.check().unwrap();
                assert_eq!(
                    before.shifts(first, at),
                    changed.schedule.shifts(first, at),
                    "{moment} {zone}"
                );
                let mut fresh = Schedule {
                    time_zone: zone,
                    ..before.clone()
                };
                people.level = Some(0);
                fresh.layers[0] = people;
                let to = at + TimeDelta::days(60);
                fresh.layers[1].level = Some(1);
                assert_eq!(
                    fresh.shifts(at, to),
                    changed.schedule.shifts(at, to),
                    "{moment} {zone}"
                );
            }
        }
    }

    #[test]
    fn a_layer_that_is_not_wanted_ends_and_one_that_had_not_begun_goes() {
        let before = rota();
        let at = instant("2026-03-30T07:00:00Z");
        let one = before.changed_from(at, before.time_zone, &[Wanted::Kept(0)]);
        assert_eq!(one.was, [Some(0), Some(1)]);
        assert_eq!(
            one.schedule.layers[1].effective_until.unwrap().to_string(),
            "2026-03-30 09:00:00"
        );
        let mut night = before.layers[1].clone();
        night.turns = vec![vec!["gus".to_owned()]];
        let wanted = [Wanted::Kept(0), Wanted::Kept(1), Wanted::New(night.clone())];
        let two = before.changed_from(at, before.time_zone, &wanted);
        assert_eq!((two.schedule.layers.len(), two.was[2]), (3, None));
        // Planned for later, and taken back or changed before it began.
        let earlier = instant("2026-03-28T12:00:00Z");
        let back = two.schedule.changed_from(earlier, before.time_zone, &wanted[..2]);
        assert_eq!(back.was, [Some(0), Some(1)]);
        night.turns = vec![vec!["hal".to_owned()]];
        night.effective_from = two.schedule.layers[2].effective_from;
        let instead = [
            Wanted::Kept(0),
            Wanted::Kept(1),
            Wanted::Changed(2, night.clone()),
        ];
        let other = two.schedule.changed_from(earlier, before.time_zone, &instead);
        assert_eq!(
            (other.was[2], &other.schedule.layers[2].turns),
            (Some(2), &night.turns)
        );
    }

    #[test]
    fn what_is_planned_cannot_be_planned_into_the_past() {
        let before = rota();
        let (first, at) = (instant("2026-01-01T00:00:00Z"), instant("2026-03-10T08:00:00Z"));
        let later = instant("2026-04-06T07:00:00Z");
        let mut gus = before.layers[0].clone();
        gus.turns = vec![vec!["gus".to_owned()]];
        let wanted = [Wanted::Changed(0, gus.clone()), Wanted::Kept(1)];
        let planned = before.changed_from(later, before.time_zone, &wanted).schedule;
        let place = planned
            .layers
            .iter()
            .position(|layer| layer.turns == gus.turns)
            .unwrap();
        let mut early = Layer {
            level: Some(9),
            ..planned.layers[place].clone()
        };
        early.effective_from = Some("2026-01-05T09:00:00".parse().unwrap());
        let mut wanted: Vec<_> = (0..planned.layers.len()).map(Wanted::Kept).collect();
        wanted[place] = Wanted::Changed(place, early);
        for zone in [Tz::Europe__Berlin, Tz::Pacific__Auckland] {
            let changed = planned.changed_from(at, zone, &wanted).schedule;
            assert_eq!(planned.shifts(first, at), changed.shifts(first, at), "{zone}");
        }
    }

    #[test]
    fn what_has_ended_goes_on_where_it_is_wanted_to() {
        let before = rota();
        let (first, end) = (instant("2026-01-01T00:00:00Z"), instant("2026-03-30T07:00:00Z"));
        let ended = before
            .changed_from(end, before.time_zone, &[Wanted::Kept(0)])
            .schedule;
        let mut again = ended.layers[1].clone();
        again.effective_until = Some("2026-05-01T00:00:00".parse().unwrap());
        let at = instant("2026-04-13T07:00:00Z");
        let wanted = [Wanted::Kept(0), Wanted::Changed(1, again)];
        let changed = ended.changed_from(at, before.time_zone, &wanted).schedule;
        changed.check().unwrap();
        assert_eq!(ended.shifts(first, at), changed.shifts(first, at));
        let noon = instant("2026-04-14T10:00:00Z");
        let on_call = |schedule: &Schedule<String>| {
            schedule.shifts(noon, noon + TimeDelta::hours(1))[0]
                .people
                .clone()
        };
        assert_ne!(
            on_call(&ended),
            on_call(&changed),
            "the hours of business have somebody again"
        );
    }

    #[test]
    fn nothing_wanted_otherwise_is_nothing_changed() {
        let before = rota();
        let at = instant("2026-03-30T07:00:00Z");
        let kept = [Wanted::Kept(0), Wanted::Kept(1)];
        let once = before.changed_from(at, before.time_zone, &kept).schedule;
        assert_eq!(once.changed_from(at, before.time_zone, &kept).schedule, once);
        let ends = (instant("2026-01-01T00:00:00Z"), instant("2027-01-01T00:00:00Z"));
        assert_eq!(once.shifts(ends.0, ends.1), before.shifts(ends.0, ends.1));
    }

    #[test]
    fn an_override_of_a_layer_goes_on_with_the_one_that_follows() {
        let before = rota();
        let at = instant("2026-03-30T07:00:00Z");
        let mut people = before.layers[0].clone();
        people.turns = vec![vec!["gus".to_owned()]];
        let changed = before.changed_from(
            at,
            before.time_zone,
            &[Wanted::Changed(0, people), Wanted::Kept(1)],
        );
        let of_layers: Vec<_> = (changed.schedule.overrides.iter())
            .filter(|exception| matches!(exception.change, Change::Cover { .. }))
            .map(|exception| (exception.layer, exception.from, exception.to))
            .collect();
        assert_eq!(
            of_layers,
            [
                (Some(0), instant("2026-03-20T00:00:00Z"), at),
                (Some(2), at, instant("2026-04-10T00:00:00Z"))
            ]
        );
    }

    #[test]
    fn a_change_begins_at_a_full_minute_that_no_clock_reads_twice() {
        for (at, begins) in [
            ("2026-03-30T07:00:00Z", "2026-03-30T07:00:00Z"),
            ("2026-03-30T07:00:01Z", "2026-03-30T07:01:00Z"),
            ("2026-10-25T01:10:00Z", "2026-10-25T02:00:00Z"),
        ] {
            assert_eq!(
                can_begin(instant(at), &[Tz::Europe__Berlin]),
                instant(begins),
                "{at}"
            );
        }
    }
}
