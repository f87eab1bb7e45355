//! From the bytes of a request to a JSON object, the same for every format.
//!
//! Deep nesting is refused by serde_json (128 levels), and the number of values is bounded, so that a body of one MiB stays small
//! in memory. Of a member named twice the last counts, here and everywhere.

use super::Malformed;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// An Alertmanager group that fills one MiB has fewer.
const VALUES: usize = 100_000;
/// Digits that a 64-bit float holds for certain.
const EXACT: usize = 15;

/// The object that the body is.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Malformed> {
    if matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(Malformed::Utf16);
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    // PowerShell and .NET write a byte order mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Malformed::Empty);
    }
    match serde_json::from_str(&settled(text)?) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Malformed::NotAnObject),
        Err(fault) => Err(Malformed::NotJson {
            line: fault.line(),
            column: fault.column(),
        }),
    }
}

/// The same JSON with what serde_json refuses or rounds put right: half a surrogate pair becomes U+FFFD, a number beyond what is
/// held exactly becomes text.
fn settled(text: &str) -> Result<Cow<'_, str>, Malformed> {
    let bytes = text.as_bytes();
    let mut settled = String::new();
    let mut copied = 0;
    let mut values = 0;
    let mut at = 0;
    let mut within = false;
    while let Some(&byte) = bytes.get(at) {
        let from = at;
        match byte {
            b'"' => within = !within,
            b'\\' if within => {
                if let Some(unit) = escaped_unit(bytes, at) {
                    let pair = matches!(unit, 0xd800..0xdc00)
                        && escaped_unit(bytes, at + 6).is_some_and(|low| matches!(low, 0xdc00..0xe000));
                    if pair {
                        at += 11;
                    } else {
                        at += 5;
                        if matches!(unit, 0xd800..0xe000) {
                            settled.push_str(&text[copied..from]);
                            settled.push_str("\\ufffd");
                            copied = at + 1;
                        }
                    }
                } else {
                    at += 1;
                }
            }
            b',' | b'[' | b'{' if !within => {
                values += 1;
                if values > VALUES {
                    return Err(Malformed::TooManyValues { limit: VALUES });
                }
            }
            b'-' | b'0'..=b'9' if !within => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .count();
                let number = &text[at..at + length];
                if !is_exact(number) && is_number(number) && !is_name(&bytes[at + length..]) {
                    settled.push_str(&text[copied..from]);
                    settled.push('"');
                    settled.push_str(number);
                    settled.push('"');
                    copied = at + length;
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Ok(Cow::Borrowed(text));
    }
    settled.push_str(&text[copied..]);
    Ok(Cow::Owned(settled))
}

/// The number in `\uXXXX`, if that stands here.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else {
        return None;
    };
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit * 16 + char::from(digit).to_digit(16)?)
    })
}

fn is_exact(number: &str) -> bool {
    number.len() <= EXACT && !number.contains(['e', 'E'])
}

/// Whether this is a number by JSON's grammar, however large.
fn is_number(text: &str) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        (rest.len() < text.len()).then_some(rest)
    }
    let whole = text.strip_prefix('-').unwrap_or(text);
    if whole.len() > 1 && whole.starts_with('0') && whole.as_bytes()[1].is_ascii_digit() {
        return false;
    }
    let Some(mut rest) = digits(whole) else {
        return false;
    };
    if let Some(fraction) = rest.strip_prefix('.') {
        match digits(fraction) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) == Some(""),
        None => rest.is_empty(),
    }
}

/// Whether what follows makes it a member's name, which a number cannot be.
fn is_name(after: &[u8]) -> bool {
    after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// A member that is text, or null or absent.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Malformed> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "text")),
    }
}

/// A member that is an object, or null or absent.
pub(super) fn map<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Malformed> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(wrong(name, "an object")),
    }
}

pub(super) fn wrong(field: &str, expected: &'static str) -> Malformed {
    Malformed::WrongType {
        field: field.to_owned(),
        expected,
    }
}

/// Members as labels: text as it is, anything else as JSON, null not at all.
pub(super) fn named_texts(map: &Map<String, Value>) -> impl Iterator<Item = (String, String)> + '_ {
    map.iter().filter_map(|(name, value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((name.clone(), text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_json_is_settled_or_refused() {
        for (text, read) in [
            (r#"{"a":1}"#, Some(json!({"a": 1}))),
            ("\u{feff}{\"a\":1}", Some(json!({"a": 1}))),
            (r#"{"a":1,"a":2}"#, Some(json!({"a": 2}))),
            (r#"{"a":"x\ud800y"}"#, Some(json!({"a": "x\u{fffd}y"}))),
            (
                r#"{"a":"\udc00\ud83d\ude00\\ud800"}"#,
                Some(json!({"a": "\u{fffd}😀\\ud800"})),
            ),
            (
                r#"{"a":"\ud800\ud800\udc00"}"#,
                Some(json!({"a": "\u{fffd}\u{10000}"})),
            ),
            (r#"{"a\u0000":"\u0000"}"#, Some(json!({"a\0": "\0"}))),
            (
                r#"{"a":1e400,"b":[-1E-999,123456789012345678901234567890],"c":-1.5}"#,
                Some(json!({"a": "1e400", "b": ["-1E-999", "123456789012345678901234567890"], "c": -1.5})),
            ),
            (
                r#"{"a":"123456789012345678901234567890"}"#,
                Some(json!({"a": "123456789012345678901234567890"})),
            ),
            (r#"{1e400:1}"#, None),
            (r#"{"a":0123456789012345678}"#, None),
            (r#"{"a":1e}"#, None),
            (r#"{"a":-----------------------}"#, None),
            (r#"{"a":NaN}"#, None),
            (r#"{"a":-Infinity}"#, None),
            (r#"{"a":"\u00"}"#, None),
            (r#"{"a":"\ud800"#, None),
            (r#"{"a":1}{"a":2}"#, None),
            ("[1]", None),
            ("null", None),
            ("  ", None),
        ] {
            let object = object(text.as_bytes()).ok().map(Value::Object);
            assert_eq!(object, read, "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = "[".repeat(100_000);
        assert!(matches!(object(deep.as_bytes()), Err(Malformed::NotJson { .. })));
        let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(VALUES));
        assert_eq!(
            object(wide.as_bytes()),
            Err(Malformed::TooManyValues { limit: VALUES })
        );
        assert_eq!(object(b"\xff\xfe{\0}\0"), Err(Malformed::Utf16));
        assert_eq!(object(b"{\"a\":\"\xe9\"}"), Err(Malformed::NotUtf8));
    }
}
