//! Whom somebody asks to help with an incident, or to take it over.

use crate::ids::{PersonId, ScheduleId, TeamId};
use std::fmt;
use std::str::FromStr;

/// A person, whoever is on call on a schedule just now, or all of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    Person(PersonId),
    Schedule(ScheduleId),
    Team(TeamId),
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person {id}"),
            Self::Schedule(id) => write!(f, "schedule {id}"),
            Self::Team(id) => write!(f, "team {id}"),
        }
    }
}

/// It names nobody that there could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamesNobody;

impl FromStr for Whom {
    type Err = NamesNobody;

    fn from_str(text: &str) -> Result<Self, NamesNobody> {
        let (kind, id) = text.trim().split_once(' ').ok_or(NamesNobody)?;
        match kind {
            "person" => id.parse().map(Self::Person),
            "schedule" => id.parse().map(Self::Schedule),
            "team" => id.parse().map(Self::Team),
            _ => return Err(NamesNobody),
        }
        .map_err(|_| NamesNobody)
    }
}

/// How long whoever is asked to take an incident over has for their answer, in seconds: as long as the first step of its policy, and
/// not so short that nobody could read the page.
pub fn time_to_accept(first_step: Option<i64>) -> i64 {
    const WITHOUT_A_POLICY: i64 = 15 * 60;
    const SHORTEST: i64 = 2 * 60;
    const LONGEST: i64 = 60 * 60;
    first_step.unwrap_or(WITHOUT_A_POLICY).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_form_says_whom() {
        let id = Uuid::from_u128(7);
        for whom in [
            Whom::Person(PersonId(id)),
            Whom::Schedule(ScheduleId(id)),
            Whom::Team(TeamId(id)),
        ] {
            assert_eq!(whom.to_string().parse(), Ok(whom));
        }
        for nobody in [
            "",
            "person",
            "person ana",
            "policy 00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(nobody.parse::<Whom>(), Err(NamesNobody), "{nobody}");
        }
    }

    #[test]
    fn there_is_time_to_answer() {
        for (first_step, seconds) in [
            (None, 900),
            (Some(300), 300),
            (Some(0), 120),
            (Some(60), 120),
            (Some(86_400), 3_600),
        ] {
            assert_eq!(time_to_accept(first_step), seconds, "{first_step:?}");
        }
    }
}
