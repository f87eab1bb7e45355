//! Who and what the stories name, as the engine knows them.

use crate::NoDemo;
use domain::ids::{PersonId, ScheduleId, ServiceId, TeamId};
use engine::alerts::Source;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Cast {
    pub people: BTreeMap<String, PersonId>,
    pub teams: BTreeMap<String, CastTeam>,
    pub services: BTreeMap<String, CastService>,
}

#[derive(Clone, Debug)]
pub struct CastTeam {
    pub id: TeamId,
    pub slug: String,
    pub lead: PersonId,
    /// In the order of the rotation.
    pub rotation: Vec<PersonId>,
    pub on_call: ScheduleId,
}

#[derive(Clone, Debug)]
pub struct CastService {
    pub id: ServiceId,
    pub team: String,
    /// Its way in from Alertmanager.
    pub source: Source,
}

fn known<'a, T>(all: &'a BTreeMap<String, T>, key: &str) -> Result<&'a T, NoDemo> {
    all.get(key).ok_or_else(|| NoDemo::Unknown(key.to_owned()))
}

impl Cast {
    pub fn person(&self, key: &str) -> Result<PersonId, NoDemo> {
        known(&self.people, key).copied()
    }

    pub fn team(&self, key: &str) -> Result<&CastTeam, NoDemo> {
        known(&self.teams, key)
    }

    pub fn service(&self, key: &str) -> Result<&CastService, NoDemo> {
        known(&self.services, key)
    }

    pub fn team_of(&self, service: &str) -> Result<&CastTeam, NoDemo> {
        self.team(&self.service(service)?.team)
    }
}
