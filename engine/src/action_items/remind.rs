//! Overdue promises: one mail to each owner, once a working day at 09:00 where they are.

use super::Card;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::messages::fill;
use crate::notifications::{Draft, outbox};
use crate::people;
use chrono::NaiveDate;
use domain::action_items::reminder_day;
use domain::ids::PersonId;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;

/// People whose reminder of today is due: it is past nine of a working day where they are, they have something overdue, and they were
/// not told today.
pub async fn due(tx: &mut Tx) -> Result<Vec<(PersonId, NaiveDate)>> {
    let now = tx.now();
    let owners: Vec<(PersonId, String, NaiveDate, Option<NaiveDate>)> = sql("SELECT p.id, p.time_zone, MIN(a.due_on) AS oldest,
             (SELECT MAX(r.day) FROM reminders r WHERE r.person_id = p.id) AS told
         FROM action_items a JOIN people p ON p.id = a.owner_id
         WHERE p.deactivated_at IS NULL AND a.due_on IS NOT NULL AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
         GROUP BY p.id, p.time_zone")
        .all(tx)
        .await?;
    Ok(owners
        .into_iter()
        .filter_map(|(person, zone, oldest, told)| {
            let today = reminder_day(now, zone.parse().unwrap_or(chrono_tz::UTC))?;
            let told_today = told.is_some_and(|day| day >= today);
            (oldest < today && !told_today).then_some((person, today))
        })
        .collect())
}

#[derive(Serialize)]
struct Line {
    label: String,
    title: String,
    due: String,
    incident: String,
    url: String,
}

/// Mails one person what is overdue, once a day however often it is asked for.
pub async fn mail(tx: &mut Tx, person: PersonId, today: NaiveDate) -> Result<()> {
    let now = tx.now();
    let first =
        sql("INSERT INTO reminders (person_id, day, mailed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(person)
            .bind(today)
            .bind(now)
            .run(tx)
            .await?;
    if first == 0 {
        return Ok(());
    }
    let person = people::find(tx, person).await?;
    let overdue: Vec<Card> = super::open_of_person(tx, person.id)
        .await?
        .into_iter()
        .filter(|card| card.item.due_on.is_some_and(|due| due < today))
        .collect();
    if overdue.is_empty() {
        return Ok(());
    }
    write(tx, &person, &overdue, today).await
}

async fn write(tx: &mut Tx, person: &Person, overdue: &[Card], today: NaiveDate) -> Result<()> {
    let lines: Vec<Line> = overdue
        .iter()
        .map(|card| Line {
            label: format!("ACT-{}", card.item.number),
            title: card.item.title.clone(),
            due: card
                .item
                .due_on
                .map(|due| due.format("%-d %b %Y").to_string())
                .unwrap_or_default(),
            incident: format!("INC-{}", card.incident_number),
            url: tx.context.link(&format!("/action-items/{}", card.item.number)),
        })
        .collect();
    let words = fill(
        "overdue",
        context! { name => person.name, count => lines.len(), lines => lines },
    )?;
    let draft = Draft {
        kind: NotificationKind::Reminder,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("overdue-{}-{today}", person.id),
        thread: None,
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}
