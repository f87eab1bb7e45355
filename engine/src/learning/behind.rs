//! What a number of the head's page counts, one by one: incidents, documents, action items. Never people.

use super::look::{Look, Naming};
use super::promises::promises;
use super::reviewed::Reviewed;
use super::scope::{Period, Scope};
use super::times::{Paged, alerts_by, monday_of, pages};
use super::took::opened;
use super::unnamed::without_factors;
use super::waits::{of_documents, of_items};
use super::watched::watched;
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::ids::FactorId;
use domain::learning::{
    Chance, Figure, InWeek, OfReviewed, OfTook, OfWatched, Promise, Step, TimeTo, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// A part of what a number counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// The number itself.
    pub count: usize,
    /// How many rows there are in all: several alerts may be of one incident.
    pub rows: usize,
    pub shown: Vec<Counted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub of: Of,
    /// INC-… or ACT-…
    pub number: i64,
    pub title: String,
    pub note: Note,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Incident,
    Postmortem,
    ActionItem,
}

/// What is said beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    Nothing,
    /// Seconds.
    Took(i64),
    FirstDue {
        day: NaiveDate,
        moved: usize,
    },
    Factor {
        id: FactorId,
        name: String,
    },
    Opened(DateTime<Utc>),
    Alerts(usize),
    /// Nights of people in which it paged them.
    Nights(usize),
    Pages(usize),
}

/// A row without its title, where that is not known yet.
struct Found {
    number: i64,
    title: Option<String>,
    note: Note,
}

fn found(number: i64, note: Note) -> Found {
    Found {
        number,
        title: None,
        note,
    }
}

fn titled(number: i64, title: &str, note: Note) -> Found {
    Found {
        number,
        title: Some(title.to_owned()),
        note,
    }
}

/// Reads so many of them, after so many others.
pub async fn behind(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    figure: Figure,
    skip: usize,
    most: usize,
) -> Result<Behind> {
    let (of, rows, count) = match figure {
        Figure::Reviewed(of) => one_each(Of::Postmortem, reviewed(tx, period, scope, of).await?),
        Figure::Before(of) => one_each(Of::Postmortem, reviewed(tx, period.before(), scope, of).await?),
        Figure::Said(verdict) => one_each(Of::Postmortem, said(tx, period, scope, verdict).await?),
        Figure::Due(_) | Figure::Moved => one_each(Of::ActionItem, due(tx, period, scope, figure).await?),
        Figure::Watched { with, of } => one_each(Of::Postmortem, of_watched(tx, scope, with, of).await?),
        Figure::Step(step) => {
            let of = if step.is_of_items() {
                Of::ActionItem
            } else {
                Of::Postmortem
            };
            one_each(of, of_step(tx, period, scope, step).await?)
        }
        Figure::Took { to, is_known, of } => {
            one_each(Of::Incident, took(tx, period, scope, to, is_known, of).await?)
        }
        Figure::Week(monday, InWeek::Incidents) => {
            one_each(Of::Incident, opened_in(tx, period, scope, monday).await?)
        }
        Figure::Week(monday, InWeek::Alerts) => several(alerts_in(tx, period, scope, monday).await?),
        Figure::Week(monday, InWeek::NightsWoken) => several(nights_in(tx, period, scope, monday).await?),
        Figure::Hour(hour) => several(pages_at(tx, period, scope, hour).await?),
    };
    let total = rows.len();
    let shown: Vec<Found> = rows.into_iter().skip(skip).take(most).collect();
    Ok(Behind {
        count,
        rows: total,
        shown: with_titles(tx, of, shown).await?,
    })
}

fn one_each(of: Of, rows: Vec<Found>) -> (Of, Vec<Found>, usize) {
    let count = rows.len();
    (of, rows, count)
}

fn several((rows, count): (Vec<Found>, usize)) -> (Of, Vec<Found>, usize) {
    (Of::Incident, rows, count)
}

