//! One SQL text with its arguments, run on whichever database the transaction is on.

use super::Tx;
use super::changes::tuples;
use super::held::in_time;
use super::tx::Connection;
use crate::Actor;
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use domain::Severity;
use domain::fields::Words;
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
    Bytes(Option<Vec<u8>>),
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
    &Words => |words| Self::Text(Some(kept(words.to_string()))),
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
    Vec<u8> => |bytes| Self::Bytes(Some(bytes)),
    Option<Vec<u8>> => |bytes| Self::Bytes(bytes),
    &[u8] => |bytes| Self::Bytes(Some(bytes.to_vec())),
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
    PersonId, TeamId, ServiceId, IntegrationId, IncidentId, AlertId, ScheduleId, LayerId, OverrideId, PastedId, ShadowId, RequestId, FeedId, CalendarId, PolicyId, StepId,
    PageId, NotificationId, PostmortemId, RevisionId, FactorId, NamedFactorId, ActionItemId, ColumnId,
    AuditId, FileId, TaskId,
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
    domain::files::FileKind,
    domain::incidents::State,
    domain::incidents::NoticedBy,
    domain::incidents::IncidentRole,
    domain::incidents::LinkKind,
    domain::incidents::PageOutcome,
    domain::postmortems::PostmortemState,
    domain::postmortems::SectionKind,
    domain::action_items::ActionKind,
    domain::action_items::ActionState,
    domain::action_items::Priority,
    domain::action_items::Evidence,
    domain::action_items::Size,
    domain::learning::Verdict,
    domain::notifications::MethodKind,
    domain::notifications::NotificationKind,
    domain::notifications::NotificationState,
    domain::news::NewsKind,
    domain::oncall::Unit,
    domain::oncall::Counts,
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
    /// How many arguments each row has, where the text has `{rows}` for their tuples.
    pub(super) width: Option<usize>,
}

/// Begins a statement. The text is the same for both databases.
pub fn sql(text: &'static str) -> Sql {
    Sql {
        text: SqlStr::from_static(text),
        args: Vec::new(),
        width: None,
    }
}

/// Begins a statement whose text was put together from texts and numbers of our own, never from a person's words.
pub(crate) fn sql_put_together(text: String) -> Sql {
    Sql {
        text: sqlx::AssertSqlSafe(text).into_sql_str(),
        args: Vec::new(),
        width: None,
    }
}

/// Begins a question about several rows: `WITH asked (…) AS (VALUES {rows}) SELECT …`, with at least one row of arguments. It may be
/// asked about the last one more than once, so that there are few texts.
pub(crate) fn sql_of_rows(text: &'static str, rows: Vec<Vec<Arg>>) -> Sql {
    Sql::of_rows(SqlStr::from_static(text), up_to_a_power_of_two(rows))
}

/// The same with a text that was put together from texts of our own.
pub(crate) fn sql_of_rows_put_together(text: String, rows: Vec<Vec<Arg>>) -> Sql {
    Sql::of_rows(
        sqlx::AssertSqlSafe(text).into_sql_str(),
        up_to_a_power_of_two(rows),
    )
}

fn up_to_a_power_of_two(mut rows: Vec<Vec<Arg>>) -> Vec<Vec<Arg>> {
    let last = rows.last().cloned();
    rows.resize(rows.len().next_power_of_two(), last.unwrap_or_default());
    rows
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
    pub async fn all<T: FromEither>(self, tx: &mut Tx) -> Result<Vec<T>> {
        let asked = self.made_ready(tx).await?;
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
    pub async fn maybe<T: FromEither>(self, tx: &mut Tx) -> Result<Option<T>> {
        let asked = self.made_ready(tx).await?;
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
    pub async fn scalar<T>(self, tx: &mut Tx) -> Result<T>
    where
        T: Send
            + Unpin
            + for<'r> sqlx::Decode<'r, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + for<'r> sqlx::Decode<'r, sqlx::Postgres>
            + sqlx::Type<sqlx::Postgres>,
    {
        let asked = self.made_ready(tx).await?;
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
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        tx.write_changes().await?;
        self.run_alone(tx).await
    }

    pub(super) async fn run_alone(self, tx: &mut Tx) -> Result<u64> {
        tx.count_query();
        let asked = self.seen_by(tx.actor()).expanded(tx.is_postgres());
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

    /// Writes what waits to be written, since this may ask for it.
    async fn made_ready(self, tx: &mut Tx) -> Result<Self> {
        tx.write_changes().await?;
        tx.count_query();
        Ok(self.seen_by(tx.actor()).expanded(tx.is_postgres()))
    }

    pub(super) fn of_rows(text: SqlStr, rows: Vec<Vec<Arg>>) -> Self {
        Self {
            text,
            width: rows.first().map(Vec::len),
            args: rows.into_iter().flatten().collect(),
        }
    }

    /// The text with what this actor may see, where it says `{visible TABLE}`; `{any TABLE}` is what follows for an incident whoever may
    /// read it.
    fn seen_by(self, actor: &Actor) -> Self {
        let mut rest = self.text.as_str();
        if !rest.contains("{visible ") && !rest.contains("{any ") {
            return self;
        }
        let mut text = String::with_capacity(rest.len() + 64);
        while let Some((before, marked)) = rest.split_once('{') {
            text.push_str(before);
            let (mark, after) = marked.split_once('}').unwrap_or((marked, ""));
            match mark.split_once(' ') {
                Some(("visible", table)) => text.push_str(&actor.sees(table)),
                Some(("any", _)) => text.push_str("TRUE"),
                _ => {
                    text.push('{');
                    text.push_str(mark);
                    text.push('}');
                }
            }
            rest = after;
        }
        text.push_str(rest);
        Self {
            text: sqlx::AssertSqlSafe(text).into_sql_str(),
            ..self
        }
    }

    /// The text with the tuples of its rows, as this database takes them.
    pub(super) fn expanded(self, is_postgres: bool) -> Self {
        let Some(width) = self.width else { return self };
        let rows = self.args.len() / width.max(1);
        let text = self
            .text
            .as_str()
            .replace("{rows}", &tuples(rows, width, is_postgres));
        Self {
            text: sqlx::AssertSqlSafe(text).into_sql_str(),
            args: self.args,
            width: None,
        }
    }
}
