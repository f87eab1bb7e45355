//! Whose turn a period is.

use super::handoffs::{HandOffs, MINUTES_A_DAY, MINUTES_A_WEEK, Numbered, Unit};
use super::restriction::{OpenWeek, Restriction};
use chrono::{Datelike, NaiveDateTime, Timelike};

words! {
    /// Which periods use up a turn.
    pub enum Counts {
        /// Each, whether or not a window is open in it.
        All = "all",
        /// Those in which a window opens. With days, a turn then lasts that many open ones.
        Open = "open",
    }
}

/// The hand-offs of a layer and how their periods are counted.
pub(super) struct Rotation {
    pub hand_offs: Numbered,
    turns: u64,
    counting: Counting,
}

enum Counting {
    All,
    /// Which periods are open repeats with each week or so: how many are before each of one round, and last how many there are.
    Open {
        before: Vec<i64>,
        a_turn: i64,
    },
}

impl Rotation {
    /// `None` where there are no hand-offs or no turns.
    pub fn new(
        hand_offs: &HandOffs,
        start: NaiveDateTime,
        turns: usize,
        counts: Counts,
        restrictions: &[Restriction],
    ) -> Option<Self> {
        let turns = u64::try_from(turns).ok().filter(|turns| *turns > 0)?;
        let is_open = counts == Counts::Open && !restrictions.is_empty();
        let (periods, round, a_turn) = match hand_offs {
            _ if !is_open => (hand_offs.clone(), None, 1),
            HandOffs::Every {
                unit: Unit::Hour,
                every,
            } => {
                let every = i64::from(*every);
                // A period of a week or more is always open.
                let round = (every < 168).then(|| 168 / gcd(168, every));
                (hand_offs.clone(), round, 1)
            }
            HandOffs::Every {
                unit: Unit::Day,
                every,
            } => {
                let days = HandOffs::Every {
                    unit: Unit::Day,
                    every: 1,
                };
                (days, Some(7), i64::from(*every))
            }
            HandOffs::Every { .. } => (hand_offs.clone(), None, 1),
            HandOffs::Weekly { moments } => (hand_offs.clone(), i64::try_from(moments.len()).ok(), 1),
        };
        let hand_offs = periods.from(start)?;
        let counting = match round {
            Some(round) => Counting::Open {
                before: open_before(&hand_offs, round, restrictions)?,
                a_turn: a_turn.max(1),
            },
            None => Counting::All,
        };
        Some(Self {
            hand_offs,
            turns,
            counting,
        })
    }

    /// The turn of a period; `None` for one that is closed.
    pub fn turn(&self, number: i64) -> Option<usize> {
        let passed = match &self.counting {
            Counting::All => number,
            Counting::Open { before, a_turn } => {
                let (total, of_round) = before.split_last()?;
                let round = i64::try_from(of_round.len()).ok()?;
                let place = usize::try_from(number.rem_euclid(round)).ok()?;
                let (open, next) = (before.get(place)?, before.get(place + 1)?);
                if open == next {
                    return None;
                }
                (number.div_euclid(round) * total + open) / a_turn
            }
        };
        usize::try_from(u64::try_from(passed).ok()? % self.turns).ok()
    }
}

/// How many of the periods of a round are open before each, all on the wall clock: what a parliament does to the clock changes
/// nobody's turn.
fn open_before(hand_offs: &Numbered, round: i64, restrictions: &[Restriction]) -> Option<Vec<i64>> {
    let week = OpenWeek::of(restrictions);
    let mut before = vec![0];
    let mut open = 0;
    let mut begin = hand_offs.reading(0)?;
    for number in 1..=round {
        // At the end of the calendar a period is as good as open.
        let end = hand_offs.reading(number).unwrap_or(NaiveDateTime::MAX);
        let from = minute_of_week(begin);
        open += i64::from(week.is_open_between(from, from + (end - begin).num_minutes()));
        before.push(open);
        begin = end;
    }
    Some(before)
}

fn minute_of_week(time: NaiveDateTime) -> i64 {
    let days = i64::from(time.weekday().num_days_from_monday());
    (days * MINUTES_A_DAY + i64::from(time.hour()) * 60 + i64::from(time.minute())).rem_euclid(MINUTES_A_WEEK)
}

const fn gcd(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { gcd(other, one % other) }
}
