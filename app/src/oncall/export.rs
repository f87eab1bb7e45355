//! A schedule as a file, for `kintsugi oncall preview` and for whoever takes it elsewhere.

use super::view::SchedulePage;
use crate::answer::{Answered, internal_error};
use crate::form_page::Here;
use axum::http::header;
use axum::response::IntoResponse;
use engine::oncall::export;

pub async fn as_json(here: Here<SchedulePage>) -> Answered {
    let mut tx = here.by().read().await?;
    let (_, schedule) = export::with_names(&mut tx, here.page.schedule).await?;
    drop(tx);
    match serde_json::to_string_pretty(&schedule) {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"schedule.json\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
            ];
            Ok((headers, text).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "a schedule could not be written as JSON");
            Ok(internal_error())
        }
    }
}
