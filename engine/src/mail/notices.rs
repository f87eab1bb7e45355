//! Mails to a team: nobody was on call, nobody has this, a source is refused again and again.

use super::{Draft, Words, fill, outbox, pages};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::{incidents, people};
use domain::ids::{IncidentId, IntegrationId, MailId, TeamId};
use domain::incidents::Incident;
use domain::mail::{MailKind, Urgency};
use domain::people::Person;
use minijinja::context;

/// Tells a team's members and the administrators that nobody acknowledged and nobody is left to page.
pub(crate) async fn nobody_has_this(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let words = fill("nobody_has_this", about(tx, incident).await?)?;
    to_team(tx, incident.team_id, Some(incident.id), "nobody", &words).await
}

/// Tells a team's members and the administrators that what somebody has became worse, since nobody can be paged for it.
pub(crate) async fn it_became_worse(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let words = fill("became_worse", about(tx, incident).await?)?;
    to_team(tx, incident.team_id, Some(incident.id), "worse", &words).await
}

/// Tells whoever has an incident that one more alert came to it: a mail that wakes nobody, at most one in ten minutes.
pub(crate) async fn one_more_alert(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let Some(holder) = incidents::holder(tx, incident.id).await? else {
        return Ok(());
    };
    let Some(person) = people::find_active(tx, holder.person_id).await? else {
        return Ok(());
    };
    let newest: Option<(String, Option<String>)> =
        sql("SELECT title, link FROM alerts WHERE incident_id = $1 AND open ORDER BY last_received_at DESC, id DESC LIMIT 1")
            .bind(incident.id)
            .maybe(tx)
            .await?;
    let (alert, link) = newest.unwrap_or_else(|| (incident.title.clone(), None));
    let values = context! { alert => alert, link => link, ..about(tx, incident).await? };
    let words = fill("one_more_alert", values)?;
    let ten_minutes = tx.now().timestamp() / 600;
    let draft = Draft {
        kind: MailKind::TeamNotice,
        urgency: Urgency::Other,
        to: &person,
        incident: Some(incident.id),
        page: None,
        message: format!("more-{}-{}-{ten_minutes}", incident.id, person.id),
        thread: Some(format!("incident-{}", incident.id)),
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    outbox::put(tx, draft);
    Ok(())
}

/// Tells a team that a schedule had nobody when a page was due.
pub(crate) async fn nobody_on_call(tx: &mut Tx, incident: &Incident, schedules: &[String]) -> Result<()> {
    let values = about(tx, incident).await?;
    let values =
        context! { schedules => schedules.join(", "), on_call_url => tx.context.link("/on-call"), ..values };
    let words = fill("nobody_on_call", values)?;
    to_team(tx, incident.team_id, Some(incident.id), "gap", &words).await
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
    to_team(tx, team, None, &format!("refused-{integration}-{day}"), &words).await
}

/// The mail behind “send me a test”.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn test(tx: &mut Tx, person: &Person) -> Result<MailId> {
    let base_url = tx.context.base_url.as_str().trim_end_matches('/').to_owned();
    let words = fill("test", context! { name => person.name, base_url => base_url })?;
    let unique: MailId = tx.new_id();
    let draft = Draft {
        kind: MailKind::Test,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("test-{unique}"),
        thread: None,
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    Ok(outbox::put(tx, draft))
}

async fn about(tx: &mut Tx, incident: &Incident) -> Result<minijinja::Value> {
    let services = pages::service_names(tx, incident.id).await?;
    Ok(context! {
        severity => incident.severity.to_string(),
        label => incident.label(),
        title => incident.title,
        services => services,
        incident_url => tx.context.link(&format!("/incidents/{}", incident.number)),
    })
}

/// One mail to each active member of the team and each administrator. `what` keeps a mail from being written twice.
async fn to_team(
    tx: &mut Tx,
    team: TeamId,
    incident: Option<IncidentId>,
    what: &str,
    words: &Words,
) -> Result<()> {
    let everybody: Vec<Person> = sql(constcat!(
        "SELECT ",
        people::COLUMNS,
        " FROM people WHERE deactivated_at IS NULL
            AND (role = 'administrator' OR id IN (SELECT person_id FROM team_members WHERE team_id = $1))"
    ))
    .bind(team)
    .all(tx)
    .await?;
    let now = tx.now();
    for person in everybody {
        let about = incident.map_or_else(
            || what.to_owned(),
            |incident| format!("{what}-{incident}-{}", now.timestamp()),
        );
        let draft = Draft {
            kind: MailKind::TeamNotice,
            // About an incident, it stands for a page that nobody got.
            urgency: if incident.is_some() {
                Urgency::Page
            } else {
                Urgency::Other
            },
            to: &person,
            incident,
            page: None,
            message: format!("notice-{about}-{}", person.id),
            thread: incident.map(|incident| format!("incident-{incident}")),
            subject: words.subject.clone(),
            text: words.text.clone(),
            html: words.html.clone(),
        };
        outbox::put(tx, draft);
    }
    Ok(())
}
