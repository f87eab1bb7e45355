//! What a person types about an action item.

use crate::answer::Problem;
use crate::components::{Choice, Field, FieldKind, FormProblem};
use crate::drawn::Drawn;
use crate::form::{word, word_or_none};
use chrono::{Datelike, NaiveDate};
use domain::action_items::{ActionKind, Priority};
use domain::fields;
use domain::ids::IncidentId;
use domain::people::Person;
use domain::postmortems::NamedFactor;
use domain::teams::Team;
use engine::action_items::{Draft, Refused};
use engine::{Error, Tx, people, postmortems, teams};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionItemForm {
    title: String,
    owner: String,
    team: String,
    kind: String,
    priority: String,
    due_on: String,
    factor: String,
    proof: String,
    /// Why the day moves; it says nothing about how the item stands.
    why: String,
    drawn: String,
}

impl Drawn for ActionItemForm {
    const FIELDS: &'static [&'static str] = &[
        "title", "owner", "team", "kind", "priority", "due_on", "factor", "proof",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl ActionItemForm {
    pub fn for_team(team: String) -> Self {
        Self {
            team,
            kind: "prevent".to_owned(),
            priority: "medium".to_owned(),
            ..Self::default()
        }
    }

    /// What an action item says now.
    pub fn of(card: &engine::action_items::Card) -> Self {
        let item = &card.item;
        Self {
            title: item.title.clone(),
            owner: item.owner_id.map(|id| id.to_string()).unwrap_or_default(),
            team: item.team_id.to_string(),
            kind: item.kind.to_string(),
            priority: item.priority.to_string(),
            due_on: item.due_on.map(|day| day.to_string()).unwrap_or_default(),
            factor: item.named_factor_id.map(|id| id.to_string()).unwrap_or_default(),
            proof: item.proof.clone(),
            why: String::new(),
            drawn: String::new(),
        }
    }

    pub fn why(&self) -> &str {
        &self.why
    }

    /// Reads the fields.
    ///
    /// # Errors
    /// [`Refused::BadDate`], [`Refused::NoTeam`], [`Error::NotAChoice`]
    pub fn draft(&self) -> Result<Draft, Error> {
        let due_on = match self.due_on.trim() {
            "" => None,
            day => Some(read_day(day).ok_or(Refused::BadDate)?),
        };
        Ok(Draft {
            title: self.title.clone(),
            owner: word_or_none("owner", &self.owner)?,
            team: self.team.parse().map_err(|_| Refused::NoTeam)?,
            kind: word("kind", &self.kind)?,
            priority: word("priority", &self.priority)?,
            due_on,
            factor: word_or_none("factor", &self.factor)?,
            proof: self.proof.clone(),
        })
    }
}

/// A day of this time; a year of two digits is a slip.
pub(super) fn read_day(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    (1970..=9999).contains(&day.year()).then_some(day)
}

const fn kind_words(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Prevent => "Prevent: it cannot happen again this way",
        ActionKind::Detect => "Detect: we see it sooner",
        ActionKind::Mitigate => "Mitigate: it hurts less, or for less long",
        ActionKind::Process => "Process: we work together differently",
        ActionKind::Learn => "Learn: we find out what we do not know",
    }
}

/// Whom an action item may be given to, and what it may answer.
#[derive(Clone)]
pub struct ItemChoices {
    pub people: Vec<Person>,
    pub teams: Vec<Team>,
    /// Id and name of the contributing factors of its incident.
    pub factors: Vec<(String, String)>,
}

impl ItemChoices {
    pub fn new(people: Vec<Person>, teams: Vec<Team>, factors: &[NamedFactor]) -> Self {
        let factors = factors.iter();
        Self {
            people,
            teams,
            factors: factors
                .map(|factor| (factor.id.to_string(), factor.name.clone()))
                .collect(),
        }
    }

    /// With the factor that an action item answers, where the document does not name it any more.
    pub fn with_that_of(mut self, card: &engine::action_items::Card) -> Self {
        let named = card.item.named_factor_id.map(|id| id.to_string());
        if let Some((id, name)) = named.zip(card.factor.clone())
            && self.factors.iter().all(|(known, _)| *known != id)
        {
            self.factors
                .push((id, format!("{name} (not named there any more)")));
        }
        self
    }

    /// # Errors
    /// [`Error::Database`]
    pub async fn load(tx: &mut Tx, incident: IncidentId) -> Result<Self, Error> {
        let factors = postmortems::factors_of(tx, incident).await?;
        Ok(Self::new(
            people::active(tx).await?,
            teams::all(tx).await?,
            &factors,
        ))
    }
}

#[component]
pub fn ActionItemFields(typed: ActionItemForm, problem: Problem, choices: ItemChoices) -> impl IntoView {
    let ItemChoices {
        people,
        teams,
        factors,
    } = choices;
    let none = |label: &str| std::iter::once(Choice::new("", label));
    let people: Vec<_> = none("Nobody yet")
        .chain(people.into_iter().map(|p| Choice::new(p.id, p.name)))
        .collect();
    let teams: Vec<_> = teams
        .into_iter()
        .map(|team| Choice::new(team.id, team.name))
        .collect();
    let factors: Vec<_> = none("None")
        .chain(factors.into_iter().map(|(id, name)| Choice::new(id, name)))
        .collect();
    let kinds: Vec<_> = ActionKind::ALL
        .iter()
        .map(|kind| Choice::new(kind, kind_words(*kind)))
        .collect();
    let priorities: Vec<_> = Priority::ALL
        .iter()
        .map(|priority| Choice::new(priority, priority.as_str()))
        .collect();
    view! {
        <FormProblem problems=problem.above() />
        <Field of=fields::ACTION_TITLE label="What is to be done?" value=typed.title required=true error=problem.beside("title") placeholder="Refuse to start when workers outnumber connections" id="field-action-title" />
        <Field name="kind" label="What it does about the next time" kind=FieldKind::Select(kinds) value=typed.kind />
        <div class="form-row">
            <Field name="owner" label="Owner" kind=FieldKind::Select(people) value=typed.owner error=problem.beside("owner") />
            <Field name="team" label="Team" kind=FieldKind::Select(teams) value=typed.team error=problem.beside("team") />
        </div>
        <div class="form-row">
            <Field name="priority" label="Priority" kind=FieldKind::Select(priorities) value=typed.priority />
            <Field name="due_on" label="Due" kind=FieldKind::Date value=typed.due_on error=problem.beside("due_on") />
        </div>
        <Field name="factor" label="Contributing factor it answers" kind=FieldKind::Select(factors) value=typed.factor id="field-action-factor" />
        <Field of=fields::PROOF label="How will we know it worked?" kind=FieldKind::Lines(2) value=typed.proof error=problem.beside("proof") placeholder="A graph, an alert that stays quiet, a deploy that is refused" />
    }
}
