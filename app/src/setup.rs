//! The first visit: administrator, first team and service, and then what is needed for the first alert.

mod first;
mod ready;

use crate::App;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/setup", get(first::show).post(first::post))
        .route("/setup/ready", get(ready::show))
}
