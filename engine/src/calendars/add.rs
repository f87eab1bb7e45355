//! A calendar is given, as a file or by its address, and taken away.

use super::{MOST, MOST_BYTES, Refused, Whose, authorize, find, keep, of, sealed};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::calendars::{Read, decoded, read, reduced, window};
use domain::fields;
use domain::ids::CalendarId;
use url::Url;

const LONGEST_NAME: usize = 120;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    text: String,
    read: Read,
}

/// Reads a file before anything is written. Times without a zone are those of `zone`.
///
/// # Errors
/// [`Refused`]
pub async fn file(name: &str, bytes: Vec<u8>, zone: Tz, now: DateTime<Utc>) -> Result<File> {
    if name.is_empty() && bytes.is_empty() {
        return Err(Refused::NoFile.into());
    }
    if bytes.len() > MOST_BYTES {
        return Err(Refused::TooLarge.into());
    }
    let (text, read) = keep::apart(move || {
        let text = decoded(&bytes);
        let read = read(&text, zone, window(now));
        (text, read)
    })
    .await?;
    let read = read.map_err(Refused::Unreadable)?;
    if !read.has_any {
        return Err(Refused::NoEvent.into());
    }
    let name: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect();
    Ok(File {
        name: if name.trim().is_empty() {
            "a file".to_owned()
        } else {
            name
        },
        text,
        read,
    })
}

/// Takes a file.
///
/// # Errors
/// [`Refused`], [`crate::Error::NotAllowed`]
pub async fn add_file(tx: &mut Tx, whose: Whose, file: &File) -> Result<CalendarId> {
    let before = may_add(tx, whose).await?;
    let (id, now): (CalendarId, _) = (tx.new_id(), tx.now());
    let (person, team) = whose.columns();
    let text = reduced(&file.text, matches!(whose, Whose::Team(_)));
    sql("INSERT INTO read_calendars (id, person_id, team_id, file_name, text, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(person)
        .bind(team)
        .bind(&file.name)
        .bind(text)
        .bind(now)
        .bind(now + keep::FILES_EVERY)
        .run(tx)
        .await?;
    keep::keep(tx, id, whose, &file.read, keep::Past::IsNew).await?;
    keep::worked(tx, id, &file.read, now + keep::FILES_EVERY).await?;
    before.told(tx).await?;
    Ok(id)
}

/// Takes an address; it is read soon. It is kept sealed, and stands in no log.
///
/// # Errors
/// [`Refused`], [`crate::Error::NotAllowed`], [`crate::secrets::NoKey`]
pub async fn add_address(tx: &mut Tx, whose: Whose, typed: &str) -> Result<CalendarId> {
    let before = may_add(tx, whose).await?;
    let address = checked(&fields::CALENDAR_ADDRESS.read(typed)?)?;
    let (id, now): (CalendarId, _) = (tx.new_id(), tx.now());
    let (person, team) = whose.columns();
    let sealed = sealed::seal(&tx.context, id, &address)?;
    sql("INSERT INTO read_calendars (id, person_id, team_id, address, host, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $6)")
        .bind(id)
        .bind(person)
        .bind(team)
        .bind(sealed)
        .bind(address.host_str().unwrap_or_default())
        .bind(now)
        .run(tx)
        .await?;
    before.told(tx).await?;
    Ok(id)
}

/// It is read as soon as the worker comes round.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::NotAllowed`]
pub async fn read_soon(tx: &mut Tx, whose: Whose, id: CalendarId) -> Result<()> {
    authorize(tx, whose).await?;
    find(tx, whose, id).await?;
    let now = tx.now();
    sql("UPDATE read_calendars SET next_at = $2 WHERE id = $1 AND next_at > $2")
        .bind(id)
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

/// What it said goes with it. One that is not there any more is gone already.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn remove(tx: &mut Tx, whose: Whose, id: CalendarId) -> Result<()> {
    authorize(tx, whose).await?;
    let before = audit::before(tx, subject(whose)).await?;
    let (person, team) = whose.columns();
    sql("DELETE FROM read_calendars WHERE id = $1 AND (person_id = $2 OR team_id = $3)")
        .bind(id)
        .bind(person)
        .bind(team)
        .run(tx)
        .await?;
    before.told(tx).await
}

async fn may_add(tx: &mut Tx, whose: Whose) -> Result<audit::Before> {
    authorize(tx, whose).await?;
    let before = audit::before(tx, subject(whose)).await?;
    let has = i64::try_from(of(tx, whose).await?.len()).unwrap_or(MOST);
    if has >= MOST {
        return Err(Refused::TooMany.into());
    }
    Ok(before)
}

const fn subject(whose: Whose) -> Subject {
    match whose {
        Whose::Person(person) => Subject::Person(person),
        Whose::Team(team) => Subject::Team(team),
    }
}

/// `webcal` says what program is to open it, and not how it is asked.
fn checked(typed: &str) -> Result<Url, Refused> {
    let known = ["webcal://", "webcals://"].iter().find_map(|scheme| {
        let begins = typed.get(..scheme.len())?.eq_ignore_ascii_case(scheme);
        begins.then(|| format!("https://{}", &typed[scheme.len()..]))
    });
    let address =
        Url::parse(&known.unwrap_or_else(|| typed.to_owned())).map_err(|_| Refused::NotAnAddress)?;
    let is_one = matches!(address.scheme(), "http" | "https") && address.host_str().is_some();
    is_one.then_some(address).ok_or(Refused::NotAnAddress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_web() {
        let ok = |address: &str| Ok(address.to_owned());
        for (typed, expected) in [
            (
                "https://example.test/a.ics?token=x",
                ok("https://example.test/a.ics?token=x"),
            ),
            ("webcal://example.test/a", ok("https://example.test/a")),
            ("WEBCAL://example.test/a", ok("https://example.test/a")),
            ("http://10.0.0.1/a", ok("http://10.0.0.1/a")),
            ("example.test/a.ics", Err(Refused::NotAnAddress)),
            ("file:///etc/passwd", Err(Refused::NotAnAddress)),
            ("https://", Err(Refused::NotAnAddress)),
        ] {
            assert_eq!(checked(typed).map(String::from), expected, "{typed}");
        }
    }
}
