//! The database: SQLite or PostgreSQL behind one enum, one SQL text for both.

pub mod backup;
mod connect;
pub mod dialect;
mod sql;
mod tx;

pub use connect::Db;
pub(crate) use sql::sql_put_together;
pub use sql::{Arg, FromEither, sql};
pub use tx::{Access, Tx};

/// How often a transaction that met another one is run again.
pub const MOST_ATTEMPTS: u32 = 12;

/// Whether the error says that two transactions met, so that running the later one again can succeed.
pub(crate) fn is_a_meeting(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return false;
    };
    match database.code().as_deref() {
        // PostgreSQL: serialisation failure, deadlock, lock not available.
        Some("40001" | "40P01" | "55P03") => true,
        // SQLite: busy, locked, busy snapshot, busy recovery.
        Some("5" | "6" | "517" | "261") => true,
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
