//! Text from outside: made fit for storing and for a line, and never trusted. It is escaped where it is shown.

use super::Link;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The longest title that is kept.
const TITLE: usize = 1024;
/// The longest key that is kept as it is: databases limit what an index holds.
const KEY: usize = 255;
/// The longest link that is kept.
const LINK: usize = 2048;
const LINKS: usize = 20;
const LINK_WORDS: usize = 200;
const LABELS: usize = 200;
const LABEL_NAME: usize = 255;
const LABEL_VALUE: usize = 4096;

/// PostgreSQL text cannot hold U+0000, SQLite can: U+FFFD stands for it in both.
pub fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// One line without control characters; `None` if nothing is left of it.
pub(super) fn line(text: &str, limit: usize) -> Option<String> {
    let text = without_escapes(text);
    let mut line = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut length = 0;
    let mut space = false;
    let mut cut = false;
    for letter in text.chars() {
        let letter = match letter {
            '\0' => '\u{fffd}',
            '\u{2028}' | '\u{2029}' => '\n',
            other => other,
        };
        if letter.is_control() {
            space = true;
            continue;
        }
        if space && !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
            length += 1;
        }
        space = false;
        if length >= limit {
            cut = true;
            break;
        }
        line.push(letter);
        length += 1;
    }
    if cut {
        line = line.chars().take(limit - 1).collect();
        line.push('…');
    }
    let line = balanced(line.trim());
    (!line.is_empty()).then_some(line)
}

/// The whole text in one line, for telling one from another.
pub(super) fn one_line(text: &str) -> String {
    line(text, usize::MAX).unwrap_or_default()
}

/// A title: one line, cut for display.
pub(super) fn title(text: &str) -> Option<String> {
    line(text, TITLE)
}

/// The first line that says something.
pub(super) fn first_line(text: &str) -> Option<String> {
    text.lines().find_map(title)
}

/// A key is never cut, since two keys could become one.
pub(super) fn key(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() > KEY {
        digest(&[&text])
    } else {
        text
    }
}

/// SHA-256 in hex over parts that cannot run into each other.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            hash.update([0]);
        }
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Only http and https become links; anything else is dropped and the next candidate is asked.
pub(super) fn link(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > LINK {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // As it came if it is plain; else as a browser would read it, so that nothing hides in it.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    Some(if plain { text.to_owned() } else { url.into() })
}

/// Links with their words, as many as a page can show, each place once.
pub(super) fn links<'a>(named: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (href, words) in named {
        let Some(href) = link(&href).filter(|href| links.iter().all(|known| known.href != *href)) else {
            continue;
        };
        if links.len() == LINKS {
            break;
        }
        let text = line(&words, LINK_WORDS).unwrap_or_default();
        links.push(Link { href, text });
    }
    links
}

/// Names and values, as many as a page can show. What is left out here stays in the kept request.
pub(super) fn labels(named: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for (name, value) in named {
        if labels.len() == LABELS {
            break;
        }
        if let Some(name) = line(&name, LABEL_NAME) {
            labels.insert(name, label_value(&value));
        }
    }
    labels
}

/// Lines and tabs stay; other control characters could reach a terminal.
fn label_value(text: &str) -> String {
    let text = without_escapes(text);
    let mut letters = text
        .chars()
        .map(|letter| if letter == '\0' { '\u{fffd}' } else { letter })
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    let mut value: String = letters.by_ref().take(LABEL_VALUE).collect();
    if letters.next().is_some() {
        value.pop();
        value.push('…');
    }
    value
}

