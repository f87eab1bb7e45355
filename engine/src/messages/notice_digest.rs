//! Notices to one person that are too many to go out one by one: the flood rule of pages holds for them too.

use super::pages::subject;
use super::{fill, services_in_a_line};
use crate::context::CLOCKS_DIFFER;
use crate::db::{dialect, sql};
use crate::error::Result;
use crate::notifications::{Draft, links, outbox};
use crate::secrets::Secret;
use crate::{Tx, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::escalation::{DIGEST_AFTER_SECONDS, FLOOD_SECONDS, waits_for_a_digest};
use domain::ids::PersonId;
use domain::incidents::{Incident, State};
use domain::notifications::{NotificationKind, Urgency};
use domain::people::{Permission, Person, allows};
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a list tells of an incident; of one that somebody has meanwhile, it is not true any more.
pub(super) const NOBODY_HAS_IT: &str = "nobody has it";

/// Incidents that one list takes up, of which so many have a line.
const MOST_IN_A_LIST: i64 = 500;
const MOST_LINES: usize = 50;

/// Puts a notice aside for a list, where the person got too many of late. Says whether it did.
pub(super) async fn takes(tx: &mut Tx, incident: &Incident, to: &Person, words: &str) -> Result<bool> {
    dialect::lock_people(tx, &BTreeSet::from([to.id])).await?;
    let now = tx.now();
    let (told, worst): (i64, Option<Severity>) = sql(
        "SELECT COUNT(*), MIN(i.severity) FROM notifications m JOIN incidents i ON i.id = m.incident_id AND {any i}
         WHERE m.person_id = $1 AND m.created_at > $2 AND m.created_at <= $3 AND m.kind = 'team_notice' AND m.urgency = $4",
    )
    .bind(to.id)
    .bind(now - TimeDelta::seconds(FLOOD_SECONDS))
    .bind(now + CLOCKS_DIFFER)
    .bind(Urgency::Notice.number())
    .one(tx, "count")
    .await?;
    if !waits_for_a_digest(told, worst, incident.severity) {
        return Ok(false);
    }
    sql("INSERT INTO gathered_notices (person_id, incident_id, created_at, words) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(to.id)
        .bind(incident.id)
        .bind(now)
        .bind(words)
        .run(tx)
        .await?;
    Ok(true)
}

/// People whose list is due.
pub async fn due(tx: &mut Tx) -> Result<Vec<PersonId>> {
    let now = tx.now();
    let rows: Vec<(PersonId,)> = sql("SELECT id FROM (SELECT p.id,
             (SELECT MIN(g.created_at) FROM gathered_notices g WHERE g.person_id = p.id AND g.listed_at IS NULL) AS oldest,
             (SELECT MAX(g.created_at) FROM gathered_notices g WHERE g.person_id = p.id AND g.listed_at IS NULL) AS newest
             FROM people p) waiting WHERE oldest <= $1 OR newest > $2")
    .bind(now - TimeDelta::seconds(DIGEST_AFTER_SECONDS))
    // Put aside while the clock was fast.
    .bind(now + CLOCKS_DIFFER)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

#[derive(sqlx::FromRow)]
struct Waiting {
    #[sqlx(flatten)]
    incident: Incident,
    words: String,
    put_aside_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Line {
    severity: String,
    label: String,
    title: String,
    services: String,
    words: String,
    acknowledge_url: Option<String>,
    incident_url: String,
}

/// Mails a person the list of what was put aside, the worst and newest first, without what is over.
pub async fn mail(tx: &mut Tx, person: PersonId) -> Result<()> {
    dialect::lock_people(tx, &BTreeSet::from([person])).await?;
    let waiting: Vec<Waiting> = sql(
        "SELECT i.*, g.words, g.created_at AS put_aside_at FROM gathered_notices g JOIN incidents i ON i.id = g.incident_id AND {any i}
         WHERE g.person_id = $1 AND g.listed_at IS NULL ORDER BY g.created_at LIMIT $2",
    )
    .bind(person)
    .bind(MOST_IN_A_LIST)
    .all(tx)
    .await?;
    let Some(last) = waiting.last().map(|notice| notice.put_aside_at) else {
        return Ok(());
    };
    sql("UPDATE gathered_notices SET listed_at = $3 WHERE person_id = $1 AND listed_at IS NULL AND created_at <= $2")
        .bind(person)
        .bind(last)
        .bind(tx.now())
        .run(tx)
        .await?;
    let to = people::find(tx, person).await?;
    let told = still_true(waiting);
    if told.is_empty() || to.deactivated_at.is_some() {
        return Ok(());
    }
    write(tx, &to, &told).await
}

/// What is true of each incident still, once.
fn still_true(waiting: Vec<Waiting>) -> Vec<(Incident, String)> {
    let is_true = |notice: &Waiting| match notice.words.as_str() {
        NOBODY_HAS_IT => notice.incident.state == State::Triggered,
        _ => notice.incident.state.is_open(),
    };
    let mut told: Vec<(Incident, String)> = Vec::new();
    for notice in waiting.into_iter().filter(is_true) {
        match told
            .iter_mut()
            .find(|(incident, _)| incident.id == notice.incident.id)
        {
            Some((_, words)) if !words.contains(&notice.words) => {
                words.push_str(", ");
                words.push_str(&notice.words);
            }
            Some(_) => {}
            None => told.push((notice.incident, notice.words)),
        }
    }
    told.sort_by_key(|(incident, _)| (incident.severity.number(), std::cmp::Reverse(incident.number)));
    told
}

async fn write(tx: &mut Tx, to: &Person, told: &[(Incident, String)]) -> Result<()> {
    let link = Secret::new(&tx.context);
    let may = allows(to.role, &[], Permission::ActOnIncident);
    if may {
        links::keep_of_digest(tx, to.id, &link);
    }
    let mut lines = Vec::new();
    for (incident, words) in told.iter().take(MOST_LINES) {
        let acknowledge = format!("/acknowledge/{}.{}", link.reveal(), incident.number);
        lines.push(Line {
            severity: incident.severity.to_string(),
            label: incident.label(),
            title: incident.title.clone(),
            services: services_in_a_line(tx, incident.id).await?,
            words: words.clone(),
            acknowledge_url: (may && incident.state == State::Triggered)
                .then(|| tx.context.link(&acknowledge)),
            incident_url: tx.context.link(&format!("/incidents/{}", incident.number)),
        });
    }
    let others: Vec<String> = told
        .iter()
        .skip(MOST_LINES)
        .map(|(incident, _)| incident.label())
        .collect();
    let words = fill(
        "notice_digest",
        context! {
            worst => told.first().map(|(incident, _)| subject(incident)),
            count => told.len(),
            lines => lines,
            others => others,
            list_url => tx.context.link("/incidents"),
        },
    )?;
    let now = tx.now();
    let draft = Draft {
        kind: NotificationKind::TeamNotice,
        urgency: Urgency::Notice,
        to,
        incident: None,
        page: None,
        message: format!("notices-{}-{}", to.id, now.timestamp_micros()),
        thread: Some(format!("notices-{}-{}", to.id, now.format("%Y%m%d"))),
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}
