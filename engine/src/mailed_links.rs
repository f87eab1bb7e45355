//! Links that are mailed to people: invitations and password resets. Random, stored hashed, used once.

mod several;

pub use several::{Several, invite_several};

use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::messages::fill;
use crate::notifications::{Draft, Notification, Words, outbox};
use crate::people::{
    self, COLUMNS, Refused, changes, checked_email, checked_zone, logins, passwords, sessions,
};
use crate::secrets::{self, Secret};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Change;
use domain::fields;
use domain::ids::{NotificationId, PersonId};
use domain::notifications::{NotificationKind, NotificationState, Urgency};
use domain::people::Permission;
use domain::people::{Person, Role};
use minijinja::context;

const INVITATION_LASTS: TimeDelta = TimeDelta::days(7);
const RESET_LASTS: TimeDelta = TimeDelta::hours(2);
/// Resets that may be asked for in an hour; more are answered the same and mail nothing.
const MOST_RESETS: i64 = 3;

/// What stands for the link in a mail that is not sent yet. Who reads the outbox, or a copy of it, gets into no account.
const LINK: &str = "[the link, which stands in the mail itself only]";

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

    const fn of(kind: NotificationKind) -> Option<Self> {
        match kind {
            NotificationKind::Invitation => Some(Self::Invitation),
            NotificationKind::PasswordReset => Some(Self::PasswordReset),
            _ => None,
        }
    }

    const fn lasts(self) -> TimeDelta {
        match self {
            Self::Invitation => INVITATION_LASTS,
            Self::PasswordReset => RESET_LASTS,
        }
    }

    fn address(self, tx: &Tx, link: &Secret) -> String {
        let place = match self {
            Self::Invitation => "invitations",
            Self::PasswordReset => "password/reset",
        };
        tx.context.link(&format!("/{place}/{}", link.reveal()))
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
    tx.authorize(Permission::Administer).await?;
    let person = changes::insert(
        tx,
        &fields::PERSON_NAME.read(&invited.name)?,
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
    tx.authorize(Permission::Administer).await?;
    let person = people::find(tx, id).await?;
    if person.deactivated_at.is_some() {
        return Err(Refused::NotActive.into());
    }
    if has_password(tx, id).await? {
        return Err(Refused::NothingToInvite.into());
    }
    mail_invitation(tx, by, &person).await?;
    audit::told(tx, Subject::Person(id), Change::InvitedAgain).await
}

/// Mails a link to set a new password, if there is an active account with this address; says nothing either way.
pub async fn ask_for_reset(tx: &mut Tx, email: &str) -> Result<()> {
    let Some(person) = people::find_by_email(tx, email).await? else {
        return Ok(());
    };
    let lately: i64 = sql(
        "SELECT COUNT(*) FROM notifications WHERE person_id = $1 AND kind = 'password_reset' AND created_at > $2",
    )
    .bind(person.id)
    .bind(tx.now() - TimeDelta::hours(1))
    .scalar(tx)
    .await?;
    if person.deactivated_at.is_some() || lately >= MOST_RESETS {
        return Ok(());
    }
    let words = fill("password_reset", context! { name => person.name, url => LINK })?;
    mail(tx, &person, NotificationKind::PasswordReset, words);
    Ok(())
}

/// Puts a link into a mail that is being sent: it stands there and nowhere else. `false`: it would not work any more.
pub(crate) async fn put_in(tx: &mut Tx, mail: &mut Notification) -> Result<bool> {
    let Some(purpose) = Purpose::of(mail.kind) else {
        return Ok(true);
    };
    if !mail.text_body.contains(LINK) {
        return Ok(true);
    }
    let Some(person) = whose(tx, mail, purpose).await? else {
        return Ok(false);
    };
    let link = make(tx, person, purpose, mail.created_at).await?;
    let url = purpose.address(tx, &link);
    mail.text_body = mail.text_body.replace(LINK, &url);
    mail.html_body = mail.html_body.replace(LINK, &url);
    Ok(true)
}

/// A link of an invitation that nobody could be sent, since no mail server is set: an administrator hands it on.
///
/// # Errors
/// [`Refused::LinkUsedUp`] where the mail is no such one, or would not work any more
pub async fn of_kept_invitation(tx: &mut Tx, mail: &Notification) -> Result<String> {
    tx.authorize(Permission::Administer).await?;
    if mail.kind != NotificationKind::Invitation || mail.state != NotificationState::Kept {
        return Err(Refused::LinkUsedUp.into());
    }
    let person = whose(tx, mail, Purpose::Invitation).await?;
    let person = person.ok_or(Refused::LinkUsedUp)?;
    let link = make(tx, person, Purpose::Invitation, mail.created_at).await?;
    audit::told(tx, Subject::Person(person), Change::LinkShown).await?;
    Ok(Purpose::Invitation.address(tx, &link))
}

/// The person whose mail it is, where its link may still be used.
async fn whose(tx: &mut Tx, mail: &Notification, purpose: Purpose) -> Result<Option<PersonId>> {
    let Some(id) = mail
        .person_id
        .filter(|_| mail.created_at + purpose.lasts() > tx.now())
    else {
        return Ok(None);
    };
    let person = people::find(tx, id).await?;
    let is_accepted = purpose == Purpose::Invitation && has_password(tx, id).await?;
    let works = person.deactivated_at.is_none() && person.email == mail.to_address && !is_accepted;
    Ok(works.then_some(id))
}

async fn has_password(tx: &mut Tx, person: PersonId) -> Result<bool> {
    sql("SELECT password_hash IS NOT NULL FROM people WHERE id = $1")
        .bind(person)
        .scalar(tx)
        .await
}

/// Whom a link belongs to, while it can be used.
///
/// # Errors
/// [`Refused::LinkUsedUp`]
pub async fn find(tx: &mut Tx, purpose: Purpose, token: &str) -> Result<Person> {
    let now = tx.now();
    let person: Option<Person> = sql(constcat::concat!(
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
    audit::told(tx, Subject::Person(person.id), Change::PasswordSet).await?;
    Ok(person)
}

async fn mail_invitation(tx: &mut Tx, by: &Person, person: &Person) -> Result<()> {
    let now = tx.now();
    sql("UPDATE mailed_links SET used_at = $2 WHERE person_id = $1 AND purpose = 'invitation' AND used_at IS NULL")
        .bind(person.id)
        .bind(now)
        .run(tx)
        .await?;
    outbox::take_back_invitations(tx, person.id).await?;
    let words = fill(
        "invitation",
        context! { name => person.name, by => by.name, url => LINK },
    )?;
    mail(tx, person, NotificationKind::Invitation, words);
    Ok(())
}

/// A link that works for as long as its purpose lets it after it was asked for.
async fn make(tx: &mut Tx, person: PersonId, purpose: Purpose, asked_at: DateTime<Utc>) -> Result<Secret> {
    let now = tx.now();
    let secret = Secret::new(&tx.context);
    sql("DELETE FROM mailed_links WHERE expires_at < $1")
        .bind(now - TimeDelta::days(30))
        .run(tx)
        .await?;
    sql("INSERT INTO mailed_links (token_hash, person_id, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(secret.hash())
        .bind(person)
        .bind(purpose.as_str())
        .bind(now)
        .bind(asked_at + purpose.lasts())
        .run(tx)
        .await?;
    Ok(secret)
}

fn mail(tx: &mut Tx, person: &Person, kind: NotificationKind, words: Words) {
    let unique: NotificationId = tx.new_id();
    let draft = Draft {
        kind,
        urgency: Urgency::Other,
        to: person,
        incident: None,
        page: None,
        message: format!("{}-{unique}", kind.as_str()),
        thread: None,
        words,
    };
    outbox::put(tx, draft);
}