/// Without the escape sequences that colour a terminal or set its title.
fn without_escapes(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = match after.chars().next() {
            Some('[') => after
                .find(|letter: char| ('@'..='~').contains(&letter) && letter != '[')
                .map_or(after, |end| &after[end + 1..]),
            Some(']' | 'P' | '_' | '^') => after.find(['\u{7}', '\u{1b}']).map_or(after, |end| {
                after[end..].trim_start_matches(['\u{7}', '\u{1b}', '\\'])
            }),
            _ => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// Direction marks stay within the text: what it opens is closed at its end, and it closes nothing that it did not open.
/// So a mark in a title cannot turn the rest of a line or a mail's subject round.
fn balanced(text: &str) -> String {
    const POP: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open = Vec::new();
    let mut balanced = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP | POP_ISOLATE => {
                if open.last() != Some(&letter) {
                    continue;
                }
                open.pop();
            }
            _ => {}
        }
        balanced.push(letter);
    }
    balanced.extend(open.into_iter().rev());
    balanced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line() {
        for (text, title) in [
            (
                "RAID degraded\r\nmd0 lost sdb",
                Some("RAID degraded md0 lost sdb"),
            ),
            ("  padded\t\ttwice ", Some("padded twice")),
            ("red \u{1b}[31mX\u{1b}[0m \u{1b}]0;owned\u{7}", Some("red X")),
            (
                "link \u{1b}]8;;http://x\u{1b}\\text\u{1b}]8;;\u{1b}\\",
                Some("link text"),
            ),
            ("cut \u{1b}[31", Some("cut [31")),
            ("zero\0byte", Some("zero\u{fffd}byte")),
            ("12\u{a0}%", Some("12\u{a0}%")),
            ("\r\n\u{7}", None),
            ("paid \u{202e}gnp.exe", Some("paid \u{202e}gnp.exe\u{202c}")),
            ("out\u{2069} of \u{202c}here", Some("out of here")),
            ("a \u{2067}b\u{2069} c", Some("a \u{2067}b\u{2069} c")),
        ] {
            assert_eq!(super::title(text).as_deref(), title, "{text:?}");
        }
    }

    #[test]
    fn a_long_title_is_cut_and_a_long_key_is_not() {
        let long = "a".repeat(TITLE + 1);
        let shown = title(&long).unwrap();
        assert_eq!(shown.chars().count(), TITLE);
        assert!(shown.ends_with('…'));
        assert_eq!(title(&long[1..]).as_deref(), Some(&long[1..]));
        assert_eq!(key(&"k".repeat(KEY)), "k".repeat(KEY));
        let (one, two) = (key(&format!("{long}1")), key(&format!("{long}2")));
        assert_ne!(one, two);
        assert_eq!(one.len(), 64);
        assert_ne!(key("h"), key("h\0"));
    }

    #[test]
    fn only_http_and_https_are_links() {
        for (text, kept) in [
            ("https://graphs.example.com", Some("https://graphs.example.com")),
            (" http://x/a?b=%20#c ", Some("http://x/a?b=%20#c")),
            ("HTTPS://x/ö", Some("https://x/%C3%B6")),
            ("javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("//evil.example/x", None),
            ("/local", None),
            ("", None),
        ] {
            assert_eq!(link(text).as_deref(), kept, "{text:?}");
        }
    }

    #[test]
    fn links_are_bounded_and_each_place_stands_once() {
        let named = |href: &'static str, words: &'static str| (Cow::from(href), Cow::from(words));
        let kept = links(
            [
                named("https://a/", "One\nline"),
                named("javascript:alert(1)", "No"),
                named("https://a/", "Again"),
                named("https://b/", ""),
            ]
            .into_iter(),
        );
        let kept: Vec<_> = kept
            .iter()
            .map(|link| (link.href.as_str(), link.text.as_str()))
            .collect();
        assert_eq!(kept, [("https://a/", "One line"), ("https://b/", "")]);
        let many = links((0..100).map(|number| (format!("https://a/{number}").into(), Cow::from(""))));
        assert_eq!(many.len(), LINKS);
    }

    #[test]
    fn labels_are_bounded() {
        let many = labels((0..1000).map(|number| (format!("k{number}"), "v".repeat(10_000))));
        assert_eq!(many.len(), LABELS);
        assert!(many.values().all(|value| value.chars().count() == LABEL_VALUE));
        let odd = labels([("a\nb".to_owned(), "one\r\n\u{1b}[1mtwo\0".to_owned())].into_iter());
        assert_eq!(odd["a b"], "one\ntwo\u{fffd}");
    }
}
