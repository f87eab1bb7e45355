//! Sessions: a random token in a cookie, of which only the hash is stored.

use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::secrets::{self, Secret};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Change;
use domain::ids::PersonId;
use domain::people::Person;

/// A session that nobody uses ends after this.
pub const IDLE: TimeDelta = TimeDelta::days(30);
/// However much it is used, it ends after this.
const LONGEST: TimeDelta = TimeDelta::days(180);
/// How often its last use is written down.
const NOTE_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Longest words kept of what a browser says about itself.
const MOST_OF_AGENT: usize = 300;

/// Who a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SignedIn {
    #[sqlx(flatten)]
    pub person: Person,
    pub token_hash: Vec<u8>,
    pub last_seen_at: DateTime<Utc>,
}

impl SignedIn {
    /// Whether [`note_use`] has something to write.
    pub fn is_worth_noting(&self, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at >= NOTE_EVERY
    }
}

/// One of a person's sessions, to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    pub token_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub user_agent: String,
    pub address: String,
}

/// Begins a session; the secret goes into the cookie and nowhere else.
pub async fn start(tx: &mut Tx, person: PersonId, user_agent: &str, address: &str) -> Result<Secret> {
    let now = tx.now();
    let secret = Secret::new(&tx.context);
    sql("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(now)
        .run(tx)
        .await?;
    sql("INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, expires_at, user_agent, address)
         VALUES ($1, $2, $3, $3, $4, $5, $6)")
        .bind(secret.hash())
        .bind(person)
        .bind(now)
        .bind(now + IDLE)
        .bind(one_line(user_agent))
        .bind(one_line(address))
        .run(tx)
        .await?;
    Ok(secret)
}

/// Finds who a cookie's token belongs to; nobody if it is unknown or over, or the person was deactivated. Reads only.
pub async fn find(tx: &mut Tx, token: &str) -> Result<Option<SignedIn>> {
    let now = tx.now();
    sql("SELECT p.id, p.email, p.name, p.role, p.time_zone, p.created_at, p.deactivated_at, s.token_hash, s.last_seen_at
         FROM sessions s JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.created_at > $3 AND p.deactivated_at IS NULL")
        .bind(secrets::hash(token))
        .bind(now)
        .bind(now - LONGEST)
        .maybe(tx)
        .await
}

/// Whether a session is still good: a live stream asks now and then.
pub async fn is_good(tx: &mut Tx, token_hash: &[u8]) -> Result<bool> {
    let now = tx.now();
    sql(
        "SELECT EXISTS (SELECT 1 FROM sessions s JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.created_at > $3 AND p.deactivated_at IS NULL)",
    )
    .bind(token_hash)
    .bind(now)
    .bind(now - LONGEST)
    .scalar(tx)
    .await
}

/// Writes down that a session was used just now, which lets it last longer.
pub async fn note_use(tx: &mut Tx, token_hash: &[u8]) -> Result<()> {
    let now = tx.now();
    sql("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE token_hash = $1 AND last_seen_at < $2")
        .bind(token_hash)
        .bind(now)
        .bind(now + IDLE)
        .run(tx)
        .await?;
    Ok(())
}

/// A person's sessions that are not over, last used first.
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Session>> {
    let now = tx.now();
    sql(
        "SELECT token_hash, created_at, last_seen_at, user_agent, address FROM sessions
         WHERE person_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC",
    )
    .bind(person)
    .bind(now)
    .all(tx)
    .await
}

/// Ends the session of a token.
pub async fn end(tx: &mut Tx, token: &str) -> Result<()> {
    sql("DELETE FROM sessions WHERE token_hash = $1")
        .bind(secrets::hash(token))
        .run(tx)
        .await?;
    Ok(())
}

/// Ends all sessions of a person.
pub async fn end_all(tx: &mut Tx, person: PersonId) -> Result<u64> {
    sql("DELETE FROM sessions WHERE person_id = $1")
        .bind(person)
        .run(tx)
        .await
}

/// The same, as the person asks for it.
pub async fn log_out_everywhere(tx: &mut Tx, person: PersonId) -> Result<()> {
    end_all(tx, person).await?;
    audit::told(tx, Subject::Person(person), Change::LoggedOut).await
}

/// Ends all sessions of a person but this one.
pub async fn end_others(tx: &mut Tx, person: PersonId, kept: &[u8]) -> Result<u64> {
    sql("DELETE FROM sessions WHERE person_id = $1 AND token_hash <> $2")
        .bind(person)
        .bind(kept)
        .run(tx)
        .await
}

/// What a stranger sent, without control characters and not endless.
fn one_line(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(MOST_OF_AGENT)
        .collect()
}
