//! What the page of a postmortem is made from. It is built once, and its parts share it.

use crate::form_page::Returned;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::people::Person;
use domain::postmortems::SectionKind;
use domain::teams::Team;
use engine::learning::{CameBack, Suggestion};
use engine::postmortems::Document;
use serde::Deserialize;
use std::sync::Arc;

/// Where factors stand in the document.
pub const FACTORS: &str = SectionKind::ContributingFactors.as_str();

/// A postmortem by its address.
#[derive(Deserialize)]
pub struct PostmortemPage {
    /// Of its incident.
    pub number: i64,
}

pub struct PostmortemView {
    pub number: i64,
    pub document: Document,
    /// Factors that other incidents named and this one does not.
    pub suggestions: Vec<Suggestion>,
    /// Factors that were met before.
    pub came_back: Vec<CameBack>,
    pub everybody: Vec<Person>,
    pub teams: Vec<Team>,
    pub zone: Tz,
    pub now: DateTime<Utc>,
    pub may_write: bool,
    pub returned: Returned,
}

pub type View = Arc<PostmortemView>;

impl PostmortemView {
    /// Where a form of this page is posted.
    pub fn to(&self, thing: &str) -> String {
        format!("/incidents/{}/postmortem/{thing}", self.number)
    }
}
