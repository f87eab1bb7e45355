use super::*;
use ActionState::{Accepted, Declined, Doing, Done, Verified};

fn day(number: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::days(number.into())
}

fn met(number: i64, began: u32, detect: Option<i64>, mitigate: Option<i64>) -> Met {
    Met {
        number,
        began_at: day(began),
        seconds_to_detect: detect,
        seconds_to_mitigate: mitigate,
        services: vec!["Database".to_owned()],
    }
}

/// An earlier incident: its number, the day on which it began, whether it was at the same service, what answered it.
type Then = (i64, u32, bool, Vec<Answer>);

const fn earlier(number: i64, began: u32, is_same_service: bool, answers: Vec<Answer>) -> Then {
    (number, began, is_same_service, answers)
}

fn found(now: &Met, all: &[Then], left_out: usize) -> Vec<Finding> {
    let mets: Vec<Met> = all
        .iter()
        .map(|(number, began, ..)| met(*number, *began, Some(600), Some(3600)))
        .collect();
    let earlier: Vec<Earlier<'_>> = all
        .iter()
        .zip(&mets)
        .map(|((_, _, is_same_service, answers), met)| Earlier {
            met,
            is_same_service: *is_same_service,
            answers,
        })
        .collect();
    look_back(now, &earlier, left_out)
}

fn answer(number: i64, kind: ActionKind, made: u32, states: &[(u32, ActionState)]) -> Answer {
    Answer {
        number,
        kind,
        made_at: day(made),
        states: states.iter().map(|(at, state)| (day(*at), *state)).collect(),
        declined: Vec::new(),
    }
}

#[test]
fn what_came_back_is_held_against_what_was_promised() {
    let now = met(9, 100, Some(120), Some(3630));
    let prevent = |states: &[(u32, ActionState)]| answer(1, ActionKind::Prevent, 11, states);
    let of_kind = |kind| answer(1, kind, 11, &[(20, Done)]);
    let a_day = 86_400;
    let while_open = Finding::WhileOpen {
        item: 1,
        earlier: 1,
        seconds: 89 * a_day,
    };
    let after_done = Finding::AfterDone { item: 1, earlier: 1 };
    let cases: Vec<(&str, Vec<Answer>, Finding)> = vec![
        (
            "nothing was promised",
            vec![],
            Finding::NothingPromised { earlier: 1 },
        ),
        ("proposed and left", vec![prevent(&[])], while_open.clone()),
        (
            "under way",
            vec![prevent(&[(12, Accepted), (13, Doing)])],
            while_open.clone(),
        ),
        (
            "done the day after it came back",
            vec![prevent(&[(101, Done)])],
            while_open.clone(),
        ),
        (
            "taken up again after it was done",
            vec![prevent(&[(20, Done), (30, Doing)])],
            while_open,
        ),
        ("done", vec![prevent(&[(20, Done)])], after_done.clone()),
        (
            "verified",
            vec![prevent(&[(20, Done), (30, Verified)])],
            after_done.clone(),
        ),
        (
            "promised only after it came back",
            vec![answer(1, ActionKind::Prevent, 101, &[])],
            Finding::NothingPromised { earlier: 1 },
        ),
        (
            "sooner seen",
            vec![of_kind(ActionKind::Detect)],
            Finding::Compared {
                item: 1,
                earlier: 1,
                measure: Measure::Detect,
                measured: Measured::Better {
                    before: 600,
                    after: 120,
                },
            },
        ),
        (
            "as long as before, to the minute",
            vec![of_kind(ActionKind::Mitigate)],
            Finding::Compared {
                item: 1,
                earlier: 1,
                measure: Measure::Mitigate,
                measured: Measured::Same {
                    before: 3600,
                    after: 3630,
                },
            },
        ),
        (
            "no figure",
            vec![of_kind(ActionKind::Process)],
            Finding::NoFigure { item: 1, earlier: 1 },
        ),
        (
            "no figure",
            vec![of_kind(ActionKind::Learn)],
            Finding::NoFigure { item: 1, earlier: 1 },
        ),
        (
            "declined",
            vec![Answer {
                declined: vec![
                    (day(15), "not now".to_owned()),
                    (day(20), "too dear".to_owned()),
                    (day(101), "it is gone".to_owned()),
                ],
                ..prevent(&[(20, Declined)])
            }],
            Finding::Declined {
                item: 1,
                earlier: 1,
                reason: Some("too dear".to_owned()),
            },
        ),
        (
            "declined beside one that was done",
            vec![
                prevent(&[(20, Done)]),
                answer(2, ActionKind::Prevent, 11, &[(30, Declined)]),
            ],
            after_done,
        ),
        (
            "of two that were done the last",
            vec![
                prevent(&[(20, Done)]),
                answer(2, ActionKind::Learn, 11, &[(30, Done)]),
            ],
            Finding::NoFigure { item: 2, earlier: 1 },
        ),
    ];
    for (why, answers, expected) in cases {
        assert_eq!(
            found(&now, &[earlier(1, 10, true, answers)], 0),
            [expected],
            "{why}"
        );
    }
}

#[test]
fn other_services_have_a_line_each_and_later_incidents_none() {
    let now = met(9, 100, None, None);
    let there = |number, began| {
        earlier(
            number,
            began,
            false,
            vec![answer(number * 10, ActionKind::Prevent, 11, &[])],
        )
    };
    let findings = found(
        &now,
        &[
            there(2, 20),
            there(1, 10),
            there(12, 100),
            earlier(11, 101, true, vec![]),
        ],
        0,
    );
    let known = |earlier, began, item| Finding::Elsewhere {
        earlier,
        began_at: day(began),
        services: vec!["Database".to_owned()],
        items: vec![item],
    };
    assert_eq!(findings, [known(1, 10, 10), known(2, 20, 20)]);
    assert!(!findings[0].is_same_service());
}

#[test]
fn of_many_other_services_the_latest_and_those_with_an_answer_have_a_line() {
    let now = met(9, 100, None, None);
    let answered = vec![answer(10, ActionKind::Prevent, 2, &[])];
    let mut all = vec![earlier(1, 1, false, answered)];
    all.extend((2..=8).map(|number| earlier(number.into(), number, false, vec![])));
    let lines = |left_out| -> Vec<(i64, usize)> {
        found(&now, &all, left_out)
            .into_iter()
            .map(|finding| match finding {
                Finding::Elsewhere { earlier, items, .. } => (earlier, items.len()),
                Finding::MoreElsewhere { incidents } => (0, incidents),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(lines(0), [(1, 1), (5, 0), (6, 0), (7, 0), (8, 0), (0, 3)]);
    assert_eq!(lines(20).last(), Some(&(0, 23)));
}

#[test]
fn what_is_not_known_is_not_compared() {
    let detect = || vec![answer(1, ActionKind::Detect, 11, &[(20, Done)])];
    let findings = found(&met(9, 100, None, None), &[earlier(1, 10, true, detect())], 0);
    let unknown = Finding::Compared {
        item: 1,
        earlier: 1,
        measure: Measure::Detect,
        measured: Measured::Unknown,
    };
    assert_eq!(findings, [unknown]);
    let worse = found(
        &met(9, 100, Some(900), None),
        &[earlier(1, 10, true, detect())],
        0,
    );
    assert!(matches!(
        worse[..],
        [Finding::Compared {
            measured: Measured::Worse {
                before: 600,
                after: 900
            },
            ..
        }]
    ));
}
