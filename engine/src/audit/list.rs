//! Reading the audit log, newest first.

use crate::Tx;
use crate::db::sql_put_together;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::audit::{Change, SubjectKind};
use domain::ids::{AuditId, PersonId};
use serde_json::Value;
use sqlx::types::Json;

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Entry {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    /// Nobody where the program itself did it, or a browser in which nobody was logged in.
    pub person_id: Option<PersonId>,
    pub person_name: Option<String>,
    /// None where the program itself did it.
    pub address: Option<String>,
    pub change: Change,
    pub subject: SubjectKind,
    /// The subject's name at the time.
    pub name: String,
    /// `null` before it was made.
    pub was: Json<Value>,
    /// `null` once it is gone.
    pub became: Json<Value>,
}

/// Which entries; what is not said narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub person: Option<PersonId>,
    pub subject: Option<SubjectKind>,
    pub change: Option<Change>,
    /// Those before this entry.
    pub before: Option<AuditId>,
}

/// At most `limit` entries, newest first.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Entry>> {
    let mut conditions = Vec::new();
    let mut place = 1;
    let mut next = |condition: &str| {
        place += 1;
        conditions.push(condition.replace('?', &format!("${place}")));
    };
    if filter.person.is_some() {
        next("a.person_id = ?");
    }
    if filter.subject.is_some() {
        next("a.subject = ?");
    }
    if filter.change.is_some() {
        next("a.change = ?");
    }
    if filter.before.is_some() {
        next("(a.at, a.id) < (SELECT b.at, b.id FROM audit_log b WHERE b.id = ?)");
    }
    let narrowed = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    let mut asked = sql_put_together(format!(
        "SELECT a.id, a.at, a.person_id, p.name AS person_name, a.address, a.change, a.subject, a.name, a.was, a.became
         FROM audit_log a LEFT JOIN people p ON p.id = a.person_id {narrowed} ORDER BY a.at DESC, a.id DESC LIMIT $1"
    ))
    .bind(limit);
    if let Some(person) = filter.person {
        asked = asked.bind(person);
    }
    if let Some(subject) = filter.subject {
        asked = asked.bind(subject);
    }
    if let Some(change) = filter.change {
        asked = asked.bind(change);
    }
    if let Some(before) = filter.before {
        asked = asked.bind(before);
    }
    asked.all(tx).await
}
