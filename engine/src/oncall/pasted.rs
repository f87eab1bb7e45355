//! Turns that were pasted as one table: all of them are arranged or none, and what is left of them is taken back together.

use super::store::{self, Said};
use super::{Refused, overrides, shift_news};
use crate::audit::{self, Subject};
use crate::error::Result;
use crate::{Tx, people};
use chrono_tz::Tz;
use domain::ids::{PastedId, ScheduleId};
use domain::oncall::pasted::{self, PastedRow, Readers, TableFault};
use domain::oncall::{Change, Override};
use domain::people::Person;

/// A table as it was pasted, and the zone of its times.
#[derive(Clone, Debug)]
pub struct Table {
    pub text: String,
    pub zone: Tz,
}

/// Whom a table may name: everybody, so that it can be said why somebody cannot be put on call.
pub async fn people(tx: &mut Tx) -> Result<Vec<Person>> {
    let everybody = people::everybody(tx).await?;
    Ok(everybody.into_iter().map(|member| member.person).collect())
}

/// Arranges all turns of a table, and tells each person of theirs in one mail.
///
/// # Errors
/// [`crate::Error::NotAllowed`], [`Refused::Table`], [`Refused::RowsAtFault`]
pub async fn arrange(tx: &mut Tx, schedule: ScheduleId, table: &Table) -> Result<PastedId> {
    overrides::authorize(tx, schedule, None).await?;
    let people = people(tx).await?;
    let rows = read(table, &people, tx).map_err(Refused::Table)?;
    match pasted::at_fault(&rows) {
        0 => {}
        count => return Err(Refused::RowsAtFault(count).into()),
    }
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let shifts = shift_news::before(tx, schedule).await?;
    let (id, now, by): (PastedId, _, _) = (tx.new_id(), tx.now(), tx.actor().person());
    let turns = pasted::turns(&rows);
    let last = turns.keys().map(|(_, to)| *to).max();
    let mut position = 0;
    for ((from, to), people) in turns {
        for (place, person) in people.into_iter().enumerate() {
            let exception = Override {
                change: match place {
                    0 => Change::Cover { person },
                    _ => Change::Add { person },
                },
                layer: None,
                // What has passed stays as it was.
                from: from.max(now),
                to,
            };
            let said = Said {
                layer: None,
                position,
                created_at: now,
                created_by: by,
                pasted: Some(id),
                request: None,
            };
            store::insert_override(tx, schedule, &exception, said).await?;
            position += 1;
        }
    }
    before.told(tx).await?;
    shifts.told(tx, last).await?;
    Ok(id)
}

fn read(table: &Table, people: &[Person], tx: &Tx) -> std::result::Result<Vec<PastedRow>, TableFault> {
    let by = Readers {
        people,
        zone: table.zone,
        now: tx.now(),
    };
    pasted::read(&table.text, by)
}

/// Takes back what is left of a table: the rotation counts again. What has passed of it stays.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn remove(tx: &mut Tx, schedule: ScheduleId, id: PastedId) -> Result<()> {
    overrides::cancel_these(tx, schedule, |arranged| arranged.pasted_id == Some(id)).await
}
