//! What the head's page looks at: a period, and all teams, one, or one service. Never a person.

use super::look::Naming;
use crate::db::{Arg, Sql, sql, sql_put_together};
use chrono::{DateTime, Utc};
use domain::ids::{ServiceId, TeamId};
use std::collections::BTreeSet;

/// From an instant until before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Period {
    pub(super) fn has(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// The period of the same length that ends where this one begins.
    pub(super) fn before(&self) -> Self {
        Self {
            from: self.from - (self.until - self.from),
            until: self.from,
        }
    }
}

/// All where neither is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub team: Option<TeamId>,
    pub service: Option<ServiceId>,
    /// Drills and tests, too.
    pub with_drills: bool,
}

impl Scope {
    /// A statement with [`in_scope!`], whose period is `$3` and `$4`. Its own arguments begin with `$6`.
    pub(super) fn ask(&self, text: &'static str, period: Period) -> Sql {
        self.bind(sql(text), period)
    }

    /// The same with a text that was put together.
    pub(super) fn ask_put_together(&self, text: String, period: Period) -> Sql {
        self.bind(sql_put_together(text), period)
    }

    fn bind(&self, statement: Sql, period: Period) -> Sql {
        statement
            .bind(self.team_arg())
            .bind(self.service_arg())
            .bind(period.from)
            .bind(period.until)
            .bind(self.with_drills)
    }

    pub(super) fn team_arg(&self) -> Arg {
        Arg::Id(self.team.map(|team| team.0))
    }

    pub(super) fn service_arg(&self) -> Arg {
        Arg::Id(self.service.map(|service| service.0))
    }
}

pub(super) fn is_in(naming: &Naming, scope: Scope) -> bool {
    scope.team.is_none_or(|team| naming.team == team)
        && scope
            .service
            .is_none_or(|service| naming.services.contains(&service))
}

/// The services at which it counts: all of its own, or the one that is looked at.
pub(super) fn at(naming: &Naming, scope: Scope) -> BTreeSet<ServiceId> {
    let services = naming.services.iter().copied();
    services
        .filter(|service| scope.service.is_none_or(|only| only == *service))
        .collect()
}

impl From<Option<TeamId>> for Scope {
    fn from(team: Option<TeamId>) -> Self {
        Self {
            team,
            ..Self::default()
        }
    }
}

/// When a document `m` was published first: published again, it is put right, and its incident is no news.
pub(super) const FIRST_PUBLISHED: &str = "COALESCE((SELECT MIN(c.at) FROM postmortem_changes c
    WHERE c.postmortem_id = m.id AND c.to_state = 'published'), m.published_at)";

/// Whether an incident `i` was about a service when it was resolved, or is about it where it never was resolved; `NULL`: about any.
macro_rules! at_service {
    ($service:literal) => {
        constcat::concat!(
            "(",
            $service,
            " IS NULL OR EXISTS (SELECT 1 FROM resolved_services l WHERE l.incident_id = i.id AND l.service_id = ",
            $service,
            ") OR (NOT EXISTS (SELECT 1 FROM resolved_services l WHERE l.incident_id = i.id)
              AND EXISTS (SELECT 1 FROM incident_services l WHERE l.incident_id = i.id AND l.service_id = ",
            $service,
            ")))"
        )
    };
}
pub(super) use at_service;

/// The rest of a statement that reads incidents as `i`, with the scope as `$1`, `$2` and `$5`.
macro_rules! in_scope {
    () => {
        constcat::concat!(
            " AND ($1 IS NULL OR i.team_id = $1) AND ($5 OR NOT i.is_drill) AND ",
            $crate::learning::scope::at_service!("$2")
        )
    };
}
pub(super) use in_scope;
