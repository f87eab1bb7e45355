//! What an actor may see is one rule: a statement that reads incidents names it, or says that it does not depend on who reads.

#![allow(clippy::unwrap_used)]

use domain::ids::PersonId;
use engine::db::sql;
use engine::{find, incidents, transaction};
use std::path::{Path, PathBuf};
use testing::both_databases;

/// Copies of databases are read before there is an actor.
const WITHOUT: [&str; 1] = ["db/backup.rs"];

#[test]
fn every_statement_about_incidents_says_who_sees_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut without = Vec::new();
    for file in sources(&source) {
        let name = file.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        if WITHOUT.contains(&name.as_str()) {
            continue;
        }
        without.extend(
            unasked(&text)
                .into_iter()
                .map(|statement| format!("{name}: {statement}")),
        );
    }
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn a_statement_without_it_is_found() {
    let asked = r#"sql("SELECT 1 FROM incidents i WHERE {visible i}"); sql("DELETE FROM incidents_x")"#;
    assert!(unasked(asked).is_empty());
    let of_another =
        r#"sql("SELECT 1 FROM pages p JOIN incidents i ON i.id = p.incident_id AND {visible p}")"#;
    assert_eq!(unasked(of_another).len(), 1);
    assert_eq!(
        unasked(r#"sql("SELECT 1 FROM incidents WHERE id = $1")"#).len(),
        1
    );
    let two = r#"sql("SELECT 1 FROM incidents a JOIN incidents b ON {any b}")"#;
    assert_eq!(unasked(two).len(), 1);
}

/// Beginnings of statements that read incidents and do not say as who.
fn unasked(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in ["FROM incidents", "JOIN incidents"] {
        for (at, _) in source.match_indices(word) {
            let rest = &source[at + word.len()..];
            if rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let next: String = rest
                .trim_start()
                .chars()
                .take_while(|letter| letter.is_ascii_lowercase())
                .collect();
            let table = if next.is_empty() { "incidents" } else { &next };
            let end = rest.find(".await").unwrap_or(rest.len());
            let marks = ["visible", "any"].map(|mark| format!("{{{mark} {table}}}"));
            // A fragment may stand before the table, in a list of columns.
            let begin = source[..at].rfind("sql").unwrap_or(0);
            let statement = &source[begin..at + word.len() + end];
            if !marks.iter().any(|mark| statement.contains(mark.as_str())) {
                found.push(source[at..].chars().take(60).collect());
            }
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

both_databases! {
    async fn what_is_not_for_everybody_is_on_no_list(app) {
        app.usual_cast().await;
        app.fires("checkout", "Secret", 2, "secret").await;
        app.fires("checkout", "Known", 2, "known").await;
        transaction!(app.engine, |tx| {
            sql("UPDATE incidents SET visibility = 'some' WHERE number = 1").run(tx).await?;
        })
        .unwrap();
        let mut tx = app.by(app.id("bo")).await.read().await.unwrap();
        let listed = incidents::list(&mut tx, &incidents::Filter::default()).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.incident.number).collect::<Vec<_>>(), [2]);
        assert_eq!(incidents::count_open(&mut tx).await.unwrap().open, 1);
        assert_eq!(incidents::worst_open(&mut tx, 5).await.unwrap().len(), 1);
        assert!(incidents::find(&mut tx, 1).await.is_err());
        assert!(incidents::read(&mut tx, 1).await.is_err());
        assert!(find::find(&mut tx, "secret", 5).await.unwrap().incidents.is_empty());
        let ana: PersonId = app.id("ana");
        let pages = engine::paging::to_person(&mut tx, ana, 10).await.unwrap();
        assert_eq!(pages.iter().map(|page| page.number).collect::<Vec<_>>(), [2]);
        // The program itself works on all of them.
        let mut tx = app.engine.read().await.unwrap();
        assert!(incidents::find(&mut tx, 1).await.is_ok());
    }
}
