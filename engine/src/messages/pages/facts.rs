//! What the mails of pages tell, looked up for all that are sent at once.

use super::Page;
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use crate::messages::{asked, service_names};
use crate::people;
use domain::alerts::Link;
use domain::escalation::Place;
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::PageReason;
use domain::incidents::{PageOutcome, State};
use domain::people::Person;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What happens where nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    NextStep,
    /// This was the last step.
    TheTeamIsTold,
    /// Somebody has it already.
    Nothing,
}

#[derive(sqlx::FromRow)]
struct AlertLine {
    incident_id: IncidentId,
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
pub(super) struct ToldAlert<'a> {
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

#[derive(sqlx::FromRow)]
struct Written {
    id: PageId,
    person_id: PersonId,
    reason: Option<PageReason>,
    outcome: PageOutcome,
}

#[derive(sqlx::FromRow)]
struct Walked {
    incident_id: IncidentId,
    state: String,
    round: i64,
    step: i64,
    steps: i64,
    repeats: i64,
}

/// All that is known of some pages.
pub(super) struct Facts {
    pages: BTreeMap<PageId, Written>,
    people: BTreeMap<PersonId, Person>,
    paged: Vec<(IncidentId, PersonId, String)>,
    walked: BTreeMap<IncidentId, Walked>,
    services: BTreeMap<IncidentId, Vec<String>>,
    alerts: Vec<AlertLine>,
}

/// What is known of one of them.
pub(super) struct Known<'a> {
    pub person: &'a Person,
    pub reason: PageReason,
    /// Somebody is to be woken by it still.
    pub is_wanted: bool,
    pub unanswered: Unanswered,
    pub services: String,
    /// Who else was paged about it, by name.
    pub others: Vec<&'a str>,
    alerts: Vec<&'a AlertLine>,
}

impl Known<'_> {
    pub fn alerts(&self) -> Vec<ToldAlert<'_>> {
        self.alerts.iter().map(|alert| alert.told()).collect()
    }

    /// Alerts that are not shown.
    pub fn more_alerts(&self) -> i64 {
        let all = self.alerts.first().map_or(0, |alert| alert.of_all);
        all - i64::try_from(self.alerts.len()).unwrap_or(0)
    }
}

impl Facts {
    pub async fn load(tx: &mut Tx, asked_for: &[Page<'_>]) -> Result<Self> {
        let incidents: BTreeSet<IncidentId> = asked_for.iter().map(|page| page.incident.id).collect();
        let pages = written(tx, asked_for).await?;
        let recipients: BTreeSet<PersonId> = pages.values().map(|page| page.person_id).collect();
        Ok(Self {
            people: people::of(tx, &recipients).await?,
            paged: paged(tx, &incidents).await?,
            walked: walked(tx, &incidents).await?,
            services: service_names(tx, &incidents).await?,
            alerts: alerts(tx, &incidents).await?,
            pages,
        })
    }

    pub fn of(&self, page: &Page<'_>) -> Option<Known<'_>> {
        let (incident, written) = (page.incident, self.pages.get(&page.page)?);
        let services = self.services.get(&incident.id);
        let others: BTreeSet<&str> = self
            .paged
            .iter()
            .filter(|(about, person, _)| *about == incident.id && *person != written.person_id)
            .map(|(.., name)| name.as_str())
            .collect();
        let alerts = self
            .alerts
            .iter()
            .filter(|alert| alert.incident_id == incident.id);
        Some(Known {
            person: self.people.get(&written.person_id)?,
            reason: written.reason.unwrap_or(PageReason::OnCall),
            // Whoever acknowledges takes back what waits. What is written after that is for whoever has it.
            is_wanted: match written.outcome {
                PageOutcome::Kept => true,
                PageOutcome::Waiting => incident.state.is_open(),
                _ => incident.state == State::Triggered,
            },
            unanswered: self.unanswered(incident.id, incident.state),
            services: services.map(|names| names.join(", ")).unwrap_or_default(),
            others: others.into_iter().collect(),
            alerts: alerts.collect(),
        })
    }

    fn unanswered(&self, incident: IncidentId, state: State) -> Unanswered {
        match self.walked.get(&incident) {
            Some(walked) if walked.state == "running" && state == State::Triggered => {
                let place = Place {
                    round: walked.round,
                    step: walked.step,
                };
                match place.next(walked.steps, walked.repeats) {
                    Some(_) => Unanswered::NextStep,
                    None => Unanswered::TheTeamIsTold,
                }
            }
            _ => Unanswered::Nothing,
        }
    }
}

async fn written(tx: &mut Tx, pages: &[Page<'_>]) -> Result<BTreeMap<PageId, Written>> {
    let rows: Vec<Written> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT id, person_id, reason, outcome FROM pages WHERE id IN (SELECT id FROM asked)",
        pages.iter().map(|page| vec![Arg::from(page.page)]).collect(),
    )
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|page| (page.id, page)).collect())
}

async fn paged(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<Vec<(IncidentId, PersonId, String)>> {
    sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT DISTINCT g.incident_id, p.id, p.name FROM asked CROSS JOIN pages g CROSS JOIN people p
         WHERE g.incident_id = asked.id AND p.id = g.person_id",
        asked(incidents),
    )
    .all(tx)
    .await
}

async fn walked(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<BTreeMap<IncidentId, Walked>> {
    let rows: Vec<Walked> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT e.incident_id, e.state, e.round, e.step, p.repeats,
             (SELECT COUNT(*) FROM policy_steps s WHERE s.policy_id = p.id) AS steps
         FROM asked CROSS JOIN escalations e CROSS JOIN escalation_policies p
         WHERE e.incident_id = asked.id AND p.id = e.policy_id",
        asked(incidents),
    )
    .all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|walked| (walked.incident_id, walked))
        .collect())
}

/// Five of each incident, the worst that are not over first.
async fn alerts(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<Vec<AlertLine>> {
    sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT incident_id, title, link, status, annotations, links, of_all FROM (
             SELECT a.incident_id, a.title, a.link, a.status, a.annotations, a.links,
                 COUNT(*) OVER (PARTITION BY a.incident_id) AS of_all,
                 ROW_NUMBER() OVER (PARTITION BY a.incident_id
                     ORDER BY CASE WHEN a.status = 'resolved' THEN 1 ELSE 0 END, a.severity, a.started_at) AS place
             FROM (SELECT DISTINCT id FROM asked) asked CROSS JOIN alerts a WHERE a.incident_id = asked.id) told
         WHERE place <= 5 ORDER BY incident_id, place",
        asked(incidents),
    )
    .all(tx)
    .await
}
