//! The first administrator, team and service, with ways in for alerts and somebody to wake.

mod first_steps;
pub mod sealed;

pub use first_steps::{FirstSteps, TEST_TITLE, first_steps, last_opened};

use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::{Refusal, Result};
use crate::oncall::{policies, rotations};
use crate::people::{self, changes, passwords};
use crate::secrets::Secret;
use crate::teams::{self, integrations, services};
use chrono::{NaiveTime, Weekday};
use domain::escalation::{Policy, Step, Target};
use domain::fields;
use domain::ids::ServiceId;
use domain::people::{Person, Role};
use domain::teams::{Integration, IntegrationKind, Service, Team, slug};

/// Why this cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("This installation is set up already. Log in, or ask its administrator for an invitation.")]
    AlreadyDone,
    #[error("Name the first team.")]
    NoTeam,
    #[error("Name the first service.")]
    NoService,
    #[error("The code is not the one that was printed when the server started.")]
    WrongCode,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::AlreadyDone => None,
            Self::NoTeam => Some("team"),
            Self::NoService => Some("service"),
            Self::WrongCode => Some("code"),
        }
    }
}

/// What set-up asks for.
#[derive(Clone, Debug)]
pub struct First {
    pub name: String,
    pub email: String,
    pub time_zone: String,
    pub team: String,
    pub service: String,
}

/// What set-up made, or found made.
#[derive(Clone, Debug)]
pub struct Made {
    pub administrator: Person,
    pub team: Team,
    pub service: Service,
    pub json: WayIn,
    pub alertmanager: WayIn,
    pub pagerduty: WayIn,
    /// False when all was here before, and nothing was changed.
    pub is_new: bool,
}

/// An integration, with its secret when it was just made.
#[derive(Clone, Debug)]
pub struct WayIn {
    pub integration: Integration,
    pub secret: Option<Secret>,
}

/// Whether nobody is here yet.
pub async fn is_needed(tx: &mut Tx) -> Result<bool> {
    let somebody: bool = sql("SELECT EXISTS (SELECT 1 FROM people)").scalar(tx).await?;
    Ok(!somebody)
}

/// Checks what set-up asks for before its password is worked on.
///
/// # Errors
/// A refusal beside its field
pub fn check(first: &First) -> Result<()> {
    fields::PERSON_NAME.read(&first.name)?;
    people::checked_email(&first.email)?;
    people::checked_zone(&first.time_zone)?;
    if slug(&first.team).is_empty() {
        return Err(Refused::NoTeam.into());
    }
    if slug(&first.service).is_empty() {
        return Err(Refused::NoService.into());
    }
    Ok(())
}

/// Sets up: administrator, team, service, three integrations, a weekly schedule and a policy that page the administrator. Where the
/// same was set up before, nothing is changed, and secrets are not told again.
///
/// # Errors
/// [`Refused::AlreadyDone`] where something else was set up
pub async fn first(tx: &mut Tx, first: &First, password: &passwords::Hashed) -> Result<Made> {
    check(first)?;
    dialect::lock_word(tx, "set-up").await?;
    if !is_needed(tx).await? {
        return found(tx, first).await;
    }
    let administrator = changes::create(
        tx,
        &changes::Change {
            name: first.name.clone(),
            email: first.email.clone(),
            role: Role::Administrator,
            time_zone: first.time_zone.clone(),
        },
        password,
    )
    .await?;
    let team = teams::create(tx, &first.team, &[administrator.id]).await?;
    let weekly = rotations::Weekly {
        name: format!("{} on call", short(&team.name)),
        time_zone: administrator.time_zone.clone(),
        hand_off_day: Weekday::Mon,
        hand_off_time: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
        people: vec![administrator.id],
    };
    let schedule = rotations::create(tx, team.id, &weekly).await?;
    let steps = vec![Step {
        delay_seconds: 300,
        targets: vec![Target::Schedule(schedule)],
        ..Step::default()
    }];
    let policy = policies::create(
        tx,
        team.id,
        &format!("{}: who is on call", short(&team.name)),
        &Policy {
            steps,
            repeats: 2,
            ..Policy::default()
        },
    )
    .await?;
    let draft = services::Draft {
        policy: Some(policy),
        ..services::Draft::named(&first.service)
    };
    let service = services::create(tx, team.id, &draft).await?;
    Ok(Made {
        json: way_in(tx, service.id, IntegrationKind::Json).await?,
        alertmanager: way_in(tx, service.id, IntegrationKind::Alertmanager).await?,
        pagerduty: way_in(tx, service.id, IntegrationKind::PagerDuty).await?,
        administrator,
        team,
        service,
        is_new: true,
    })
}

async fn way_in(tx: &mut Tx, service: ServiceId, kind: IntegrationKind) -> Result<WayIn> {
    let (integration, secret) = integrations::create(tx, service, kind, kind.label()).await?;
    Ok(WayIn {
        integration,
        secret: Some(secret),
    })
}

/// What an earlier set-up with the same words made.
async fn found(tx: &mut Tx, first: &First) -> Result<Made> {
    let administrator = people::find_by_email(tx, &first.email).await?;
    let team = teams::all(tx)
        .await?
        .into_iter()
        .find(|team| team.slug == slug(&first.team));
    let service = services(tx)
        .await?
        .into_iter()
        .find(|service| service.slug == slug(&first.service));
    let (Some(administrator), Some(team), Some(service)) = (administrator, team, service) else {
        return Err(Refused::AlreadyDone.into());
    };
    let ways: Vec<Integration> = integrations::of_service(tx, service.id)
        .await?
        .into_iter()
        .map(|shown| shown.integration)
        .collect();
    let of_kind = |kind| {
        let integration = ways.iter().find(|integration| integration.kind == kind).cloned();
        integration
            .map(|integration| WayIn {
                integration,
                secret: None,
            })
            .ok_or(Refused::AlreadyDone)
    };
    Ok(Made {
        json: of_kind(IntegrationKind::Json)?,
        alertmanager: of_kind(IntegrationKind::Alertmanager)?,
        pagerduty: of_kind(IntegrationKind::PagerDuty)?,
        administrator,
        team,
        service,
        is_new: false,
    })
}

/// Leaves room for the words behind it.
fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
