//! Inviting several people with one form: an address a line, and the team that they join.

use super::{Invited, invite};
use crate::Tx;
use crate::error::{Error, Result};
use crate::people::Refused;
use crate::teams::members;
use domain::fields::Unfit;
use domain::ids::TeamId;
use domain::people::{Person, Role};
use lettre::message::Mailbox;

/// So many at once: each gets a mail.
const MOST: usize = 50;

/// What the form says of all of them.
#[derive(Clone, Debug, Default)]
pub struct Several {
    /// A line each: `lena@example.com` or `Lena Meyer <lena@example.com>`.
    pub people: String,
    pub role: Option<Role>,
    pub time_zone: String,
    pub team: Option<TeamId>,
}

/// Invites all of them, or nobody where one line cannot be used.
///
/// # Errors
/// [`Refused::NobodyToInvite`], [`Refused::TooManyToInvite`], [`Refused::Line`], [`Refused::NoZone`]
pub async fn invite_several(tx: &mut Tx, by: &Person, several: &Several) -> Result<Vec<Person>> {
    let lines = several.people.lines().zip(1_usize..);
    let lines: Vec<(&str, usize)> = lines.filter(|(line, _)| !line.trim().is_empty()).collect();
    match lines.len() {
        0 => return Err(Refused::NobodyToInvite.into()),
        1..=MOST => {}
        _ => return Err(Refused::TooManyToInvite.into()),
    }
    let mut invited = Vec::new();
    for (line, number) in lines {
        let (name, email) = read_line(line).ok_or_else(|| at_line(number, &Refused::NoEmail))?;
        let one = Invited {
            name,
            email,
            role: several.role,
            time_zone: several.time_zone.clone(),
        };
        let person = invite(tx, by, &one).await.map_err(|error| {
            let is_of_the_line = error.refused::<Unfit>().is_some()
                || matches!(error.refused(), Some(Refused::NoEmail | Refused::EmailTaken));
            if is_of_the_line {
                at_line(number, &error)
            } else {
                error
            }
        })?;
        if let Some(team) = several.team {
            members::add(tx, team, person.id).await?;
        }
        invited.push(person);
    }
    Ok(invited)
}

fn at_line(number: usize, why: &impl ToString) -> Error {
    Refused::Line {
        number,
        why: why.to_string(),
    }
    .into()
}

/// Name and address; where only an address is said, the name is what stands before its @.
fn read_line(line: &str) -> Option<(String, String)> {
    let line = line.trim().trim_end_matches([',', ';']);
    let mailbox: Mailbox = line.parse().ok()?;
    let name = mailbox
        .name
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| name_of(mailbox.email.user()));
    Some((name, mailbox.email.to_string()))
}

fn name_of(user: &str) -> String {
    let words = user.split(['.', '_', '-', '+']).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    };
    words.map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_with_or_without_a_name() {
        for (line, expected) in [
            ("lena@example.com", Some(("Lena", "lena@example.com"))),
            (
                " lena.meyer@example.com, ",
                Some(("Lena Meyer", "lena.meyer@example.com")),
            ),
            (
                "Lena Meyer <lena@example.com>",
                Some(("Lena Meyer", "lena@example.com")),
            ),
            (
                "\"Meyer, Lena\" <lena@example.com>;",
                Some(("Meyer, Lena", "lena@example.com")),
            ),
            ("<lena@example.com>", Some(("Lena", "lena@example.com"))),
            ("Lena Meyer", None),
            ("lena@", None),
        ] {
            let expected = expected.map(|(name, email)| (name.to_owned(), email.to_owned()));
            assert_eq!(read_line(line), expected, "{line}");
        }
    }
}
