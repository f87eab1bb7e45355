//! Did what was learned help: what came back, and a page for each factor.

mod factor;
pub(crate) mod findings;
mod overview;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/learning", get(overview::show))
        .route(
            "/learning/factors/{factor}",
            get(factor::show).post(factor::rename),
        )
        .route("/learning/factors/{factor}/merge", post(factor::merge))
        .route("/learning/factors/{factor}/parting", post(factor::part))
}
