//! From the bytes of a request to a JSON object, the same for every format.
//!
//! Deep nesting is refused by serde_json (128 levels), and the number of values in one member or one alert is bounded, so that a
//! body of 16 MiB stays small in memory: a group's alerts are read one after the other. Of a member named twice the last counts,
//! here and everywhere.

use super::Malformed;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Values in one member, or in one alert of a group.
const VALUES: usize = 100_000;
/// Digits that a 64-bit float holds for certain.
const EXACT: usize = 15;

/// The object that the body is, its members not read yet.
pub(super) struct Members<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

/// The body as JSON that serde_json takes.
pub(super) fn text_of(body: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    if matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(Malformed::Utf16);
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
    // PowerShell and .NET write a byte order mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Malformed::Empty);
    }
    Ok(settled(text))
}

impl<'a> Members<'a> {
    /// Of what [`text_of`] made.
    pub fn of(text: &'a str) -> Result<Self, Malformed> {
        match serde_json::from_str(text) {
            Ok(members) => Ok(Self(members)),
            Err(fault) if fault.is_data() => Err(Malformed::NotAnObject),
            Err(fault) => Err(Malformed::not_json(&fault)),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds what others have beside these.
    pub fn add(&mut self, others: Members<'a>) {
        for (name, raw) in others.0 {
            self.0.entry(name).or_insert(raw);
        }
    }

    /// A member, read.
    pub fn value(&self, name: &str) -> Result<Value, Malformed> {
        self.0.get(name).map_or(Ok(Value::Null), |raw| value_of(raw))
    }

    /// The entries of a member that is a list, not read yet. PHP writes a list with holes as an object with numbers for names.
    pub fn list(&self, name: &str) -> Option<Vec<&'a RawValue>> {
        let raw = self.0.get(name)?.get();
        if raw.starts_with('[') {
            return serde_json::from_str(raw).ok();
        }
        let members: BTreeMap<Cow<'a, str>, &'a RawValue> = serde_json::from_str(raw).ok()?;
        let mut numbered: Vec<(u64, &RawValue)> = members
            .iter()
            .map(|(name, raw)| Some((name.parse().ok()?, *raw)))
            .collect::<Option<_>>()?;
        numbered.sort_by_key(|(number, _)| *number);
        Some(numbered.into_iter().map(|(_, raw)| raw).collect())
    }

    /// All of it, read.
    pub fn object(&self) -> Result<Map<String, Value>, Malformed> {
        let mut object = Map::new();
        for (name, raw) in &self.0 {
            object.insert(name.clone().into_owned(), value_of(raw)?);
        }
        Ok(object)
    }
}

/// The secret that a body names, so that it can be looked up before the body is read any further. The body counts before the header.
pub(super) fn secret_in(body: &[u8], member: &str, header: Option<&str>) -> Option<String> {
    let text = text_of(body).ok();
    let members = text.as_deref().and_then(|text| Members::of(text).ok());
    let told = members.and_then(|members| members.value(member).ok());
    match told {
        None | Some(Value::Null) => header.map(str::to_owned),
        Some(secret) => secret.as_str().map(str::to_owned),
    }
    .filter(|secret| !secret.is_empty())
}

/// What stands there, read, if it is not too much.
pub(super) fn value_of(raw: &RawValue) -> Result<Value, Malformed> {
    let marks = |byte: &&u8| matches!(byte, b',' | b'[' | b'{');
    if raw.get().as_bytes().iter().filter(marks).count() > VALUES && values_in(raw.get()) > VALUES {
        return Err(Malformed::TooManyValues { limit: VALUES });
    }
    serde_json::from_str(raw.get()).map_err(|fault| Malformed::not_json(&fault))
}

fn values_in(json: &str) -> usize {
    let (mut values, mut within, mut escaped) = (0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within => escaped = true,
            b'"' => within = !within,
            b',' | b'[' | b'{' if !within => values += 1,
            _ => {}
        }
    }
    values
}

/// The same JSON with what serde_json refuses or rounds put right: half a surrogate pair becomes U+FFFD, a number beyond what is
/// held exactly becomes text.
pub(super) fn settled(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut settled = String::new();
    let mut copied = 0;
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
        return Cow::Borrowed(text);
    }
    settled.push_str(&text[copied..]);
    Cow::Owned(settled)
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

