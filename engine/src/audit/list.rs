//! Reading the audit log, newest first.

use crate::Tx;
use crate::db::{Arg, sql_put_together};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::audit::{Change, SubjectKind};
use domain::ids::{AuditId, PersonId};
use domain::people::Permission;
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

/// At most `limit` entries, newest first. For administrators.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Entry>> {
    tx.authorize(Permission::Administer).await?;
    let conditions: Vec<(&str, Arg)> = [
        filter.person.map(|id| ("a.person_id = ?", id.into())),
        filter.subject.map(|kind| ("a.subject = ?", kind.into())),
        filter.change.map(|change| ("a.change = ?", change.into())),
        filter.before.map(|id| {
            (
                "(a.at, a.id) < (SELECT b.at, b.id FROM audit_log b WHERE b.id = ?)",
                id.into(),
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let narrowed: String = (2_u8..)
        .zip(&conditions)
        .map(|(place, (condition, _))| format!(" AND {}", condition.replace('?', &format!("${place}"))))
        .collect();
    let asked = sql_put_together(format!(
        "SELECT a.id, a.at, a.person_id, p.name AS person_name, a.address, a.change, a.subject, a.name, a.was, a.became
         FROM audit_log a LEFT JOIN people p ON p.id = a.person_id WHERE TRUE{narrowed} ORDER BY a.at DESC, a.id DESC LIMIT $1"
    ));
    let asked = asked.bind(limit);
    conditions
        .into_iter()
        .fold(asked, |asked, (_, value)| asked.bind(value))
        .all(tx)
        .await
}
