//! When an alert cannot be handled, by a fault of our own or since its request could not be read: a bare incident that says so, and
//! pages. It shares nothing with grouping, so that what broke there cannot break here; and where paging is what broke, the team is
//! mailed without it.

use super::Source;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, Opening, search, timeline};
use crate::messages::notices;
use crate::paging;
use domain::Severity;
use domain::alerts::Glimpse;
use domain::ids::IncidentId;
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, NoticedBy};

/// So much of an alert's own title is told.
const LONGEST: usize = 150;
/// Among so many entries the same is not said again: a source with a broken template is refused a hundred times a minute.
const SAID_LATELY: i64 = 20;

/// Why an incident is bare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A fault of our own.
    Fault,
    /// What came could not be read.
    Refused,
}

impl Why {
    /// All of one integration join one open incident.
    const fn group(self) -> &'static str {
        match self {
            Self::Fault => "kintsugi: not handled",
            Self::Refused => "kintsugi: not read",
        }
    }

    fn title(self, from: &Source, seen: &Glimpse) -> String {
        let service = &from.service_name;
        let title = seen
            .title
            .as_ref()
            .map(|title| title.chars().take(LONGEST).collect::<String>());
        let name = title.map_or_else(String::new, |title| format!(", “{title}”,"));
        let what = match self {
            Self::Fault => "handle",
            Self::Refused => "read",
        };
        format!("{service}: an alert came in{name} that Kintsugi could not {what}")
    }

    fn event(self, reason: &str) -> Event {
        let reason = reason.to_owned();
        match self {
            Self::Fault => Event::OpenedBare { reason },
            Self::Refused => Event::RequestRefused { reason },
        }
    }
}

/// Opens or joins it. Where the policy cannot be walked either, the team and the administrators are mailed instead.
///
/// # Errors
/// [`crate::Error::Database`]; within, a fault that leaves nothing behind.
pub(super) async fn open(
    tx: &mut Tx,
    from: &Source,
    why: Why,
    seen: &Glimpse,
    reason: &str,
) -> Result<Result<(), String>> {
    let bare = |reason: String| Bare {
        from,
        why,
        seen,
        reason,
    };
    let told = bare(reason.to_owned());
    let by_policy = async |tx: &mut Tx| told.join_or_open(tx, By::Policy).await;
    let Err(fault) = tx.try_within_savepoint(by_policy).await? else {
        return Ok(Ok(()));
    };
    tracing::error!(%fault, "a bare incident could page nobody; mailing its team instead");
    let told = bare(format!(
        "{reason}. Nobody could be paged by the policy either: {fault}"
    ));
    let by_mail = async |tx: &mut Tx| told.join_or_open(tx, By::MailToTheTeam).await;
    tx.try_within_savepoint(by_mail).await
}

/// How people are woken.
#[derive(Clone, Copy)]
enum By {
    Policy,
    MailToTheTeam,
}

struct Bare<'a> {
    from: &'a Source,
    why: Why,
    seen: &'a Glimpse,
    reason: String,
}

impl Bare<'_> {
    async fn join_or_open(&self, tx: &mut Tx, by: By) -> Result<()> {
        let open: Option<(IncidentId,)> = sql(
            "SELECT id FROM incidents WHERE {any incidents} AND integration_id = $1 AND group_key = $2 AND state <> 'resolved'",
        )
        .bind(self.from.integration_id)
        .bind(self.why.group())
        .maybe(tx)
        .await?;
        match open {
            Some((id,)) => self.join(tx, id, by).await,
            None => self.open(tx, by).await,
        }
    }

    async fn join(&self, tx: &mut Tx, id: IncidentId, by: By) -> Result<()> {
        let mut incident = incidents::hold(tx, id).await?;
        let event = self.why.event(&self.reason);
        let lately = timeline::after(tx, incident.id, incident.seq - SAID_LATELY, SAID_LATELY).await?;
        if lately.iter().all(|entry| entry.event != event) {
            timeline::record(tx, &mut incident, event).await?;
        }
        incidents::raise_to(tx, &mut incident, self.severity()).await?;
        match by {
            By::Policy => paging::tell_of_another_fault(tx, &mut incident).await,
            By::MailToTheTeam => notices::nobody_has_this(tx, &incident).await,
        }
    }

    async fn open(&self, tx: &mut Tx, by: By) -> Result<()> {
        let mut incident = self.insert(tx).await?;
        timeline::record(tx, &mut incident, self.why.event(&self.reason)).await?;
        match by {
            By::Policy => paging::start(tx, &mut incident, PageReason::OnCall).await?,
            By::MailToTheTeam => notices::nobody_has_this(tx, &incident).await?,
        }
        search::index(tx, &incident).await
    }

    async fn insert(&self, tx: &mut Tx) -> Result<Incident> {
        let opening = Opening {
            title: self.why.title(self.from, self.seen),
            severity: self.severity(),
            team: self.from.team_id,
            noticed_by: NoticedBy::Alert,
            group: Some((self.from.integration_id, self.why.group())),
            impact_started_at: None,
            services: &[self.from.service_id],
        };
        let mut incident = incidents::insert(tx, &opening).await?;
        let opened = Event::Opened {
            noticed_by: NoticedBy::Alert,
            severity: opening.severity,
        };
        timeline::record(tx, &mut incident, opened).await?;
        Ok(incident)
    }

    /// Nobody knows how bad it is, so at least as bad as what wakes people.
    fn severity(&self) -> Severity {
        let known = self.from.default_severity.max(self.from.page_from);
        self.seen
            .severity
            .map_or(known, |seen| seen.max(self.from.page_from))
    }
}
