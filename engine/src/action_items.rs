//! Action items: promises to mend, on the boards of their teams.

mod add;
mod board;
mod change;
mod columns;
mod describe;
mod edits;
mod filter;
mod from_task;
mod health;
mod place;
pub mod remind;
mod state;
mod story;
mod triage;
mod verify;

pub use add::{Draft, add};
pub use board::{Board, Card, board, find, of_incident, open_of_person, whole_board};
pub use change::change;
pub use columns::{
    ColumnDraft, add_column, change_column, column, delete_column, move_column, of_team as columns_of,
};
pub use describe::{Description, comment, describe};
pub use filter::{Filter, Owner};
pub use from_task::from_task;
pub use health::{Health, health};
pub use place::{Spot, move_card};
pub use state::change_state;
pub use story::{Happened, What, story};
pub use triage::{Triage, triage, triage_several};
pub use verify::{done_by, verify};

use crate::error::{Refusal, Result};
use crate::mentions::{self, Place, Written};
use crate::news;
use crate::people::{self, CannotBeChosen};
use crate::{Tx, incidents};
use domain::action_items::{ActionItem, ActionState};
use domain::fields;
use domain::ids::PersonId;
use domain::news::News;
use domain::people::Permission;

/// Why an action item did not take what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Say why it is declined: the next incident may ask.")]
    NoReason,
    #[error("It was decided meanwhile: it is {0}. Change it on its own page.")]
    Decided(ActionState),
    #[error("A reason is for what is declined. Decline it, or take the reason out.")]
    ReasonOfNothing,
    #[error(
        "It is {from}, and does not become {to} in one step. What is verified was done before, and what was declined is taken up again first."
    )]
    NoSuchStep { from: ActionState, to: ActionState },
    #[error("A limit is between 1 and 99, or empty for none.")]
    BadLimit,
    #[error("A board keeps one column. Rename it, or add another one first.")]
    LastColumn,
    #[error("Write the due date as year, month and day, such as 2026-12-04.")]
    BadDate,
    #[error("Choose the team whose backlog it goes to.")]
    NoTeam,
    #[error("The column belongs to another team's board.")]
    OtherBoard,
    #[error("{0}")]
    OwnerGone(CannotBeChosen),
    #[error("Say who will see to it.")]
    NoOwner,
    #[error("Say by which day.")]
    NoDay,
    #[error("Somebody else than whoever did it says that it worked.")]
    OwnWord,
    #[error("Say what shows that it worked, on the action item's own page.")]
    NoEvidence,
    #[error("Put the address in, beginning with https:// or http://.")]
    NoLink,
    #[error("{}", fields::TRACKER.too_long)]
    NoTracker,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoReason | Self::ReasonOfNothing => "reason",
            Self::NoSuchStep { .. } | Self::Decided(_) => "state",
            Self::BadLimit => "limit",
            Self::NoTeam => "team",
            Self::OtherBoard | Self::LastColumn => "column",
            Self::OwnerGone(_) | Self::NoOwner => "owner",
            Self::NoDay | Self::BadDate => "due_on",
            Self::OwnWord | Self::NoEvidence | Self::NoLink => "words",
            Self::NoTracker => "tracker",
        })
    }
}

/// Whether somebody who is given an action item is here. Who reads along may own one.
async fn check_owner(tx: &mut Tx, owner: Option<PersonId>) -> Result<()> {
    let Some(owner) = owner else { return Ok(()) };
    match people::choose(tx, owner).await? {
        Err(fault @ (CannotBeChosen::Gone(_) | CannotBeChosen::Unknown)) => {
            Err(Refused::OwnerGone(fault).into())
        }
        _ => Ok(()),
    }
}

/// The owner may change what they promised; the team and administrators anything of the team's.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn authorize(tx: &mut Tx, item: &ActionItem) -> Result<()> {
    let is_owner = item.owner_id.is_some() && item.owner_id == tx.actor().person();
    tx.authorize(if is_owner {
        Permission::ActOnIncident
    } else {
        Permission::ChangeTeam(item.team_id)
    })
    .await
}

/// Tells whom a text about it speaks to, and did not before.
async fn tell_whom_it_names(tx: &mut Tx, item: &ActionItem, text: &str, before: &str) -> Result<()> {
    let incident = incidents::find_by_id(tx, item.incident_id).await?;
    let written = Written {
        text,
        before,
        place: Place::ActionItem(item),
    };
    mentions::tell(tx, &incident, written).await.map(drop)
}

/// Tells whoever owns it now that it is theirs.
pub(crate) async fn tell_owner(tx: &mut Tx, number: i64) -> Result<()> {
    let item = find(tx, number).await?.item;
    let Some(owner) = item.owner_id else {
        return Ok(());
    };
    let incident = incidents::find_by_id(tx, item.incident_id).await?;
    let news = News::ActionItemGiven {
        number,
        title: item.title,
        due_on: item.due_on,
        incident: (&incident).into(),
    };
    news::tell(tx, owner, Some(incident.id), &news).await
}
