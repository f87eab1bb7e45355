//! All pages and forms, and what holds for every form.

use crate::App;
use crate::{
    accounts, backlog, bounds, demo, find, home, incidents, learning, markdown, notifications, oncall, open,
    origin, postmortems, preferences, sent, settings, setup,
};
use axum::{Router, middleware};

pub fn routes(app: &App) -> Router<App> {
    let demo = app.house.demo.map(|_| demo::routes()).unwrap_or_default();
    Router::new()
        .merge(home::routes())
        .merge(accounts::routes())
        .merge(setup::routes())
        .merge(incidents::routes())
        .merge(postmortems::routes())
        .merge(learning::routes())
        .merge(backlog::routes())
        .merge(oncall::routes())
        .merge(settings::routes())
        .merge(notifications::routes())
        .merge(markdown::routes())
        .merge(preferences::routes())
        .merge(find::routes())
        .merge(open::routes())
        .merge(demo)
        .layer(middleware::from_fn_with_state(app.clone(), sent::once))
        .layer(middleware::from_fn(bounds::within))
        .layer(middleware::from_fn_with_state(app.clone(), origin::same_origin))
}