/// A member that is text; a number or a truth is read as text. What is neither is left out: an odd type never costs a page.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<Cow<'a, str>> {
    as_text(object.get(name)?)
}

/// Up to here a floating number says each whole one.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        // Some languages write each number with a fraction: 1.0 is 1.
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|number| number.fract() == 0.0 && number.abs() < MOST_EXACT);
            Some(Cow::Owned(match whole {
                Some(whole) => format!("{whole:.0}"),
                None => number.to_string(),
            }))
        }
        Value::Bool(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A member that is an object; PHP writes an empty one as `[]`. What is neither is left out.
pub(super) fn map<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    as_map(object.get(name)?)
}

pub(super) fn as_map(value: &Value) -> Option<&Map<String, Value>> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        Value::Object(map) => Some(map),
        Value::Array(list) if list.is_empty() => Some(&EMPTY),
        _ => None,
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

    fn object(body: &[u8]) -> Result<Map<String, Value>, Malformed> {
        Members::of(&text_of(body)?)?.object()
    }

    #[test]
    fn odd_types_are_read_or_left_out() {
        let odd =
            object(br#"{"a":1,"b":true,"c":["x"],"d":{"e":1},"f":[],"g":null,"i":1.0,"j":1.5}"#).unwrap();
        let texts = ["a", "b", "c", "d", "f", "g", "h", "i", "j"].map(|name| text(&odd, name));
        assert_eq!(
            texts.map(|text| text.map(Cow::into_owned)),
            [
                Some("1".to_owned()),
                Some("true".to_owned()),
                None,
                None,
                None,
                None,
                None,
                Some("1".to_owned()),
                Some("1.5".to_owned()),
            ]
        );
        let maps = ["a", "c", "d", "f", "g", "h"].map(|name| map(&odd, name).map(Map::len));
        assert_eq!(maps, [None, None, Some(1), Some(0), None, None]);
    }

    #[test]
    fn the_secret_that_is_looked_up_is_the_one_that_counts() {
        for (body, header, key) in [
            (r#"{"routing_key":"a"}"#, None, Some("a")),
            (r#"{"routing_key":"a","routing_key":"b"}"#, None, Some("b")),
            (r#"{"routing_key":"a"}"#, Some("h"), Some("a")),
            (r#"{}"#, Some("h"), Some("h")),
            (r#"{"routing_key":7}"#, Some("h"), None),
            (r#"{"routing_key":""}"#, None, None),
            (r#"{}"#, None, None),
            ("not json", Some("h"), Some("h")),
        ] {
            let found = secret_in(body.as_bytes(), "routing_key", header);
            assert_eq!(found.as_deref(), key, "{body}");
        }
    }

    #[test]
    fn a_list_with_holes_is_a_list() {
        for (text, entries) in [
            (r#"{"l":["a","b"]}"#, Some(vec![r#""a""#, r#""b""#])),
            (r#"{"l":{"10":"b","2":"a"}}"#, Some(vec![r#""a""#, r#""b""#])),
            (r#"{"l":{"labels":{}}}"#, None),
            (r#"{"l":"a"}"#, None),
            (r#"{"l":null}"#, None),
            (r#"{}"#, None),
        ] {
            let members = Members::of(text).ok().unwrap();
            let list = members.list("l");
            let list = list.map(|list| list.into_iter().map(RawValue::get).collect::<Vec<_>>());
            assert_eq!(list, entries, "{text}");
        }
    }

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
            assert_eq!(object(text.as_bytes()).ok().map(Value::Object), read, "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(object(deep.as_bytes()), Err(Malformed::NotJson { .. })));
        assert!(object("[".repeat(100_000).as_bytes()).is_err());
        let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(VALUES));
        assert_eq!(
            object(wide.as_bytes()),
            Err(Malformed::TooManyValues { limit: VALUES })
        );
        assert_eq!(object(b"\xff\xfe{\0}\0"), Err(Malformed::Utf16));
        assert_eq!(object(b"{\"a\":\"\xe9\"}"), Err(Malformed::NotUtf8));
    }
}