async fn reviewed(tx: &mut Tx, period: Period, scope: Scope, of: OfReviewed) -> Result<Vec<Found>> {
    let look = Look::load_for(tx, scope).await?;
    let reviewed = Reviewed::find(&look, period, scope);
    let fitting = reviewed.incidents().into_iter().filter(|(_, one)| one.is(of));
    let mut rows: Vec<Found> = fitting
        .map(|(number, one)| titled(number, one.title, Note::Nothing))
        .collect();
    if of == OfReviewed::All {
        let without = without_factors(tx, period, scope).await?;
        rows.extend(
            without
                .iter()
                .map(|(number, title)| titled(*number, title, Note::Nothing)),
        );
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    Ok(rows)
}

async fn said(tx: &mut Tx, period: Period, scope: Scope, verdict: Option<Verdict>) -> Result<Vec<Found>> {
    let look = Look::load_for(tx, scope).await?;
    let reviewed = Reviewed::find(&look, period, scope);
    let said = reviewed.came_back().map(|(naming, _)| naming);
    let said = said.filter(|naming| naming.said.as_ref().map(|said| said.verdict) == verdict);
    Ok(of_factors(said))
}

/// The latest incident first.
fn of_factors<'a>(namings: impl Iterator<Item = &'a Naming>) -> Vec<Found> {
    let row = |naming: &Naming| {
        let note = Note::Factor {
            id: naming.factor,
            name: naming.name.clone(),
        };
        titled(naming.met.number, &naming.title, note)
    };
    let mut rows: Vec<Found> = namings.map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    rows
}

async fn due(tx: &mut Tx, period: Period, scope: Scope, figure: Figure) -> Result<Vec<Found>> {
    let promises = promises(tx, period, scope).await?;
    let fits = |promise: &Promise| match figure {
        Figure::Due(Some(kept)) => promise.kept() == kept,
        Figure::Moved => promise.moved > 0,
        _ => true,
    };
    let row = |promise: &Promise| {
        let note = Note::FirstDue {
            day: promise.first_due,
            moved: promise.moved,
        };
        titled(promise.number, &promise.title, note)
    };
    Ok(promises
        .due
        .iter()
        .filter(|promise| fits(promise))
        .map(row)
        .collect())
}

async fn of_watched(tx: &mut Tx, scope: Scope, with: bool, of: OfWatched) -> Result<Vec<Found>> {
    let look = Look::load_for(tx, scope).await?;
    let now = tx.now();
    let fits = |chance: &Chance| match (chance.came_back(now), of) {
        (None, _) => false,
        (Some(_), OfWatched::All) => true,
        (Some(came_back), OfWatched::CameBack) => came_back,
        (Some(came_back), OfWatched::NotLookedAt) => came_back && chance.is_next_unseen,
    };
    let fitting = watched(&look, scope, with).filter(|(_, chance)| fits(chance));
    Ok(of_factors(fitting.map(|(naming, _)| naming)))
}

async fn of_step(tx: &mut Tx, period: Period, scope: Scope, step: Step) -> Result<Vec<Found>> {
    let stages = match step.is_of_items() {
        true => of_items(tx, period, scope).await?,
        false => of_documents(tx, period, scope).await?,
    };
    let stage = stages.into_iter().find(|stage| stage.step == step);
    let each = stage.map(|stage| stage.each).unwrap_or_default();
    Ok(each
        .into_iter()
        .map(|(number, seconds)| found(number, Note::Took(seconds)))
        .collect())
}

/// The slowest first; of those that are not known the latest.
async fn took(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    to: TimeTo,
    is_known: bool,
    of: OfTook,
) -> Result<Vec<Found>> {
    let opened = opened(tx, period, scope).await?;
    let these = opened
        .iter()
        .filter(|one| one.is(of))
        .filter(|one| one.seconds(to).is_some() == is_known);
    let mut these: Vec<_> = these.map(|one| (one.seconds(to), one)).collect();
    these.sort_by_key(|(seconds, one)| std::cmp::Reverse((*seconds, one.number)));
    let note = |seconds: Option<i64>| seconds.map_or(Note::Nothing, Note::Took);
    Ok(these
        .into_iter()
        .map(|(seconds, one)| found(one.number, note(seconds)))
        .collect())
}

