//! Pages of this room by their addresses; their forms are in several files.

use super::fields::PersonForm;
use domain::teams::Team;
use engine::people::Member;
use serde::Deserialize;

/// What everybody sets of themselves.
#[derive(Deserialize)]
pub struct ProfilePage {}

/// Everybody, and the forms that invite more.
#[derive(Deserialize)]
pub struct PeoplePage {}

pub struct PeopleView {
    pub everybody: Vec<Member>,
    /// What the form says before anybody typed.
    pub fresh: PersonForm,
    pub teams: Vec<Team>,
    pub zone: String,
    pub may_administer: bool,
}
