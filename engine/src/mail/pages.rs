//! The mail that wakes somebody: one incident.

use super::{Draft, Words, fill, in_zone, outbox};
use crate::db::{Question, sql};
use crate::error::Result;
use crate::{Tx, incidents, paging};
use chrono::{DateTime, Utc};
use domain::alerts::{AlertEvent, Link, Status};
use domain::ids::{IncidentId, PageId};
use domain::incidents::Incident;
use domain::incidents::instants::spoken;
use domain::incidents::timeline::PageReason;
use domain::mail::{MailKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) struct PageMail<'a> {
    pub page: PageId,
    pub person: &'a Person,
    pub reason: PageReason,
    pub unanswered: Unanswered,
    /// Who else was paged about it, by name.
    pub others: &'a [String],
}

/// What happens where nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    NextStep,
    /// This was the last step.
    TheTeamIsTold,
    /// Somebody has it already.
    Nothing,
}

#[derive(Clone, Serialize, sqlx::FromRow)]
struct AlertLine {
    title: String,
    link: Option<String>,
    status: String,
    of_all: i64,
    /// What its source says of it at length, and where to look besides.
    #[sqlx(json)]
    annotations: BTreeMap<String, String>,
    #[sqlx(json)]
    links: Vec<Link>,
}

/// An alert as a page's mail tells it.
#[derive(Serialize)]
struct ToldAlert<'a> {
    title: &'a str,
    link: Option<&'a str>,
    status: &'a str,
    /// Names and values, each in one line.
    annotations: Vec<(&'a str, String)>,
    links: Vec<&'a Link>,
}

/// Annotations of an alert that its mail shows, and letters of one.
const MOST_ANNOTATIONS: usize = 6;
const MOST_LETTERS: usize = 300;

impl AlertLine {
    fn told(&self) -> ToldAlert<'_> {
        let is_news = |value: &str| value != self.title && Some(value) != self.link.as_deref();
        let annotations = self.annotations.iter().filter(|(_, value)| is_news(value));
        ToldAlert {
            title: &self.title,
            link: self.link.as_deref(),
            status: &self.status,
            annotations: annotations
                .take(MOST_ANNOTATIONS)
                .map(|(name, value)| (name.as_str(), in_one_line(value)))
                .collect(),
            links: self.links.iter().filter(|link| is_news(&link.href)).collect(),
        }
    }
}

fn in_one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    let mut line: String = letters.by_ref().take(MOST_LETTERS).collect();
    if letters.next().is_some() {
        line.push('…');
    }
    line
}

/// Alerts that a page's mail shows at most.
const MOST_ALERTS: i64 = 5;

/// What the mails about an incident say of its services and alerts.
#[derive(PartialEq, Eq, Hash)]
struct ToldOf(IncidentId);

#[derive(Clone)]
struct Told {
    services: String,
    alerts: Vec<AlertLine>,
}

impl Question for ToldOf {
    type Answer = Told;
}

/// Says what there is to tell of an incident that was just opened, with its one alert.
pub(crate) fn knows(tx: &mut Tx, incident: IncidentId, service: &str, title: String, alert: &AlertEvent) {
    let alert = AlertLine {
        title,
        link: alert.link.clone(),
        annotations: alert.annotations.clone(),
        links: alert.links.clone(),
        status: Status::Firing.as_str().to_owned(),
        of_all: 1,
    };
    let told = Told {
        services: service.to_owned(),
        alerts: vec![alert],
    };
    tx.ahead.put(ToldOf(incident), told);
}

/// More may happen to the incident from now on.
pub(crate) fn forgets(tx: &mut Tx, incident: IncidentId) {
    tx.ahead.take(&ToldOf(incident));
}

async fn told_of(tx: &mut Tx, incident: IncidentId) -> Result<Told> {
    if let Some(told) = tx.ahead.get(&ToldOf(incident)) {
        return Ok(told.clone());
    }
    let services = service_names(tx, incident).await?;
    let alerts = sql(
        "SELECT title, link, status, annotations, links, COUNT(*) OVER () AS of_all FROM alerts WHERE incident_id = $1
         ORDER BY CASE WHEN status = 'resolved' THEN 1 ELSE 0 END, severity, started_at LIMIT $2",
    )
    .bind(incident)
    .bind(MOST_ALERTS)
    .all(tx)
    .await?;
    Ok(Told { services, alerts })
}

