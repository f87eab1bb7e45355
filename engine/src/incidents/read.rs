//! Everything that the page of one incident shows.

use super::link::{LinkedTo, linked_to};
use super::updates::{self, Latest};
use super::{Holder, find, holder, state_since, timeline};
use crate::db::sql;
use crate::error::{Result, caught};
use crate::{Tx, paging};
use chrono::{DateTime, Utc};
use domain::escalation::EscalationState;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::next::{Around, Next, next};
use domain::incidents::timeline::{Entry, Show};
use domain::incidents::{Alert, Incident, IncidentRole, Page, State};
use domain::teams::{Service, Team};
use std::collections::BTreeSet;

/// How many alerts an incident has, however many are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertCount {
    pub all_of_them: i64,
    /// Firing, or acknowledged by their source.
    pub not_over: i64,
}

/// An incident with all around it, as of one instant.
#[derive(Clone, Debug)]
pub struct Story {
    pub incident: Incident,
    /// The last entry before its state became what it is; 0 where it was never another.
    pub state_since: i64,
    pub team: Team,
    pub services: Vec<Service>,
    pub roles: Vec<RoleHeld>,
    /// At most 500: those that are not over first, and of these the newest.
    pub alerts: Vec<Alert>,
    pub alert_count: AlertCount,
    /// In the order in which they were due.
    pub pages: Vec<PageSent>,
    /// Oldest first.
    pub timeline: Vec<Entry>,
    pub paging: Here,
    /// Until then whoever has it has it; `None`: for good, or nobody is asked as it is now.
    pub held_until: Option<DateTime<Utc>>,
    /// Whom the policy pages next, while it runs.
    pub paged_next: Vec<PersonId>,
    /// The incident commander, or else whoever took it first since it was last triggered.
    pub has_it: Option<Holder>,
    pub has_postmortem: bool,
    pub latest_update: Option<Latest>,
    /// Other incidents that it has to do with.
    pub linked: Vec<LinkedTo>,
}

impl Story {
    pub fn next(&self) -> Next {
        let roles_taken: Vec<_> = self.roles.iter().map(|held| held.role).collect();
        let around = Around {
            roles_taken: &roles_taken,
            policy_ran_out: matches!(self.paging, Here::RanOut),
            has_postmortem: self.has_postmortem,
        };
        next(&self.incident, around)
    }

    /// Everybody who was paged, each once, in the order in which they were.
    pub fn paged(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let pages = self.pages.iter().filter(|sent| seen.insert(sent.page.person_id));
        pages.map(|sent| sent.name.as_str()).collect()
    }

    /// Who has acknowledged, though others have to as well; each once.
    pub fn acknowledged_in_part(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let pages = self.pages.iter().filter(|sent| sent.has_acknowledged);
        let pages = pages.filter(|sent| seen.insert(sent.page.person_id));
        pages.map(|sent| sent.name.as_str()).collect()
    }

    pub fn holder(&self, role: IncidentRole) -> Option<&RoleHeld> {
        self.roles.iter().find(|held| held.role == role)
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoleHeld {
    pub role: IncidentRole,
    pub person_id: PersonId,
    pub name: String,
    pub taken_at: DateTime<Utc>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PageSent {
    #[sqlx(flatten)]
    pub page: Page,
    pub name: String,
    /// All whom its step pages have to acknowledge, and they have.
    pub has_acknowledged: bool,
}

/// Where the escalation policy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    NotStarted,
    /// The next step is paged then.
    Running {
        next_at: Option<DateTime<Utc>>,
    },
    Stopped,
    RanOut,
}

#[derive(sqlx::FromRow)]
struct Escalation {
    state: EscalationState,
    next_at: Option<DateTime<Utc>>,
    held_until: Option<DateTime<Utc>>,
}

impl Escalation {
    const fn here(&self) -> Here {
        match self.state {
            EscalationState::Running => Here::Running {
                next_at: self.next_at,
            },
            EscalationState::RanOut => Here::RanOut,
            EscalationState::Stopped => Here::Stopped,
        }
    }
}

/// Timeline entries that are read at most.
const MOST_ENTRIES: i64 = 5_000;

/// Of a longer timeline, what a document has of its opening and of its end.
const MOST_OF_EACH_END: i64 = 2_000;
/// And of what people did between.
const MOST_BY_PEOPLE: i64 = 1_000;

/// Alerts that are read at most: what still fires, and of that the newest, first.
const MOST_ALERTS: i64 = 500;

/// Of a long timeline, the newest that a page shows before it is asked for more.
pub const NEWEST_ENTRIES: i64 = 100;

/// Reads an incident with all around it and the newest 5,000 entries of its timeline, in a number of queries that does not grow
/// with its rows.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read(tx: &mut Tx, number: i64) -> Result<Story> {
    let mut story = around(tx, number).await?;
    let after = (story.incident.seq - MOST_ENTRIES).max(0);
    story.timeline = timeline::after(tx, story.incident.id, after, MOST_ENTRIES).await?;
    Ok(story)
}

/// As [`read`], with the [`NEWEST_ENTRIES`] only, or 5,000 of those from the entry `from` on.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read_from(tx: &mut Tx, number: i64, from: Option<i64>) -> Result<Story> {
    let mut story = around(tx, number).await?;
    let newest = (story.incident.seq - NEWEST_ENTRIES).max(0);
    let after = from.map_or(newest, |from| from.saturating_sub(1).clamp(0, newest));
    story.timeline = timeline::after(tx, story.incident.id, after, MOST_ENTRIES).await?;
    Ok(story)
}

