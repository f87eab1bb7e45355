//! What is asked of a board. It stands in the address, so that it can be sent to somebody and is still there after a move.

use crate::form::word_or_none;
use axum::extract::Query;
use axum::http::Uri;
use engine::Error;
use engine::action_items::{Filter, Owner};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// The choice “nobody” among the owners.
pub const NOBODY: &str = "nobody";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardQuery {
    /// `on`: what was kept or declined long ago, too.
    pub all: String,
    pub owner: String,
    pub kind: String,
    pub priority: String,
    /// `on`: only what is late.
    pub late: String,
    pub factor: String,
    pub incident: String,
    pub service: String,
    pub q: String,
}

impl BoardQuery {
    /// What the form of a card carries, read again.
    pub fn read(sent: &str) -> Self {
        let uri = format!("/?{sent}").parse::<Uri>().ok();
        let query = uri.and_then(|uri| Query::try_from_uri(&uri).ok());
        query.map(|Query(query)| query).unwrap_or_default()
    }

    /// What stands behind the `?`; nothing where nothing is asked.
    pub fn written(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("all", &self.all),
            ("owner", &self.owner),
            ("kind", &self.kind),
            ("priority", &self.priority),
            ("late", &self.late),
            ("factor", &self.factor),
            ("incident", &self.incident),
            ("service", &self.service),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The board with this asked of it.
    pub fn address(&self, slug: &str) -> String {
        let query = self.written();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/teams/{slug}/backlog{mark}{query}")
    }

    /// # Errors
    /// [`Error::NotAChoice`]
    pub fn filter(&self) -> Result<Filter, Error> {
        let owner = match &*self.owner {
            NOBODY => Some(Owner::Nobody),
            id => word_or_none("owner", id)?.map(Owner::Person),
        };
        let number = self
            .incident
            .trim()
            .trim_start_matches("INC-")
            .trim_start_matches("inc-");
        Ok(Filter {
            owner,
            kind: word_or_none("kind", &self.kind)?,
            priority: word_or_none("priority", &self.priority)?,
            late: self.late == "on",
            factor: (!self.factor.is_empty()).then(|| self.factor.clone()),
            incident: word_or_none("incident", number)?,
            service: word_or_none("service", &self.service)?,
            words: self.q.split_whitespace().map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_card_carries_is_read_as_it_was_written() {
        let query = BoardQuery {
            owner: NOBODY.to_owned(),
            late: "on".to_owned(),
            factor: "no limit & no “alarm”".to_owned(),
            q: "pool act-7".to_owned(),
            ..BoardQuery::default()
        };
        assert_eq!(BoardQuery::read(&query.written()), query);
        assert_eq!(BoardQuery::read("#%\u{0}"), BoardQuery::default());
        assert_eq!(query.filter().unwrap().words, ["pool", "act-7"]);
        let unknown = BoardQuery {
            kind: "miracle".to_owned(),
            ..BoardQuery::default()
        };
        assert!(unknown.filter().is_err());
    }
}
