//! Where the two databases differ: row locks, and the full-text index.

use super::{Arg, Tx, sql, sql_of_rows};
use crate::error::Result;
use domain::ids::{IncidentId, PersonId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Takes the incident for this transaction: nobody else changes it before the commit. SQLite has one writer anyhow.
pub(crate) async fn lock_incident(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    if tx.is_postgres() {
        sql("SELECT 1 FROM incidents WHERE {any incidents} AND id = $1 FOR NO KEY UPDATE")
            .bind(incident)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Takes several incidents. There is at least one.
pub(crate) async fn lock_incidents(tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<()> {
    if tx.is_postgres() {
        // In one order, so that two transactions that take several do not wait for each other.
        sql_of_rows(
            "WITH asked (id) AS (VALUES {rows})
             SELECT 1 FROM incidents WHERE {any incidents} AND id IN (SELECT id FROM asked) ORDER BY id FOR NO KEY UPDATE",
            incidents.iter().map(|incident| vec![Arg::from(*incident)]).collect(),
        )
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Takes people, so that pages to them are counted one after the other. There is at least one.
pub(crate) async fn lock_people(tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<()> {
    if tx.is_postgres() {
        // In one order, so that two transactions that take several do not wait for each other.
        sql_of_rows(
            "WITH asked (id) AS (VALUES {rows})
             SELECT 1 FROM people WHERE id IN (SELECT id FROM asked) ORDER BY id FOR NO KEY UPDATE",
            people.iter().map(|person| vec![Arg::from(*person)]).collect(),
        )
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Takes a word for this transaction, for what must be counted before it is written. SQLite has one writer anyhow.
pub(crate) async fn lock_word(tx: &mut Tx, word: &str) -> Result<()> {
    if tx.is_postgres() {
        sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(word)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Puts the words of an incident into the index, in place of those before.
pub(crate) async fn index_words(tx: &mut Tx, number: i64, words: &str) -> Result<()> {
    if tx.is_postgres() {
        sql(
            "INSERT INTO incident_search (number, words) VALUES ($1, to_tsvector('simple', $2))
             ON CONFLICT (number) DO UPDATE SET words = excluded.words",
        )
        .bind(number)
        .bind(words)
        .run(tx)
        .await?;
    } else {
        sql("DELETE FROM incident_search WHERE rowid = $1")
            .bind(number)
            .run(tx)
            .await?;
        tx.changes.index(number, words);
    }
    Ok(())
}

/// The numbers of all incidents that hold all the words, each as a beginning (“check” finds “checkout”), as a sub-select of what
/// [`words_asked`] says.
pub(crate) fn with_words(tx: &Tx, argument: &str) -> String {
    if tx.is_postgres() {
        format!("SELECT number FROM incident_search WHERE words @@ to_tsquery('simple', {argument})")
    } else {
        format!("SELECT rowid FROM incident_search WHERE incident_search MATCH {argument}")
    }
}

/// Where a statement begins with `incident_search`, the index of words: the number of an incident in it, and what it is asked. SQLite goes
/// through it from the newest on then, and stops when a page is full.
pub(crate) fn index_of_words(tx: &Tx, argument: &str) -> (&'static str, String) {
    if tx.is_postgres() {
        let asked = format!("incident_search.words @@ to_tsquery('simple', {argument})");
        ("incident_search.number", asked)
    } else {
        let asked = format!("incident_search MATCH {argument}");
        ("incident_search.rowid", asked)
    }
}

/// The day of an instant, in UTC, as `2026-03-02`.
pub(crate) fn day(tx: &Tx, instant: &str) -> String {
    if tx.is_postgres() {
        format!("to_char({instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    } else {
        format!("substr({instant}, 1, 10)")
    }
}

/// The words as the index is asked for them. They are letters and digits only (see `search::words_of`), so they need no further
/// quoting.
pub(crate) fn words_asked<'a>(tx: &Tx, words: impl IntoIterator<Item = &'a String>) -> String {
    let (each, between): (fn(&String) -> String, _) = if tx.is_postgres() {
        (|word| format!("'{word}':*"), " & ")
    } else {
        (|word| format!("\"{word}\"*"), " ")
    };
    words.into_iter().map(each).collect::<Vec<_>>().join(between)
}

/// Has SQLite go by this index whatever its statistics say: those of a house that was young when they were made lead through all
/// there is. PostgreSQL looks at itself while it runs.
pub(crate) fn by_index(tx: &Tx, index: &str) -> String {
    if tx.is_postgres() {
        String::new()
    } else {
        format!("INDEXED BY {index}")
    }
}

/// Ids of our own in a statement's text.
pub(crate) fn ids(tx: &Tx, ids: impl IntoIterator<Item = Uuid>) -> String {
    let each: fn(Uuid) -> String = if tx.is_postgres() {
        |id| format!("'{id}'")
    } else {
        |id| format!("X'{}'", id.simple())
    };
    ids.into_iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Ends a sub-select of due rows so that rows another node is working on are left out.
pub(crate) fn skip_claimed(tx: &Tx) -> &'static str {
    if tx.is_postgres() {
        "FOR UPDATE SKIP LOCKED"
    } else {
        ""
    }
}
