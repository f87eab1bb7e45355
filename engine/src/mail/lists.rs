//! The mail about incidents that were too many to be told one by one. Its words are found before the writer is taken, since alerts
//! wait for that.

use super::pages::broken_since;
use super::{Draft, Words, fill, outbox};
use crate::db::sql;
use crate::error::Result;
use crate::secrets::Secret;
use crate::{Context, Tx, paging};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::LIST_AFTER_SECONDS;
use domain::ids::{IncidentId, MailId, PersonId};
use domain::incidents::Incident;
use domain::incidents::instants::spoken;
use domain::mail::{MailKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeMap;

/// A list in words, with the secret of its links.
pub(crate) struct ListMail {
    link: Secret,
    pub words: Words,
    message: String,
    thread: String,
}

#[derive(Serialize)]
struct ListLine {
    severity: String,
    label: String,
    title: String,
    services: String,
    for_how_long: String,
    acknowledge_url: String,
    incident_url: String,
}

/// What a list tells.
pub(crate) struct Told<'a> {
    /// Those with a line each.
    pub incidents: &'a [Incident],
    pub services: &'a BTreeMap<IncidentId, Vec<String>>,
    /// Those that are named by their numbers.
    pub others: &'a [Incident],
}

/// Whether the person was told a list by the look before this one: what it held needs no repeating.
pub(crate) async fn a_list_was_just_written(tx: &mut Tx, person: PersonId) -> Result<bool> {
    let since = tx.now() - TimeDelta::seconds(LIST_AFTER_SECONDS / 2);
    sql("SELECT EXISTS (SELECT 1 FROM mails WHERE person_id = $1 AND created_at > $2 AND kind = 'page_list')")
        .bind(person)
        .bind(since)
        .scalar(tx)
        .await
}

/// Puts a list into words.
///
/// # Errors
/// [`crate::Error::MailText`]
pub(crate) fn draw_up(
    context: &Context,
    now: DateTime<Utc>,
    person: PersonId,
    told: &Told<'_>,
) -> Result<ListMail> {
    let link = Secret::new(context);
    let lines = told.incidents.iter().map(|incident| ListLine {
        severity: incident.severity.to_string(),
        label: incident.label(),
        services: told
            .services
            .get(&incident.id)
            .map(|names| names.join(", "))
            .unwrap_or_default(),
        for_how_long: spoken((now - broken_since(incident)).num_seconds()),
        acknowledge_url: context.link(&format!("/acknowledge/{}.{}", link.reveal(), incident.number)),
        incident_url: context.link(&format!("/incidents/{}", incident.number)),
        title: incident.title.clone(),
    });
    let others: Vec<String> = told.others.iter().map(Incident::label).collect();
    let words = fill(
        "page_list",
        context! {
            count => told.incidents.len() + others.len(),
            lines => lines.collect::<Vec<_>>(),
            others => others,
            list_url => context.link("/incidents"),
        },
    )?;
    let first = told.incidents.first().map(|incident| incident.id.to_string());
    Ok(ListMail {
        link,
        words,
        message: format!(
            "pages-{person}-{}-{}",
            now.timestamp_micros(),
            first.unwrap_or_default()
        ),
        // One list a person and day: the longer list folds onto the shorter one.
        thread: format!("pages-{person}-{}", now.format("%Y%m%d")),
    })
}

/// Makes a list's links work.
pub(crate) fn keep_link(tx: &mut Tx, person: PersonId, mail: &ListMail) {
    paging::keep_list_link(tx, person, &mail.link);
}

/// Writes a list into the outbox.
pub(crate) fn put(tx: &mut Tx, person: &Person, mail: &ListMail) -> MailId {
    keep_link(tx, person.id, mail);
    let draft = Draft {
        kind: MailKind::PageList,
        urgency: Urgency::Page,
        to: person,
        incident: None,
        page: None,
        message: mail.message.clone(),
        thread: Some(mail.thread.clone()),
        subject: mail.words.subject.clone(),
        text: mail.words.text.clone(),
        html: mail.words.html.clone(),
    };
    outbox::put(tx, draft)
}
