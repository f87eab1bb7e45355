//! `kintsugi oncall preview`, as a person or a program runs it: all the cases, and what must not come to harm.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const CASES: &str = include_str!("../../domain/tests/oncall-cases.json");

/// The program, where nothing is set up and the settings are wrong.
fn preview(schedule: &str, asked: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_kintsugi"))
        .args(["oncall", "preview", "-"])
        .args(asked)
        .env("KINTSUGI_DATABASE_URL", "nowhere://")
        .env("KINTSUGI_AUDIT_DAYS", "many")
        .env("KINTSUGI_CONFIG", "/nowhere.toml")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    let schedule = schedule.to_owned();
    // A file that is too long is not read to its end.
    let written = std::thread::spawn(move || drop(stdin.write_all(schedule.as_bytes())));
    let output = program.wait_with_output().unwrap();
    written.join().unwrap();
    output
}

/// Code and answer.
pub fn told(schedule: &str, asked: &[&str]) -> (Option<i32>, Value) {
    let output = preview(schedule, &[asked, &["--json"]].concat());
    let answer = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        answer.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))),
    )
}

/// Answers with what was said instead of what had to be.
fn differs(case: &Value) -> Option<String> {
    let schedule = case["schedule"].to_string();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (code, answer, right) = match case["kind"].as_str().unwrap() {
        "range" => {
            let (from, to) = (text(&case["range"]["from"]), text(&case["range"]["to"]));
            let (code, answer) = told(&schedule, &["--from", &from, "--to", &to]);
            let right = answer == case["expect"];
            (code, answer, right && code == Some(0))
        }
        "at" => {
            let (code, answer) = told(&schedule, &["--at", &text(&case["at"])]);
            let right = answer == json!({ "people": case["people"], "until": case["until"] });
            (code, answer, right && code == Some(0))
        }
        _ => {
            let (code, answer) = told(&schedule, &["--at", "2025-01-06T12:00:00Z"]);
            let field = answer["field"].as_str().unwrap_or_default();
            let right = field.starts_with(&text(&case["field"])) && answer["message"].is_string();
            (code, answer, right && code == Some(2))
        }
    };
    (!right).then(|| format!("{}: {code:?} {answer}", case["name"]))
}

