//! Turns that fall into times at which somebody's calendar says that they are away. They are shown and told; the rota stays as it is
//! until somebody changes it.

use super::Refused;
use super::away::{self, AWAY};
use super::requests;
use super::schedules::{self, Named};
use crate::error::Result;
use crate::{Tx, calendars, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendars::{Cover, Span, covered, said};
use domain::ids::{PersonId, RequestId};
use domain::oncall::Shift;
use domain::people::Permission;

/// An absence with turns in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    pub span: Span,
    /// As far as they fall into it, by their beginning.
    pub turns: Vec<(Named, Span)>,
    /// So many of them are asked for already.
    pub asked: usize,
}

/// Those of a person in the next half year, by the beginning.
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Absent>> {
    let absences = calendars::absences_of(tx, person).await?;
    if absences.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let mut turns = Vec::new();
    for (named, rotation) in schedules::load_all(tx).await? {
        let shifts = rotation.shifts(now, now + AWAY);
        turns.extend(
            turns_of(&shifts, person)
                .into_iter()
                .map(|span| (named.clone(), span)),
        );
    }
    turns.sort_by(|a, b| (a.1, &a.0.name).cmp(&(b.1, &b.0.name)));
    let open = requests::open_of(tx, person).await?;
    let found = covered(&absences, &turns)
        .into_iter()
        .map(|Cover { absence, turns }| {
            let is_asked = |(named, span): &&(Named, Span)| {
                open.iter().any(|one| {
                    let is_theirs = one.asked_by == person && one.schedule_id == named.id;
                    is_theirs && one.from_at <= span.0 && one.to_at >= span.1
                })
            };
            Absent {
                span: absence,
                asked: turns.iter().filter(is_asked).count(),
                turns,
            }
        });
    Ok(found.collect())
}

/// Times that a person serves without a break, whoever comes and goes beside them.
pub(super) fn turns_of(shifts: &[Shift<PersonId>], person: PersonId) -> Vec<Span> {
    let mine = shifts.iter().filter(|shift| shift.people.contains(&person));
    domain::calendars::joined(mine.map(|shift| (shift.from, shift.to)).collect())
}

/// Asks for cover for all turns within an absence, as [`away::away`] does; the absence is the one that was shown, or nothing is
/// done.
///
/// # Errors
/// [`Refused::AbsenceChanged`], and those of [`away::away`]
pub async fn ask_for_cover(tx: &mut Tx, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<RequestId>> {
    tx.authorize(Permission::ActOnIncident).await?;
    let person = tx.person()?;
    let me = people::find(tx, person).await?;
    // The page has whole seconds.
    let is_it = |span: &Span| {
        (span.0 - from).abs() < TimeDelta::seconds(1) && (span.1 - to).abs() < TimeDelta::seconds(1)
    };
    let absences = calendars::absences_of(tx, person).await?;
    let Some(span) = absences.into_iter().find(is_it) else {
        return Err(Refused::AbsenceChanged.into());
    };
    let zone = me.time_zone.parse().unwrap_or(chrono_tz::UTC);
    away::away(tx, span, &format!("I am away: {}.", said(span, zone))).await
}
