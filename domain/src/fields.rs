//! What people write: each field of words with what its forms call it, how much it holds, and what is said of what does not fit; and
//! [`Words`], which one of them has settled.

use std::fmt;
use std::ops::Deref;

/// How words are settled before they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line, with one blank between words.
    Line,
    /// Several lines, without what is blank around them.
    Lines,
    /// Several lines, blank or not as they were typed; nothing where all is blank.
    AsTyped,
    /// Nothing about it is changed.
    Secret,
}

/// A field of words.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// As its forms name it.
    pub name: &'static str,
    pub kind: Kind,
    /// So many characters.
    pub most: usize,
    /// What is said where nothing is written; a field without it may stay empty.
    pub missing: Option<&'static str>,
    pub too_long: &'static str,
}

impl Field {
    /// What was typed, as it is kept.
    ///
    /// # Errors
    /// [`Unfit`]
    pub fn read(&'static self, typed: &str) -> Result<Words, Unfit> {
        let text = self.kind.settled(typed);
        if text.is_empty() && self.missing.is_some() {
            return Err(Unfit::Missing(self));
        }
        // There are never more characters than bytes.
        if text.len() > self.most && text.chars().count() > self.most {
            return Err(Unfit::TooLong(self));
        }
        Ok(Words(text))
    }
}

impl Kind {
    /// PostgreSQL keeps no U+0000, a form sends CR LF for the end of a line, and no other control character can be seen.
    fn settled(self, typed: &str) -> String {
        match self {
            Self::Line => {
                let seen = typed.chars().map(|letter| match letter {
                    '\0' => '\u{fffd}',
                    letter if letter.is_control() => ' ',
                    letter => letter,
                });
                let seen: String = seen.collect();
                seen.split_whitespace().collect::<Vec<_>>().join(" ")
            }
            Self::Lines => lines(typed).trim().to_owned(),
            Self::AsTyped => Some(lines(typed))
                .filter(|text| !text.trim().is_empty())
                .unwrap_or_default(),
            Self::Secret => typed.to_owned(),
        }
    }
}

fn lines(typed: &str) -> String {
    let is_kept = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let text = typed.replace('\0', "\u{fffd}").replace("\r\n", "\n");
    text.replace('\r', "\n").chars().filter(is_kept).collect()
}

/// What somebody wrote into a field, settled: without U+0000 and control characters, and not too long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(String);

impl Deref for Words {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// Why what was typed is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    Missing(&'static Field),
    TooLong(&'static Field),
}

impl Unfit {
    /// The field that it is about.
    pub const fn of(self) -> &'static Field {
        match self {
            Self::Missing(field) | Self::TooLong(field) => field,
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing(field) => field.missing.unwrap_or_default(),
            Self::TooLong(field) => field.too_long,
        })
    }
}

impl std::error::Error for Unfit {}

