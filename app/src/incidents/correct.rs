//! Putting right what the log filled in: title, services, instants.

use super::page::{Returned, after, came_back};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, redirect};
use crate::form::Form;
use crate::session::SignedIn;
use crate::zoned::Moment;
use axum::extract::State;
use domain::ids::ServiceId;
use domain::incidents::instants::Correction;
use engine::incidents::{self, Refused};
use engine::transaction;
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
    let done = transaction!(app.by(&who), |tx| {
        incidents::rename(tx, number, &typed.title).await?
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
    let done = transaction!(app.by(&who), |tx| {
        incidents::change_services(tx, number, &typed.services).await?
    });
    after(&app, &who, number, done, "services", "").await
}

/// One of the forms beside each other, each with its own instant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Instant {
    at: String,
    at_zone: String,
    at_was: String,
    at_which: String,
}

pub async fn instant(
    State(app): State<App>,
    who: SignedIn,
    Path((number, which)): Path<(i64, Correction)>,
    Form(typed): Form<Instant>,
) -> Answered {
    let moment = Moment {
        at: typed.at,
        zone: typed.at_zone,
        was: typed.at_was,
        which: typed.at_which,
    };
    let done = async {
        let to = moment
            .read(who.zone())
            .map_err(|wrong| Refused::NotAMoment(wrong.to_string()))?;
        transaction!(app.by(&who), |tx| {
            incidents::correct_drawn_instant(tx, number, which, moment.before(), to).await?
        })
    };
    let Err(error) = done.await else {
        return Ok(redirect(&format!("/incidents/{number}#instants")));
    };
    let moment = match error.refused() {
        // Whoever saves it again has seen what stands there now.
        Some(Refused::CorrectedMeanwhile { now, .. }) => moment.seen(*now),
        _ => moment,
    };
    let returned = Returned {
        form: "instant",
        moment: Some((which, moment)),
        ..Returned::default()
    };
    came_back(&app, &who, number, error, returned).await
}