#[test]
fn the_program_answers_every_case() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    let cases = cases["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 311);
    let differ: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A schedule of one layer, with `keys` in it.
fn layer(keys: &str) -> String {
    format!(r#"{{"time_zone":"Europe/Berlin","layers":[{{"start":"2026-03-02T09:00",{keys}}}]}}"#)
}

const WEEKS: &str = r#""turns":[["ana","bo"],[]],"unit":"week","every":1"#;

#[test]
fn people_read_it_in_the_schedules_zone() {
    let schedule = layer(WEEKS);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("primary.json");
    std::fs::write(&file, &schedule).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kintsugi"))
        .args(["oncall", "preview"])
        .arg(&file)
        .args(["--from", "2026-03-16T08:00:00Z", "--to", "2026-04-06T07:00:00Z"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "Times are those of Europe/Berlin.
Mon 2026-03-16 09:00 CET  to  Mon 2026-03-23 09:00 CET  ana, bo
Mon 2026-03-23 09:00 CET  to  Mon 2026-03-30 09:00 CEST  nobody
Mon 2026-03-30 09:00 CEST  to  Mon 2026-04-06 09:00 CEST  ana, bo
"
    );
    let at = |at| String::from_utf8(preview(&schedule, &["--at", at]).stdout).unwrap();
    assert_eq!(
        at("2026-03-16T08:00:00Z"),
        "ana, bo, until Mon 2026-03-23 09:00 CET\n"
    );
    let ends = layer(r#""turns":[["ana"]],"unit":"week","every":1"#);
    let output = preview(&ends, &["--at", "2026-03-16T08:00:00Z"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "ana, with no change in the next 400 days\n"
    );
}

#[test]
fn a_gap_that_is_meant_is_told_as_such() {
    let schedule = r#"{"time_zone":"UTC","layers":[{"turns":[["ana"]],"unit":"day","every":1,"start":"2026-03-02T09:00"}],
        "overrides":[{"kind":"nobody","from":"2026-04-03T00:00:00Z","to":"2026-04-04T00:00:30Z"}]}"#;
    let output = preview(
        schedule,
        &["--from", "2026-04-02T00:00:00Z", "--to", "2026-04-05T00:00:00Z"],
    );
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(
        words.contains("Fri 2026-04-03 00:00 UTC  to  Sat 2026-04-04 00:00:30 UTC  nobody, as planned\n"),
        "{words}"
    );
}

#[test]
fn what_is_wrong_is_a_sentence_with_its_field() {
    let weeks = layer(WEEKS);
    for (schedule, asked, field) in [
        (
            layer(r#""turns":[[]],"unit":"week","every":1"#),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "layers[0].turns",
        ),
        (
            layer(r#""turns":[["ana"]],"unit":"week","every":"1""#),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "layers[0].every",
        ),
        (
            layer(r#""turns":[["ana"]],"unit":"week","every":1,"color":1"#),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "layers[0].color",
        ),
        (
            "{".to_owned(),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "FILE",
        ),
        (
            String::new(),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "FILE",
        ),
        (
            weeks.clone(),
            ["--from", "2026-02-30T00:00:00Z", "--to", "2026-03-03T00:00:00Z"],
            "--from",
        ),
        (
            weeks.clone(),
            ["--from", "2026-03-02T00:00:00Z", "--to", "tomorrow"],
            "--to",
        ),
        (
            weeks.clone(),
            ["--from", "2026-03-02T00:00:00Z", "--to", "2026-03-02T00:00:00Z"],
            "--to",
        ),
    ] {
        let (code, answer) = told(&schedule, &asked);
        assert_eq!(
            (code, answer["field"].as_str()),
            (Some(2), Some(field)),
            "{answer}"
        );
        let words = preview(&schedule, &asked);
        assert_eq!(
            (words.status.code(), words.stdout.as_slice()),
            (Some(2), &b""[..])
        );
        let told = String::from_utf8(words.stderr).unwrap();
        assert!(
            told.starts_with(&format!("kintsugi: {field}: ")) && told.ends_with(".\n"),
            "{told}"
        );
    }
    let (code, answer) = told(&weeks, &["--at", "2026-03-02"]);
    assert_eq!((code, answer["field"].as_str()), (Some(2), Some("--at")));
    // Neither a range nor an instant, and half of a range.
    for (asked, field) in [
        (&[][..], "--from"),
        (&["--to", "2026-03-02T00:00:00Z"], "--from"),
        (&["--from", "2026-03-02T00:00:00Z"], "--to"),
    ] {
        let (code, answer) = told(&weeks, asked);
        assert_eq!((code, answer["field"].as_str()), (Some(2), Some(field)));
    }
    let both = ["--at", "2026-03-02T00:00:00Z", "--from", "2026-03-02T00:00:00Z"];
    assert_eq!(preview(&weeks, &both).status.code(), Some(2));
    let (code, answer) = told("{}", &[]);
    assert_eq!((code, answer["field"].as_str()), (Some(2), Some("time_zone")));
    let missing = Command::new(env!("CARGO_BIN_EXE_kintsugi"))
        .args([
            "oncall",
            "preview",
            "/nowhere.json",
            "--at",
            "2026-03-02T00:00:00Z",
            "--json",
        ])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stdout).unwrap().contains("FILE"));
}

#[test]
fn nothing_that_is_asked_takes_for_ever() {
    let ever = ["--from", "0001-01-01T00:00:00Z", "--to", "9999-12-31T23:59:59Z"];
    let year = ["--from", "2026-01-01T00:00:00Z", "--to", "2027-01-01T00:00:00Z"];
    let hours = r#""turns":[["ana"],["bo"]],"unit":"hour","every":1"#;
    let daily = r#"{"kind":"daily","from":"09:00","to":"17:00"}"#;
    let many_turns = format!(
        r#""turns":[{}["ana"]],"unit":"hour","every":1"#,
        r#"["bo"],"#.repeat(1_000_000)
    );
    let many_people = format!(
        r#""turns":[[{}"ana"]],"unit":"hour","every":1"#,
        r#""bo","#.repeat(1_000_000)
    );
    let many_windows = format!(
        r#"{hours},"restrictions":[{}{daily}]"#,
        format!("{daily},").repeat(100_000)
    );
    let cover = r#"{"kind":"add","person":"ana","from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}"#;
    let many_covers = format!(
        r#"{{"time_zone":"UTC","overrides":[{}{cover}]}}"#,
        format!("{cover},").repeat(100_000)
    );
    let of_layers = format!(r#"{{{hours},"start":"2026-03-02T09:00"}}"#);
    let many_layers = format!(
        r#"{{"time_zone":"UTC","layers":[{}{of_layers}]}}"#,
        format!("{of_layers},").repeat(50_000)
    );
    for (what, schedule, asked, code) in [
        ("ten thousand years of hours", layer(hours), &ever[..], 2),
        (
            "ten thousand years of hours at their end",
            layer(hours),
            &["--at", "9999-12-31T23:59:59Z"],
            0,
        ),
        (
            "before all time",
            layer(hours),
            &["--at", "0000-01-01T00:00:00Z"],
            0,
        ),
        (
            "turns that never end",
            layer(r#""turns":[["ana"],["bo"]],"unit":"month","every":4000000000"#),
            &ever,
            0,
        ),
        (
            "turns of open days that never end",
            layer(&format!(
                r#""turns":[["ana"]],"unit":"day","every":4000000000,"counts":"open","restrictions":[{daily}]"#
            )),
            &year,
            0,
        ),
        (
            "a turn beyond all numbers",
            layer(r#""turns":[["ana"]],"unit":"week","every":40000000000"#),
            &year,
            2,
        ),
        ("a million turns", layer(&many_turns), &year, 0),
        ("a million people", layer(&many_people), &year, 2),
        ("many windows", layer(&many_windows), &year, 2),
        ("many covers", many_covers, &year, 2),
        ("many layers", many_layers, &["--at", "2026-05-05T00:00:00Z"], 2),
        ("forty megabytes", " ".repeat(40 << 20), &year, 2),
        ("brackets", "[".repeat(1_000_000), &year, 2),
    ] {
        let asked: Vec<String> = asked.iter().map(|&word| word.to_owned()).collect();
        let (done, answered) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let asked: Vec<&str> = asked.iter().map(String::as_str).chain(["--json"]).collect();
            let _ = done.send(preview(&schedule, &asked));
        });
        let output = answered.recv_timeout(Duration::from_secs(60));
        let output = output.unwrap_or_else(|_| panic!("{what} takes for ever"));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{what}: {told}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            answer.is_object() && answer.get("message").is_some(),
            code == 2,
            "{what}"
        );
    }
}
