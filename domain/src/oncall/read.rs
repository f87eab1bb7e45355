//! From JSON to a draft: what is of the wrong type or not known is told with its field.

use super::check::{Fault, InvalidSchedule};
use super::draft::{Keyed, ScheduleDraft};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

impl ScheduleDraft {
    /// Reads what a person or a program wrote.
    ///
    /// # Errors
    /// What is no JSON, keys that are not known, values of another type, each with the field it is in; `field` is empty where it
    /// is the whole.
    pub fn read(json: &[u8]) -> Result<Self, InvalidSchedule> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let Keyed(draft) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let (path, cause) = (error.path(), error.inner());
            let field = path.iter().next().map(|_| path.to_string()).unwrap_or_default();
            // Where the text ends before a key does.
            let field = field.trim_end_matches(['?', '.']);
            match cause.classify() {
                Category::Data => match repeated(cause) {
                    Some(key) => Fault::Repeated.of(format!("{field}.{key}").trim_start_matches('.')),
                    None => fault_at(path).of(field),
                },
                Category::Io | Category::Syntax | Category::Eof => no_json(cause).of(field),
            }
        })?;
        reader.end().map_err(|error| no_json(&error).of(""))?;
        Ok(draft)
    }
}

fn no_json(error: &serde_json::Error) -> Fault {
    Fault::NoJson {
        line: error.line(),
        column: error.column(),
    }
}

/// The key that is there twice: the library says this in words only.
fn repeated(cause: &serde_json::Error) -> Option<String> {
    let words = cause.to_string();
    let (key, _) = words.strip_prefix("duplicate field `")?.split_once('`')?;
    Some(key.to_owned())
}

