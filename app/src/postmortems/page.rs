//! Loading the document, and answering its forms.

use super::document::DocumentPage;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Failure, Problem, problem_of, see};
use crate::components::Section as Part;
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{FactorId, NamedFactorId};
use domain::people::Person;
use domain::postmortems::{Factor, Section};
use domain::teams::Team;
use engine::learning::{self, CameBack};
use engine::postmortems::{self, Document};
use engine::{people, teams};
use leptos::prelude::*;

/// What every part of the document is made from.
#[derive(Clone)]
pub struct Seen {
    pub number: i64,
    pub document: Document,
    pub known_factors: Vec<Factor>,
    /// Factors that were met before.
    pub came_back: Vec<CameBack>,
    pub everybody: Vec<Person>,
    pub teams: Vec<Team>,
    pub zone: Tz,
    pub now: DateTime<Utc>,
    pub may_write: bool,
    pub returned: Returned,
}

impl Seen {
    pub fn to(&self, thing: &str) -> String {
        format!("/incidents/{}/postmortem/{thing}", self.number)
    }
}

/// A form that came back: refused, or saved beside a text that was there first.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    pub form: Form,
    pub typed: Vec<(&'static str, String)>,
    pub problem: Problem,
}

impl Returned {
    pub fn typed(&self, name: &str) -> String {
        self.typed
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    None,
    /// Refused.
    Section(Section),
    /// Kept beside the text that somebody else saved first.
    Beside(Section),
    Factor,
    FactorWords(NamedFactorId),
    CameBack(FactorId),
    Action,
    State,
    Title,
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    answer(&app, &who, number, StatusCode::OK, Returned::default()).await
}

/// Answers a form: back to its place in the document, or the document again with what was refused.
pub async fn after<T>(
    app: &App,
    who: &SignedIn,
    number: i64,
    outcome: engine::Result<T>,
    place: &str,
    form: Form,
    typed: Vec<(&'static str, String)>,
) -> Answered {
    match outcome {
        Ok(_) => Ok(see(&format!("/incidents/{number}/postmortem#{place}"))),
        Err(error) => {
            let returned = Returned {
                form,
                typed,
                problem: problem_of(error)?,
            };
            answer(app, who, number, StatusCode::UNPROCESSABLE_ENTITY, returned).await
        }
    }
}

pub async fn answer(
    app: &App,
    who: &SignedIn,
    number: i64,
    status: StatusCode,
    returned: Returned,
) -> Result<Response, Failure> {
    let mut tx = app.by(who).read().await?;
    let document = postmortems::read(&mut tx, number).await?;
    let seen = Seen {
        number,
        came_back: learning::of_incident(&mut tx, document.story.incident.id).await?,
        document,
        known_factors: postmortems::known_factors(&mut tx).await?,
        everybody: people::active(&mut tx).await?,
        teams: teams::all(&mut tx).await?,
        zone: who.zone(),
        now: app.engine.context.now(),
        may_write: who.may_act(),
        returned,
    };
    let title = format!("Postmortem of INC-{number}: {}", seen.document.postmortem.title);
    let frame = who.frame(&mut tx, title, Part::Postmortems).await?;
    Ok(render::page(
        status,
        frame,
        move || view! { <DocumentPage seen /> },
    ))
}
