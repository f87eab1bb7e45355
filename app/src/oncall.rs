//! Who has the pager.

mod page;

use crate::App;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<App> {
    Router::new().route("/on-call", get(page::show))
}
