//! What of learning is looked at: a period, a team, a service.

use crate::form::{is_on, word_or_none};
use chrono::TimeDelta;
use domain::learning::{By, Figure};
use domain::teams::{Service, Team};
use engine::learning::{Period, Scope};
use engine::{Error, Tx, teams};
use serde::Deserialize;
use url::form_urlencoded;

/// Lengths of a period, in days.
pub const LENGTHS: [i64; 4] = [30, 90, 180, 365];
const USUAL: i64 = 90;
const ALL: usize = 1_000_000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LearningQuery {
    /// Of [`LENGTHS`].
    pub days: Option<i64>,
    /// Its slug; empty: all.
    pub team: String,
    pub service: String,
    /// `on`: drills and tests are counted, too.
    pub drills: String,
    /// What times are told apart by. Empty: by severity.
    pub by: String,
    /// Any word: what is else cut stands whole.
    pub all: String,
    /// Of what is behind a number: so many were seen.
    pub skip: usize,
}

impl LearningQuery {
    pub fn days(&self) -> i64 {
        self.days.filter(|days| LENGTHS.contains(days)).unwrap_or(USUAL)
    }

    pub fn with_drills(&self) -> bool {
        self.drills == "on"
    }

    pub fn by(&self) -> By {
        self.by.parse().unwrap_or(By::Severity)
    }

    /// The same page, with times told apart by something else.
    pub fn told_apart_by(&self, by: By) -> String {
        let by = by.to_string();
        let other = Self { by, ..self.clone() };
        format!("/learning?{}#times", other.pairs().finish())
    }

    /// The head's page.
    pub fn page(&self) -> String {
        format!("/learning?{}", self.pairs().finish())
    }

    /// Where documents that name no factor are gone through.
    pub fn without_factors(&self) -> String {
        format!("/learning/without-factors?{}", self.pairs().finish())
    }

    /// The same figures as a file.
    pub fn file(&self) -> String {
        format!("/learning.csv?{}", self.pairs().finish())
    }

    /// The same page with nothing cut.
    pub fn whole(&self) -> String {
        format!("/learning?{}", self.pairs().append_pair("all", "1").finish())
    }

    /// What is behind a number, after so many that were seen.
    pub fn behind_after(&self, figure: Figure, skip: usize) -> String {
        let pairs = self.pairs().append_pair("skip", &skip.to_string()).finish();
        format!("/learning/behind/{figure}?{pairs}")
    }

    pub fn pairs(&self) -> form_urlencoded::Serializer<'static, String> {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs
            .append_pair("days", &self.days().to_string())
            .append_pair("team", &self.team)
            .append_pair("service", &self.service);
        if self.with_drills() {
            pairs.append_pair("drills", &self.drills);
        }
        if !self.by.is_empty() {
            pairs.append_pair("by", &self.by);
        }
        pairs
    }

    /// So many of a long list stand on the page.
    pub const fn most(&self, usual: usize) -> usize {
        if self.all.is_empty() { usual } else { ALL }
    }
}

/// The period, teams and services of a query, in words, too.
///
/// # Errors
/// As [`narrowed`].
pub async fn chosen(tx: &mut Tx, query: &LearningQuery) -> engine::Result<(Period, Scope, String)> {
    let (teams, services) = (teams::all(tx).await?, teams::services(tx).await?);
    let (period, scope) = narrowed(tx, query, &teams, &services)?;
    let words = in_words(query, scope, &teams, &services);
    Ok((period, scope, words))
}

/// What is looked at, as a line that stands on paper, too.
pub fn in_words(query: &LearningQuery, scope: Scope, teams: &[Team], services: &[Service]) -> String {
    let whose = match named(scope, teams, services) {
        (None, None) => "all teams".to_owned(),
        (Some(team), None) => team.name.clone(),
        (None, Some(service)) => service.name.clone(),
        (Some(team), Some(service)) => format!("{} · {}", team.name, service.name),
    };
    let drills = if scope.with_drills {
        "drills and tests, too"
    } else {
        "without drills and tests"
    };
    format!("The last {} days · {whose} · {drills}", query.days())
}

/// The team and the service that were chosen.
pub fn named<'a>(
    scope: Scope,
    teams: &'a [Team],
    services: &'a [Service],
) -> (Option<&'a Team>, Option<&'a Service>) {
    let team = teams.iter().find(|team| Some(team.id) == scope.team);
    let service = services.iter().find(|service| Some(service.id) == scope.service);
    (team, service)
}

/// What an address asks for and is not here is never taken for all there is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAChoice`]
pub fn narrowed(
    tx: &Tx,
    query: &LearningQuery,
    teams: &[Team],
    services: &[Service],
) -> Result<(Period, Scope), Error> {
    if query.days.is_some_and(|days| !LENGTHS.contains(&days)) {
        return Err(Error::NotAChoice("days"));
    }
    word_or_none::<By>("by", &query.by)?;
    let team = teams.iter().find(|team| team.slug == query.team);
    if team.is_none() && !query.team.is_empty() {
        return Err(Error::NotFound("team"));
    }
    let service = services.iter().find(|service| service.slug == query.service);
    if service.is_none() && !query.service.is_empty() {
        return Err(Error::NotFound("service"));
    }
    let scope = Scope {
        team: team.map(|team| team.id),
        service: service.map(|service| service.id),
        with_drills: is_on("drills", &query.drills)?,
    };
    let until = tx.now();
    let period = Period {
        from: until - TimeDelta::days(query.days()),
        until,
    };
    Ok((period, scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_stands_whole_behind_a_link() {
        let query = LearningQuery {
            days: Some(365),
            team: "payments".to_owned(),
            ..LearningQuery::default()
        };
        assert_eq!(query.whole(), "/learning?days=365&team=payments&service=&all=1");
        let whole = LearningQuery {
            all: "1".to_owned(),
            ..query.clone()
        };
        assert_eq!((query.most(50), whole.most(50)), (50, ALL));
    }
}
