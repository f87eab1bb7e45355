//! Links that are mailed to people: invitations and password resets. Random, stored hashed, used once.

use super::{COLUMNS, Refused, checked_email, checked_name, checked_zone, logins, passwords, sessions};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::mail::{Draft, fill, outbox};
use crate::secrets::{self, Secret};
use chrono::TimeDelta;
use domain::ids::PersonId;
use domain::mail::{MailKind, Urgency};
use domain::people::{Person, Role};
use minijinja::context;

const INVITATION_LASTS: TimeDelta = TimeDelta::days(7);
const RESET_LASTS: TimeDelta = TimeDelta::hours(2);
/// Resets that may be asked for in an hour; more are answered the same and mail nothing.
const MOST_RESETS: i64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Invitation,
    PasswordReset,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// A person to be invited.
#[derive(Clone, Debug, Default)]
pub struct Invited {
    pub name: String,
    pub email: String,
    pub role: Option<Role>,
    pub time_zone: String,
}

/// Creates a person who sets a password through the link that is mailed to them.
///
/// # Errors
/// [`Refused`]
pub async fn invite(tx: &mut Tx, by: &Person, invited: &Invited) -> Result<Person> {
    let person = super::changes::insert(
        tx,
        &checked_name(&invited.name)?,
        &checked_email(&invited.email)?,
        invited.role.unwrap_or(Role::Responder),
        &checked_zone(&invited.time_zone)?,
        None,
    )
    .await?;
    mail_invitation(tx, by, &person).await?;
    Ok(person)
}

/// Mails the invitation again; the link before it works no more.
///
/// # Errors
/// [`Refused::NothingToInvite`] once the person has a password
pub async fn invite_again(tx: &mut Tx, by: &Person, id: PersonId) -> Result<()> {
    let person = super::find(tx, id).await?;
    if person.deactivated_at.is_some() {
        return Err(Refused::NotActive.into());
    }
    let has_password: bool = sql("SELECT password_hash IS NOT NULL FROM people WHERE id = $1")
        .bind(id)
        .scalar(tx)
        .await?;
    if has_password {
        return Err(Refused::NothingToInvite.into());
    }
    mail_invitation(tx, by, &person).await
}

/// Mails a link to set a new password, if there is an active account with this address; says nothing either way.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn ask_for_reset(tx: &mut Tx, email: &str) -> Result<()> {
    let Some(person) = super::find_by_email(tx, email).await? else {
        return Ok(());
    };
    let lately: i64 = sql("SELECT COUNT(*) FROM mailed_links WHERE person_id = $1 AND purpose = 'password_reset' AND created_at > $2")
        .bind(person.id)
        .bind(tx.now() - TimeDelta::hours(1))
        .scalar(tx)
        .await?;
    if person.deactivated_at.is_some() || lately >= MOST_RESETS {
        return Ok(());
    }
    let secret = make(tx, &person, Purpose::PasswordReset, RESET_LASTS).await?;
    let url = tx.context.link(&format!("/password/reset/{}", secret.reveal()));
    let words = fill("password_reset", context! { name => person.name, url => url })?;
    mail(tx, &person, MailKind::PasswordReset, &secret, words).await
}

/// Whom a link belongs to, while it can be used.
///
/// # Errors
/// [`Refused::LinkUsedUp`]
pub async fn find(tx: &mut Tx, purpose: Purpose, token: &str) -> Result<Person> {
    let now = tx.now();
    let person: Option<Person> = sql(constcat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE deactivated_at IS NULL AND id = (SELECT person_id FROM mailed_links
            WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3)"
    ))
    .bind(secrets::hash(token))
    .bind(purpose.as_str())
    .bind(now)
    .maybe(tx)
    .await?;
    person.ok_or_else(|| Refused::LinkUsedUp.into())
}

/// Uses a link up: sets the password and ends all sessions. Of two at once one is too late.
///
/// # Errors
/// [`Refused::LinkUsedUp`]
pub async fn use_up(
    tx: &mut Tx,
    purpose: Purpose,
    token: &str,
    password: &passwords::Hashed,
) -> Result<Person> {
    let person = find(tx, purpose, token).await?;
    let now = tx.now();
    let used = sql("UPDATE mailed_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL")
        .bind(secrets::hash(token))
        .bind(now)
        .run(tx)
        .await?;
    if used == 0 {
        return Err(Refused::LinkUsedUp.into());
    }
    sql("UPDATE mailed_links SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL")
        .bind(person.id)
        .bind(now)
        .run(tx)
        .await?;
    sql("UPDATE people SET password_hash = $2 WHERE id = $1")
        .bind(person.id)
        .bind(&password.0)
        .run(tx)
        .await?;
    sessions::end_all(tx, person.id).await?;
    logins::forget_failures(tx, &person.email).await?;
    Ok(person)
}

async fn mail_invitation(tx: &mut Tx, by: &Person, person: &Person) -> Result<()> {
    sql("UPDATE mailed_links SET used_at = $2 WHERE person_id = $1 AND purpose = 'invitation' AND used_at IS NULL")
        .bind(person.id)
        .bind(tx.now())
        .run(tx)
        .await?;
    let secret = make(tx, person, Purpose::Invitation, INVITATION_LASTS).await?;
    let url = tx.context.link(&format!("/invitations/{}", secret.reveal()));
    let words = fill(
        "invitation",
        context! { name => person.name, by => by.name, url => url },
    )?;
    mail(tx, person, MailKind::Invitation, &secret, words).await
}

async fn make(tx: &mut Tx, person: &Person, purpose: Purpose, lasts: TimeDelta) -> Result<Secret> {
    let now = tx.now();
    let secret = Secret::new(&tx.context);
    sql("DELETE FROM mailed_links WHERE expires_at < $1")
        .bind(now - TimeDelta::days(30))
        .run(tx)
        .await?;
    sql("INSERT INTO mailed_links (token_hash, person_id, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(secret.hash())
        .bind(person.id)
        .bind(purpose.as_str())
        .bind(now)
        .bind(now + lasts)
        .run(tx)
        .await?;
    Ok(secret)
}

async fn mail(
    tx: &mut Tx,
    person: &Person,
    kind: MailKind,
    secret: &Secret,
    words: crate::mail::Words,
) -> Result<()> {
    // A part of the hash: the same mail keeps its name, and the name tells nothing of the link.
    let name: String = secret
        .hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let draft = Draft {
        kind,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("{}-{name}", kind.as_str()),
        thread: None,
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    outbox::put(tx, draft);
    Ok(())
}
