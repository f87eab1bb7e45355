//! Away: somebody is asked to take each turn of a person between two instants.

use super::requests::{self, Asked};
use super::{Refused, choose, schedules};
use crate::Tx;
use crate::error::{Error, Result};
use crate::{people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, RequestId};
use domain::oncall::{LONGEST, still_to_come};
use domain::people::{Permission, Person, Role};
use std::collections::BTreeMap;

/// How far ahead turns are collected for somebody who is away.
pub const AWAY: TimeDelta = TimeDelta::days(180);

type Span = (DateTime<Utc>, DateTime<Utc>);

/// Asks the team for each of one's own turns between two instants, in all schedules.
///
/// # Errors
/// As those of [`requests::ask`].
pub async fn away(tx: &mut Tx, span: Span, note: &str) -> Result<Vec<RequestId>> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    away_for(tx, me, span, note).await
}

/// The same for somebody, who is told of each: of somebody else, in the schedules that one may change.
///
/// # Errors
/// [`Refused::CannotBeChosen`], [`Error::NotAllowed`] where none of their turns is in such a schedule, and those of
/// [`requests::ask_for`].
pub async fn away_for(tx: &mut Tx, whose: PersonId, (from, to): Span, note: &str) -> Result<Vec<RequestId>> {
    tx.authorize(Permission::ActOnIncident).await?;
    let for_another = whose != tx.person()?;
    if for_another {
        choose(tx, whose, "of").await?;
    }
    let now = tx.now();
    // One may be away for longer than is looked ahead.
    let (from, to) = still_to_come((from, to), now, TimeDelta::MAX).map_err(Refused::from)?;
    let span = (from, to.min(now + AWAY));
    let mut open = requests::open_of(tx, whose).await?;
    open.retain(|request| request.asked_by == whose);
    let (mut asked, mut not_allowed) = (Vec::new(), None);
    for (named, rotation) in schedules::load_all(tx).await? {
        let theirs = rotation
            .shifts(span.0, span.1)
            .into_iter()
            .filter(|shift| shift.people.contains(&whose));
        let mut theirs: Vec<Span> = theirs.map(|shift| (shift.from, shift.to)).collect();
        // Others come and go beside them; it is one turn all the same.
        theirs.dedup_by(|next, last| {
            let goes_on = last.1 == next.0;
            if goes_on {
                last.1 = next.1;
            }
            goes_on
        });
        let is_asked = |span: &Span| {
            open.iter().any(|request| {
                request.schedule_id == named.id && request.from_at <= span.0 && request.to_at >= span.1
            })
        };
        theirs.retain(|turn| !is_asked(turn));
        if for_another && !theirs.is_empty() {
            match tx.authorize(Permission::ChangeTeam(named.team_id)).await {
                Ok(()) => {}
                Err(error @ Error::NotAllowed(_)) => {
                    not_allowed = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        for turn in theirs {
            let one = Asked {
                schedule: named.id,
                span: (turn.0, turn.1.min(turn.0 + LONGEST)),
                whom: Vec::new(),
                instead: None,
                note: note.to_owned(),
            };
            asked.push(requests::ask_for(tx, whose, &one).await?);
        }
    }
    match not_allowed {
        Some(error) if asked.is_empty() => Err(error),
        _ => Ok(asked),
    }
}

/// For whom else a person may ask so, by name: who is in a team of theirs; administrators for everybody.
pub async fn others(tx: &mut Tx, person: &Person) -> Result<Vec<Person>> {
    let mut found = match person.role {
        Role::Observer => Vec::new(),
        Role::Administrator => people::active(tx).await?,
        Role::Responder => {
            let mut members = BTreeMap::new();
            for team in people::teams_of(tx, person.id).await? {
                let these = teams::members::who_act(tx, team).await?;
                members.extend(these.into_iter().map(|member| (member.id, member)));
            }
            members.into_values().collect()
        }
    };
    found.retain(|other| other.id != person.id && other.role != Role::Observer);
    found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(found)
}
