//! Headers that lettre does not write by itself, or not as they should be read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::{HeaderName, HeaderValue};

/// Bytes in one encoded word: with its frame it stays below 75 letters (RFC 2047, 2).
const MOST_IN_A_WORD: usize = 45;

pub(super) const SUBJECT: HeaderName = HeaderName::new_from_ascii_str("Subject");

/// Of each mail: no answering machine answers it (RFC 3834).
pub(super) fn by_a_machine() -> [HeaderValue; 2] {
    [
        plain(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"),
        plain(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"),
    ]
}

/// Of what wakes somebody.
pub(super) fn important() -> [HeaderValue; 3] {
    [
        plain(HeaderName::new_from_ascii_str("Importance"), "high"),
        plain(HeaderName::new_from_ascii_str("Priority"), "urgent"),
        plain(HeaderName::new_from_ascii_str("X-Priority"), "1"),
    ]
}

/// Of what says that somebody can sleep.
pub(super) fn unimportant() -> [HeaderValue; 3] {
    [
        plain(HeaderName::new_from_ascii_str("Importance"), "low"),
        plain(HeaderName::new_from_ascii_str("Priority"), "non-urgent"),
        plain(HeaderName::new_from_ascii_str("X-Priority"), "5"),
    ]
}

fn plain(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// Whether a mail program would read something else than what is written there.
pub(super) fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

/// A subject that looks encoded already is encoded as a whole, so that it is read as it was written.
pub(super) fn encoded_subject(subject: &str) -> HeaderValue {
    let mut words: Vec<String> = vec![String::new()];
    for letter in subject.chars() {
        if words
            .last()
            .is_some_and(|word| word.len() + letter.len_utf8() > MOST_IN_A_WORD)
        {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let words = words
        .iter()
        .map(|word| format!("=?utf-8?b?{}?=", STANDARD.encode(word)));
    let encoded = words.collect::<Vec<_>>().join("\r\n ");
    HeaderValue::dangerous_new_pre_encoded(SUBJECT, subject.to_owned(), encoded)
}
