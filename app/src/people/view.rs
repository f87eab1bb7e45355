//! Pages of this room by their addresses; their forms are in several files.

use serde::Deserialize;

/// What everybody sets of themselves.
#[derive(Deserialize)]
pub struct ProfilePage {}
