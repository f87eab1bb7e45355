//! What in somebody's words leads somewhere: addresses, the numbers of incidents and action items, and people.

use crate::ids::PersonId;
use crate::mentions::Names;
use linkify::{LinkFinder, LinkKind};

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// `https://…`
    Url(&'a str),
    /// `INC-12`, as it was written, with its number.
    Incident(&'a str, i64),
    /// `ACT-7`
    ActionItem(&'a str, i64),
    /// `@ana`
    Person(&'a str, PersonId),
}

impl Piece<'_> {
    pub const fn text(&self) -> &str {
        match self {
            Self::Text(text)
            | Self::Url(text)
            | Self::Incident(text, _)
            | Self::ActionItem(text, _)
            | Self::Person(text, _) => text,
        }
    }

    /// Where it leads; a path for what is here.
    pub fn href(&self) -> Option<String> {
        match self {
            Self::Text(_) => None,
            Self::Url(url) => Some((*url).to_owned()),
            Self::Incident(_, number) => Some(format!("/incidents/{number}")),
            Self::ActionItem(_, number) => Some(format!("/action-items/{number}")),
            Self::Person(_, id) => Some(format!("/settings/people/{id}")),
        }
    }
}

/// The pieces of a text, which put together are the text again.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut found = Vec::new();
    for span in finder.spans(text) {
        match span.kind() {
            Some(_) if is_web(span.as_str()) => found.push(Piece::Url(span.as_str())),
            _ => numbers(span.as_str(), &mut found),
        }
    }
    found
}

/// The same, with those whom it names.
pub fn pieces_naming<'a>(text: &'a str, names: &Names) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        let Piece::Text(text) = piece else {
            found.push(piece);
            continue;
        };
        let mut written = 0;
        for (from, to, id) in names.found_in(text) {
            if from > written {
                found.push(Piece::Text(&text[written..from]));
            }
            found.push(Piece::Person(&text[from..to], id));
            written = to;
        }
        if written < text.len() {
            found.push(Piece::Text(&text[written..]));
        }
    }
    found
}

/// Whether a text is one address and nothing else.
pub fn is_url(text: &str) -> bool {
    matches!(pieces(text.trim()).as_slice(), [Piece::Url(_)])
}

fn is_web(url: &str) -> bool {
    let has = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    has("https://") || has("http://")
}

/// Numbers of ours: in capitals, as Kintsugi writes them, and not within another word.
fn numbers<'a>(text: &'a str, found: &mut Vec<Piece<'a>>) {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    let mut rest = text;
    let mut before = None;
    let mut written = 0;
    let mut at = 0;
    while let Some(start) = rest.find(['I', 'A']) {
        let (head, tail) = rest.split_at(start);
        let previous = head.chars().next_back().or(before);
        let digits = |prefix: &str| {
            let number = tail.strip_prefix(prefix)?;
            let end = number
                .find(|letter: char| !letter.is_ascii_digit())
                .unwrap_or(number.len());
            let (digits, after) = number.split_at(end);
            let goes_on = after
                .chars()
                .next()
                .is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            let value: i64 = digits.parse().ok()?;
            (value > 0 && !digits.starts_with('0') && !goes_on).then_some((prefix.len() + end, value))
        };
        let whole = !previous.is_some_and(is_word);
        let of_incident = digits("INC-").filter(|_| whole);
        let of_item = digits("ACT-").filter(|_| whole);
        let length = match of_incident.or(of_item) {
            Some((length, number)) => {
                let begins = at + start;
                if begins > written {
                    found.push(Piece::Text(&text[written..begins]));
                }
                let words = &text[begins..begins + length];
                found.push(if of_incident.is_some() {
                    Piece::Incident(words, number)
                } else {
                    Piece::ActionItem(words, number)
                });
                written = begins + length;
                length
            }
            None => 1,
        };
        before = tail[..length].chars().next_back();
        at += start + length;
        rest = &tail[length..];
    }
    if written < text.len() {
        found.push(Piece::Text(&text[written..]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_found_and_nothing_else() {
        for (text, expected) in [
            ("", vec![]),
            ("Nothing here", vec![Piece::Text("Nothing here")]),
            (
                "See https://x.example/a_(b)?c=1. Then",
                vec![
                    Piece::Text("See "),
                    Piece::Url("https://x.example/a_(b)?c=1"),
                    Piece::Text(". Then"),
                ],
            ),
            (
                "(http://x.example)",
                vec![Piece::Text("("), Piece::Url("http://x.example"), Piece::Text(")")],
            ),
            (
                "ftp://x.example javascript:alert(1)",
                vec![
                    Piece::Text("ftp://x.example"),
                    Piece::Text(" javascript:alert(1)"),
                ],
            ),
            (
                "As in INC-12, see ACT-7!",
                vec![
                    Piece::Text("As in "),
                    Piece::Incident("INC-12", 12),
                    Piece::Text(", see "),
                    Piece::ActionItem("ACT-7", 7),
                    Piece::Text("!"),
                ],
            ),
            ("INC-1INC-2", vec![Piece::Text("INC-1INC-2")]),
            (
                "INC-1 INC-2",
                vec![
                    Piece::Incident("INC-1", 1),
                    Piece::Text(" "),
                    Piece::Incident("INC-2", 2),
                ],
            ),
            (
                "inc-12 XINC-12 INC-0 INC-012 INC-x INC-",
                vec![Piece::Text("inc-12 XINC-12 INC-0 INC-012 INC-x INC-")],
            ),
            (
                "INC-99999999999999999999",
                vec![Piece::Text("INC-99999999999999999999")],
            ),
            (
                "https://x.example/INC-12",
                vec![Piece::Url("https://x.example/INC-12")],
            ),
            (
                "راجع INC-3 الآن",
                vec![
                    Piece::Text("راجع "),
                    Piece::Incident("INC-3", 3),
                    Piece::Text(" الآن"),
                ],
            ),
        ] {
            let found = pieces(text);
            assert_eq!(found, expected, "{text}");
            assert_eq!(found.iter().map(Piece::text).collect::<String>(), text);
        }
        assert!(is_url(" https://x.example/a ") && !is_url("see https://x.example"));
    }
}