/// What would have been right there.
fn fault_at(path: &Path) -> Fault {
    let mut keys = path.iter().rev().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.as_str()),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    });
    let is_entry = matches!(path.iter().next_back(), Some(Segment::Seq { .. }));
    let (last, above) = (keys.next(), keys.next());
    match (above, last) {
        (_, None) => Fault::NoSchedule,
        (_, Some("layers" | "overrides" | "restrictions")) if is_entry => Fault::NoKeys,
        (_, Some("layers" | "overrides" | "restrictions")) => Fault::NoList,
        (_, Some("time_zone")) => Fault::NoZone,
        (Some("restrictions"), Some("kind")) => Fault::NoWindow,
        (Some("restrictions"), Some("weekdays")) => Fault::NoWeekday,
        (Some("overrides"), Some("kind")) => Fault::NoOverrideKind,
        (Some("overrides"), Some("layer")) => Fault::NoLayer,
        (Some("overrides"), Some("person")) => Fault::NoPerson,
        (Some("overrides"), Some("with")) => Fault::NobodyStandsIn,
        (Some("overrides"), Some("from" | "to")) => Fault::NoInstant,
        (Some("layers"), Some("turns")) => Fault::NoListOfTurns,
        (Some("layers"), Some("unit")) => Fault::NoUnit,
        (Some("layers"), Some("every")) => Fault::NoLength,
        (Some("layers"), Some("handoffs")) => Fault::NoHandOffs,
        (Some("layers"), Some("counts")) => Fault::NoCounts,
        (Some("layers"), Some("level")) => Fault::NoLevel,
        (Some("layers"), Some("start" | "effective_from" | "effective_until")) => Fault::NoDateAndTime,
        (_, Some(_)) => Fault::UnknownKey,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule of one layer, with `keys` written into that layer.
    fn layer(keys: &str) -> String {
        let start = if keys.contains("\"start\"") {
            ""
        } else {
            r#","start":"2026-03-02T09:00""#
        };
        format!(r#"{{"time_zone":"UTC","layers":[{{"turns":[["ana"],[]]{start},{keys}}}]}}"#)
    }

    /// A schedule with an override.
    fn exception(keys: &str) -> String {
        format!(
            r#"{{"time_zone":"UTC","overrides":[{{"from":"2026-03-02T09:00:00Z","to":"2026-03-03T09:00:00Z",{keys}}}]}}"#
        )
    }

    fn field(json: &str) -> Option<String> {
        let read = ScheduleDraft::read(json.as_bytes());
        let checked = read.and_then(|draft| draft.check(|name| (!name.is_empty()).then(|| name.to_owned())));
        checked.err().map(|fault| fault.field)
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let week = r#""unit":"week","every":1"#;
        for (json, at) in [
            (layer(week), None),
            (String::new(), Some("")),
            ("{".to_owned(), Some("")),
            (r#"{"layers":[{"#.to_owned(), Some("layers[0]")),
            (r#"["UTC",[],[]]"#.to_owned(), Some("")),
            (
                r#"{"time_zone":"UTC","overrides":[[]]}"#.to_owned(),
                Some("overrides[0]"),
            ),
            ("{}".to_owned(), Some("time_zone")),
            (r#"{"time_zone":7}"#.to_owned(), Some("time_zone")),
            (r#"{"time_zone":"UTC"}"#.to_owned(), None),
            (r#"{"time_zone":"UTC"} {}"#.to_owned(), Some("")),
            (
                r#"{"time_zone":"UTC","time_zone":"UTC"}"#.to_owned(),
                Some("time_zone"),
            ),
            (r#"{"time_zone":"UTC","layers":{}}"#.to_owned(), Some("layers")),
            (r#"{"time_zone":"UTC","layer":[]}"#.to_owned(), Some("layer")),
            (layer(r#""unit":"week""#), Some("layers[0].every")),
            (layer(r#""every":1"#), Some("layers[0].unit")),
            (layer(r#""level":0"#), Some("layers[0].unit")),
            (layer(r#""unit":"week","every":1.5"#), Some("layers[0].every")),
            (layer(r#""unit":"week","every":"1""#), Some("layers[0].every")),
            (
                layer(r#""unit":"week","every":4294967296"#),
                Some("layers[0].every"),
            ),
            (
                layer(r#""unit":"week","every":99999999999999999999"#),
                Some("layers[0].every"),
            ),
            (layer(r#""handoffs":"mon""#), Some("layers[0].handoffs")),
            (layer(r#""handoffs":["mon"]"#), Some("layers[0].handoffs[0]")),
            (
                layer(r#""handoffs":[["mon","9:00"]]"#),
                Some("layers[0].handoffs[0]"),
            ),
            (
                layer(r#""handoffs":[["mon","09:00",1]]"#),
                Some("layers[0].handoffs[0]"),
            ),
            (layer(r#""handoffs":[["mon","09:00"]],"every":null"#), None),
            (
                layer(&format!(r#"{week},"start":"2026-03-02T09:00:30""#)),
                Some("layers[0].start"),
            ),
            (
                layer(&format!(r#"{week},"start":"2026-3-002T09:00""#)),
                Some("layers[0].start"),
            ),
            (
                layer(&format!(r#"{week},"start":"2026-03-02T09:00Z""#)),
                Some("layers[0].start"),
            ),
            (
                layer(&format!(r#"{week},"effective_from":"""#)),
                Some("layers[0].effective_from"),
            ),
            (
                layer(&format!(
                    r#"{week},"effective_from":null,"level":null,"time_zone":null"#
                )),
                None,
            ),
            (layer(&format!(r#"{week},"level":1.0"#)), Some("layers[0].level")),
            (layer(&format!(r#"{week},"level":300"#)), Some("layers[0].level")),
            (
                layer(&format!(r#"{week},"counts":true"#)),
                Some("layers[0].counts"),
            ),
            (layer(&format!(r#"{week},"restrictions":[]"#)), None),
            (
                layer(&format!(r#"{week},"restrictions":[7]"#)),
                Some("layers[0].restrictions[0]"),
            ),
            (
                layer(&format!(
                    r#"{week},"restrictions":[{{"kind":"daily","from":9,"to":"17:00"}}]"#
                )),
                Some("layers[0].restrictions[0].from"),
            ),
            (
                layer(&format!(
                    r#"{week},"restrictions":[{{"kind":"daily","from":"09:00","to":"17:00","weekdays":[]}}]"#
                )),
                Some("layers[0].restrictions[0].weekdays"),
            ),
            (
                layer(&format!(
                    r#"{week},"restrictions":[{{"kind":"daily","form":"09:00"}}]"#
                )),
                Some("layers[0].restrictions[0].form"),
            ),
            (
                r#"{"time_zone":"UTC","layers":[{"turns":["ana"]}]}"#.to_owned(),
                Some("layers[0].turns[0]"),
            ),
            (
                r#"{"time_zone":"UTC","layers":[{"turns":[["ana"],[""]]}]}"#.to_owned(),
                Some("layers[0].turns[1]"),
            ),
            (exception(r#""kind":"nobody""#), None),
            (
                exception(r#""kind":"nobody","person":"ana""#),
                Some("overrides[0].person"),
            ),
            (exception(r#""kind":"cover""#), Some("overrides[0].person")),
            (
                exception(r#""kind":"cover","person":"ana","with":"bo""#),
                Some("overrides[0].with"),
            ),
            (
                exception(r#""kind":"cover","person":"ana","layer":0"#),
                Some("overrides[0].layer"),
            ),
            (
                exception(r#""kind":"cover","person":"ana","layer":"0""#),
                Some("overrides[0].layer"),
            ),
            (
                exception(r#""kind":"swap","person":"ana""#),
                Some("overrides[0].kind"),
            ),
            (
                r#"{"time_zone":"UTC","overrides":[{"kind":"nobody","from":"2026-03-02T09:00","to":""}]}"#
                    .to_owned(),
                Some("overrides[0].from"),
            ),
        ] {
            assert_eq!(field(&json).as_deref(), at, "{json}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for json in [
            layer(
                r#""unit":"hour","every":12,"counts":"open","effective_from":"2026-04-01T00:00","level":7,"time_zone":"Asia/Tokyo""#,
            ),
            layer(r#""handoffs":[["fri","17:00"],["mon","09:00"]],"effective_until":"2026-04-01T00:00""#),
            exception(r#""kind":"replace","person":"ana","with":"bo""#),
            exception(r#""kind":"nobody""#),
        ] {
            let read = |json: &str| {
                let draft = ScheduleDraft::read(json.as_bytes()).unwrap();
                draft.check(|name| Some(name.to_owned())).unwrap()
            };
            let schedule = read(&json);
            assert_eq!(
                read(&serde_json::to_string(&schedule).unwrap()),
                schedule,
                "{json}"
            );
        }
    }
}
