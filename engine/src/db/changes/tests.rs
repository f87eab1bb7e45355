use super::*;
use crate::db::Arg;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::escalation::Place;
use domain::ids::{AlertId, IntegrationId, PolicyId};
use domain::incidents::State;
use rows::{MOST_ARGS, Row, round_number, write};
use std::collections::BTreeSet;
use uuid::Uuid;

struct Wide(i64);

impl Row for Wide {
    const TEXT: &'static str = "INSERT INTO wide (id, path) VALUES {rows} ON CONFLICT DO NOTHING";

    fn args(self) -> Vec<Arg> {
        vec![self.0.into(), "$.x".into()]
    }
}

fn texts(changes: &mut Changes, is_postgres: bool) -> Vec<String> {
    let statements = changes.take(is_postgres).into_iter();
    let text_of = |statement: Sql| statement.expanded(is_postgres).text.as_str().to_owned();
    statements.map(text_of).collect()
}

fn incident(number: u128) -> IncidentId {
    IncidentId(Uuid::from_u128(number))
}

fn entry(of: IncidentId) -> Entry {
    Entry {
        incident_id: of,
        seq: 0,
        happened_at: DateTime::UNIX_EPOCH,
        recorded_at: DateTime::UNIX_EPOCH,
        actor_id: None,
        event: Arg::from("{}"),
        state: State::Triggered,
    }
}

#[test]
fn tuples_stand_where_the_text_has_its_rows_and_nothing_else_is_touched() {
    let rows = || vec![vec![Arg::from(1), Arg::from(2)], vec![Arg::from(3), Arg::from(4)]];
    let text = "WITH asked (a, b) AS (VALUES {rows}) SELECT a, '$.x', '$1' FROM asked";
    let of = |is_postgres| {
        let asked = crate::db::sql_of_rows(text, rows()).expanded(is_postgres);
        assert_eq!(asked.args.len(), 4);
        asked.text.as_str().to_owned()
    };
    assert_eq!(
        of(true),
        "WITH asked (a, b) AS (VALUES ($1, $2), ($3, $4)) SELECT a, '$.x', '$1' FROM asked"
    );
    assert_eq!(
        of(false),
        "WITH asked (a, b) AS (VALUES (?, ?), (?, ?)) SELECT a, '$.x', '$1' FROM asked"
    );
}

#[test]
fn a_statement_never_has_too_many_arguments_and_there_are_few_texts() {
    let mut statements = Vec::new();
    write(&mut statements, (0..20_000).map(Wide));
    let lengths: Vec<usize> = statements.iter().map(|sql| sql.args.len()).collect();
    assert!(lengths.iter().all(|length| *length <= MOST_ARGS));
    assert_eq!(lengths.iter().sum::<usize>(), 40_000);
    let of_a_batch: BTreeSet<usize> = (1..=256).map(round_number).collect();
    assert_eq!(of_a_batch.len(), 28);
}

#[test]
fn small_batches_are_one_text_for_sqlite() {
    let mut statements = Vec::new();
    write(&mut statements, [Wide(1)]);
    write(&mut statements, [Wide(2), Wide(3)]);
    let one = rows::together(statements);
    assert_eq!(
        one.text.as_str(),
        "INSERT INTO wide (id, path) VALUES (?, ?) ON CONFLICT DO NOTHING;\n\
         INSERT INTO wide (id, path) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING"
    );
    assert_eq!(one.args.len(), 6);
}

#[test]
fn rows_that_others_refer_to_are_written_first_and_changes_last() {
    let mut changes = Changes::default();
    changes.begin_policy(incident(1), begun(0));
    changes.knows_seq(incident(1), 4);
    changes.record(entry(incident(1)));
    changes.payloads.push(Payload {
        id: Uuid::nil(),
        integration_id: IntegrationId(Uuid::nil()),
        received_at: DateTime::UNIX_EPOCH,
        address: None,
        body: Vec::new(),
    });
    changes.index(7, "disk full");
    let first_words = |text: &String| text.split(" (").next().unwrap_or_default().to_owned();
    let order: Vec<String> = texts(&mut changes, true).iter().map(first_words).collect();
    assert_eq!(
        order,
        [
            "INSERT INTO payloads",
            "INSERT INTO timeline",
            "INSERT INTO incident_search",
            "INSERT INTO escalations",
            "WITH raised",
        ]
    );
    assert!(changes.is_empty());
}

#[test]
fn a_timeline_is_numbered_on_also_after_it_was_written() {
    let mut changes = Changes::default();
    changes.knows_seq(incident(1), 4);
    // What is known already is not told anew by another look.
    changes.record(entry(incident(1)));
    changes.knows_seq(incident(1), 4);
    assert_eq!(changes.record(entry(incident(1))), 6);
    assert_eq!(texts(&mut changes, false).len(), 2);
    assert_eq!(changes.record(entry(incident(1))), 7);
    let raised: Vec<Arg> = changes.take(false).pop().map(|sql| sql.args).unwrap_or_default();
    assert_eq!(raised, [Arg::from(incident(1)), Arg::from(7)]);
}

fn begun(step: i64) -> Begun {
    Begun {
        policy_id: PolicyId(Uuid::from_u128(9)),
        place: Place { round: 0, step },
        next_at: DateTime::<Utc>::UNIX_EPOCH,
        started_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(step),
    }
}

#[test]
fn one_row_is_changed_once_and_the_later_change_stands() {
    let mut changes = Changes::default();
    changes.begin_policy(incident(1), begun(0));
    changes.stand_at(incident(1), begun(2));
    changes.stand_at(incident(2), begun(1));
    changes.stand_at(incident(2), begun(3));
    let mut written = changes.take(true).into_iter();
    let (anew, further) = (written.next().unwrap(), written.next().unwrap());
    assert!(written.next().is_none());
    assert_eq!(anew.args[3], Arg::from(2), "it begins, and goes on at once");
    assert_eq!(
        anew.args[6],
        Arg::from(begun(0).started_at),
        "it began when it began"
    );
    assert_eq!((further.args.len(), &further.args[3]), (7, &Arg::from(3)));
}

#[test]
fn an_alert_that_is_told_twice_in_one_batch_counts_twice() {
    let (alert, mut changes) = (AlertId(Uuid::nil()), Changes::default());
    for severity in [Severity::Sev3, Severity::Sev2] {
        let repeat = Repeat {
            times: 1,
            severity,
            received_at: DateTime::UNIX_EPOCH,
        };
        changes.repeat(alert, repeat);
    }
    let written = changes.take(true).pop().unwrap().args;
    assert_eq!(written[1], Arg::from(2));
    assert_eq!(written[3], Arg::from(Severity::Sev2));
}
