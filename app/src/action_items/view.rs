//! A team's board by its address, and all that it shows; its forms are in several files.

use super::decide::Deciding;
use super::moving::Moving;
use super::query::BoardQuery;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionState, Column};
use domain::ids::{ActionItemId, ServiceId};
use engine::action_items::{Board, Card, Filter};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct BoardPage {
    pub slug: String,
    #[serde(skip)]
    pub query: BoardQuery,
}

pub struct BoardView {
    pub board: Board,
    pub columns: Vec<Column>,
    /// Those of the incidents that its cards come from.
    pub services: Vec<(ServiceId, String)>,
    pub query: BoardQuery,
    pub filter: Filter,
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// Where the reader is.
    pub today: NaiveDate,
    /// For those who may change the board.
    pub moving: Option<Moving>,
    pub deciding: Option<Deciding>,
    /// The last incident in which what a card answers came back.
    pub came_back: BTreeMap<ActionItemId, i64>,
}

impl BoardView {
    pub fn fits(&self, card: &Card) -> bool {
        let services = self.board.services.get(&card.item.incident_id);
        self.filter.fits(card, services, self.today)
    }

    /// How many wait for triage.
    pub fn proposed(&self) -> usize {
        let cards = self.board.columns.iter().flat_map(|(_, cards)| cards);
        let is_proposed = |card: &&Card| card.item.state == ActionState::Proposed;
        cards.filter(is_proposed).count()
    }
}
