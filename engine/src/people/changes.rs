//! Adding and changing people. The last active administrator stays one.

use super::{Refused, checked_email, checked_zone, named, passwords};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{dialect, sql};
use crate::error::Result;
use domain::fields;
use domain::ids::PersonId;
use domain::people::Permission;
use domain::people::{Person, Role};

/// What an administrator can change of a person.
#[derive(Clone, Debug)]
pub struct Change {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub time_zone: String,
}

/// Adds a person with a password, as set-up does; others are invited.
///
/// # Errors
/// [`Refused`]
pub async fn create(tx: &mut Tx, person: &Change, password: &passwords::Hashed) -> Result<Person> {
    insert(
        tx,
        &fields::PERSON_NAME.read(&person.name)?,
        &checked_email(&person.email)?,
        person.role,
        &checked_zone(&person.time_zone)?,
        Some(password),
    )
    .await
}

/// Changes name, address, role and zone.
///
/// # Errors
/// [`Refused`]
pub async fn change(tx: &mut Tx, id: PersonId, change: &Change) -> Result<()> {
    tx.authorize(Permission::Administer).await?;
    let was = audit::before(tx, Subject::Person(id)).await?;
    let before = super::find(tx, id).await?;
    let name = fields::PERSON_NAME.read(&change.name)?;
    let email = checked_email(&change.email)?;
    let time_zone = checked_zone(&change.time_zone)?;
    if before.role == Role::Administrator && change.role != Role::Administrator {
        another_administrator_stays(tx, id).await?;
    }
    if before.role != Role::Observer && change.role == Role::Observer {
        is_not_on_call(tx, id).await?;
    }
    let other = super::find_by_email(tx, &email).await?;
    if other.is_some_and(|other| other.id != id) {
        return Err(Refused::EmailTaken.into());
    }
    sql("UPDATE people SET name = $2, email = $3, role = $4, time_zone = $5 WHERE id = $1")
        .bind(id)
        .bind(&name)
        .bind(&email)
        .bind(change.role)
        .bind(time_zone)
        .run(tx)
        .await?;
    if before.email.to_lowercase() != email {
        forget_links(tx, id).await?;
        readdress(tx, id, &email).await?;
    }
    was.told(tx).await
}

/// What waits for a person goes to their new address, and at once: the one before may be why it waits. What has to do with an address,
/// links to log in and invitations of calendars, was for the one before. The outbox
/// is a floor above this one and asks for no address again.
async fn readdress(tx: &mut Tx, person: PersonId, address: &str) -> Result<()> {
    sql(
        "UPDATE notifications SET to_address = $2, next_attempt_at = $3 WHERE person_id = $1 AND state = 'waiting'
            AND kind NOT IN ('invitation', 'password_reset', 'turn_invitation', 'test')",
    )
    .bind(person)
    .bind(address)
    .bind(tx.now())
    .run(tx)
    .await
    .map(drop)
}

/// Who only reads along is not put on call, so they leave schedules and policies first.
async fn is_not_on_call(tx: &mut Tx, id: PersonId) -> Result<()> {
    let steps = named::steps(tx, id).await?.into_iter();
    let steps = steps.map(|(_, name, step)| format!("{name}, step {step}"));
    let schedules = named::schedules(tx, id).await?.into_iter().map(|(_, name)| name);
    let named: Vec<String> = schedules.chain(steps).collect();
    if named.is_empty() {
        return Ok(());
    }
    Err(Refused::IsOnCall(named.join("; ")).into())
}

/// What everybody can change of themselves.
///
/// # Errors
/// [`Refused`]
pub async fn change_profile(tx: &mut Tx, id: PersonId, name: &str, time_zone: &str) -> Result<()> {
    if tx.actor().person() != Some(id) {
        tx.authorize(Permission::Administer).await?;
    }
    let before = audit::before(tx, Subject::Person(id)).await?;
    sql("UPDATE people SET name = $2, time_zone = $3 WHERE id = $1")
        .bind(id)
        .bind(&fields::PERSON_NAME.read(name)?)
        .bind(checked_zone(time_zone)?)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Hours before a turn that one may choose to be told of it; 0 is not before.
pub const SHIFT_MAIL_HOURS: [i64; 6] = [0, 1, 4, 12, 24, 48];

/// How many hours before a turn somebody is told of it.
pub async fn shift_mail_hours(tx: &mut Tx, id: PersonId) -> Result<i64> {
    sql("SELECT shift_mail_hours FROM people WHERE id = $1")
        .bind(id)
        .scalar(tx)
        .await
}

/// Sets how many hours before a turn somebody is told of it.
///
/// # Errors
/// [`crate::Error::NotAChoice`], [`crate::Error::NotAllowed`]
pub async fn set_shift_mail_hours(tx: &mut Tx, id: PersonId, hours: i64) -> Result<()> {
    if tx.actor().person() != Some(id) {
        tx.authorize(Permission::Administer).await?;
    }
    if !SHIFT_MAIL_HOURS.contains(&hours) {
        return Err(crate::Error::NotAChoice("shift_hours"));
    }
    let before = audit::before(tx, Subject::Person(id)).await?;
    sql("UPDATE people SET shift_mail_hours = $2 WHERE id = $1")
        .bind(id)
        .bind(hours)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Lets a person in again, with the password they had.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn reactivate(tx: &mut Tx, id: PersonId) -> Result<()> {
    tx.authorize(Permission::Administer).await?;
    let before = audit::before(tx, Subject::Person(id)).await?;
    let person = super::find(tx, id).await?;
    sql("UPDATE people SET deactivated_at = NULL WHERE id = $1")
        .bind(id)
        .run(tx)
        .await?;
    if person.deactivated_at.is_some() {
        named::have_changed(tx, id).await?;
    }
    before.told(tx).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    name: &str,
    email: &str,
    role: Role,
    time_zone: &str,
    password: Option<&passwords::Hashed>,
) -> Result<Person> {
    if super::find_by_email(tx, email).await?.is_some() {
        return Err(Refused::EmailTaken.into());
    }
    let person = Person {
        id: tx.new_id(),
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        time_zone: time_zone.to_owned(),
        created_at: tx.now(),
        deactivated_at: None,
    };
    sql(
        "INSERT INTO people (id, email, name, role, time_zone, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(person.id)
    .bind(&person.email)
    .bind(&person.name)
    .bind(person.role)
    .bind(&person.time_zone)
    .bind(password.map(|password| password.0.clone()))
    .bind(person.created_at)
    .run(tx)
    .await?;
    audit::made(tx, Subject::Person(person.id)).await?;
    Ok(person)
}

/// Links in mails to an address that is no longer the person's, or to somebody who is no longer here.
pub(crate) async fn forget_links(tx: &mut Tx, id: PersonId) -> Result<()> {
    sql("DELETE FROM mailed_links WHERE person_id = $1 AND used_at IS NULL")
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Somebody else is left who can log in and administer. One at a time, so that two cannot take each other out.
pub(crate) async fn another_administrator_stays(tx: &mut Tx, except: PersonId) -> Result<()> {
    dialect::lock_word(tx, "administrators").await?;
    let stays: bool = sql(
        "SELECT EXISTS (SELECT 1 FROM people WHERE role = 'administrator' AND deactivated_at IS NULL
            AND password_hash IS NOT NULL AND id <> $1)",
    )
    .bind(except)
    .scalar(tx)
    .await?;
    if stays {
        return Ok(());
    }
    Err(Refused::LastAdministrator.into())
}
