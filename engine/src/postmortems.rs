//! Postmortems: made with one click from what happened, written by many, published.

mod factors;
mod list;
mod read;
mod sections;
mod start;
mod state;

pub(crate) use factors::{FactorChange, lock_factors, record_factor, same_factor};
pub use factors::{
    change_factor, factor_name_now, factors_of, known_factors, name_factor, name_factors, remove_factor,
};
pub use list::{Listed, PAGE, list, to_review};
pub use read::{Document, Waiting, read};
pub use sections::{Saved, bring_back, put_away, save_over, save_section};
pub use start::start;
pub use state::{change_state, rename};

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::{Refusal, Result};
use domain::ids::{IncidentId, PostmortemId};
use domain::postmortems::{Postmortem, PostmortemState};

/// Why a postmortem did not take what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("INC-{0} is still open. A postmortem is written once it is resolved.")]
    StillOpen(i64),
    #[error("Write the summary before it goes to review: it is what most people will read.")]
    NoSummary,
    #[error(
        "A postmortem goes from draft to review to published, and back to draft; not from {from} to {to}."
    )]
    NoSuchStep {
        from: PostmortemState,
        to: PostmortemState,
    },
    #[error("It is named here already, and says “{0}”. Edit it there, so that both stay.")]
    NamedAlready(String),
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NamedAlready(_) => Some("words"),
            Self::StillOpen(_) | Self::NoSummary | Self::NoSuchStep { .. } => None,
        }
    }
}

/// Writes down that a document is in another state from now on.
async fn record_state(
    tx: &mut Tx,
    postmortem: PostmortemId,
    from: Option<PostmortemState>,
    to: PostmortemState,
) -> Result<()> {
    let (id, now, actor) = (tx.context.new_id(), tx.now(), tx.actor().person());
    sql("INSERT INTO postmortem_changes (id, postmortem_id, at, actor_id, from_state, to_state) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(Arg::Id(Some(id)))
        .bind(postmortem)
        .bind(now)
        .bind(actor)
        .bind(from.map(|from| from.as_str()))
        .bind(to)
        .run(tx)
        .await
        .map(drop)
}

const COLUMNS: &str = "id, incident_id, title, state, created_at, created_by, published_at";

async fn of_incident(tx: &mut Tx, incident: IncidentId) -> Result<Option<Postmortem>> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM postmortems WHERE incident_id = $1"
    ))
    .bind(incident)
    .maybe(tx)
    .await
}

/// The postmortem of an incident.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64) -> Result<Postmortem> {
    let incident = crate::incidents::find(tx, number).await?;
    of_incident(tx, incident.id)
        .await?
        .ok_or(crate::Error::NotFound("postmortem"))
}
