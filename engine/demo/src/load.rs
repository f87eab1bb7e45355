//! Six months in a few seconds: everything of all stories, in the order of its time, on a clock that is led from one to the next.

use crate::cast::Cast;
use crate::clock::LedClock;
use crate::company::Company;
use crate::deeds::{self, UnderWay};
use crate::learning::{self, Page};
use crate::plan::{self, Timed};
use crate::show::Episode;
use crate::story::{Deed, Step};
use crate::{NoDemo, ahead, calendars, house};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, ScheduleId};
use engine::people::passwords;
use engine::{Engine, Tx, setup};

/// The company moved in so long ago.
const MONTHS: TimeDelta = TimeDelta::days(184);
/// So much is committed at once.
const AT_ONCE: usize = 400;

/// What was loaded, and what goes on from here.
#[derive(Debug)]
pub struct Loaded {
    pub company: Company,
    pub cast: Cast,
    pub administrator: PersonId,
    pub observer: PersonId,
    /// Who is paged for what is under way.
    pub watched: ScheduleId,
    pub incidents: usize,
    /// The story that is under way, as far as it has come.
    pub(crate) episode: Episode,
}

/// Something that happens.
enum Happening<'a> {
    Open,
    Step(&'a Step),
    Learn(Page<'a>),
}

/// Moves `company` in. The engine's clock must be `clock`; it stands at `now` in the end.
///
/// # Errors
/// [`NoDemo`]
pub async fn load(
    engine: &Engine,
    clock: &LedClock,
    company: Company,
    now: DateTime<Utc>,
    seed: u64,
) -> Result<Loaded, NoDemo> {
    clock.set(now - MONTHS);
    let nobody_knows = format!("{:x?}", engine.context.random_bytes::<16>());
    let password = passwords::hash(&engine.context, &nobody_knows, "").await?;
    let mut tx = engine.begin().await?;
    if !setup::is_needed(&mut tx).await? {
        return Err(NoDemo::NotEmpty);
    }
    let cast = house::build(&mut tx, &company.house, &password).await?;
    tx.commit().await?;

    let stories = plan::all(&company.incidents, now, seed);
    live_through(engine, clock, &cast, &stories, now).await?;

    clock.set(now);
    let mut tx = engine.begin().await?;
    house::arrange(&mut tx, &cast, &company.house.overrides, now).await?;
    house::rotas(&mut tx, &cast, &company.house.rotas, now).await?;
    house::habits(&mut tx, &cast, &company.house.habits).await?;
    calendars::give(&mut tx, &cast, &company.house.habits, now).await?;
    ahead::arrange(&mut tx, &cast, &company.house.habits, now).await?;
    tx.commit().await?;
    let mut episode = Episode::first(now, &company.under_way);
    episode
        .catch_up(engine, clock, &cast, &company.under_way, now)
        .await?;
    clock.set(now);

    Ok(Loaded {
        administrator: cast.person(&company.house.administrator)?,
        observer: cast.person(&company.house.observer)?,
        watched: cast.team(&company.house.watched_team)?.on_call,
        incidents: company.incidents.len() + 1,
        company,
        cast,
        episode,
    })
}

async fn live_through(
    engine: &Engine,
    clock: &LedClock,
    cast: &Cast,
    stories: &[Timed<'_>],
    now: DateTime<Utc>,
) -> Result<(), NoDemo> {
    let happenings = in_order(stories, now)?;
    let mut under_way: Vec<_> = stories
        .iter()
        .map(|timed| (UnderWay::new(timed.began), Vec::new()))
        .collect();
    for batch in happenings.chunks(AT_ONCE) {
        let mut tx = engine.begin().await?;
        for (at, place, happening) in batch {
            clock.set(*at);
            tx.goes_on();
            let other = other_of(happening, stories, &under_way);
            let (timed, (state, promises)) = (&stories[*place], &mut under_way[*place]);
            state.others.extend(other);
            happen(&mut tx, cast, timed, happening, state, promises, now)
                .await
                .map_err(|problem| located(problem, timed, *at))?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// What the engine calls the incident that a step names by the key of its story, once that one is open.
fn other_of(
    happening: &Happening<'_>,
    stories: &[Timed<'_>],
    under_way: &[(UnderWay, Vec<i64>)],
) -> Option<(String, i64)> {
    let Happening::Step(Step {
        deed: Deed::Links(link),
        ..
    }) = happening
    else {
        return None;
    };
    let place = stories.iter().position(|timed| timed.story.key == link.to)?;
    let (number, _) = under_way.get(place)?.0.opened?;
    Some((link.to.clone(), number))
}

async fn happen(
    tx: &mut Tx,
    cast: &Cast,
    timed: &Timed<'_>,
    happening: &Happening<'_>,
    state: &mut UnderWay,
    promises: &mut Vec<i64>,
    now: DateTime<Utc>,
) -> Result<(), NoDemo> {
    match (happening, &timed.story.opened) {
        (Happening::Open, Some(form)) => deeds::open(tx, cast, timed.story, form, state).await,
        (Happening::Open, None) => match &timed.story.entered {
            Some(form) => deeds::enter(tx, cast, timed.story, form, state).await,
            None => Ok(()),
        },
        (Happening::Step(step), _) => deeds::perform(tx, cast, timed.story, step, state).await,
        (Happening::Learn(page), _) => {
            learning::perform(tx, cast, timed.story, page, state, promises, now.date_naive()).await
        }
    }
}

/// Everything in the order of its time; of one story in the order of the file.
fn in_order<'a>(
    stories: &[Timed<'a>],
    now: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, usize, Happening<'a>)>, NoDemo> {
    let mut all = Vec::new();
    for (place, timed) in stories.iter().enumerate() {
        all.push((timed.began, place, Happening::Open));
        let steps = timed
            .steps
            .iter()
            .map(|(at, step)| (*at, place, Happening::Step(step)));
        all.extend(steps);
        if let Some(learning) = &timed.story.postmortem {
            let pages = learning::pages(learning, timed.began);
            all.extend(
                pages
                    .into_iter()
                    .map(|(at, page)| (at, place, Happening::Learn(page))),
            );
        }
    }
    if let Some((at, place, _)) = all.iter().find(|(at, _, _)| *at > now) {
        return Err(NoDemo::TooLate {
            story: stories[*place].story.key.clone(),
            at: at.to_string(),
        });
    }
    all.sort_by_key(|(at, place, _)| (*at, *place));
    Ok(all)
}

fn located(problem: NoDemo, timed: &Timed<'_>, at: DateTime<Utc>) -> NoDemo {
    match problem {
        NoDemo::Engine(source) => NoDemo::Step {
            story: timed.story.key.clone(),
            at: format!("+{} min", (at - timed.began).num_minutes()),
            source,
        },
        other => other,
    }
}
