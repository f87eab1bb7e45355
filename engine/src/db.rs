//! The database: SQLite or PostgreSQL behind one enum, one SQL text for both.

pub mod backup;
pub(crate) mod changes;
mod connect;
pub mod dialect;
mod held;
mod migrate;
pub mod private;
mod sql;
pub mod tables;
mod tx;

pub use connect::Db;
pub(crate) use held::in_time;
pub use migrate::Standing;
pub use sql::{Arg, FromEither, Sql, sql};
pub(crate) use sql::{sql_of_rows, sql_of_rows_put_together, sql_put_together};
pub(crate) use tx::Decisions;
pub use tx::{Access, Tx};

/// How often a transaction that met another one is run again.
pub const MOST_ATTEMPTS: u32 = 12;

/// Whether the error says that two transactions met, so that running the later one again can succeed.
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return false;
    };
    match database.code().as_deref() {
        // PostgreSQL: serialisation failure, deadlock, lock not available.
        Some("40001" | "40P01" | "55P03") => true,
        // SQLite: locked, busy snapshot, busy recovery. Not plain busy, which has waited for its time already.
        Some("6" | "517" | "261") => true,
        // Two nodes made the same alert, incident, person …; the second finds it when it looks again.
        Some("23505") => {
            matches!(
                database.constraint(),
                Some(
                    "alerts_one_open_key"
                        | "incidents_one_open_group"
                        | "people_email"
                        | "teams_slug_key"
                        | "services_slug_key"
                )
            )
        }
        _ => false,
    }
}

/// Whether another program holds a SQLite database; that was waited for already.
pub(crate) fn is_held(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<i64>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// Whether the error says that the database cannot work just now, whatever it is asked: full, locked, read only, gone.
pub(crate) fn is_unable(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return !matches!(
            error,
            sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::Encode(_)
                | sqlx::Error::RowNotFound
        );
    };
    let code = database.code().unwrap_or_default();
    match code.parse::<i64>() {
        // SQLite's extended codes: busy, no memory, read only, interrupted, input and output, full, cannot open.
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 7 | 8 | 9 | 10 | 13 | 14),
        // PostgreSQL's classes: connection, resources, stopped by somebody, the system.
        _ => ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}
