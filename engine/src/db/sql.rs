//! One SQL text with its arguments, run on whichever database the transaction is on.

use super::Tx;
use super::held::in_time;
use super::tx::Connection;
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use domain::Severity;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlSafeStr, SqlStr};
use uuid::Uuid;

/// A value for `$1 … $n`.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
    Id(Option<Uuid>),
    Time(Option<DateTime<Utc>>),
    Day(Option<NaiveDate>),
    Json(serde_json::Value),
    Bytes(Vec<u8>),
}

impl Arg {
    /// A value that is stored as a JSON document.
    pub fn json(value: &impl serde::Serialize) -> Self {
        // Only maps with keys that are no strings fail here, and none of ours has such.
        let mut value = serde_json::to_value(value).unwrap_or(serde_json::Value::Null);
        kept_within(&mut value);
        Self::Json(value)
    }
}

/// PostgreSQL keeps no U+0000, and both are to keep the same.
fn kept(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

fn kept_within(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.contains('\0') => *text = kept(std::mem::take(text)),
        Value::Array(values) => values.iter_mut().for_each(kept_within),
        Value::Object(members) => {
            members.values_mut().for_each(kept_within);
            if members.keys().any(|name| name.contains('\0')) {
                let all = std::mem::take(members).into_iter();
                *members = all.map(|(name, value)| (kept(name), value)).collect();
            }
        }
        _ => {}
    }
}

macro_rules! args {
    ($($from:ty => |$value:ident| $arg:expr),+ $(,)?) => {$(
        impl From<$from> for Arg { fn from($value: $from) -> Self { $arg } }
    )+};
}

args! {
    &str => |text| Self::Text(Some(kept(text.to_owned()))),
    &String => |text| Self::Text(Some(kept(text.clone()))),
    String => |text| Self::Text(Some(kept(text))),
    Option<String> => |text| Self::Text(text.map(kept)),
    Option<&str> => |text| Self::Text(text.map(|text| kept(text.to_owned()))),
    i64 => |number| Self::Int(Some(number)),
    Option<i64> => |number| Self::Int(number),
    bool => |truth| Self::Bool(truth),
    // Microseconds are what both databases keep.
    DateTime<Utc> => |at| Self::Time(Some(at.trunc_subsecs(6))),
    Option<DateTime<Utc>> => |at| Self::Time(at.map(|at| at.trunc_subsecs(6))),
    NaiveDate => |day| Self::Day(Some(day)),
    Option<NaiveDate> => |day| Self::Day(day),
    Vec<u8> => |bytes| Self::Bytes(bytes),
    &[u8] => |bytes| Self::Bytes(bytes.to_vec()),
    Severity => |severity| Self::Int(Some(severity.number())),
}

macro_rules! id_args {
    ($($id:ident),+ $(,)?) => {$(
        impl From<domain::ids::$id> for Arg { fn from(id: domain::ids::$id) -> Self { Self::Id(Some(id.0)) } }
        impl From<Option<domain::ids::$id>> for Arg {
            fn from(id: Option<domain::ids::$id>) -> Self { Self::Id(id.map(|id| id.0)) }
        }
    )+};
}

id_args! {
    PersonId, TeamId, ServiceId, IntegrationId, IncidentId, AlertId, ScheduleId, LayerId, OverrideId, PolicyId, StepId,
    PageId, MailId, PostmortemId, RevisionId, FactorId, NamedFactorId, ActionItemId, ColumnId,
    AuditId,
}

macro_rules! word_args {
    ($($word:path),+ $(,)?) => {$(
        impl From<$word> for Arg { fn from(word: $word) -> Self { Self::Text(Some(word.as_str().to_owned())) } }
    )+};
}

word_args! {
    domain::people::Role,
    domain::teams::IntegrationKind,
    domain::alerts::Status,
    domain::incidents::State,
    domain::incidents::NoticedBy,
    domain::incidents::IncidentRole,
    domain::incidents::PageOutcome,
    domain::postmortems::PostmortemState,
    domain::postmortems::Section,
    domain::actions::ActionKind,
    domain::actions::ActionState,
    domain::actions::Priority,
    domain::mail::MailKind,
    domain::mail::MailState,
    domain::oncall::Unit,
    domain::oncall::OverrideKind,
    domain::audit::Change,
    domain::audit::SubjectKind,
}

