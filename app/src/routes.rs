//! All pages and forms, and what holds for every form.

use crate::App;
use crate::{
    accounts, backlog, home, incidents, mail, markdown, oncall, origin, postmortems, settings, setup,
};
use axum::{Router, middleware};

pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(accounts::routes())
        .merge(setup::routes())
        .merge(incidents::routes())
        .merge(postmortems::routes())
        .merge(backlog::routes())
        .merge(oncall::routes())
        .merge(settings::routes())
        .merge(mail::routes())
        .merge(markdown::routes())
        .layer(middleware::from_fn_with_state(app.clone(), origin::same_origin))
}
