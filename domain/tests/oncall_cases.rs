//! The arithmetic of rotations against cases that were computed in two other ways; see `domain::oncall` for the rules.

use chrono::{DateTime, Utc};
use domain::oncall::Schedule;
use domain::oncall::draft::ScheduleDraft;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    why: String,
    schedule: ScheduleDraft,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Asked {
    Range {
        range: Range,
        expect: Vec<Interval>,
    },
    At {
        at: DateTime<Utc>,
        people: Vec<String>,
        until: Option<DateTime<Utc>>,
    },
    Invalid {
        field: String,
    },
}

#[derive(Deserialize)]
struct Range {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Interval {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    people: Vec<String>,
}

#[test]
fn every_case_comes_out_as_computed() {
    let cases: Cases = serde_json::from_str(include_str!("oncall-cases.json")).expect("the cases");
    assert_eq!(cases.cases.len(), 311);
    let mut faults = Vec::new();
    for case in cases.cases {
        let schedule = case.schedule.check(|name| Some(name.to_owned()));
        let outcome = match (schedule, &case.asked) {
            (Ok(schedule), Asked::Range { range, expect }) => in_range(&schedule, range, expect),
            (Ok(schedule), Asked::At { at, people, until }) => at_instant(&schedule, *at, people, *until),
            (Err(fault), Asked::Invalid { field }) if fault.field.starts_with(field.as_str()) => Ok(()),
            (Err(fault), _) => Err(format!("refused, {fault}")),
            (Ok(_), Asked::Invalid { field }) => Err(format!("not refused for {field}")),
        };
        if let Err(fault) = outcome {
            faults.push(format!("{} ({}): {fault}", case.name, case.why));
        }
    }
    assert!(
        faults.is_empty(),
        "{} cases fail\n{}\n",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_page_about_them_shows_a_schedule() {
    let page = include_str!("../../docs/on-call.md");
    let (_, shown) = page.split_once("```json").expect("an example");
    let (shown, _) = shown.split_once("```").expect("its end");
    let schedule = ScheduleDraft::read(shown.as_bytes())
        .and_then(|draft| draft.check(|name| Some(name.to_owned())))
        .expect("a schedule");
    // Wednesday of the first week: in the morning, at noon, in the evening.
    for (at, on_call) in [
        ("2026-03-04T08:00:00Z", "cy"),
        ("2026-03-04T12:00:00Z", "dee"),
        ("2026-03-04T20:00:00Z", "ana"),
    ] {
        let people = schedule.on_call(at.parse().expect("an instant"));
        assert!(people.iter().eq([on_call]), "{people:?}");
    }
}

fn in_range(schedule: &Schedule<String>, range: &Range, expect: &[Interval]) -> Result<(), String> {
    let shifts: Vec<_> = schedule
        .shifts(range.from, range.to)
        .into_iter()
        .map(|shift| Interval {
            from: shift.from,
            to: shift.to,
            people: shift.people.into_iter().collect(),
        })
        .collect();
    if shifts == expect {
        return Ok(());
    }
    let differs = shifts.iter().zip(expect).find(|(got, expected)| got != expected);
    Err(format!(
        "{} for {} shifts, {differs:?}",
        shifts.len(),
        expect.len()
    ))
}

fn at_instant(
    schedule: &Schedule<String>,
    at: DateTime<Utc>,
    people: &[String],
    until: Option<DateTime<Utc>>,
) -> Result<(), String> {
    let (on_call, changes) = schedule.at(at);
    if on_call.iter().eq(people) && changes == until {
        Ok(())
    } else {
        Err(format!("{on_call:?} until {changes:?}"))
    }
}
