//! Rooms of the interface: nothing in them runs in a circle, so that each can be read from its door inwards.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// What every room stands on; it is one, as the ground of the engine is.
const GROUND: [&str; 23] = [
    "accounts",
    "address",
    "answer",
    "assets",
    "banners",
    "bounds",
    "components",
    "csv_file",
    "demo",
    "drawn",
    "form",
    "form_page",
    "lib",
    "origin",
    "places",
    "preferences",
    "render",
    "sent",
    "session",
    "state",
    "tints",
    "visitor",
    "zoned",
];

/// Puts all together and so uses all.
const ROUTES: &str = "routes";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// Names that stand after this prefix in the code, not in its comments.
fn used(path: &Path, prefix: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split(prefix).skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'));
            found.insert(name[..end.unwrap_or(name.len())].to_owned());
        }
    }
    found
}

/// What lies on a circle.
fn circles(graph: &Graph) -> Graph {
    let mut left = graph.clone();
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        for uses in left.values_mut() {
            uses.retain(|used| names.contains(used));
        }
        let used: BTreeSet<String> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|name, uses| !uses.is_empty() && used.contains(name));
        if left.len() == before {
            return left;
        }
    }
}

#[test]
fn rooms_do_not_lead_in_a_circle() {
    let source = source();
    let mut graph = Graph::new();
    for path in files(&source) {
        let first = path.strip_prefix(&source).unwrap().iter().next().unwrap();
        let room = name_of(Path::new(first));
        if room == ROUTES || GROUND.contains(&&*room) {
            continue;
        }
        let mut others = used(&path, "crate::");
        others.remove(&room);
        graph.entry(room).or_default().extend(others);
    }
    assert!(graph.len() > 10, "{graph:?}");
    let circles = circles(&graph);
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn parts_of_a_page_do_not_use_each_other_in_a_circle() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(source()).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let room = name_of(&folder);
        let mut graph = Graph::new();
        for path in std::fs::read_dir(&folder).unwrap() {
            let path = path.unwrap().path();
            if path.is_file() {
                let part = name_of(&path);
                let mut others = used(&path, "super::");
                others.extend(used(&path, &format!("crate::{room}::")));
                others.remove(&part);
                graph.insert(part, others);
            }
        }
        let circles = circles(&graph);
        if !circles.is_empty() {
            wrong.push((room, circles));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_circle_is_found() {
    let graph = Graph::from([
        (
            "a".to_owned(),
            BTreeSet::from(["b".to_owned(), "ground".to_owned()]),
        ),
        ("b".to_owned(), BTreeSet::from(["c".to_owned()])),
        ("c".to_owned(), BTreeSet::from(["b".to_owned()])),
        ("d".to_owned(), BTreeSet::from(["a".to_owned()])),
    ]);
    let circles: Vec<String> = circles(&graph).into_keys().collect();
    assert_eq!(circles, ["b", "c"]);
}
