//! A recorded request: how to build its bytes, and what a right receiver concludes from it. Used by the test of the parsers, and
//! again by the test that sends the same requests over HTTP.

// Each of the two uses its part.
#![allow(dead_code)]

use base64::Engine;
use domain::alerts::Door;
use domain::teams::IntegrationKind;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Stands in the place of `{token}`.
pub const TOKEN: &str = "4f6c0d2a9b7e4a518c3f6b1d5e8a7c90";

pub struct Case {
    /// As in `hostile/07-duplicate-keys`.
    pub name: String,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    request: Value,
    pub expect: Value,
}

/// The source, its door, and what stands in the path where the door has names.
pub type Opened = (IntegrationKind, &'static Door, Vec<(String, String)>);

impl Case {
    /// Those of all sources, and the hostile ones, in the order of their names.
    pub fn all() -> Vec<Case> {
        let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain");
        let folders = |below: &str| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(domain.join(below)).expect("a folder");
            entries.map(|entry| entry.expect("an entry").path()).collect()
        };
        let mut cases = Vec::new();
        for source in folders("src/alerts/sources") {
            cases.extend(Case::of(&source, &source.join("cases")));
        }
        let hostile = domain.join("tests/webhooks/hostile");
        cases.extend(Case::of(&hostile, &hostile));
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        cases
    }

    fn of(source: &Path, folder: &Path) -> Vec<Case> {
        let source = source.file_name().unwrap_or_default().to_string_lossy();
        let files = std::fs::read_dir(folder).unwrap_or_else(|_| panic!("{source} has cases"));
        let files = files.map(|file| file.expect("a case").path());
        let is_case = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "json");
        files
            .filter(is_case)
            .map(|file| Case::read(&source, &file))
            .collect()
    }

    fn read(source: &str, file: &Path) -> Case {
        let text = std::fs::read_to_string(file).expect("a readable case");
        let mut case: Value = serde_json::from_str(&text).expect("a case in JSON");
        let stem = file.file_stem().unwrap_or_default();
        let request = case["request"].take();
        Case {
            name: format!("{source}/{}", stem.to_string_lossy()),
            method: text_of(&request["method"]),
            path: text_of(&request["path"]),
            headers: request["headers"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), text_of(value)))
                .collect(),
            request,
            expect: case["expect"].take(),
        }
    }

    /// Where it goes: the source, its door, and what stands in the path where the door has names. `None`: nobody reads that.
    pub fn door(&self) -> Option<Opened> {
        let path = self
            .path
            .split('?')
            .next()
            .unwrap_or_default()
            .replace("{token}", TOKEN);
        IntegrationKind::ALL.iter().find_map(|kind| {
            let (door, named) = kind.source().door_at(&self.method, &path)?;
            Some((*kind, door, named))
        })
    }

    pub fn query(&self) -> &str {
        self.path
            .split_once('?')
            .map(|(_, query)| query)
            .unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The bytes to send. `None` for what only a connection can do: packed bodies and ones that drip.
    pub fn body(&self) -> Option<Vec<u8>> {
        let request = &self.request;
        if let Some(base64) = request["body_base64"].as_str() {
            let bytes = base64::engine::general_purpose::STANDARD.decode(base64);
            return Some(bytes.expect("base64"));
        }
        if let Some(text) = request["body_text"].as_str() {
            return Some(text.replace("{token}", TOKEN).into_bytes());
        }
        if let Some(body) = request.get("body") {
            return Some(body.to_string().replace("{token}", TOKEN).into_bytes());
        }
        let Some(generate) = request.get("body_generate") else {
            return Some(Vec::new());
        };
        if let Some(template) = generate.get("json_template") {
            return Some(from_template(template).into_bytes());
        }
        if generate.get("gzip_of").is_some() || generate.get("bytes_per_second").is_some() {
            return None;
        }
        Some(from_parts(generate))
    }

    /// What the body is made of, for those that [`Case::body`] cannot build.
    pub fn generated(&self) -> &Value {
        &self.request["body_generate"]
    }
}

/// `parts`, each `repeat` × `times`.
pub fn from_parts(generate: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    for part in generate["parts"].as_array().expect("parts") {
        let repeat = text_of(&part["repeat"]).replace("{token}", TOKEN);
        let times = part["times"].as_u64().expect("times");
        body.extend(repeat.as_bytes().repeat(usize::try_from(times).expect("a size")));
    }
    if let Some(total) = generate["total_bytes"].as_u64() {
        assert_eq!(body.len() as u64, total);
    }
    body
}

/// Head, so many items joined by the separator with `$i` counted from 0, tail.
fn from_template(template: &Value) -> String {
    let item = text_of(&template["item"]);
    let items: Vec<_> = (0..template["count"].as_u64().expect("count"))
        .map(|number| item.replace("$i", &number.to_string()))
        .collect();
    let body = [
        text_of(&template["head"]),
        items.join(&text_of(&template["separator"])),
        text_of(&template["tail"]),
    ];
    body.concat().replace("{token}", TOKEN)
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
