//! Putting right what the log filled in: title, services, instants.

use super::view::{IncidentPage, Returned, after, came_back, lead_to};
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::form_page::Here;
use crate::zoned::Moment;
use domain::ids::ServiceId;
use domain::incidents::instants::Correction;
use engine::incidents::{self, Refused};
use engine::transaction;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TitleForm {
    title: String,
}

pub async fn title(here: Here<IncidentPage>, Form(typed): Form<TitleForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::rename(tx, number, &typed.title).await?
    });
    after(&here, done, "title", &typed.title).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DrillForm {
    /// `on` or `off`.
    is_drill: String,
}

pub async fn drill(here: Here<IncidentPage>, Form(typed): Form<DrillForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::say_drill(tx, number, typed.is_drill == "on").await?
    });
    after(&here, done, "drill", "").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ServicesForm {
    services: Vec<ServiceId>,
}

pub async fn services(here: Here<IncidentPage>, Form(typed): Form<ServicesForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::change_services(tx, number, &typed.services).await?
    });
    after(&here, done, "services", "").await
}

/// One of the forms beside each other, each with its own instant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct InstantForm {
    at: String,
    at_zone: String,
    at_was: String,
    at_which: String,
}

/// Which of its instants.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    instant: Correction,
}

pub async fn instant(
    here: Here<IncidentPage>,
    Path(Which { instant: which }): Path<Which>,
    Form(typed): Form<InstantForm>,
) -> Answered {
    let number = here.page.number;
    let moment = Moment {
        at: typed.at,
        zone: typed.at_zone,
        was: typed.at_was,
        which: typed.at_which,
    };
    let done = async {
        let to = moment
            .read(here.who.zone())
            .map_err(|wrong| Refused::NotAMoment(wrong.to_string()))?;
        transaction!(here.by(), |tx| {
            incidents::correct_drawn_instant(tx, number, which, moment.before(), to).await?
        })
    };
    let Err(error) = done.await else {
        return lead_to(&here, "instants").await;
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
    came_back(&here, error, returned).await
}
