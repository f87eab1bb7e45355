//! Putting right what the log filled in: title, services, instants.

use super::view::{IncidentPage, Returned, after, came_back, lead_to};
use crate::address::Path;
use crate::answer::Answered;
use crate::drawn::{Drawn, merged};
use crate::form::{Form, is_on};
use crate::form_page::Here;
use crate::title_form::TitleForm;
use crate::zoned::Moment;
use domain::ids::ServiceId;
use domain::incidents::instants::Correction;
use engine::incidents::{self, Refused};
use engine::transaction;
use serde::{Deserialize, Serialize};

pub async fn title(here: Here<IncidentPage>, Form(typed): Form<TitleForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let now = TitleForm::of(&incidents::find(tx, number).await?.title);
        incidents::rename(tx, number, &merged(&typed, &now)?.title).await?
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
        incidents::say_drill(tx, number, is_on("is_drill", &typed.is_drill)?).await?
    });
    after(&here, done, "drill", "").await
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicesForm {
    services: Vec<ServiceId>,
    drawn: String,
}

impl ServicesForm {
    /// In one order, whatever that of the boxes.
    pub fn of(services: impl IntoIterator<Item = ServiceId>) -> Self {
        let mut services: Vec<ServiceId> = services.into_iter().collect();
        services.sort_unstable();
        Self {
            services,
            ..Self::default()
        }
    }
}

impl Drawn for ServicesForm {
    const FIELDS: &'static [&'static str] = &["services"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

pub async fn services(here: Here<IncidentPage>, Form(typed): Form<ServicesForm>) -> Answered {
    let number = here.page.number;
    let typed = ServicesForm {
        drawn: typed.drawn,
        ..ServicesForm::of(typed.services)
    };
    let done = transaction!(here.by(), |tx| {
        let incident = incidents::find(tx, number).await?;
        let services = incidents::services_of(tx, incident.id).await?.into_iter();
        let now = ServicesForm::of(services.map(|service| service.id));
        incidents::change_services(tx, number, &merged(&typed, &now)?.services).await?
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
