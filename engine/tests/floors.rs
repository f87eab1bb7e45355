//! The floors inside the engine: a module uses those below its own, never one beside or above it. docs/floors.txt names them.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FLOORS: &str = include_str!("../../docs/floors.txt");

/// Each module's floor, from the ground up.
fn floors() -> BTreeMap<&'static str, usize> {
    let lines = FLOORS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let modules = lines.map(|line| line.split("  ").next().unwrap_or_default());
    (0..)
        .zip(modules.rev())
        .flat_map(|(floor, modules)| modules.split_whitespace().map(move |module| (module, floor)))
        .collect()
}

#[test]
fn no_arrow_runs_up() {
    let floor_of = floors();
    let mut wrong = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, file) in files(&source) {
        let Some(floor) = floor_of.get(module.as_str()) else {
            wrong.push(format!("{module} stands on no floor"));
            continue;
        };
        for used in modules_used(&std::fs::read_to_string(&file).unwrap()) {
            let is_up = floor_of.get(used.as_str()).is_some_and(|other| {
                // The ground is one.
                let is_beside = other == floor && *floor > 0 && used != module;
                other > floor || is_beside
            });
            if is_up {
                wrong.push(format!(
                    "{} uses {used}",
                    file.strip_prefix(&source).unwrap().display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn arrows_are_found_however_they_are_written() {
    let source = "use crate::db::sql;\nuse crate::{Tx, incidents, mail::pages};\n/// [`crate::workers`]\nlet x = crate::paging::stop(tx); // crate::find";
    let found: Vec<String> = modules_used(source).into_iter().collect();
    assert_eq!(found, ["db", "incidents", "mail", "paging"]);
}

/// All source files with the module at the top that each belongs to.
fn files(source: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(source).unwrap();
                let top = inside.iter().next().unwrap().to_string_lossy();
                let module = top.trim_end_matches(".rs").to_owned();
                if module != "lib" {
                    found.push((module, path));
                }
            }
        }
    }
    found
}

/// The modules of this crate that a source names, not counting what its comments say.
fn modules_used(source: &str) -> BTreeSet<String> {
    let code: Vec<&str> = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'));
            used.insert(name[..end.unwrap_or(name.len())].to_owned());
        }
    }
    used.remove("");
    used
}