/// All mails about one incident hang on this, and so fold into one thread.
fn thread(incident: IncidentId) -> String {
    format!("incident-{incident}")
}

/// Writes a page's mail into the outbox, with its link for acknowledging.
pub(crate) async fn write(
    tx: &mut Tx,
    incident: &Incident,
    page: &PageMail<'_>,
    urgency: Urgency,
) -> Result<()> {
    let link = paging::new_link(tx, incident.id, page.person.id);
    let words = in_words(tx, incident, page, link.reveal()).await?;
    let draft = Draft {
        kind: MailKind::Page,
        urgency,
        to: page.person,
        incident: Some(incident.id),
        page: Some(page.page),
        message: format!("page-{}", page.page),
        thread: Some(thread(incident.id)),
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    outbox::put(tx, draft);
    Ok(())
}

/// A page as the incident stands now. `link`: the secret of its link.
pub(crate) async fn in_words(
    tx: &mut Tx,
    incident: &Incident,
    page: &PageMail<'_>,
    link: &str,
) -> Result<Words> {
    let Told { services, alerts } = told_of(tx, incident.id).await?;
    let all_alerts = alerts.first().map_or(0, |alert| alert.of_all);
    let since = broken_since(incident);
    fill(
        "page",
        context! {
            severity => incident.severity.to_string(),
            subject => subject(incident),
            severity_word => incident.severity.word(),
            label => incident.label(),
            title => incident.title,
            services => services,
            since => in_zone(since, &page.person.time_zone),
            for_how_long => spoken((tx.now() - since).num_seconds()),
            more_alerts => all_alerts - i64::try_from(alerts.len()).unwrap_or(0),
            alerts => alerts.iter().map(AlertLine::told).collect::<Vec<_>>(),
            others => page.others,
            why => why(page.reason),
            unanswered => unanswered(page.unanswered),
            acknowledge_url => acknowledge_url(tx, link),
            incident_url => tx.context.link(&format!("/incidents/{}", incident.number)),
            name => page.person.name,
        },
    )
}

/// The subject that the template gives a page.
pub(super) fn subject(incident: &Incident) -> String {
    format!("[{}] {} {}", incident.severity, incident.label(), incident.title)
}

pub(super) fn acknowledge_url(tx: &Tx, link: &str) -> String {
    tx.context.link(&format!("/acknowledge/{link}"))
}

/// The secret of the link in a mail that was written before.
pub(super) fn link_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("/acknowledge/")?;
    rest.split_whitespace().next()
}

pub(super) async fn service_names(tx: &mut Tx, incident: IncidentId) -> Result<String> {
    let services = incidents::services_of(tx, incident).await?;
    Ok(services
        .into_iter()
        .map(|service| service.name)
        .collect::<Vec<_>>()
        .join(", "))
}

pub(super) fn broken_since(incident: &Incident) -> DateTime<Utc> {
    incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at)
}

fn why(reason: PageReason) -> &'static str {
    match reason {
        PageReason::OnCall => "You are on call.",
        PageReason::Named => "The escalation policy names you.",
        PageReason::SeverityRose => "It became worse since it was acknowledged.",
        PageReason::FiresAgain => "It fires again, and you had it.",
        PageReason::StillFires => "It still fires, long after it was acknowledged, and you have it.",
        PageReason::ByHand => "Somebody on the incident asked for you.",
    }
}

fn unanswered(then: Unanswered) -> Option<&'static str> {
    match then {
        Unanswered::NextStep => Some("Without an acknowledgement the next step of the policy is paged."),
        Unanswered::TheTeamIsTold => {
            Some("Without an acknowledgement the team is told that nobody has it: nobody is left to page.")
        }
        Unanswered::Nothing => None,
    }
}
