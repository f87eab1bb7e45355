//! What is typed into the editor of a schedule, and what it says.

mod layer;

pub use layer::{TypedLayer, TypedTurn, Window};

use super::acts::Act;
use crate::answer::Problem;
use domain::ids::{LayerId, PersonId};
use domain::oncall::draft::{Keyed, ScheduleDraft, time_zone, wall_time};
use domain::oncall::{Fault, InvalidSchedule, Schedule, in_order, wall};
use domain::people::Person;
use engine::oncall::edit::{Begins, Drawn, Edit, EditedLayer};
use layer::{Rows, json_of, minutes, place};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// More rows than a form may have fields.
pub(super) const MOST: usize = 1_000;

/// Hand-offs at moments of the week, among the units.
pub(super) const MOMENTS: &str = "moments";

/// Instead of a person: a turn of nobody.
pub(super) const NOBODY: &str = "nobody";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub team: String,
    pub name: String,
    pub time_zone: String,
    pub version: String,
    pub begins: String,
    /// A reading of the clock in the schedule's zone.
    pub on: String,
    pub pattern: String,
    pub layers: Vec<TypedLayer>,
    pub act: Option<Act>,
}

/// One fault of what is typed, and the field that it is in, such as `layers[0].turns`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub sentence: String,
}

impl Wrong {
    pub fn new(field: impl Into<String>, sentence: impl ToString) -> Self {
        Self {
            field: field.into(),
            sentence: sentence.to_string(),
        }
    }

    /// The same for whoever reads no page.
    pub fn problem(&self) -> Problem {
        Problem {
            field: (!self.field.is_empty()).then(|| Cow::Owned(self.field.clone())),
            sentence: self.sentence.clone(),
        }
    }

    /// The sentence beside this field, or one within it, if it belongs there.
    pub fn beside(&self, field: &str) -> Option<String> {
        let rest = self.field.strip_prefix(field)?;
        let is_it = rest.is_empty() || rest.starts_with(['[', '.']);
        is_it.then(|| self.sentence.clone())
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self::new(problem.field.unwrap_or_default(), problem.sentence)
    }
}

impl From<InvalidSchedule> for Wrong {
    fn from(invalid: InvalidSchedule) -> Self {
        Self::new(invalid.field, format!("{}.", invalid.fault))
    }
}

impl Typed {
    /// Reads the fields of the form. What has a name of no field counts for nothing.
    pub fn read(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        let mut layers: BTreeMap<usize, (TypedLayer, Rows)> = BTreeMap::new();
        for (name, value) in fields {
            let mut path = name.split('.');
            match (path.next(), path.next().and_then(place)) {
                (Some("team"), None) => typed.team = value,
                (Some("name"), None) => typed.name = value,
                (Some("time_zone"), None) => typed.time_zone = value,
                (Some("version"), None) => typed.version = value,
                (Some("begins"), None) => typed.begins = value,
                (Some("on"), None) => typed.on = minutes(&value),
                (Some("pattern"), None) => typed.pattern = value,
                (Some("do"), None) => typed.act = Act::read(&value),
                (Some("layers"), Some(place)) => {
                    let (layer, rows) = layers.entry(place).or_default();
                    layer.take(rows, &path.collect::<Vec<_>>(), value);
                }
                _ => {}
            }
        }
        typed.layers = layers
            .into_values()
            .map(|(layer, rows)| layer.with(rows))
            .collect();
        typed
    }

    pub fn of(drawn: &Drawn) -> Self {
        Self {
            name: drawn.named.name.clone(),
            time_zone: drawn.named.time_zone.clone(),
            version: drawn.version.clone(),
            begins: "after_turn".to_owned(),
            layers: drawn
                .layers
                .iter()
                .map(|(id, layer)| TypedLayer::standing(*id, layer))
                .collect(),
            ..Self::default()
        }
    }

    /// The turns in the order of these people, after a full round.
    pub fn put_in_order(&mut self, order: &[PersonId]) {
        let people = |layer: &TypedLayer| -> Vec<Vec<String>> {
            layer.turns.iter().map(|turn| turn.people.clone()).collect()
        };
        let turns: Vec<Vec<Vec<String>>> = self.layers.iter().map(people).collect();
        let order: Vec<String> = order.iter().map(PersonId::to_string).collect();
        for (layer, turns) in self.layers.iter_mut().zip(in_order(&turns, &order)) {
            for (turn, people) in layer.turns.iter_mut().zip(turns) {
                turn.people = people;
            }
        }
        self.begins = "after_round".to_owned();
    }

    /// The schedule as it is typed.
    ///
    /// # Errors
    /// The first fault, with its field.
    pub fn schedule(&self, people: &[Person]) -> Result<Schedule<PersonId>, Wrong> {
        for (place, layer) in self.layers.iter().enumerate() {
            if !layer.add.trim().is_empty() {
                // They are added before anything else is done; whoever is left could not be found.
                return Err(Wrong::new(format!("layers[{place}].add"), not_found(&layer.add)));
            }
        }
        let draft = ScheduleDraft {
            time_zone: self.time_zone.clone(),
            layers: self.layers.iter().map(|layer| Keyed(layer.draft())).collect(),
            overrides: Vec::new(),
        };
        Ok(draft.check(|id| {
            let person = people.iter().find(|person| person.id.to_string() == id);
            person.map(|person| person.id)
        })?)
    }

    /// What is to be saved.
    ///
    /// # Errors
    /// The first fault, with its field.
    pub fn edit(&self, people: &[Person]) -> Result<Edit, Wrong> {
        let schedule = self.schedule(people)?;
        let zone = schedule.time_zone;
        let begins = match self.begins.as_str() {
            "now" => Begins::Now,
            "after_turn" | "" => Begins::AfterTurn,
            "after_round" => Begins::AfterRound,
            "on" => {
                let reading = wall_time(&self.on).map_err(|fault| Wrong::new("on", format!("{fault}.")))?;
                Begins::At(wall::instant(zone, reading))
            }
            _ => return Err(Wrong::new("begins", "Choose when the change begins.")),
        };
        let layers = self.layers.iter().zip(schedule.layers);
        Ok(Edit {
            name: self.name.clone(),
            time_zone: zone,
            begins,
            version: (!self.version.is_empty()).then(|| self.version.clone()),
            layers: layers
                .map(|(typed, layer)| match typed.id.parse::<LayerId>() {
                    Ok(id) if json_of(&layer) == typed.was => EditedLayer::Kept(id),
                    Ok(id) => EditedLayer::Changed(id, layer),
                    Err(_) => EditedLayer::New(layer),
                })
                .collect(),
        })
    }
}

/// Why names could not be added.
pub(super) fn not_found(names: &str) -> String {
    format!(
        "Nobody is called “{}”. Write names as they are in the list of people.",
        names.trim()
    )
}

/// A fault of a layer as a whole.
pub(super) fn no_layers() -> Wrong {
    Wrong::new("layers", format!("{}.", Fault::NoTurns))
}

/// Whether this is the name of a zone.
pub(super) fn is_zone(name: &str) -> bool {
    time_zone(name).is_ok()
}
