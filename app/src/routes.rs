//! All pages and forms, and what holds for every form.

use crate::App;
use crate::{
    accounts, action_items, audit, bounds, calendars, demo, files, find, health, home, incidents, learning,
    notifications, oncall, origin, people, postmortems, preferences, questions, sent, settings, setup, teams,
    tints,
};
use axum::{Router, middleware};

pub fn routes(app: &App) -> Router<App> {
    let demo = app.installation.demo.map(|_| demo::routes()).unwrap_or_default();
    Router::new()
        .merge(home::routes())
        .merge(accounts::routes())
        .merge(setup::routes())
        .merge(incidents::routes())
        .merge(files::routes())
        .merge(postmortems::routes())
        .merge(learning::routes())
        .merge(action_items::routes())
        .merge(oncall::routes())
        .merge(calendars::routes())
        .merge(people::routes())
        .merge(teams::routes())
        .merge(settings::routes())
        .merge(audit::routes())
        .merge(health::routes())
        .merge(notifications::routes())
        .merge(preferences::routes())
        .merge(find::routes())
        .merge(questions::routes())
        .merge(demo)
        .layer(middleware::from_fn_with_state(app.clone(), tints::known))
        .layer(middleware::from_fn_with_state(app.clone(), sent::once))
        .layer(middleware::from_fn(bounds::within))
        .layer(middleware::from_fn_with_state(app.clone(), files::apart))
        .layer(middleware::from_fn_with_state(app.clone(), origin::same_origin))
}
