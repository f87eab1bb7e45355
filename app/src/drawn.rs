//! Forms that change something carry what they were drawn from. Only what was edited is written; where somebody else changed the same
//! meanwhile, both are shown, and saving again decides.

use engine::Error;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What is typed into such a form. Its field `drawn` is what [`DrawnFrom`] puts into it.
pub trait Drawn: Clone + Serialize + DeserializeOwned {
    /// The fields that can be edited.
    const FIELDS: &'static [&'static str];

    fn drawn(&self) -> &str;
}

/// The hidden field: what stands there now.
#[component]
pub fn DrawnFrom<T: Drawn + 'static>(now: T) -> impl IntoView {
    let fields = Value::Object(fields_of(&now)).to_string();
    view! { <input type="hidden" name="drawn" value=fields /> }
}

fn fields_of<T: Drawn>(typed: &T) -> Map<String, Value> {
    match serde_json::to_value(typed) {
        Ok(Value::Object(mut all)) => {
            all.retain(|name, _| T::FIELDS.contains(&name.as_str()));
            all
        }
        _ => Map::new(),
    }
}

/// What is to be written: of each field what was typed where it was edited, else what stands there `now`. A form that does not say what
/// it was drawn from, such as a script's, means all that it says.
///
/// # Errors
/// [`Error::ChangedMeanwhile`], with the field and what stands in it.
pub fn merged<T: Drawn>(typed: &T, now: &T) -> Result<T, Error> {
    let Ok(Value::Object(was)) = serde_json::from_str(typed.drawn()) else {
        return Ok(typed.clone());
    };
    let (mine, now) = (fields_of(typed), fields_of(now));
    let mut merged = Map::new();
    for field in T::FIELDS {
        let of = |all: &Map<String, Value>| all.get(*field).cloned().unwrap_or_default();
        let (was, mine, now) = (of(&was), of(&mine), of(&now));
        let kept = if same(&mine, &was) {
            now
        } else if same(&now, &was) || same(&now, &mine) {
            mine
        } else {
            return Err(Error::ChangedMeanwhile {
                field,
                now: words(&now),
            });
        };
        merged.insert((*field).to_owned(), kept);
    }
    Ok(serde_json::from_value(Value::Object(merged)).unwrap_or_else(|_| typed.clone()))
}

/// Browsers send line ends of their own, and rows that are empty.
fn same(one: &Value, other: &Value) -> bool {
    normal(one) == normal(other)
}

fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("\r\n", "\n").trim().to_owned()),
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(normal).collect();
            while all.last().is_some_and(|last| last == "") {
                all.pop();
            }
            Value::Array(all)
        }
        other => other.clone(),
    }
}

fn words(value: &Value) -> String {
    match normal(value) {
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => format!("“{text}”"),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A sentence in which ids stand, with the names of what they are of.
pub fn with_names<'a>(sentence: &str, names: impl IntoIterator<Item = (String, &'a str)>) -> String {
    names
        .into_iter()
        .fold(sentence.to_owned(), |sentence, (id, name)| {
            sentence.replace(&id, name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Typed {
        name: String,
        people: Vec<String>,
        drawn: String,
    }

    impl Drawn for Typed {
        const FIELDS: &'static [&'static str] = &["name", "people"];

        fn drawn(&self) -> &str {
            &self.drawn
        }
    }

    fn typed(name: &str, people: &[&str]) -> Typed {
        Typed {
            name: name.to_owned(),
            people: people.iter().map(|person| (*person).to_owned()).collect(),
            drawn: String::new(),
        }
    }

    #[test]
    fn what_was_edited_is_written_and_what_was_not_stays() {
        let was = typed("Line\n1", &["a", "b"]);
        let drawn_from = |mine: Typed| Typed {
            drawn: Value::Object(fields_of(&was)).to_string(),
            ..mine
        };
        for (mine, now, expected) in [
            (
                typed("Line\r\n1", &["a", "b", ""]),
                typed("Other", &["b", "a"]),
                Some(typed("Other", &["b", "a"])),
            ),
            (
                typed("Mine", &["a", "b"]),
                typed("Line\n1", &["b", "a"]),
                Some(typed("Mine", &["b", "a"])),
            ),
            (
                typed("Mine", &["a", "b"]),
                typed("Mine", &["a", "b"]),
                Some(typed("Mine", &["a", "b"])),
            ),
            (typed("Mine", &["a", "b"]), typed("Theirs", &["a", "b"]), None),
            (typed("Line\n1", &["c"]), typed("Line\n1", &["b", "a"]), None),
        ] {
            let merged = merged(&drawn_from(mine.clone()), &now);
            assert_eq!(merged.ok(), expected, "{mine:?} over {now:?}");
        }
        assert_eq!(
            merged(&typed("All", &[]), &was).ok(),
            Some(typed("All", &[])),
            "a script means all that it says"
        );
    }
}
