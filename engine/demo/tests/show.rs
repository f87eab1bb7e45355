//! The incident under way moves by itself, and whoever watches may take part.

mod moved;

use chrono::{DateTime, TimeDelta, Utc};
use demo::Show;
use domain::incidents::State;
use engine::incidents::{self, Story};
use engine::transaction;
use moved::{Moved, TUESDAY, move_in};

/// A house in which time passes.
struct Watched {
    moved: Moved,
    show: Show,
}

impl Watched {
    async fn begin() -> Self {
        let mut moved = move_in(TUESDAY, 1).await;
        let show = Show::new(moved.engine.clone(), moved.take());
        Self { moved, show }
    }

    async fn pass(&mut self, span: TimeDelta) {
        for _ in 0..span.num_seconds() {
            self.moved.now += TimeDelta::seconds(1);
            self.moved.clock.set(self.moved.now);
            self.show
                .advance()
                .await
                .unwrap_or_else(|problem| panic!("{problem}"));
            self.moved.settle().await;
        }
    }

    async fn newest(&self) -> Story {
        self.moved.stories().await.pop().expect("an incident")
    }

    async fn everything_recorded(&self) -> Vec<DateTime<Utc>> {
        let stories = self.moved.stories().await;
        let mut all: Vec<_> = stories
            .iter()
            .flat_map(|story| story.timeline.iter().map(|entry| entry.recorded_at))
            .collect();
        all.sort_unstable();
        all
    }
}

#[tokio::test]
async fn something_happens_every_half_minute_until_it_is_over_and_then_the_next_one_begins() {
    let mut watched = Watched::begin().await;
    let began = watched.moved.now;
    let first = watched.newest().await.incident.number;
    watched.pass(TimeDelta::minutes(14)).await;
    let seen: Vec<_> = watched
        .everything_recorded()
        .await
        .into_iter()
        .filter(|at| *at > began)
        .collect();
    assert!(
        seen[0] - began <= TimeDelta::seconds(15),
        "first movement at {}",
        seen[0]
    );
    let longest = seen.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(
        longest <= Some(TimeDelta::seconds(45)),
        "{longest:?} without anything"
    );
    let stories = watched.moved.stories().await;
    let over = stories
        .iter()
        .find(|story| story.incident.number == first)
        .expect("the first one");
    assert_eq!(over.incident.state, State::Resolved);
    assert!(over.incident.mitigated_at.is_some() && over.has_postmortem);
    assert!(
        over.pages.len() >= 2,
        "the policy pages the second line by itself"
    );
    assert!(watched.newest().await.incident.number > first, "a next one began");
}

#[tokio::test]
async fn what_a_visitor_has_done_already_nobody_does_again() {
    let mut watched = Watched::begin().await;
    watched.pass(TimeDelta::seconds(5)).await;
    let story = watched.newest().await;
    let number = story.incident.number;
    let mut tx = watched.moved.engine.read().await.expect("a transaction");
    let paged = engine::people::find(&mut tx, story.pages[0].page.person_id).await;
    drop(tx);
    let visitor = engine::Actor::Person {
        person: paged.expect("they are there"),
        address: None,
    };
    transaction!(watched.moved.engine.by(visitor.clone()), |tx| {
        incidents::resolve(tx, number).await?
    })
    .expect("it resolves");
    watched.pass(TimeDelta::minutes(2)).await;
    let stories = watched.moved.stories().await;
    let resolved = stories
        .iter()
        .find(|story| story.incident.number == number)
        .expect("it is there");
    assert_eq!(resolved.incident.state, State::Resolved);
    assert_eq!(
        watched.newest().await.incident.state,
        State::Triggered,
        "the next one is under way"
    );
}

#[tokio::test]
async fn all_stories_can_be_watched_to_their_end_and_from_the_first_again() {
    let mut watched = Watched::begin().await;
    let before = watched.moved.stories().await.len();
    watched.pass(TimeDelta::minutes(45)).await;
    let stories = watched.moved.stories().await;
    let over = stories[before - 1..]
        .iter()
        .filter(|story| story.has_postmortem)
        .count();
    assert!(
        over >= 4,
        "{over} of {} stories came to their end",
        stories.len() - before + 1
    );
}
