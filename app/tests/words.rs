//! The interface keeps to the words of `docs/glossary.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Where texts for people stand.
const TEXTS: [&str; 5] = [
    "app/src",
    "app/islands/src",
    "engine/src",
    "domain/src",
    "server/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The words on the left of the glossary's last table.
fn forbidden() -> Vec<String> {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).expect("the glossary");
    let (_, table) = glossary.split_once("## Not these").expect("the table");
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split(','))
        .map(|word| word.trim().to_lowercase())
        .collect()
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The texts between quotation marks in a Rust source, up to its tests. Comments are not for readers of the interface.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or(source);
    let mut found = Vec::new();
    let mut rest = source.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        match letter {
            '/' if source[at..].starts_with("//") => {
                while rest.next_if(|(_, letter)| *letter != '\n').is_some() {}
            }
            // A quotation mark as a character.
            '\'' if source[at..].starts_with("'\"'") => {
                rest.next();
                rest.next();
            }
            '"' => {
                let mut text = String::new();
                while let Some((_, letter)) = rest.next() {
                    match letter {
                        '"' => break,
                        '\\' => text.extend(rest.next().map(|_| ' ')),
                        letter => text.push(letter),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// Names, classes and keys are no words for people; these have a space in them or begin with a capital. Neither is SQL.
fn is_for_people(text: &str) -> bool {
    let is_sql = ["SELECT ", "FROM ", "INSERT ", "UPDATE ", "id, "]
        .iter()
        .any(|word| text.contains(word));
    !is_sql && (text.trim().contains(char::is_whitespace) || text.starts_with(char::is_uppercase))
}

/// The text as words between single spaces, without addresses.
fn spoken(text: &str) -> String {
    let words = text
        .split_whitespace()
        .filter(|word| !word.contains("://") && !word.contains('_'))
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_alphanumeric())
                .to_lowercase()
        });
    format!(" {} ", words.collect::<Vec<_>>().join(" "))
}

fn says(text: &str, word: &str) -> bool {
    let text = spoken(text);
    text.contains(&format!(" {word} ")) || text.contains(&format!(" {word}s "))
}

#[test]
fn the_interface_uses_the_words_of_the_glossary() {
    let forbidden = forbidden();
    assert!(forbidden.len() > 20, "{forbidden:?}");
    let mut sources = Vec::new();
    for dir in TEXTS {
        files(&root().join(dir), &mut sources);
    }
    let mut wrong = Vec::new();
    for path in sources {
        // Machines are answered in the words of the interface that they know.
        if path.parent().is_some_and(|folder| {
            ["hooks", "sources/pagerduty", "sources/opsgenie"]
                .iter()
                .any(|of_others| folder.ends_with(of_others))
        }) {
            continue;
        }
        let Ok(source) = fs::read_to_string(&path) else {
            continue;
        };
        let texts = match path.extension().and_then(|extension| extension.to_str()) {
            // Words that somebody may look for a page by are theirs, not ours; they are written small.
            Some("rs")
                if path.ends_with("places.rs")
                    || path.parent().is_some_and(|parent| parent.ends_with("places")) =>
            {
                literals(&source)
                    .into_iter()
                    .filter(|text| text.contains(char::is_uppercase))
                    .collect()
            }
            Some("rs") => literals(&source),
            Some("txt" | "html") => source.lines().map(str::to_owned).collect(),
            _ => continue,
        };
        for text in texts.iter().filter(|text| is_for_people(text)) {
            for word in forbidden.iter().filter(|word| says(text, word)) {
                wrong.push(format!("{}: “{word}” in “{}”", path.display(), text.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "See docs/glossary.md.\n{}", wrong.join("\n"));
}

#[test]
fn a_forbidden_word_is_found_wherever_it_stands() {
    let source = "// an outage\nlet a = \"Users are well\"; let b = 'x'; call('\"', \"user_agent\"); view! { \"No \\\"ticket\\\" yet\" }";
    let texts = literals(source);
    assert_eq!(texts, ["Users are well", "user_agent", "No  ticket  yet"]);
    assert!(says(&texts[0], "user") && !says(&texts[1], "user") && says(&texts[2], "ticket"));
    assert!(!is_for_people("user-agent") && is_for_people("User"));
    // Several words are one, whatever stands between them.
    assert!(says("Alert, quiet", "alert quiet") && !says("An alert that stays quiet", "alert quiet"));
}
