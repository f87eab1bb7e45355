//! What the mails of pages tell, looked up for all that are sent at once.

use super::Page;
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use crate::messages::{asked, service_names};
use crate::{oncall, people};
use chrono::{DateTime, Utc};
use domain::alerts::{Link, said};
use domain::escalation::{EscalationState, Place};
use domain::ids::{IncidentId, PageId, PersonId, PolicyId};
use domain::incidents::timeline::PageReason;
use domain::incidents::{PageOutcome, State};
use domain::people::Person;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What happens where nobody answers, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// These are paged; nobody where it could not be found out.
    NextStep(Option<DateTime<Utc>>, Vec<Person>),
    /// This was the last step.
    TheTeamIsTold(Option<DateTime<Utc>>),
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
    firing: i64,
    #[sqlx(json)]
    labels: BTreeMap<String, String>,
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
    status: &'a str,
    words: Vec<String>,
    links: Vec<Link>,
    /// Names and values, each in one line.
    rows: Vec<(String, String)>,
}

/// Annotations and labels of an alert that its mail shows, letters of one, and of a sentence.
const MOST_ROWS: usize = 12;
const MOST_LETTERS: usize = 300;
const MOST_OF_A_SENTENCE: usize = 1_000;

impl AlertLine {
    fn told(&self) -> ToldAlert<'_> {
        let said = said(
            &self.title,
            self.link.as_deref(),
            &self.links,
            &self.annotations,
            &self.labels,
        );
        let rows = said.rows.into_iter().take(MOST_ROWS);
        ToldAlert {
            title: &self.title,
            status: &self.status,
            words: said
                .words
                .iter()
                .map(|words| in_one_line(words, MOST_OF_A_SENTENCE))
                .collect(),
            links: said.links,
            rows: rows
                .map(|(name, value): (String, String)| (name, in_one_line(&value, MOST_LETTERS)))
                .collect(),
        }
    }
}

/// In a mail a line of its own could look like one of ours.
fn in_one_line(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    let mut line: String = letters.by_ref().take(most).collect();
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
    policy_id: PolicyId,
    state: EscalationState,
    round: i64,
    step: i64,
    next_at: Option<DateTime<Utc>>,
}

impl Walked {
    fn place(&self) -> Place {
        Place {
            round: self.round,
            step: self.step,
        }
    }
}

/// Who is paged next from a place of a policy; `None` where that is nobody.
type Next = BTreeMap<(PolicyId, i64, i64), Option<Vec<Person>>>;

/// All that is known of some pages.
pub(super) struct Facts {
    pages: BTreeMap<PageId, Written>,
    people: BTreeMap<PersonId, Person>,
    paged: Vec<(IncidentId, PersonId, String)>,
    walked: BTreeMap<IncidentId, Walked>,
    next: Next,
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
    /// Who else was paged about it, in the order in which they were.
    pub others: Vec<&'a str>,
    alerts: Vec<&'a AlertLine>,
}

impl Known<'_> {
    pub fn alerts(&self) -> Vec<ToldAlert<'_>> {
        self.alerts.iter().map(|alert| alert.told()).collect()
    }

    /// Alerts that are not shown.
    pub fn more_alerts(&self) -> i64 {
        self.all_alerts() - i64::try_from(self.alerts.len()).unwrap_or(0)
    }

    pub fn all_alerts(&self) -> i64 {
        self.alerts.first().map_or(0, |alert| alert.of_all)
    }

    pub fn firing_alerts(&self) -> i64 {
        self.alerts.first().map_or(0, |alert| alert.firing)
    }
}

