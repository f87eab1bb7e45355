//! The page of an incident by its address, all that its parts are made from, and who reads it.

use super::beside::Beside;
use crate::answer::{Answered, Problem};
use crate::components::Problems;
use crate::form_page::Here;
use crate::zoned::Moment;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::Show;
use domain::people::Person;
use domain::teams::Service;
use engine::Error;
use engine::incidents::Story;
use engine::learning::LooksLike;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct IncidentPage {
    pub number: i64,
    /// What of the timeline is asked for.
    #[serde(skip)]
    pub part: Part,
}

#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub from: Option<i64>,
    pub show: Show,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            from: None,
            show: Show::All,
        }
    }
}

/// What every part of the page is made from. It is read once; its parts share it.
#[derive(Clone)]
pub struct Seen {
    pub story: Arc<Story>,
    pub everybody: Arc<[Person]>,
    pub services: Arc<[Service]>,
    pub reader: Reader,
    pub now: DateTime<Utc>,
    pub beside: Arc<Beside>,
    /// Earlier ones, while it is open. Not live: looked up once a page.
    pub looks_like: Arc<[LooksLike]>,
    /// What of the timeline is shown.
    pub show: Show,
    pub returned: Arc<Returned>,
}

impl Seen {
    /// The names of those whom the policy pages next; nobody where it does not run or has nobody left.
    pub fn paged_next(&self) -> Vec<&str> {
        let next = self.story.paged_next.iter();
        next.filter_map(|id| self.everybody.iter().find(|person| person.id == *id))
            .map(|person| person.name.as_str())
            .collect()
    }
}

/// All in which an incident looks otherwise to one reader than to another. What was rendered for one is given to others by this key, and
/// parts of the page get at who reads in no other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    pub zone: Tz,
    pub may_act: bool,
    /// Whether they follow it.
    pub follows: bool,
    /// Only where the incident has to do with them.
    me: Option<PersonId>,
}

impl Reader {
    /// Whoever reads it: nobody whom it has to do with, by the clock of UTC.
    pub const ANYBODY: Self = Self {
        zone: Tz::UTC,
        may_act: false,
        follows: false,
        me: None,
    };

    pub fn of(person: &Person, may_act: bool, story: &Story, beside: &Beside) -> Self {
        let asked = beside.handover.iter().flat_map(|handover| &handover.asked);
        let roles = story.roles.iter().map(|held| &held.person_id);
        let holder = story.has_it.iter().map(|holder| &holder.person_id);
        let mut concerned = asked.chain(roles).chain(holder);
        Self {
            zone: person.time_zone.parse().unwrap_or(Tz::UTC),
            may_act,
            follows: false,
            me: concerned.any(|id| *id == person.id).then_some(person.id),
        }
    }

    #[must_use]
    pub const fn following(self, follows: bool) -> Self {
        Self { follows, ..self }
    }

    /// Whether it is they, of people who hold a role, have the incident or are asked to take it over.
    pub fn is(self, person: PersonId) -> bool {
        self.me == Some(person)
    }

    pub fn is_one_of(self, people: &[PersonId]) -> bool {
        people.iter().any(|person| self.is(*person))
    }
}

/// What is typed to ask somebody for help.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HelpForm {
    pub whom: String,
    pub why: String,
    /// Who had the incident when the form was drawn.
    pub drawn: String,
}

/// What is typed into the timeline.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EntryForm {
    pub text: String,
    /// When it happened, as people type it; empty is now.
    pub happened: String,
    /// Minutes until the next status update.
    pub next: String,
}

/// A form that was refused, with what was typed.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// The last part of the form's address.
    pub form: &'static str,
    pub typed: String,
    /// Of the form of an instant.
    pub moment: Option<(Correction, Moment)>,
    /// Of the form that writes into the timeline.
    pub written: EntryForm,
    /// Of the forms that ask for help.
    pub asked: HelpForm,
    pub problem: Problem,
}

impl Returned {
    pub fn problems(&self, form: &str) -> Problems {
        if self.form == form {
            self.problem.of_all()
        } else {
            Problems::default()
        }
    }

    pub fn typed(&self, form: &str) -> Option<String> {
        (self.form == form).then(|| self.typed.clone())
    }

    /// Whether somebody was asked to come, or to take it over.
    pub fn asks_for_help(&self) -> bool {
        ["page", "handover"].contains(&self.form)
    }

    /// Whether what came back has no field that its sentence stands beside.
    pub fn is_of_a_verb(&self) -> bool {
        !self.form.is_empty()
            && ![
                "write",
                "instant",
                "title",
                "services",
                "links",
                "duplicate",
                "page",
                "handover",
                "severity",
                "task",
            ]
            .contains(&self.form)
    }
}

/// What became of a verb: back to the page, or the page again with what was refused.
pub async fn after<T>(
    here: &Here<IncidentPage>,
    done: engine::Result<T>,
    form: &'static str,
    typed: &str,
) -> Answered {
    match done {
        Ok(_) => here.after_at(region_of(form), Ok(()), ()).await,
        Err(error) => {
            let returned = Returned {
                form,
                typed: typed.to_owned(),
                ..Returned::default()
            };
            came_back(here, error, returned).await
        }
    }
}

/// The page again, with what was refused.
pub async fn came_back(here: &Here<IncidentPage>, error: Error, returned: Returned) -> Answered {
    let problem = crate::answer::problem_of(error)?;
    here.again(StatusCode::UNPROCESSABLE_ENTITY, returned, problem)
        .await
}

/// Back to a place of the page.
pub async fn lead_to(here: &Here<IncidentPage>, place: &str) -> Answered {
    here.after_at(place, Ok(()), ()).await
}

/// What a form changed: the browser scrolls there, and Tab goes on from there.
fn region_of(form: &str) -> &'static str {
    match form {
        "write" => "write",
        "roles" => "people",
        "instant" => "instants",
        "follow" => "follow",
        "tick" => "tasks",
        _ => "head",
    }
}
