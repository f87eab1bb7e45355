//! Pages, what waits for a digest, links for acknowledging, and how far policies have come.

use super::rows::{Row, write};
use crate::db::{Arg, Sql};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::escalation::Place;
use domain::ids::{IncidentId, NotificationId, PageId, PersonId, PolicyId, ScheduleId};
use domain::incidents::PageOutcome;
use domain::incidents::timeline::PageReason;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) struct NewPage {
    pub id: PageId,
    pub incident_id: IncidentId,
    pub person_id: PersonId,
    pub place: Place,
    pub outcome: PageOutcome,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    /// Nobody was paged about the incident before.
    pub is_first: bool,
    pub severity: Severity,
    pub reason: PageReason,
}

impl Row for NewPage {
    const TEXT: &'static str =
        "INSERT INTO pages (id, incident_id, person_id, step, round, outcome, created_at, settled_at,
         is_first, severity, reason) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.id.into(),
            self.incident_id.into(),
            self.person_id.into(),
            self.place.step.into(),
            self.place.round.into(),
            self.outcome.into(),
            self.created_at.into(),
            self.settled_at.into(),
            self.is_first.into(),
            self.severity.into(),
            self.reason.as_str().into(),
        ]
    }
}

/// A page that waits for a digest.
pub(crate) struct GatheredPage {
    pub page_id: PageId,
    pub person_id: PersonId,
    pub created_at: DateTime<Utc>,
    pub incident_id: IncidentId,
}

impl Row for GatheredPage {
    const TEXT: &'static str =
        "INSERT INTO gathered_pages (page_id, person_id, created_at, incident_id) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.page_id.into(),
            self.person_id.into(),
            self.created_at.into(),
            self.incident_id.into(),
        ]
    }
}

/// A page of a schedule that somebody goes along with.
pub(crate) struct ShadowedPage {
    pub id: Uuid,
    pub incident_id: IncidentId,
    pub schedule_id: ScheduleId,
    pub at: DateTime<Utc>,
    /// Whom it paged, with their names.
    pub paged: Vec<(PersonId, String)>,
}

impl Row for ShadowedPage {
    const TEXT: &'static str =
        "INSERT INTO shadowed_pages (id, incident_id, schedule_id, at, paged) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            Arg::Id(Some(self.id)),
            self.incident_id.into(),
            self.schedule_id.into(),
            self.at.into(),
            Arg::json(&self.paged),
        ]
    }
}

/// A page that a digest tells.
pub(crate) struct PageOfDigest {
    pub notification_id: NotificationId,
    pub page_id: PageId,
    pub incident_id: IncidentId,
}

impl Row for PageOfDigest {
    const TEXT: &'static str =
        "INSERT INTO digest_pages (notification_id, page_id, incident_id) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.notification_id.into(),
            self.page_id.into(),
            self.incident_id.into(),
        ]
    }
}

/// The hash of a link's secret.
pub(crate) struct LinkOfPage {
    pub token_hash: Vec<u8>,
    pub incident_id: IncidentId,
    pub person_id: PersonId,
    pub created_at: DateTime<Utc>,
}

impl Row for LinkOfPage {
    const TEXT: &'static str =
        "INSERT INTO acknowledgement_links (token_hash, incident_id, person_id, created_at) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.token_hash.into(),
            self.incident_id.into(),
            self.person_id.into(),
            self.created_at.into(),
        ]
    }
}

/// The hash of the secret that a digest's links share.
pub(crate) struct LinkOfDigest {
    pub token_hash: Vec<u8>,
    pub person_id: PersonId,
    pub created_at: DateTime<Utc>,
}

impl Row for LinkOfDigest {
    const TEXT: &'static str = "INSERT INTO digest_links (token_hash, person_id, created_at) VALUES {rows}";

    fn args(self) -> Vec<Arg> {
        vec![
            self.token_hash.into(),
            self.person_id.into(),
            self.created_at.into(),
        ]
    }
}

/// Where in which policy an incident stands, and when it goes on.
#[derive(Clone, Copy)]
pub(crate) struct Begun {
    pub policy_id: PolicyId,
    pub place: Place,
    pub next_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
}

/// How an incident came to stand there.
pub(super) enum Stands {
    /// From the beginning, whatever it has come through before.
    Anew(Begun),
    /// By going on. What it began with stays as it was.
    Further(Begun),
}

impl Stands {
    /// Adds what writes down where they stand.
    pub fn write(statements: &mut Vec<Sql>, escalations: BTreeMap<IncidentId, Self>) {
        let (mut anew, mut further) = (Vec::new(), Vec::new());
        for (incident, stands) in escalations {
            match stands {
                Self::Anew(begun) => anew.push(Anew { incident, begun }),
                Self::Further(at) => further.push(Further { incident, at }),
            }
        }
        write(statements, anew);
        write(statements, further);
    }
}

struct Anew {
    incident: IncidentId,
    begun: Begun,
}

impl Row for Anew {
    const TEXT: &'static str =
        "INSERT INTO escalations (incident_id, policy_id, round, step, state, next_at, started_at) VALUES {rows}
         ON CONFLICT (incident_id) DO UPDATE SET policy_id = excluded.policy_id, round = excluded.round,
            step = excluded.step, state = excluded.state, next_at = excluded.next_at, started_at = excluded.started_at";

    fn args(self) -> Vec<Arg> {
        args(self.incident, self.begun)
    }
}

struct Further {
    incident: IncidentId,
    at: Begun,
}

impl Row for Further {
    const TEXT: &'static str =
        "INSERT INTO escalations (incident_id, policy_id, round, step, state, next_at, started_at) VALUES {rows}
         ON CONFLICT (incident_id) DO UPDATE SET round = excluded.round, step = excluded.step, state = excluded.state,
            next_at = excluded.next_at";

    fn args(self) -> Vec<Arg> {
        args(self.incident, self.at)
    }
}

fn args(incident: IncidentId, begun: Begun) -> Vec<Arg> {
    vec![
        incident.into(),
        begun.policy_id.into(),
        begun.place.round.into(),
        begun.place.step.into(),
        "running".into(),
        begun.next_at.into(),
        begun.started_at.into(),
    ]
}
