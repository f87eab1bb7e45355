//! What people set: themselves, people, teams, services, schedules, policies, mail.

mod audit;
mod changes;
mod covers;
pub(crate) mod forms;
mod integrations;
mod layers;
pub(crate) mod mail;
mod news;
pub(crate) mod once;
mod overview;
mod pager;
mod password;
mod people;
mod person;
mod person_fields;
pub(crate) mod places;
mod policies;
mod policy;
mod profile;
mod requests;
mod rotation;
mod schedule;
mod schedules;
mod service;
pub(crate) mod set_up;
pub(crate) mod shell;
mod signing;
mod taking_out;
mod team;
mod teams;
pub(crate) mod zones;

use crate::App;
use axum::Router;
use axum::routing::{get, post};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/settings", get(overview::show))
        .route("/settings/pager", get(pager::show))
        .route("/settings/audit", get(audit::show))
        .route("/settings/audit.csv", get(audit::as_csv))
        .route("/settings/profile", get(profile::show).post(profile::post))
        .route("/settings/profile/mails", get(profile::show).post(news::post))
        .route("/settings/password", get(profile::show).post(password::post))
        .route("/settings/sessions/removal", post(profile::log_out_everywhere))
        .route("/settings/people", get(people::show).post(people::post))
        .route("/settings/people/{person}", get(person::show).post(person::post))
        .route(
            "/settings/people/{person}/deactivation",
            get(taking_out::show).post(taking_out::post),
        )
        .route("/settings/people/{person}/reactivation", post(person::reactivate))
        .route("/settings/people/{person}/invitation", post(person::invite_again))
        .route("/settings/teams", get(teams::show).post(teams::post))
        .route("/settings/teams/{slug}", get(team::show).post(team::rename))
        .route(
            "/settings/teams/{slug}/members",
            get(team::show).post(team::add_member),
        )
        .route(
            "/settings/teams/{slug}/members/{person}/removal",
            post(team::remove_member),
        )
        .route(
            "/settings/teams/{slug}/services",
            get(team::show).post(team::add_service),
        )
        .route(
            "/settings/services/{slug}",
            get(service::show).post(service::post),
        )
        .route(
            "/settings/services/{slug}/integrations",
            get(service::show).post(integrations::create),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/replacement",
            post(integrations::replace),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/revocation",
            post(integrations::revoke),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/signing",
            post(signing::set),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/signing/removal",
            post(signing::remove),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests",
            get(requests::list),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests/{request}",
            get(requests::show),
        )
        .route(
            "/settings/services/{slug}/integrations/{integration}/requests/{request}/body",
            get(requests::download),
        )
        .route("/settings/schedules", get(schedules::show).post(schedules::post))
        .route("/settings/schedules/new", get(schedules::blank))
        .route(
            "/settings/schedules/{schedule}",
            get(schedule::show).post(schedule::post),
        )
        .route("/settings/schedules/{schedule}/removal", post(schedule::remove))
        .route(
            "/settings/schedules/{schedule}/covers",
            get(schedule::show).post(covers::post),
        )
        .route(
            "/settings/schedules/{schedule}/covers/{cover}/removal",
            post(covers::remove),
        )
        .route("/settings/policies", get(policies::show).post(policies::post))
        .route("/settings/policies/new", get(policies::blank))
        .route(
            "/settings/policies/{policy}",
            get(policy::show).post(policy::post),
        )
        .route("/settings/policies/{policy}/removal", post(policy::remove))
        .route("/settings/mail", get(mail::show))
        .route("/settings/mail/test", post(mail::test))
}
