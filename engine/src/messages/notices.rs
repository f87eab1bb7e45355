//! Mails to a team: nobody was on call, nobody has this, a source is refused again and again.

use super::pages::{acknowledge_url, thread};
use super::{fill, in_zone, notice_digest, services_in_a_line};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::notifications::{Draft, Words, links, outbox};
use crate::people;
use crate::secrets::Secret;
use chrono::{DateTime, Utc};
use domain::ids::{IntegrationId, NotificationId, TeamId};
use domain::incidents::{Incident, State};
use domain::notifications::{NotificationKind, Urgency};
use domain::people::{Permission, Person, allows};
use minijinja::context;

/// What a team is told of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nobody acknowledged, and nobody is left to page.
    NobodyHasThis,
    /// It became worse since somebody acknowledged, and neither they nor anybody on call can be mailed.
    BecameWorse,
}

impl Notice {
    /// By the Message-ID that it was written with.
    pub fn of(message_id: &str) -> Option<Self> {
        let word = message_id.strip_prefix("<notice-")?.split('-').next();
        [Self::NobodyHasThis, Self::BecameWorse]
            .into_iter()
            .find(|notice| word == Some(notice.word()))
    }

    /// In its Message-ID.
    const fn word(self) -> &'static str {
        match self {
            Self::NobodyHasThis => "nobody",
            Self::BecameWorse => "worse",
        }
    }

    /// Whether there is nothing to tell of it any more.
    pub fn is_over(self, incident: &Incident) -> bool {
        match self {
            Self::NobodyHasThis => incident.state != State::Triggered,
            Self::BecameWorse => !incident.state.is_open(),
        }
    }

    /// As a list has it.
    const fn in_a_list(self) -> &'static str {
        match self {
            Self::NobodyHasThis => notice_digest::NOBODY_HAS_IT,
            Self::BecameWorse => "it became worse",
        }
    }
}

/// Tells a team's members and the administrators that nobody acknowledged and nobody is left to page; of what somebody has, that it
/// became worse.
pub(crate) async fn nobody_has_this(tx: &mut Tx, incident: &Incident) -> Result<()> {
    match incident.state {
        State::Triggered => tell(tx, incident, Notice::NobodyHasThis).await,
        _ => tell(tx, incident, Notice::BecameWorse).await,
    }
}

/// Tells a team's members and the administrators that what somebody has became worse, since nobody can be paged for it.
pub(crate) async fn it_became_worse(tx: &mut Tx, incident: &Incident) -> Result<()> {
    tell(tx, incident, Notice::BecameWorse).await
}

async fn tell(tx: &mut Tx, incident: &Incident, notice: Notice) -> Result<()> {
    for person in of_team(tx, incident.team_id).await? {
        if notice_digest::takes(tx, incident, &person, notice.in_a_list()).await? {
            continue;
        }
        let may = allows(person.role, &[], Permission::ActOnIncident);
        let link = may.then(|| links::new(tx, incident.id, person.id));
        let link = link.as_ref().map(Secret::reveal);
        let words = in_words(tx, incident, notice, link).await?;
        put_notice(tx, incident, &person, notice.word(), words);
    }
    Ok(())
}

/// A notice as the incident stands now. `link`: the secret of its link, for who may acknowledge.
pub(crate) async fn in_words(
    tx: &mut Tx,
    incident: &Incident,
    notice: Notice,
    link: Option<&str>,
) -> Result<Words> {
    let values = about(tx, incident).await?;
    let acknowledge_url = link.map(|link| acknowledge_url(tx, link));
    match notice {
        Notice::NobodyHasThis => fill(
            "nobody_has_this",
            context! { acknowledge_url => acknowledge_url, ..values },
        ),
        Notice::BecameWorse => fill("became_worse", values),
    }
}

/// Tells whoever has an incident that one more alert came to it: a mail that wakes nobody, at most one in ten minutes.
pub(crate) async fn one_more_alert(tx: &mut Tx, incident: &Incident, holder: &Person) -> Result<()> {
    let newest: Option<(String, Option<String>)> =
        sql("SELECT title, link FROM alerts WHERE incident_id = $1 AND open ORDER BY last_received_at DESC, id DESC LIMIT 1")
            .bind(incident.id)
            .maybe(tx)
            .await?;
    let (alert, link) = newest.unwrap_or_else(|| (incident.title.clone(), None));
    let values = context! { alert => alert, link => link, ..about(tx, incident).await? };
    let words = fill("one_more_alert", values)?;
    let ten_minutes = tx.now().timestamp() / 600;
    let message = format!("more-{}-{}-{ten_minutes}", incident.id, holder.id);
    put_about(tx, incident, holder, Urgency::Other, message, words);
    Ok(())
}

