//! Did what was learned help: what came back, what was promised, where it waits, and a page for each factor.

mod behind;
mod dots;
mod factor;
mod file;
pub(crate) mod findings;
mod lookalikes;
mod number;
mod overview;
mod promises;
mod query;
mod times;
mod unnamed;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/learning", get(overview::show))
        .route("/learning/behind/{figure}", get(behind::show))
        .route(
            "/learning/without-factors",
            get(unnamed::show).post(unnamed::post),
        )
        .route("/learning.csv", get(file::as_csv))
        .route(
            "/learning/factors/{factor}",
            get(factor::show).post(factor::rename),
        )
        .route("/learning/factors/{factor}/merge", post(factor::merge))
        .route("/learning/factors/{factor}/apart", post(factor::keep_apart))
        .route("/learning/factors/{factor}/parting", post(factor::part))
}