impl Facts {
    pub async fn load(tx: &mut Tx, asked_for: &[Page<'_>]) -> Result<Self> {
        let incidents: BTreeSet<IncidentId> = asked_for.iter().map(|page| page.incident.id).collect();
        let pages = written(tx, asked_for).await?;
        let recipients: BTreeSet<PersonId> = pages.values().map(|page| page.person_id).collect();
        let walked = walked(tx, &incidents).await?;
        Ok(Self {
            people: people::of(tx, &recipients).await?,
            paged: paged(tx, &incidents).await?,
            next: next(tx, &walked).await?,
            walked,
            services: service_names(tx, &incidents).await?,
            alerts: alerts(tx, &incidents).await?,
            pages,
        })
    }

    pub fn of(&self, page: &Page<'_>) -> Option<Known<'_>> {
        let (incident, written) = (page.incident, self.pages.get(&page.page)?);
        let services = self.services.get(&incident.id);
        let others = self
            .paged
            .iter()
            .filter(|(about, person, _)| *about == incident.id && *person != written.person_id)
            .map(|(.., name)| name.as_str());
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
            others: others.collect(),
            alerts: alerts.collect(),
        })
    }

    fn unanswered(&self, incident: IncidentId, state: State) -> Unanswered {
        match self.walked.get(&incident) {
            Some(walked) if walked.state == EscalationState::Running && state == State::Triggered => {
                match self.next.get(&(walked.policy_id, walked.round, walked.step)) {
                    Some(None) => Unanswered::TheTeamIsTold(walked.next_at),
                    Some(Some(people)) => Unanswered::NextStep(walked.next_at, people.clone()),
                    None => Unanswered::NextStep(walked.next_at, Vec::new()),
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
         SELECT g.incident_id, p.id, p.name FROM (SELECT DISTINCT id FROM asked) asked CROSS JOIN pages g CROSS JOIN people p
         WHERE g.incident_id = asked.id AND p.id = g.person_id
         GROUP BY g.incident_id, p.id, p.name ORDER BY MIN(g.created_at), MIN(g.step), p.name",
        asked(incidents),
    )
    .all(tx)
    .await
}

async fn walked(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<BTreeMap<IncidentId, Walked>> {
    let rows: Vec<Walked> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT e.incident_id, e.policy_id, e.state, e.round, e.step, e.next_at
         FROM asked CROSS JOIN escalations e WHERE e.incident_id = asked.id",
        asked(incidents),
    )
    .all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|walked| (walked.incident_id, walked))
        .collect())
}

/// Who is paged next, once for each place: in a flood many incidents stand at one. What cannot be found out is left out; the page goes all the same.
async fn next(tx: &mut Tx, walked: &BTreeMap<IncidentId, Walked>) -> Result<Next> {
    let mut next = Next::new();
    for walked in walked
        .values()
        .filter(|walked| walked.state == EscalationState::Running)
    {
        let at = (walked.policy_id, walked.round, walked.step);
        if next.contains_key(&at) {
            continue;
        }
        let mut found = None;
        let finding = async |tx: &mut Tx| {
            let policy = oncall::policy(tx, walked.policy_id).await?;
            found = oncall::reached_after(tx, &policy, walked.place()).await?;
            Ok(())
        };
        match tx.try_within_savepoint(finding).await? {
            Ok(()) => drop(next.insert(at, found)),
            Err(fault) => {
                tracing::error!(policy = %walked.policy_id, %fault, "who is paged next could not be found out")
            }
        }
    }
    Ok(next)
}

/// Five of each incident, the worst that are not over first.
async fn alerts(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<Vec<AlertLine>> {
    sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT incident_id, title, link, status, labels, annotations, links, of_all, firing FROM (
             SELECT a.incident_id, a.title, a.link, a.status, a.labels, a.annotations, a.links,
                 COUNT(*) OVER (PARTITION BY a.incident_id) AS of_all,
                 COUNT(CASE WHEN a.status <> 'resolved' THEN 1 END) OVER (PARTITION BY a.incident_id) AS firing,
                 ROW_NUMBER() OVER (PARTITION BY a.incident_id
                     ORDER BY CASE WHEN a.status = 'resolved' THEN 1 ELSE 0 END, a.severity, a.started_at) AS place
             FROM (SELECT DISTINCT id FROM asked) asked CROSS JOIN alerts a WHERE a.incident_id = asked.id) told
         WHERE place <= 5 ORDER BY incident_id, place",
        asked(incidents),
    )
    .all(tx)
    .await
}
