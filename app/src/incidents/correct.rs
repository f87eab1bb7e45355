//! Putting right what the log filled in: title, services, instants.

use super::page::after;
use crate::App;
use crate::answer::Answered;
use crate::form::Form;
use crate::session::SignedIn;
use crate::zoned::read_moment;
use axum::extract::{Path, State};
use domain::ids::ServiceId;
use domain::incidents::instants::Correction;
use domain::people::Deed;
use engine::{incidents, people, transaction};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Title {
    title: String,
}

pub async fn title(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Title>,
) -> Answered {
    let done = transaction!(app.engine, |tx| {
        people::may(tx, &who.person, Deed::ActOnIncident).await?;
        incidents::rename(tx, number, who.person.id, &typed.title).await?
    });
    after(&app, &who, number, done, "title", &typed.title).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Services {
    services: Vec<ServiceId>,
}

pub async fn services(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Services>,
) -> Answered {
    let done = transaction!(app.engine, |tx| {
        people::may(tx, &who.person, Deed::ActOnIncident).await?;
        incidents::change_services(tx, number, who.person.id, &typed.services).await?
    });
    after(&app, &who, number, done, "services", "").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Moment {
    at: String,
}

pub async fn instant(
    State(app): State<App>,
    who: SignedIn,
    Path((number, which)): Path<(i64, Correction)>,
    Form(typed): Form<Moment>,
) -> Answered {
    let done = match read_moment(&typed.at, who.zone()) {
        Ok(at) => transaction!(app.engine, |tx| {
            people::may(tx, &who.person, Deed::ActOnIncident).await?;
            incidents::correct_instant(tx, number, who.person.id, which, at).await?
        }),
        Err(_) => Err(incidents::Refused::NotAMoment.into()),
    };
    after(&app, &who, number, done, "instant", &typed.at).await
}
