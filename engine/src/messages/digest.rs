//! The digest: incidents that were too many to be told one by one. Its words are found before the writer is taken, since alerts wait
//! for that.

use super::fill;
use super::pages::{broken_since, for_how_long, subject};
use crate::db::sql;
use crate::error::Result;
use crate::notifications::{Draft, Words, links, outbox};
use crate::secrets::Secret;
use crate::{Context, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::DIGEST_AFTER_SECONDS;
use domain::ids::{IncidentId, NotificationId, PersonId};
use domain::incidents::Incident;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeMap;

/// A digest in words, with the secret of its links.
pub(crate) struct Digest {
    link: Secret,
    pub words: Words,
    message: String,
    thread: String,
}

#[derive(Serialize)]
struct Line {
    severity: String,
    label: String,
    title: String,
    services: String,
    for_how_long: Option<String>,
    acknowledge_url: String,
    incident_url: String,
}

/// What a digest tells.
pub(crate) struct Told<'a> {
    /// Those with a line each.
    pub incidents: &'a [Incident],
    pub services: &'a BTreeMap<IncidentId, Vec<String>>,
    /// Those that are named by their numbers.
    pub others: &'a [Incident],
}

/// Whether the person was told a digest by the look before this one: what it held needs no repeating.
pub(crate) async fn was_just_written(tx: &mut Tx, person: PersonId) -> Result<bool> {
    let since = tx.now() - TimeDelta::seconds(DIGEST_AFTER_SECONDS / 2);
    sql("SELECT EXISTS (SELECT 1 FROM notifications WHERE person_id = $1 AND created_at > $2 AND kind = 'digest')")
        .bind(person)
        .bind(since)
        .scalar(tx)
        .await
}

/// Puts a digest into words.
///
/// # Errors
/// [`crate::Error::MailText`]
pub(crate) fn draw_up(
    context: &Context,
    now: DateTime<Utc>,
    person: PersonId,
    told: &Told<'_>,
) -> Result<Digest> {
    let link = Secret::new(context);
    let lines = told.incidents.iter().map(|incident| Line {
        severity: incident.severity.to_string(),
        label: incident.label(),
        services: told
            .services
            .get(&incident.id)
            .map(|names| names.join(", "))
            .unwrap_or_default(),
        for_how_long: for_how_long((now - broken_since(incident)).num_seconds()),
        acknowledge_url: context.link(&format!("/acknowledge/{}.{}", link.reveal(), incident.number)),
        incident_url: context.link(&format!("/incidents/{}", incident.number)),
        title: incident.title.clone(),
    });
    let others: Vec<String> = told.others.iter().map(Incident::label).collect();
    let words = fill(
        "digest",
        context! {
            worst => told.incidents.first().map(subject),
            count => told.incidents.len() + others.len(),
            lines => lines.collect::<Vec<_>>(),
            others => others,
            list_url => context.link("/incidents"),
            awake_url => context.link("/awake"),
        },
    )?;
    let first = told.incidents.first().map(|incident| incident.id.to_string());
    Ok(Digest {
        link,
        words,
        message: format!(
            "pages-{person}-{}-{}",
            now.timestamp_micros(),
            first.unwrap_or_default()
        ),
        // One thread a person and day: the longer digest folds onto the shorter one.
        thread: format!("pages-{person}-{}", now.format("%Y%m%d")),
    })
}

/// Makes its links work.
pub(crate) fn keep_link(tx: &mut Tx, person: PersonId, digest: &Digest) {
    links::keep_of_digest(tx, person, &digest.link);
}

/// Writes it into the outbox.
pub(crate) fn put(tx: &mut Tx, person: &Person, digest: &Digest) -> NotificationId {
    keep_link(tx, person.id, digest);
    let draft = Draft {
        kind: NotificationKind::Digest,
        urgency: Urgency::Page,
        to: person,
        incident: None,
        page: None,
        message: digest.message.clone(),
        thread: Some(digest.thread.clone()),
        words: digest.words.clone(),
    };
    outbox::put(tx, draft)
}
