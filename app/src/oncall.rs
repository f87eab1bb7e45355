//! Who has the pager: the page of on call, and what is set of it: schedules, overrides, escalation policies.

mod away;
mod calendar;
mod covers;
mod dry_run;
mod editor;
mod export;
mod feeds;
mod hand_off;
mod invitations;
mod layers;
mod load;
mod notes;
mod offers;
mod overrides;
mod page;
mod pasted;
mod policies;
mod policy;
mod policy_form;
mod readiness;
mod requests;
mod routing;
mod routing_form;
mod schedule;
mod schedules;
mod shadows;
mod shown;
mod span;
mod turn;
mod untaken;
mod view;

pub(crate) use editor::schedule_preview;
pub use untaken::Untaken;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/on-call", get(page::show))
        .route("/on-call/calendar", get(calendar::show))
        .route("/on-call/calendars", get(feeds::show).post(feeds::create))
        .route("/on-call/calendars/invitations", post(invitations::set))
        .route("/on-call/calendars/{feed}/revocation", post(feeds::revoke))
        .route("/calendars/{token}", get(feeds::read))
        .route("/on-call/readiness", get(readiness::show))
        .route("/on-call/turn", get(turn::show))
        .route("/on-call/turn/taking", post(turn::take))
        .route("/on-call/turn/requests", post(turn::ask))
        .route("/on-call/turn/swaps", post(turn::swap))
        .route("/on-call/away", get(away::show).post(away::ask))
        .route("/on-call/requests/{request}", get(requests::show))
        .route("/on-call/requests/{request}/acceptance", post(requests::accept))
        .route("/on-call/requests/{request}/cover/removal", post(covers::cancel))
        .route("/on-call/requests/{request}/withdrawal", post(requests::withdraw))
        .route("/on-call/requests/{request}/refusal", post(untaken::decline))
        .route("/on-call/requests/{request}/assignment", post(untaken::give))
        .route("/on-call/offers/{token}/refusal", post(offers::decline))
        .route("/on-call/offers/{token}", get(offers::show).post(offers::accept))
        .route(
            "/on-call/hand-offs/{token}",
            get(hand_off::show).post(hand_off::reached),
        )
        .route(
            "/on-call/hand-offs/{token}/incidents/{number}",
            post(hand_off::take_over),
        )
        .route("/teams/{slug}/load", get(load::show))
        .route("/teams/{slug}/load.csv", get(load::file))
        .route("/teams/{slug}/load/names", post(load::names))
        .route("/shown/{token}", get(shown::show))
        .route("/settings/schedules/{schedule}/shown", post(shown::set))
        .route("/settings/schedules/{schedule}/note", post(notes::leave))
        .route("/settings/schedules/{schedule}/hand-offs", post(notes::set))
        .route("/settings/schedules", get(schedules::show).post(editor::create))
        .route("/settings/schedules/new", get(editor::blank))
        .route(
            "/settings/schedules/new/preview",
            get(editor::blank).post(editor::draw_new),
        )
        .route("/settings/schedules/{schedule}", get(schedule::show))
        .route(
            "/settings/schedules/{schedule}/schedule.json",
            get(export::as_json),
        )
        .route(
            "/settings/schedules/{schedule}/edit",
            get(editor::show).post(editor::save),
        )
        .route(
            "/settings/schedules/{schedule}/edit/preview",
            get(editor::show).post(editor::draw),
        )
        .route("/settings/schedules/{schedule}/removal", post(schedule::remove))
        .route(
            "/settings/schedules/{schedule}/overrides",
            get(schedule::show).post(overrides::post),
        )
        .route(
            "/settings/schedules/{schedule}/overrides/{override}/removal",
            post(overrides::remove),
        )
        .route(
            "/settings/schedules/{schedule}/shadows",
            get(schedule::show).post(shadows::add),
        )
        .route(
            "/settings/schedules/{schedule}/shadows/{shadow}/removal",
            post(shadows::remove),
        )
        .route(
            "/settings/schedules/{schedule}/pasted",
            get(pasted::show).post(pasted::arrange),
        )
        .route(
            "/settings/schedules/{schedule}/pasted/preview",
            get(pasted::show).post(pasted::preview),
        )
        .route(
            "/settings/schedules/{schedule}/pasted/{pasted}/removal",
            post(pasted::remove),
        )
        .route("/settings/services/{slug}/dry-run", get(dry_run::show))
        .route(
            "/settings/services/{slug}/routing",
            get(routing::show).post(routing::post),
        )
        .route("/settings/policies", get(policies::show).post(policies::post))
        .route("/settings/policies/new", get(policies::blank))
        .route(
            "/settings/policies/{policy}",
            get(policy::show).post(policy::post),
        )
        .route("/settings/policies/{policy}/removal", post(policy::remove))
}