async fn opened_in(tx: &mut Tx, period: Period, scope: Scope, monday: NaiveDate) -> Result<Vec<Found>> {
    let opened = opened(tx, period, scope).await?;
    let mut these: Vec<_> = opened
        .iter()
        .filter(|one| monday_of(one.opened_at.date_naive()) == monday)
        .collect();
    these.sort_by_key(|one| std::cmp::Reverse(one.number));
    Ok(these
        .into_iter()
        .map(|one| found(one.number, Note::Opened(one.opened_at)))
        .collect())
}

async fn alerts_in(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    monday: NaiveDate,
) -> Result<(Vec<Found>, usize)> {
    let begins = monday.and_time(NaiveTime::MIN).and_utc();
    let within = Period {
        from: period.from.max(begins),
        until: period.until.min(begins + TimeDelta::weeks(1)),
    };
    let alerts: Vec<(i64, i64)> = alerts_by(tx, period, scope, within, "o.number").await?;
    let counts = alerts.into_iter().map(|(number, count)| {
        let count = usize::try_from(count).unwrap_or(0);
        (number, count)
    });
    Ok(summed(counts.collect(), Note::Alerts))
}

async fn nights_in(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    monday: NaiveDate,
) -> Result<(Vec<Found>, usize)> {
    let pages = pages(tx, period, scope).await?;
    let in_week = |page: &Paged| page.night().filter(|(_, night)| monday_of(*night) == monday);
    let mut of_incident: BTreeMap<i64, BTreeSet<_>> = BTreeMap::new();
    for page in &pages {
        if let Some(night) = in_week(page) {
            of_incident.entry(page.number).or_default().insert(night);
        }
    }
    let nights: BTreeSet<_> = of_incident.values().flatten().collect();
    let count = nights.len();
    let counts = of_incident.iter().map(|(number, nights)| (*number, nights.len()));
    let (rows, _) = summed(counts.collect(), Note::Nights);
    Ok((rows, count))
}

async fn pages_at(tx: &mut Tx, period: Period, scope: Scope, hour: u32) -> Result<(Vec<Found>, usize)> {
    let pages = pages(tx, period, scope).await?;
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for page in pages.iter().filter(|page| page.hour() == hour) {
        *counts.entry(page.number).or_default() += 1;
    }
    Ok(summed(counts, Note::Pages))
}

/// The latest incident first, with how much it counts for; and all of it together.
fn summed(counts: BTreeMap<i64, usize>, note: fn(usize) -> Note) -> (Vec<Found>, usize) {
    let count = counts.values().sum();
    let rows = counts
        .into_iter()
        .rev()
        .map(|(number, count)| found(number, note(count)));
    (rows.collect(), count)
}

async fn with_titles(tx: &mut Tx, of: Of, rows: Vec<Found>) -> Result<Vec<Counted>> {
    let missing = rows.iter().filter(|row| row.title.is_none());
    let asked: Vec<Vec<Arg>> = missing.map(|row| vec![Arg::from(row.number)]).collect();
    let titles: BTreeMap<i64, String> = if asked.is_empty() {
        BTreeMap::new()
    } else {
        let text = match of {
            Of::ActionItem => {
                "WITH asked (number) AS (VALUES {rows}) SELECT a.number, a.title FROM asked CROSS JOIN action_items a
                 CROSS JOIN incidents i WHERE a.number = asked.number AND i.id = a.incident_id AND {visible i}"
            }
            Of::Incident | Of::Postmortem => {
                "WITH asked (number) AS (VALUES {rows}) SELECT i.number, i.title FROM asked CROSS JOIN incidents i
                 WHERE i.number = asked.number AND {visible i}"
            }
        };
        let titles: Vec<(i64, String)> = sql_of_rows(text, asked).all(tx).await?;
        titles.into_iter().collect()
    };
    let counted = |row: Found| Counted {
        of,
        number: row.number,
        title: row
            .title
            .unwrap_or_else(|| titles.get(&row.number).cloned().unwrap_or_default()),
        note: row.note,
    };
    Ok(rows.into_iter().map(counted).collect())
}
