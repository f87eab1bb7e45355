//! Incidents in the browser: the list, the page of one, and a form handler a verb.

mod acknowledge;
mod alerts;
mod as_markdown;
mod awake;
mod beside;
mod by_mail;
mod correct;
mod entry;
mod escalate;
mod facts;
mod follow;
mod links;
mod list;
pub mod live;
mod looks_like;
mod mitigate;
mod next;
mod open;
mod page;
mod pages_sent;
mod people;
mod reopen;
mod resolve;
mod roles;
mod sentence;
mod severity;
mod strip;
mod take_back;
mod tasks;
mod timeline;
mod update;
mod verb;
mod view;
mod whom;
mod write;

pub use awake::PagesYou;
pub use list::IncidentRow;
pub use sentence::{Sentence, capital};
pub use timeline::EntryList;
pub use verb::Pressed;
pub use view::{IncidentPage, after};

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/incidents", get(list::show).post(open::post))
        .route("/awake", get(awake::show).post(awake::post))
        .route("/awake/removal", post(awake::removal))
        .route("/incidents/new", get(open::show))
        .route("/incidents/{number}", get(page::show))
        .route("/incidents/{number}/acknowledgement", post(acknowledge::post))
        .route("/incidents/{number}/escalation", post(escalate::post))
        .route("/incidents/{number}/mitigation", post(mitigate::post))
        .route("/incidents/{number}/mitigation/removal", post(take_back::post))
        .route("/incidents/{number}/resolution", post(resolve::post))
        .route("/incidents/{number}/reopening", post(reopen::post))
        .route("/incidents/{number}/severity", post(severity::post))
        .route("/incidents/{number}/roles/{role}", post(roles::take))
        .route("/incidents/{number}/roles/{role}/removal", post(roles::leave))
        .route("/incidents/{number}/notes", post(write::note))
        .route("/incidents/{number}/decisions", post(write::decision))
        .route("/incidents/{number}/status-updates", post(write::status_update))
        .route("/incidents/{number}/timeline.md", get(as_markdown::show))
        .route("/incidents/{number}/timeline.txt", get(as_markdown::show_plain))
        .route(
            "/incidents/{number}/entries/{seq}",
            get(entry::show).post(entry::edit),
        )
        .route("/incidents/{number}/entries/{seq}/redaction", post(entry::redact))
        .route("/incidents/{number}/entries/{seq}/pin", post(entry::pin))
        .route(
            "/incidents/{number}/entries/{seq}/pin/removal",
            post(entry::unpin),
        )
        .route("/incidents/{number}/following", post(follow::follow))
        .route(
            "/incidents/{number}/following/removal",
            post(follow::follow_no_longer),
        )
        .route("/incidents/{number}/page", post(whom::page_somebody))
        .route("/incidents/{number}/handover", post(whom::hand_over))
        .route("/incidents/{number}/handover/acceptance", post(whom::accept))
        .route("/incidents/{number}/handover/removal", post(whom::take_back))
        .route("/incidents/{number}/tasks", post(tasks::add))
        .route("/incidents/{number}/tasks/{task}/tick", post(tasks::tick))
        .route(
            "/incidents/{number}/tasks/{task}/tick/removal",
            post(tasks::untick),
        )
        .route("/incidents/{number}/tasks/{task}/action-item", post(tasks::later))
        .route("/incidents/{number}/links", post(links::link))
        .route(
            "/incidents/{number}/links/{relation}/{other}/removal",
            post(links::unlink),
        )
        .route("/incidents/{number}/title", post(correct::title))
        .route("/incidents/{number}/services", post(correct::services))
        .route("/incidents/{number}/drill", post(correct::drill))
        .route("/incidents/{number}/instants/{instant}", post(correct::instant))
        .route("/acknowledge/{token}", get(by_mail::show).post(by_mail::post))
        .route("/acknowledge/{token}/passing-on", post(by_mail::pass_on))
}
