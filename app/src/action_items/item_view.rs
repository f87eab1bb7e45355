//! An action item by its address, and all that its page shows; its forms are in several files.

use super::fields::ItemChoices;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionState, Column, may_verify};
use domain::ids::PersonId;
use engine::action_items::{Card, Happened};
use engine::learning::CameBackLater;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct ItemPage {
    pub number: i64,
}

pub struct ItemView {
    pub card: Card,
    pub story: Vec<Happened>,
    /// Later incidents in which what it answers came back.
    pub came_back: Vec<CameBackLater>,
    /// Of its team's board.
    pub columns: Vec<Column>,
    pub choices: ItemChoices,
    pub reader: PersonId,
    /// Who did it, if it is done; nobody vouches for themselves.
    pub done_by: Option<PersonId>,
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// Its owner, the team, administrators.
    pub may_change: bool,
    /// All but observers.
    pub may_act: bool,
}

impl ItemView {
    /// It waits for triage.
    pub fn may_decide(&self) -> bool {
        self.may_change && self.card.item.state == ActionState::Proposed
    }

    pub fn may_verify(&self) -> bool {
        let item = &self.card.item;
        self.may_act && item.state == ActionState::Done && may_verify(item, self.done_by, Some(self.reader))
    }
}