/// Tells a team that a schedule had nobody when a page was due.
pub(crate) async fn nobody_on_call(tx: &mut Tx, incident: &Incident, schedules: &[String]) -> Result<()> {
    let schedules = schedules.join(", ");
    let in_a_list = format!("nobody was on call on {schedules}");
    let values = about(tx, incident).await?;
    let values = context! { schedules => schedules, on_call_url => tx.context.link("/on-call"), ..values };
    for person in of_team(tx, incident.team_id).await? {
        if !notice_digest::takes(tx, incident, &person, &in_a_list).await? {
            let words = fill("nobody_on_call", values.clone())?;
            put_notice(tx, incident, &person, "gap", words);
        }
    }
    Ok(())
}

/// Reminds somebody that those who wait were promised a status update by now.
pub(crate) async fn update_is_due(tx: &mut Tx, incident: &Incident, to: &Person) -> Result<()> {
    let words = fill("update_due", about(tx, incident).await?)?;
    let draft = Draft {
        kind: NotificationKind::Reminder,
        urgency: Urgency::Other,
        to,
        incident: Some(incident.id),
        page: None,
        message: format!("update-{}-{}", incident.id, tx.now().timestamp()),
        thread: Some(thread(incident.id)),
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}

/// Asks whoever has an incident whether they still do: from then on they are paged again, and then the policy.
pub(crate) async fn still_yours(
    tx: &mut Tx,
    incident: &Incident,
    holder: &Person,
    until: DateTime<Utc>,
) -> Result<()> {
    let link = links::new(tx, incident.id, holder.id);
    let values = context! {
        acknowledge_url => acknowledge_url(tx, link.reveal()),
        until => in_zone(until, &holder.time_zone),
        ..about(tx, incident).await?
    };
    let words = fill("still_yours", values)?;
    let message = format!("still-{}-{}-{}", incident.id, holder.id, until.timestamp());
    put_about(tx, incident, holder, Urgency::Notice, message, words);
    Ok(())
}

/// Stands for a page that nobody got. `what`: the word in its Message-ID.
fn put_notice(tx: &mut Tx, incident: &Incident, person: &Person, what: &str, words: Words) {
    let now = tx.now().timestamp();
    let message = format!("notice-{what}-{}-{now}-{}", incident.id, person.id);
    put_about(tx, incident, person, Urgency::Notice, message, words);
}

fn put_about(
    tx: &mut Tx,
    incident: &Incident,
    person: &Person,
    urgency: Urgency,
    message: String,
    words: Words,
) {
    let draft = Draft {
        kind: NotificationKind::TeamNotice,
        urgency,
        to: person,
        incident: Some(incident.id),
        page: None,
        message,
        thread: Some(thread(incident.id)),
        words,
    };
    outbox::put(tx, draft);
}

/// Tells a team that what a source sends is refused, since most sources do not tell anybody.
pub(crate) async fn refusals(
    tx: &mut Tx,
    team: TeamId,
    integration: IntegrationId,
    name: &str,
    service_slug: &str,
    reason: &str,
) -> Result<()> {
    let url = tx.context.link(&format!("/settings/services/{service_slug}"));
    let words = fill(
        "refusals",
        context! { name => name, reason => reason, url => url },
    )?;
    let day = tx.now().format("%Y%m%d");
    for person in of_team(tx, team).await? {
        let draft = Draft {
            kind: NotificationKind::TeamNotice,
            urgency: Urgency::Other,
            to: &person,
            incident: None,
            page: None,
            message: format!("notice-refused-{integration}-{day}-{}", person.id),
            thread: None,
            words: words.clone(),
        };
        outbox::put(tx, draft);
    }
    Ok(())
}

/// The mail behind “send me a test”.
pub async fn test(tx: &mut Tx, person: &Person) -> Result<NotificationId> {
    tx.authorize(Permission::Administer).await?;
    let base_url = tx.context.base_url.as_str().trim_end_matches('/').to_owned();
    let words = fill("test", context! { name => person.name, base_url => base_url })?;
    let unique: NotificationId = tx.new_id();
    let draft = Draft {
        kind: NotificationKind::Test,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("test-{unique}"),
        thread: None,
        words,
    };
    Ok(outbox::put(tx, draft))
}

async fn about(tx: &mut Tx, incident: &Incident) -> Result<minijinja::Value> {
    let services = services_in_a_line(tx, incident.id).await?;
    Ok(context! {
        severity => incident.severity.to_string(),
        label => incident.label(),
        title => incident.title,
        services => services,
        incident_url => tx.context.link(&format!("/incidents/{}", incident.number)),
    })
}

/// The active members of a team, and the administrators.
async fn of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Person>> {
    sql(constcat::concat!(
        "SELECT ",
        people::COLUMNS,
        " FROM people WHERE deactivated_at IS NULL
            AND (role = 'administrator' OR id IN (SELECT person_id FROM team_members WHERE team_id = $1)) ORDER BY id"
    ))
    .bind(team)
    .all(tx)
    .await
}
