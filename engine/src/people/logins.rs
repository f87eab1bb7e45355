//! Logging in, limited per account and per address. An attempt is counted before its password is looked at, so that many
//! at once are not more than the limit.

use super::{Refused, passwords, sessions};
use crate::audit::{self, Subject};
use crate::db::{Arg, dialect, sql};
use crate::error::Result;
use crate::secrets::{self, Secret};
use crate::{Engine, Tx, transaction};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Change;
use domain::ids::PersonId;
use domain::people::Person;
use std::net::IpAddr;
use uuid::Uuid;

/// Attempts that may fail within [`WINDOW`].
const MOST_PER_ACCOUNT: i64 = 10;
const MOST_PER_ADDRESS: i64 = 30;
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Somebody at the door.
#[derive(Clone)]
pub struct Attempt {
    pub email: String,
    pub password: String,
    pub address: Option<IpAddr>,
    pub user_agent: String,
}

#[derive(sqlx::FromRow)]
struct Account {
    #[sqlx(flatten)]
    person: Person,
    password_hash: Option<String>,
}

/// Lets somebody in: the person, and the secret for the cookie.
///
/// # Errors
/// [`Refused::WrongLogin`], which does not say whether there is such an account; [`Refused::TooManyAttempts`]
pub async fn log_in(engine: &Engine, attempt: &Attempt) -> Result<(Person, Secret)> {
    let subjects = [account_subject(&attempt.email), address_subject(attempt.address)];
    let counted: Uuid = engine.context.new_id();
    let account = transaction!(engine, |tx| {
        count(tx, counted, &subjects).await?;
        account(tx, &attempt.email).await?
    })?;
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = passwords::is_right(stored, &attempt.password).await?;
    let Some(Account { person, .. }) = account.filter(|_| right) else {
        return Err(Refused::WrongLogin.into());
    };
    let address = attempt
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    let secret = transaction!(engine, |tx| {
        forget_failures(tx, &person.email).await?;
        // Of the address only this one attempt: others may be guessing from there.
        sql("DELETE FROM login_failures WHERE id = $1 OR id = $2")
            .bind(Arg::Id(Some(counted)))
            .bind(Arg::Id(Some(beside(counted))))
            .run(tx)
            .await?;
        sessions::start(tx, person.id, &attempt.user_agent, &address).await?
    })?;
    Ok((person, secret))
}

/// Whether this is the person's password; wrong ones count as failed log-ins of the account.
///
/// # Errors
/// [`Refused::WrongPassword`], [`Refused::TooManyAttempts`]
pub async fn confirm(engine: &Engine, person: &Person, password: &str) -> Result<()> {
    let subjects = [account_subject(&person.email), String::new()];
    let counted: Uuid = engine.context.new_id();
    let account = transaction!(engine, |tx| {
        count(tx, counted, &subjects).await?;
        account(tx, &person.email).await?
    })?;
    let stored = account.and_then(|account| account.password_hash);
    if !passwords::is_right(stored, password).await? {
        return Err(Refused::WrongPassword.into());
    }
    transaction!(engine, |tx| forget_failures(tx, &person.email).await?)
}

/// Stores a new password and ends the person's other sessions.
pub async fn set_password(
    tx: &mut Tx,
    person: PersonId,
    password: &passwords::Hashed,
    kept_session: &[u8],
) -> Result<()> {
    sql("UPDATE people SET password_hash = $2 WHERE id = $1")
        .bind(person)
        .bind(&password.0)
        .run(tx)
        .await?;
    sessions::end_others(tx, person, kept_session).await?;
    audit::told(tx, Subject::Person(person), Change::PasswordSet).await
}

/// Attempts on an account that failed are forgotten once somebody has shown that it is theirs.
pub(crate) async fn forget_failures(tx: &mut Tx, email: &str) -> Result<()> {
    sql("DELETE FROM login_failures WHERE subject = $1")
        .bind(account_subject(email))
        .run(tx)
        .await?;
    Ok(())
}

/// Counts an attempt for each subject, or refuses it.
async fn count(tx: &mut Tx, id: Uuid, [account, address]: &[String; 2]) -> Result<()> {
    let now = tx.now();
    sql("DELETE FROM login_failures WHERE at < $1")
        .bind(now - TimeDelta::days(1))
        .run(tx)
        .await?;
    for (id, subject, most) in [
        (id, account, MOST_PER_ACCOUNT),
        (beside(id), address, MOST_PER_ADDRESS),
    ] {
        if subject.is_empty() {
            continue;
        }
        dialect::lock_word(tx, subject).await?;
        // The oldest of the last so many says when there is room again.
        let oldest: Option<(DateTime<Utc>,)> = sql(
            "SELECT at FROM login_failures WHERE subject = $1 AND at > $2 ORDER BY at DESC LIMIT 1 OFFSET $3",
        )
        .bind(subject)
        .bind(now - WINDOW)
        .bind(most - 1)
        .maybe(tx)
        .await?;
        if let Some((oldest,)) = oldest {
            let minutes = ((oldest + WINDOW - now).num_seconds() + 59) / 60;
            return Err(Refused::TooManyAttempts { minutes }.into());
        }
        sql("INSERT INTO login_failures (id, subject, at) VALUES ($1, $2, $3)")
            .bind(Arg::Id(Some(id)))
            .bind(subject)
            .bind(now)
            .run(tx)
            .await?;
    }
    Ok(())
}

async fn account(tx: &mut Tx, email: &str) -> Result<Option<Account>> {
    sql(constcat::concat!(
        "SELECT ",
        super::COLUMNS,
        ", password_hash FROM people WHERE lower(email) = $1 AND deactivated_at IS NULL"
    ))
    .bind(email.trim().to_lowercase())
    .maybe(tx)
    .await
}

/// What is typed there may be a password by mistake, or endless: only its hash is kept.
fn account_subject(email: &str) -> String {
    let hash = secrets::hash(&email.trim().to_lowercase());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("account {hex}")
}

/// An IPv6 customer has a whole /64, so that is what is counted.
fn address_subject(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V4(address)) => format!("address {address}"),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("address {a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The id of the second row of an attempt.
fn beside(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ 1)
}
