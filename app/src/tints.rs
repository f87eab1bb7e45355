//! The tints of people's badges, at hand wherever a page is made.

use crate::App;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::ids::PersonId;
use engine::people::tints::{self, Tints};
use std::sync::Arc;
use uuid::Uuid;

tokio::task_local! {
    static TINTS: Arc<Tints>;
}

/// Middleware: looks them up before a page is made.
pub async fn known(State(app): State<App>, request: Request, next: Next) -> Response {
    let only_reads = request.method().is_safe();
    let response = within(&app, next.run(request)).await;
    if !only_reads {
        // Who came into a team may have got another one.
        app.engine.tints.forget();
    }
    response
}

/// The same for what is made elsewhere. Where the database cannot say, everything but the tints may still be shown.
pub async fn within<F: Future>(app: &App, work: F) -> F::Output {
    let tints = tints::now(&app.engine).await.unwrap_or_default();
    TINTS.scope(tints, work).await
}

/// The tint of somebody who is known.
pub(crate) fn of(person: Uuid) -> Option<usize> {
    TINTS
        .try_with(|tints| tints.get(&PersonId(person)).copied())
        .ok()
        .flatten()
}