/// The table: how it is called, what kind it is, how many characters it holds, what is said where nothing is written, and where that is too
/// long.
macro_rules! fields {
    ($($(#[$meta:meta])* $id:ident: $name:literal, $kind:ident, $most:literal, $missing:expr, $too_long:expr;)+) => {
        $($(#[$meta])* pub const $id: &Field = &Field {
            name: $name,
            kind: Kind::$kind,
            most: $most,
            missing: $missing,
            too_long: $too_long,
        };)+

        /// All of them.
        pub const ALL: &[&Field] = &[$($id),+];
    };
}

const LINK_THE_REST: &str =
    "That is longer than 20,000 characters. Put the long part where it can be linked to.";
const NO_EMAIL: &str = "Write an e-mail address that mail can reach, such as lena@example.com.";
const TITLE_TOO_LONG: &str = "A title has at most 200 characters.";
const NAME_TOO_LONG: &str = "A name has at most 60 characters.";
const REASON_TOO_LONG: &str = "A reason has at most 2,000 characters. Write the rest as a note.";

fields! {
    PERSON_NAME: "name", Line, 100, Some("Write a name."), "A name has at most 100 characters.";
    EMAIL: "email", Line, 254, Some(NO_EMAIL), NO_EMAIL;
    PASSWORD: "password", Secret, 200, None, "A password has at most 200 characters.";

    /// Of a team, a service, an integration, a schedule, a policy.
    NAME: "name", Line, 60, Some("Write a name."), NAME_TOO_LONG;
    SIGNING_SECRET: "signing_secret", Secret, 256, Some("Write the secret that its source signs with."),
        "A signing secret has at most 256 characters.";

    INCIDENT_TITLE: "title", Line, 200, Some("Give it a title: what is broken, in a few words."), TITLE_TOO_LONG;
    /// A note, a decision, a status update.
    ENTRY: "text", AsTyped, 20_000, Some("Write something first."), LINK_THE_REST;
    WHY_REOPENED: "why", Lines, 2_000, Some("Say why it is open again, in a few words."), REASON_TOO_LONG;
    WHY_REDACTED: "why", Lines, 2_000, Some("Say why it is redacted, without saying again what was."),
        REASON_TOO_LONG;
    /// Why somebody is paged, or asked to take over: it stands in a line of the timeline.
    WHY_CALLED: "why", Line, 200, None, "Say why in at most 200 characters, and the rest in a note.";
    TASK: "task", Line, 200, Some("Say what is to be done, in a few words."), "A task has at most 200 characters.";

    HAND_OFF_NOTE: "text", Lines, 4_000, None,
        "A note has at most 4,000 characters. Put the long part where it can be linked to.";
    /// What is said beside a turn that is offered.
    REQUEST_NOTE: "note", Line, 500, None, "What you want to say has at most 500 characters.";
    CALENDAR_ADDRESS: "address", Line, 2_000,
        Some("Write the address of a calendar, such as https://calendar.example.com/away.ics."),
        "An address has at most 2,000 characters.";

    POSTMORTEM_TITLE: "title", Line, 200, Some("Give the postmortem a title."), TITLE_TOO_LONG;
    SECTION: "body", AsTyped, 100_000, None,
        "That is longer than 100,000 characters. Put the long part where it can be linked to.";
    FACTOR: "factor", Line, 120, Some("Name the factor, in a few words that fit other incidents too."),
        "A factor's name has at most 120 characters.";
    FACTOR_WORDS: "words", Lines, 20_000, None, LINK_THE_REST;
    VERDICT_WORDS: "words", Lines, 2_000, None, "Words about it have at most 2,000 characters.";

    ACTION_TITLE: "title", Line, 200, Some("Say what is to be done, in a few words."), TITLE_TOO_LONG;
    PROOF: "proof", Lines, 2_000, None, "How we will know that it worked has at most 2,000 characters.";
    WHY_MOVED: "why", Line, 2_000, None, "Why the day moves has at most 2,000 characters.";
    WHY_DECLINED: "reason", Line, 2_000, None, "A reason has at most 2,000 characters.";
    EVIDENCE: "words", Lines, 2_000, None, "What shows that it worked has at most 2,000 characters.";
    DESCRIPTION: "description", Lines, 20_000, None, "A description has at most 20,000 characters.";
    TRACKER: "tracker", Line, 2_000, None,
        "Where it is followed is one address that begins with https:// or http://, of at most 2,000 characters.";
    COMMENT: "body", Lines, 20_000, Some("Write a few words."), "A comment has at most 20,000 characters.";
    COLUMN_NAME: "name", Line, 60, Some("Name the column."), NAME_TOO_LONG;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `20,000`.
    fn written(number: usize) -> String {
        match number / 1_000 {
            0 => number.to_string(),
            thousands => format!("{thousands},{:03}", number % 1_000),
        }
    }

    #[test]
    fn every_field_says_how_much_it_holds_and_holds_it() {
        for &field in ALL {
            assert!(!field.name.is_empty());
            for sentence in field.missing.iter().chain([&field.too_long]) {
                assert!(
                    sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
                    "{sentence}"
                );
            }
            let says_it = field.too_long.contains(&written(field.most));
            assert!(
                says_it || field.missing == Some(field.too_long),
                "{}",
                field.too_long
            );
            let full = "ß".repeat(field.most);
            assert_eq!(field.read(&full).as_deref(), Ok(full.as_str()), "{}", field.name);
            let more = field.read(&format!("{full}ß"));
            assert_eq!(more, Err(Unfit::TooLong(field)), "{}", field.name);
            assert_eq!(
                more.map_err(|unfit| unfit.to_string()),
                Err(field.too_long.to_owned())
            );
        }
    }

    #[test]
    fn what_is_blank_is_nothing_and_is_refused_where_something_is_needed() {
        for field in ALL.iter().copied().filter(|field| field.kind != Kind::Secret) {
            for blank in ["", "  ", "\u{a0}\r\n\t", "\u{7}"] {
                let read = field.read(blank);
                match field.missing {
                    Some(sentence) => {
                        assert_eq!(read.map_err(|unfit| unfit.to_string()), Err(sentence.to_owned()))
                    }
                    None => assert_eq!(read, Ok(Words::default()), "{}", field.name),
                }
            }
        }
    }

    #[test]
    fn words_are_settled_as_their_kind_says() {
        let typed = " One\t two \r\n\u{1b}three\0 \r";
        for (kind, settled) in [
            (Kind::Line, "One two three\u{fffd}"),
            (Kind::Lines, "One\t two \nthree\u{fffd}"),
            (Kind::AsTyped, " One\t two \nthree\u{fffd} \n"),
            (Kind::Secret, typed),
        ] {
            assert_eq!(kind.settled(typed), settled, "{kind:?}");
        }
    }
}