/// What can be read from a row of either database.
pub trait FromEither: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> FromEither for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A statement being put together: `sql("…").bind(a).bind(b).all(tx)`.
#[must_use]
pub struct Sql {
    pub(super) text: SqlStr,
    pub(super) args: Vec<Arg>,
}

/// Begins a statement. The text is the same for both databases.
pub fn sql(text: &'static str) -> Sql {
    Sql {
        text: SqlStr::from_static(text),
        args: Vec::new(),
    }
}

/// Begins a statement whose text was put together from texts and numbers of our own, never from a person's words.
pub(crate) fn sql_put_together(text: String) -> Sql {
    Sql {
        text: sqlx::AssertSqlSafe(text).into_sql_str(),
        args: Vec::new(),
    }
}

/// One text of several statements, whose arguments are numbered on from one to the next. SQLite runs them in this order, and the
/// rows are those of the last.
pub(super) fn together(parts: Vec<Sql>) -> Sql {
    let mut text = String::with_capacity(parts.iter().map(|part| part.text.as_str().len() + 2).sum());
    let mut args = Vec::with_capacity(parts.iter().map(|part| part.args.len()).sum());
    for part in parts {
        if !text.is_empty() {
            text.push_str(";\n");
        }
        push_numbered_from(&mut text, part.text.as_str(), args.len());
        args.extend(part.args);
    }
    Sql {
        text: sqlx::AssertSqlSafe(text).into_sql_str(),
        args,
    }
}

/// Arguments from which on it is worth the while.
const MANY_ARGS: usize = 32;

/// The same with `?` for `$1 … $n`, where there are many and each stands once, in its order: SQLite finds the name of an argument by
/// going through the names of all others.
fn without_numbers(sql: Sql) -> Sql {
    if sql.args.len() < MANY_ARGS {
        return sql;
    }
    match unnumbered(sql.text.as_str()) {
        Some(text) => Sql {
            text: sqlx::AssertSqlSafe(text).into_sql_str(),
            args: sql.args,
        },
        None => sql,
    }
}

fn unnumbered(numbered: &str) -> Option<String> {
    let (head, arguments) = numbered_in(numbered);
    let mut text = String::with_capacity(numbered.len());
    text.push_str(head);
    for ((number, rest), place) in arguments.zip(1..) {
        if number != place {
            return None;
        }
        text.push('?');
        text.push_str(rest);
    }
    Some(text)
}

/// Appends a text with `offset` added to the number of each argument.
pub(super) fn push_numbered_from(text: &mut String, part: &str, offset: usize) {
    let (head, numbered) = numbered_in(part);
    text.push_str(head);
    for (number, rest) in numbered {
        text.push('$');
        text.push_str(&(number + offset).to_string());
        text.push_str(rest);
    }
}

/// What stands before the first argument, and each argument's number with what stands behind it. Our texts hold a `$` nowhere else.
fn numbered_in(text: &str) -> (&str, impl Iterator<Item = (usize, &str)>) {
    let (head, rest) = text.split_at(text.find('$').unwrap_or(text.len()));
    let numbered = rest.split('$').skip(1).map(|piece| {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        (number.parse().unwrap_or(0), rest)
    });
    (head, numbered)
}

