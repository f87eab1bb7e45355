//! Rotas that many teams have, to begin with.

use super::{HandOffs, Layer, Restriction, TimeOfDay, Unit, Weekday};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use std::collections::BTreeSet;

words! {
    pub enum Pattern {
        Weekly = "weekly",
        Daily = "daily",
        Weekend = "weekend",
        BusinessHours = "business_hours",
        Nights = "nights",
        FollowTheSun = "follow_the_sun",
        TwoAtOnce = "two_at_once",
    }
}

const WORKING_DAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

impl Pattern {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Weekly => "Weekly: a week each, in turn",
            Self::Daily => "Daily: a day each, in turn",
            Self::Weekend => "Weekday and weekend: two who share the week",
            Self::BusinessHours => "Business hours: nobody at night and at weekends",
            Self::Nights => "Nights: from the evening to the morning",
            Self::FollowTheSun => "Follow the sun: three parts of the day",
            Self::TwoAtOnce => "Two at once: a week each, beside the next one",
        }
    }

    /// The layers of it, with these people in their order. The first of them has it from the last hand-off before `today` ends.
    pub fn layers<P: Clone + Ord>(self, people: &[P], today: NaiveDate) -> Vec<Layer<P>> {
        let monday = today
            .checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))
            .unwrap_or(today);
        let at = |date: NaiveDate, hour| date.and_time(time(hour).time());
        let each: Vec<Vec<P>> = people.iter().map(|person| vec![person.clone()]).collect();
        let a_week = |start| rotation(each.clone(), Unit::Week, start);
        match self {
            Self::Weekly => vec![a_week(at(monday, 9))],
            Self::Daily => vec![rotation(each, Unit::Day, at(today, 9))],
            Self::Weekend => {
                let (monday_morning, friday_evening) =
                    ((Weekday::Monday, time(9)), (Weekday::Friday, time(17)));
                let mut week = a_week(at(monday, 9));
                week.restrictions = vec![Restriction::Weekly {
                    from: monday_morning,
                    to: friday_evening,
                }];
                let mut weekend = a_week(at(monday, 9));
                weekend.restrictions = vec![Restriction::Weekly {
                    from: friday_evening,
                    to: monday_morning,
                }];
                // Nobody has both of one week.
                weekend.turns.rotate_left(people.len() / 2);
                vec![week, weekend]
            }
            Self::BusinessHours => {
                let mut layer = a_week(at(monday, 0));
                layer.restrictions = vec![daily(9, 17, Some(&WORKING_DAYS))];
                vec![layer]
            }
            Self::Nights => {
                let mut layer = a_week(at(monday, 12));
                layer.restrictions = vec![daily(17, 9, None)];
                vec![layer]
            }
            Self::FollowTheSun => [(6, 14), (14, 22), (22, 6)]
                .into_iter()
                .enumerate()
                .map(|(part, (from, to))| {
                    let of_part: Vec<Vec<P>> = each.iter().skip(part).step_by(3).cloned().collect();
                    let turns = if of_part.is_empty() { each.clone() } else { of_part };
                    let mut layer = rotation(turns, Unit::Week, at(monday, 6));
                    layer.restrictions = vec![daily(from, to, None)];
                    layer
                })
                .collect(),
            Self::TwoAtOnce => {
                let pairs = (0..each.len()).map(|first| {
                    let second = (first + 1) % each.len();
                    let pair: BTreeSet<P> = [first, second].iter().flat_map(|of| each[*of].clone()).collect();
                    pair.into_iter().collect()
                });
                vec![rotation(pairs.collect(), Unit::Week, at(monday, 9))]
            }
        }
    }
}

fn rotation<P>(turns: Vec<Vec<P>>, unit: Unit, start: NaiveDateTime) -> Layer<P> {
    Layer {
        level: Some(0),
        ..Layer::rotating(turns, HandOffs::Every { unit, every: 1 }, start)
    }
}

fn time(hour: u32) -> TimeOfDay {
    TimeOfDay::new(hour, 0).unwrap_or_default()
}

fn daily(from: u32, to: u32, weekdays: Option<&[Weekday]>) -> Restriction {
    Restriction::Daily {
        from: time(from),
        to: time(to),
        weekdays: weekdays.map(|days| days.iter().copied().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oncall::Schedule;
    use chrono::{DateTime, TimeDelta, Utc};

    fn rota(pattern: Pattern, people: &[&'static str]) -> Schedule<&'static str> {
        let today: NaiveDate = "2026-03-04".parse().unwrap();
        Schedule {
            time_zone: chrono_tz::UTC,
            layers: pattern.layers(people, today),
            overrides: Vec::new(),
        }
    }

    #[test]
    fn a_pattern_leaves_gaps_only_where_it_says_so_and_everybody_serves() {
        let from: DateTime<Utc> = "2026-03-05T09:00:00Z".parse().unwrap();
        let to = from + TimeDelta::days(364);
        let people = ["ana", "bo", "cy", "dee"];
        for pattern in Pattern::ALL {
            for count in 1..=people.len() {
                let rota = rota(*pattern, &people[..count]);
                rota.check().unwrap();
                let shifts = rota.shifts(from, to);
                let gaps = shifts.iter().any(|shift| shift.people.is_empty());
                let means_gaps = matches!(pattern, Pattern::BusinessHours | Pattern::Nights);
                assert_eq!(gaps, means_gaps, "{pattern} with {count}");
                let found = crate::oncall::served(&shifts);
                assert_eq!(found.len(), count, "{pattern} with {count}");
                let most = if *pattern == Pattern::TwoAtOnce { 2 } else { 1 }.min(count);
                assert!(
                    shifts.iter().all(|shift| shift.people.len() <= most),
                    "{pattern} with {count}"
                );
            }
        }
    }

    #[test]
    fn nobody_has_the_week_and_its_weekend() {
        let rota = rota(Pattern::Weekend, &["ana", "bo"]);
        let at = |text: &str| rota.on_call(text.parse().unwrap()).pop_first().unwrap();
        assert_eq!(
            (at("2026-03-04T12:00:00Z"), at("2026-03-07T12:00:00Z")),
            ("ana", "bo")
        );
    }
}
