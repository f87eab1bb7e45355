//! Promises that are due: one mail to each owner, at 09:00 of a working day where they are. On the day itself, and on Mondays of what is
//! late; never daily for the same.

use super::Card;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::messages::fill;
use crate::notifications::{Draft, outbox};
use crate::{news, people};
use chrono::{Datelike, NaiveDate, Weekday};
use domain::action_items::{reminder_day, reminds};
use domain::ids::PersonId;
use domain::news::NewsKind;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeMap;

/// Who owns something that has a day.
#[derive(sqlx::FromRow)]
struct Owned {
    id: PersonId,
    time_zone: String,
    due_on: NaiveDate,
    told: Option<NaiveDate>,
}

/// People whose reminder of today is due: it is past nine of a working day where they are, something is due today or late on a Monday,
/// and they were not told today.
pub async fn due(tx: &mut Tx) -> Result<Vec<(PersonId, NaiveDate)>> {
    let now = tx.now();
    let owned: Vec<Owned> = sql("SELECT p.id, p.time_zone, a.due_on,
             (SELECT MAX(r.day) FROM reminders r WHERE r.person_id = p.id) AS told
         FROM action_items a JOIN people p ON p.id = a.owner_id
         WHERE p.deactivated_at IS NULL AND a.due_on IS NOT NULL AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
            AND NOT EXISTS (SELECT 1 FROM news_turned_off o WHERE o.person_id = p.id AND o.kind = $1)")
        .bind(NewsKind::ActionItemsDue)
        .all(tx)
        .await?;
    let mut days: BTreeMap<(PersonId, NaiveDate), Vec<NaiveDate>> = BTreeMap::new();
    for owned in owned {
        let Some(today) = reminder_day(now, owned.time_zone.parse().unwrap_or(chrono_tz::UTC)) else {
            continue;
        };
        if owned.told.is_none_or(|day| day < today) {
            days.entry((owned.id, today)).or_default().push(owned.due_on);
        }
    }
    let due = days.into_iter().filter(|((_, today), due)| reminds(*today, due));
    Ok(due.map(|(whom, _)| whom).collect())
}

#[derive(Serialize)]
struct Line {
    label: String,
    title: String,
    due: String,
    incident: String,
    url: String,
}

/// Mails one person what is due and what is late, once a day however often it is asked for.
pub async fn mail(tx: &mut Tx, person: PersonId, today: NaiveDate) -> Result<()> {
    let now = tx.now();
    let first =
        sql("INSERT INTO reminders (person_id, day, mailed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(person)
            .bind(today)
            .bind(now)
            .run(tx)
            .await?;
    if first == 0
        || news::turned_off(tx, person)
            .await?
            .contains(&NewsKind::ActionItemsDue)
    {
        return Ok(());
    }
    let person = people::find(tx, person).await?;
    let open = super::open_of_person(tx, person.id).await?;
    let due_today = |card: &&Card| card.item.due_on == Some(today);
    // What is late is told once a week, with what else there is to say that day.
    let is_monday = today.weekday() == Weekday::Mon;
    let is_late = |card: &&Card| is_monday && card.item.due_on.is_some_and(|due| due < today);
    let today_lines: Vec<Line> = open.iter().filter(due_today).map(|card| line(tx, card)).collect();
    let late_lines: Vec<Line> = open.iter().filter(is_late).map(|card| line(tx, card)).collect();
    if today_lines.is_empty() && late_lines.is_empty() {
        return Ok(());
    }
    write(tx, &person, today_lines, late_lines, today)
}

fn line(tx: &Tx, card: &Card) -> Line {
    let due = card.item.due_on.map(|due| due.format("%-d %b %Y").to_string());
    Line {
        label: format!("ACT-{}", card.item.number),
        title: card.item.title.clone(),
        due: due.unwrap_or_default(),
        incident: format!("INC-{}", card.incident_number),
        url: tx.context.link(&format!("/action-items/{}", card.item.number)),
    }
}

fn write(tx: &mut Tx, person: &Person, due: Vec<Line>, late: Vec<Line>, today: NaiveDate) -> Result<()> {
    let words = fill(
        "action_items_due",
        context! {
            name => person.name,
            due_today => due,
            late_ones => late,
            off_url => tx.context.link("/settings/profile#mails"),
        },
    )?;
    let draft = Draft {
        kind: NotificationKind::Reminder,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("action-items-due-{}-{today}", person.id),
        thread: None,
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}