/// As [`read`], with the newest entries that are shown so.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read_shown(tx: &mut Tx, number: i64, show: Show) -> Result<Story> {
    let mut story = around(tx, number).await?;
    story.timeline = timeline::shown_as(tx, story.incident.id, show, MOST_ENTRIES).await?;
    Ok(story)
}

/// As [`read`], with the opening, the end, and what people did and wrote between, of a timeline that is too long as a whole.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read_both_ends(tx: &mut Tx, number: i64) -> Result<Story> {
    let mut story = around(tx, number).await?;
    let (id, seq) = (story.incident.id, story.incident.seq);
    if seq <= MOST_ENTRIES {
        story.timeline = timeline::after(tx, id, 0, MOST_ENTRIES).await?;
    } else {
        story.timeline = timeline::after(tx, id, 0, MOST_OF_EACH_END).await?;
        let between = (MOST_OF_EACH_END, seq - MOST_OF_EACH_END);
        let by_people = timeline::by_people(tx, id, between, MOST_BY_PEOPLE).await?;
        story.timeline.extend(by_people);
        let end = timeline::after(tx, id, seq - MOST_OF_EACH_END, MOST_OF_EACH_END).await?;
        story.timeline.extend(end);
    }
    Ok(story)
}

/// As [`read`], without the timeline: for a live stream, which knows it already.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn around(tx: &mut Tx, number: i64) -> Result<Story> {
    let incident = find(tx, number).await?;
    let team = sql("SELECT * FROM teams WHERE id = $1")
        .bind(incident.team_id)
        .one(tx, "team")
        .await?;
    let services = services_of(tx, incident.id).await?;
    let roles: Vec<RoleHeld> = sql(
        "SELECT r.role, r.person_id, p.name, r.taken_at FROM incident_roles r JOIN people p ON p.id = r.person_id
         WHERE r.incident_id = $1",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
    let alerts = sql("SELECT * FROM alerts WHERE incident_id = $1
         ORDER BY CASE WHEN status = 'resolved' THEN 1 ELSE 0 END, started_at DESC LIMIT $2")
    .bind(incident.id)
    .bind(MOST_ALERTS)
    .all(tx)
    .await?;
    let alert_count = sql(
        "SELECT COUNT(*) AS all_of_them, COUNT(CASE WHEN status <> 'resolved' THEN 1 END) AS not_over
         FROM alerts WHERE incident_id = $1",
    )
    .bind(incident.id)
    .one(tx, "count")
    .await?;
    let pages = sql(
        "SELECT g.*, p.name, EXISTS (SELECT 1 FROM step_acknowledgements a
            WHERE a.incident_id = g.incident_id AND a.person_id = g.person_id AND a.at >= g.created_at) AS has_acknowledged
         FROM pages g JOIN people p ON p.id = g.person_id
         WHERE g.incident_id = $1 ORDER BY g.created_at, g.round, g.step, g.id",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
    let escalation: Option<Escalation> =
        sql("SELECT state, next_at, held_until FROM escalations WHERE incident_id = $1")
            .bind(incident.id)
            .maybe(tx)
            .await?;
    let postmortems: i64 = sql("SELECT COUNT(*) FROM postmortems WHERE incident_id = $1")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    let held_until = escalation
        .as_ref()
        .and_then(|escalation| escalation.held_until)
        .filter(|_| incident.state == State::Acknowledged);
    let here = match &escalation {
        None => Here::NotStarted,
        Some(escalation) => escalation.here(),
    };
    let paged_next = match here {
        // The page is read at 3 am; a schedule that cannot be read takes nothing else from it.
        Here::Running { .. } => caught(paging::paged_next(tx, incident.id))
            .await?
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let has_it = holder(tx, incident.id).await?;
    let state_since = state_since(tx, &incident).await?;
    let latest_update = updates::latest(tx, &incident).await?;
    let linked = linked_to(tx, incident.id).await?;
    Ok(Story {
        incident,
        state_since,
        team,
        services,
        roles,
        alerts,
        alert_count,
        pages,
        timeline: Vec::new(),
        paging: here,
        held_until,
        paged_next,
        has_it,
        has_postmortem: postmortems > 0,
        latest_update,
        linked,
    })
}

/// The services that an incident is about, by name.
pub async fn services_of(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Service>> {
    sql(
        "SELECT s.* FROM services s JOIN incident_services l ON l.service_id = s.id
         WHERE l.incident_id = $1 ORDER BY s.name",
    )
    .bind(incident)
    .all(tx)
    .await
}
