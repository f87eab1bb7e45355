//! `/settings`: everything that can be set, found by its name; the pages themselves are in the rooms of their subjects.

mod overview;
mod shell;

pub use shell::{Part, Rows, Section, Shell};

use crate::App;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<App> {
    Router::new().route("/settings", get(overview::show))
}
