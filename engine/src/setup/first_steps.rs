//! What is left to do in a new house before its first real incident.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::ScheduleId;

/// What the lines to paste call the incident that they open.
pub const TEST_TITLE: &str = "A test: nothing is broken";

/// How far a new house has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSteps {
    pub mail_set: bool,
    /// An incident was opened to see how it goes.
    pub tried: bool,
    /// An alert came in that was no test.
    pub source_connected: bool,
    /// Somebody else has an account or an invitation.
    pub invited: bool,
    /// A schedule has turns of more than one person.
    pub shared: bool,
    /// The first service, where sources are connected.
    pub service: Option<String>,
    pub schedule: Option<ScheduleId>,
}

impl FirstSteps {
    pub fn are_done(&self) -> bool {
        self.mail_set && self.tried && self.source_connected && self.invited && self.shared
    }
}

/// The first steps, until all are done or a real incident is over: then the house is no new one.
pub async fn first_steps(tx: &mut Tx) -> Result<Option<FirstSteps>> {
    let lived_in: bool =
        sql("SELECT EXISTS (SELECT 1 FROM incidents WHERE {visible incidents} AND state = 'resolved' AND title <> $1)")
            .bind(TEST_TITLE)
            .scalar(tx)
            .await?;
    if lived_in {
        return Ok(None);
    }
    let source_connected = sql("SELECT EXISTS (SELECT 1 FROM alerts WHERE title <> $1)")
        .bind(TEST_TITLE)
        .scalar(tx)
        .await?;
    let schedule: Option<(ScheduleId,)> = sql("SELECT id FROM schedules ORDER BY created_at, id LIMIT 1")
        .maybe(tx)
        .await?;
    let service: Option<(String,)> = sql("SELECT slug FROM services ORDER BY created_at, id LIMIT 1")
        .maybe(tx)
        .await?;
    let steps = FirstSteps {
        mail_set: tx.context.mail.server_set,
        tried: sql("SELECT EXISTS (SELECT 1 FROM incidents WHERE {visible incidents})")
            .scalar(tx)
            .await?,
        source_connected,
        invited: sql("SELECT COUNT(*) > 1 FROM people WHERE deactivated_at IS NULL")
            .scalar(tx)
            .await?,
        shared: sql(
            "SELECT EXISTS (SELECT 1 FROM schedule_layers l JOIN layer_turns t ON t.layer_id = l.id
                     GROUP BY l.schedule_id HAVING COUNT(DISTINCT t.person_id) > 1)",
        )
        .scalar(tx)
        .await?,
        service: service.map(|(slug,)| slug),
        schedule: schedule.map(|(id,)| id),
    };
    Ok((!steps.are_done()).then_some(steps))
}

/// The incident that was opened last, by number and title: while a new house waits for its first alert, that one.
pub async fn last_opened(tx: &mut Tx) -> Result<Option<(i64, String)>> {
    sql("SELECT number, title FROM incidents WHERE {visible incidents} ORDER BY number DESC LIMIT 1")
        .maybe(tx)
        .await
}
