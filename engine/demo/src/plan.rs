//! From stories to one list of what happens when, across all of them. The seed moves things by minutes and seconds, as life does.

use crate::story::{Began, Step, Story};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Between a step and the same once more.
const SOON: TimeDelta = TimeDelta::seconds(20);

/// When each step of a story happens.
#[derive(Clone, Debug)]
pub struct Timed<'a> {
    pub story: &'a Story,
    pub began: DateTime<Utc>,
    pub steps: Vec<(DateTime<Utc>, &'a Step)>,
}

/// A story at its time.
pub fn time<'a>(story: &'a Story, now: DateTime<Utc>, chance: &mut StdRng) -> Timed<'a> {
    let exactly = story.began.instant(now);
    let began = match story.began {
        Began::OnDay { .. } => exactly + TimeDelta::seconds(chance.random_range(0..480)),
        Began::Before(_) => exactly,
    };
    let mut last = began;
    let mut steps = Vec::with_capacity(story.steps.len());
    for step in &story.steps {
        let moved = match story.began {
            Began::OnDay { .. } if !step.at.0.is_zero() => TimeDelta::seconds(chance.random_range(0..50)),
            _ => TimeDelta::zero(),
        };
        // The order of the file stands, however chance moves it.
        last = last.max(began + step.at.0 + moved);
        steps.push((last, step));
        for _ in 0..step.more {
            last += SOON;
            steps.push((last, step));
        }
    }
    Timed { story, began, steps }
}

/// All stories at their times.
pub fn all<'a>(stories: &'a [Story], now: DateTime<Utc>, seed: u64) -> Vec<Timed<'a>> {
    let mut chance = StdRng::seed_from_u64(seed);
    stories
        .iter()
        .map(|story| time(story, now, &mut chance))
        .collect()
}
