//! Both databases have the same tables.

#![allow(clippy::unwrap_used)]

use engine::db::Db;
use sqlx::{PgPool, SqlitePool};
use std::collections::BTreeSet;

/// Tables that only one of them has: those of an index of words, and the list of what was applied.
fn is_its_own(table: &str) -> bool {
    table.starts_with("incident_search") || table.starts_with("_sqlx")
}

/// `table.column type NULL?`, in SQLite's words for types.
type Columns = BTreeSet<String>;

fn in_sqlites_words(postgres: &str) -> &str {
    match postgres {
        "uuid" | "bytea" => "BLOB",
        "bigint" | "boolean" => "INTEGER",
        "text" | "timestamp with time zone" | "date" | "jsonb" => "TEXT",
        other => other,
    }
}

fn column(table: &str, name: &str, kind: &str, may_be_null: bool) -> String {
    let null = if may_be_null { " or nothing" } else { "" };
    format!("{table}.{name}: {kind}{null}")
}

async fn columns_of_sqlite(pool: &SqlitePool) -> Columns {
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0 FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let rows = rows.iter().filter(|(table, ..)| !is_its_own(table));
    rows.map(|(table, name, kind, null)| column(table, name, kind, *null))
        .collect()
}

async fn columns_of_postgres(pool: &PgPool) -> Columns {
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
         WHERE table_schema = current_schema()",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let rows = rows.iter().filter(|(table, ..)| !is_its_own(table));
    rows.map(|(table, name, kind, null)| column(table, name, in_sqlites_words(kind), *null))
        .collect()
}

/// `table index`; those that come with a key have names of the database's own.
async fn indices_of_sqlite(pool: &SqlitePool) -> BTreeSet<(String, String)> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            .fetch_all(pool)
            .await
            .unwrap();
    rows.into_iter().collect()
}

async fn indices_of_postgres(pool: &PgPool) -> BTreeSet<(String, String)> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = current_schema()
            AND indexname NOT IN (SELECT conname FROM pg_constraint)",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let rows = rows.into_iter().filter(|(table, _)| !is_its_own(table));
    rows.collect()
}

/// `table.column`, the table that it refers to, and what becomes of the row when that one goes.
type References = BTreeSet<(String, String, String)>;

async fn references_of_sqlite(pool: &SqlitePool) -> References {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT m.name || '.' || f.\"from\", f.\"table\", f.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter().collect()
}

async fn references_of_postgres(pool: &PgPool) -> References {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT c.conrelid::regclass::text || '.' || a.attname, c.confrelid::regclass::text,
            CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END
         FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter().collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(server) = testing::NewPostgres::create().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let (one, other) = (
        Db::connect(&file).await.unwrap(),
        Db::connect(&server.address).await.unwrap(),
    );
    one.migrate().await.unwrap();
    other.migrate().await.unwrap();
    let (Db::Sqlite { readers, .. }, Db::Postgres(pool)) = (&one, &other) else {
        panic!("one of each");
    };
    let columns = columns_of_sqlite(readers).await;
    assert!(columns.len() > 200, "{}", columns.len());
    assert_eq!(columns, columns_of_postgres(pool).await);
    assert_eq!(indices_of_sqlite(readers).await, indices_of_postgres(pool).await);
    assert_eq!(
        references_of_sqlite(readers).await,
        references_of_postgres(pool).await
    );
    one.close().await;
    other.close().await;
    server.drop().await;
}