macro_rules! bound {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Text(value) => query.bind(value),
                Arg::Int(value) => query.bind(value),
                Arg::Bool(value) => query.bind(value),
                Arg::Id(value) => query.bind(value),
                Arg::Time(value) => query.bind(value),
                Arg::Day(value) => query.bind(value),
                Arg::Json(value) => query.bind(sqlx::types::Json(value)),
                Arg::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Sql {
    pub fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }

    /// All rows.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn all<T: FromEither>(self, tx: &mut Tx) -> Result<Vec<T>> {
        let asked = tx.with_what_waits(self).await?;
        Ok(match tx.connection() {
            Connection::Sqlite(on) => {
                bound!(sqlx::query_as::<_, T>(asked.text), asked.args)
                    .fetch_all(&mut **on)
                    .await?
            }
            Connection::Postgres(on) => {
                in_time(bound!(sqlx::query_as::<_, T>(asked.text), asked.args).fetch_all(&mut **on)).await?
            }
        })
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn maybe<T: FromEither>(self, tx: &mut Tx) -> Result<Option<T>> {
        let asked = tx.with_what_waits(self).await?;
        Ok(match tx.connection() {
            Connection::Sqlite(on) => {
                bound!(sqlx::query_as::<_, T>(asked.text), asked.args)
                    .fetch_optional(&mut **on)
                    .await?
            }
            Connection::Postgres(on) => {
                in_time(bound!(sqlx::query_as::<_, T>(asked.text), asked.args).fetch_optional(&mut **on))
                    .await?
            }
        })
    }

    /// The first row, which must be there; `what` names it for a person (“this incident”).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Database`]
    pub async fn one<T: FromEither>(self, tx: &mut Tx, what: &'static str) -> Result<T> {
        self.maybe(tx).await?.ok_or(Error::NotFound(what))
    }

    /// The first column of the first row, for a query that always has one, such as a count.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn scalar<T>(self, tx: &mut Tx) -> Result<T>
    where
        T: Send
            + Unpin
            + for<'r> sqlx::Decode<'r, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + for<'r> sqlx::Decode<'r, sqlx::Postgres>
            + sqlx::Type<sqlx::Postgres>,
    {
        let asked = tx.with_what_waits(self).await?;
        Ok(match tx.connection() {
            Connection::Sqlite(on) => bound!(sqlx::query(asked.text), asked.args)
                .fetch_one(&mut **on)
                .await?
                .try_get(0)?,
            Connection::Postgres(on) => {
                in_time(bound!(sqlx::query(asked.text), asked.args).fetch_one(&mut **on))
                    .await?
                    .try_get(0)?
            }
        })
    }

    /// Runs it and says how many rows it changed.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        tx.run_what_waits().await?;
        self.run_alone(tx).await
    }

    /// Runs it before the next statement of this transaction whose answer is waited for, and at the latest with the commit. SQLite
    /// gets both in one go: the way to its thread and back costs more than most statements do.
    ///
    /// # Errors
    /// [`Error::Database`], which may as well come from the next statement.
    pub async fn later(self, tx: &mut Tx) -> Result<()> {
        if tx.is_postgres() {
            self.run(tx).await.map(drop)
        } else {
            tx.wait_with(self).await
        }
    }

    /// Writes a new row, as [`Sql::later`], and together with other rows of the same text. It has one `VALUES (…)` with all its
    /// arguments, and a place among the tables in [`super::rows`].
    pub(crate) fn row(self, tx: &mut Tx) {
        tx.wait_with_new(self);
    }

    /// Changes the one row that the first argument names, as [`Sql::row`]: `WITH c (id, x) AS (VALUES ($1, $2)) UPDATE …`.
    ///
    /// # Errors
    /// [`Error::Database`], of what waited before.
    pub(crate) async fn change(self, tx: &mut Tx) -> Result<()> {
        tx.wait_with_change(self).await
    }

    pub(super) async fn run_alone(self, tx: &mut Tx) -> Result<u64> {
        tx.count_query();
        let asked = self.suiting(tx);
        Ok(match tx.connection() {
            Connection::Sqlite(on) => bound!(sqlx::query(asked.text), asked.args)
                .execute(&mut **on)
                .await?
                .rows_affected(),
            Connection::Postgres(on) => {
                in_time(bound!(sqlx::query(asked.text), asked.args).execute(&mut **on))
                    .await?
                    .rows_affected()
            }
        })
    }

    /// The same as this database takes it best.
    pub(super) fn suiting(self, tx: &Tx) -> Self {
        if tx.is_postgres() {
            self
        } else {
            without_numbers(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_left_out_where_each_stands_once_and_in_order() {
        let bound = |text: &'static str, args: usize| {
            let asked = (0..args).fold(sql(text), |asked, _| asked.bind(1));
            without_numbers(asked).text.as_str().to_owned()
        };
        let tuples = |rows: usize| {
            let rows = (0..rows).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2));
            let text = format!("VALUES {}; SELECT 1", rows.collect::<Vec<_>>().join(", "));
            &*text.leak()
        };
        assert_eq!(
            bound(tuples(16), 32),
            format!("VALUES {}(?, ?); SELECT 1", "(?, ?), ".repeat(15))
        );
        assert_eq!(bound(tuples(15), 30), tuples(15), "few are left as they are");
        let twice = &*format!("{} WHERE x = $1", tuples(16)).leak();
        assert_eq!(bound(twice, 32), twice);
    }
}
