//! The incident under way: it goes on by itself while one watches, ends, and later the next one begins.

use crate::cast::Cast;
use crate::clock::LedClock;
use crate::deeds::{self, UnderWay};
use crate::load::Loaded;
use crate::story::{Began, Deed, Story};
use crate::{Company, NoDemo};
use chrono::{DateTime, TimeDelta, Utc};
use engine::{Engine, transaction};
use std::time::Duration;

/// How often we look whether something is due.
const PULSE: Duration = Duration::from_secs(1);
/// The calm between one story and the next.
const CALM: TimeDelta = TimeDelta::seconds(45);

/// One of the stories under way, as far as it has come.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    /// Place among the stories.
    story: usize,
    /// Place of the step that comes next.
    next: usize,
    /// How often all stories were gone through; alerts of each time are alerts of their own.
    round: usize,
    state: UnderWay,
}

impl Episode {
    /// The first story began a while before `now`, so that there is something to see at once.
    pub(crate) fn first(now: DateTime<Utc>, stories: &[Story]) -> Self {
        let before = match stories.first().map(|story| story.began) {
            Some(Began::Before(span)) => span,
            _ => TimeDelta::zero(),
        };
        Self {
            story: 0,
            next: 0,
            round: 0,
            state: UnderWay::new(now - before),
        }
    }

    fn story(&self, stories: &[Story]) -> Option<Story> {
        let mut story = stories.get(self.story)?.clone();
        story.key = format!("{}-{}", story.key, self.round);
        Some(story)
    }

    /// When the next step is due; `None` at the end.
    fn due(&self, story: &Story) -> Option<DateTime<Utc>> {
        story
            .steps
            .get(self.next)
            .map(|step| self.state.began + step.at.0)
    }

    /// The story after this one.
    fn follow(&mut self, began: DateTime<Utc>, stories: &[Story]) {
        self.story += 1;
        if self.story >= stories.len() {
            (self.story, self.round) = (0, self.round + 1);
        }
        (self.next, self.state) = (0, UnderWay::new(began));
    }

    /// Does what was due before `now`, each at its time.
    pub(crate) async fn catch_up(
        &mut self,
        engine: &Engine,
        clock: &LedClock,
        cast: &Cast,
        stories: &[Story],
        now: DateTime<Utc>,
    ) -> Result<(), NoDemo> {
        let Some(story) = self.story(stories) else {
            return Ok(());
        };
        let mut tx = engine.begin().await?;
        while let Some(at) = self.due(&story).filter(|at| *at < now) {
            clock.set(at);
            tx.goes_on();
            deeds::perform(&mut tx, cast, &story, &story.steps[self.next], &mut self.state).await?;
            self.next += 1;
        }
        Ok(tx.commit().await?)
    }
}

/// Goes on where [`crate::load`] ended.
pub struct Show {
    engine: Engine,
    company: Company,
    cast: Cast,
    episode: Episode,
}

impl Show {
    pub fn new(engine: Engine, loaded: Loaded) -> Self {
        Self {
            engine,
            company: loaded.company,
            cast: loaded.cast,
            episode: loaded.episode,
        }
    }

    /// Goes on for ever.
    pub async fn run(mut self) {
        let mut pulse = tokio::time::interval(PULSE);
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            pulse.tick().await;
            if let Err(error) = self.advance().await {
                tracing::error!(%error, "the demo's incident does not go on; the next one will");
                self.begin_another();
            }
        }
    }

    /// Does what is due at the engine's clock. Says how many steps that were.
    ///
    /// # Errors
    /// [`NoDemo`]
    pub async fn advance(&mut self) -> Result<usize, NoDemo> {
        let now = self.engine.context.now();
        let mut done = 0;
        let Some(story) = self.episode.story(&self.company.under_way) else {
            return Ok(0);
        };
        while self.episode.due(&story).is_some_and(|at| at <= now) {
            self.step(&story).await?;
            done += 1;
        }
        if self.episode.due(&story).is_none() {
            self.begin_another();
        }
        Ok(done)
    }

    fn begin_another(&mut self) {
        let began = self.engine.context.now() + CALM;
        self.episode.follow(began, &self.company.under_way);
    }

    /// Whoever watches may take part: what they have done already, nobody does again.
    async fn step(&mut self, story: &Story) -> Result<(), NoDemo> {
        let step = &story.steps[self.episode.next];
        let (cast, before) = (&self.cast, &self.episode.state);
        let done = transaction!(self.engine, |tx| {
            let mut state = before.clone();
            let done = match &step.deed {
                Deed::Postmortem(_) | Deed::Promise(_) => {
                    Some(deeds::perform(tx, cast, story, step, &mut state).await)
                }
                _ if deeds::is_over(tx, &state).await? => None,
                Deed::Takes(role) if deeds::is_held(tx, &state, *role).await? => Some(Ok(())),
                _ => Some(deeds::perform(tx, cast, story, step, &mut state).await),
            };
            match done {
                Some(Err(NoDemo::Engine(error))) => return Err(error),
                Some(Err(other)) => Err(other),
                Some(Ok(())) => Ok(Some(state)),
                None => Ok(None),
            }
        })?;
        match done? {
            Some(state) => {
                self.episode.state = state;
                self.episode.next += 1;
            }
            // Somebody resolved it already.
            None => self.episode.next = story.steps.len(),
        }
        Ok(())
    }
}
