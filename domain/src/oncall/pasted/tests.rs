//! Tables as people paste them, and what is made of them.

use super::*;
use crate::people::Role;
use uuid::Uuid;

fn person(id: u128, name: &str, email: &str, role: Role) -> Person {
    Person {
        id: PersonId(Uuid::from_u128(id)),
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        time_zone: "UTC".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        deactivated_at: None,
    }
}

fn people() -> Vec<Person> {
    let mut people = vec![
        person(1, "Ana Ruiz", "ana@example.test", Role::Responder),
        person(2, "Bo Lind", "bo@example.test", Role::Responder),
        person(3, "Lea Lind", "lea+ops@example.test", Role::Responder),
        person(4, "Olga Watts", "olga@example.test", Role::Observer),
        person(5, "Gus Gone", "gus@example.test", Role::Responder),
    ];
    people[4].deactivated_at = Some(DateTime::UNIX_EPOCH);
    people
}

/// A day in November, in Berlin.
fn rows(text: &str) -> Vec<PastedRow> {
    let people = people();
    let by = Readers {
        people: &people,
        zone: Tz::Europe__Berlin,
        now: "2026-11-30T08:00:00Z".parse().unwrap(),
    };
    read(text, by).unwrap()
}

/// “Ana+Bo 24T18:00/25T06:00”, by the clock in Berlin, or what is wrong.
fn words(row: &PastedRow) -> String {
    if !row.faults.is_empty() {
        return row
            .faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ");
    }
    let people = people();
    let name = |id: &PersonId| {
        let person = people.iter().find(|person| person.id == *id).unwrap();
        person.name.split(' ').next().unwrap().to_owned()
    };
    let names: Vec<_> = row.people.iter().map(name).collect();
    let (from, to) = row.span.unwrap();
    let said = |at: DateTime<Utc>| {
        at.with_timezone(&Tz::Europe__Berlin)
            .format("%y-%m-%dT%H:%M")
            .to_string()
    };
    format!("{} {}/{}", names.join("+"), said(from), said(to))
}

#[test]
fn rows_are_read_as_people_write_them() {
    for (row, expected) in [
        (
            "Ana Ruiz\t2026-12-24 18:00\t2026-12-25 06:00",
            "Ana 26-12-24T18:00/26-12-25T06:00",
        ),
        (
            "ana@example.test; 24.12.2026 18:00; 06:00",
            "Ana 26-12-24T18:00/26-12-25T06:00",
        ),
        ("ana, 2026-12-24T18:00, 8h", "Ana 26-12-24T18:00/26-12-25T02:00"),
        (
            "ana, 2026-12-24T18:00:00, 1h30",
            "Ana 26-12-24T18:00/26-12-24T19:30",
        ),
        (
            "@bo; Thu 24.12. 18.00; 90 min",
            "Bo 26-12-24T18:00/26-12-24T19:30",
        ),
        ("Ruiz; 24/12 6 pm; 11:30 pm", "Ana 26-12-24T18:00/26-12-24T23:30"),
        (
            "Ruiz; 12/24/2026 18:00; 24:00",
            "Ana 26-12-24T18:00/26-12-25T00:00",
        ),
        (
            "Ana + Bo; 24 Dec 2026 18:00; 18:00",
            "Ana+Bo 26-12-24T18:00/26-12-25T18:00",
        ),
        (
            "Ana & Bo & ana; 24.12.26 18:00; 20:00",
            "Ana+Bo 26-12-24T18:00/26-12-24T20:00",
        ),
        (
            "lea+ops@example.test; 5.1. 08:00; 8 hours",
            "Lea 27-01-05T08:00/27-01-05T16:00",
        ),
        (
            "Ana; 31.12. 18:00; 1.1. 06:00",
            "Ana 26-12-31T18:00/27-01-01T06:00",
        ),
        (
            "Ana; 29.11. 18:00; 30.11. 18:00",
            "Ana 26-11-29T18:00/26-11-30T18:00",
        ),
        // Eight hours by the clock that runs are not eight on the wall.
        ("Ana; 2027-03-28 00:00; 8h", "Ana 27-03-28T00:00/27-03-28T09:00"),
    ] {
        let read: Vec<_> = rows(row).iter().map(words).collect();
        assert_eq!(read, [expected], "{row}");
    }
}

#[test]
fn what_cannot_be_meant_is_said_beside_its_row() {
    for (row, expected) in [
        (
            "Anna; 2026-12-24 18:00; 8h",
            "Nobody here is called “Anna”. Is it Ana Ruiz?",
        ),
        (
            "Zacharias; 2026-12-24 18:00; 8h",
            "Nobody here is called “Zacharias”. Write the name as it is shown here, or the e-mail address.",
        ),
        (
            "Lind; 2026-12-24 18:00; 8h",
            "“Lind” may be Bo Lind (bo@example.test) or Lea Lind (lea+ops@example.test). Write the whole name, or the e-mail address.",
        ),
        (
            "Olga; 2026-12-24 18:00; 8h",
            "Olga Watts is an observer, who reads along. Choose somebody else, or make them a responder first.",
        ),
        (
            "Gus; 2026-12-24 18:00; 8h",
            "Gus Gone is not active any more. Choose somebody else.",
        ),
        ("; 2026-12-24 18:00; 8h", "Write who is on call."),
        (
            "Ana; 03/04/2026 18:00; 8h",
            "“03/04/2026” may begin with the day or with the month. Write it as year, month and day, such as 2026-12-24.",
        ),
        (
            "Ana; 3/4 18:00; 8h",
            "“3/4” may begin with the day or with the month. Write it as year, month and day, such as 2026-12-24.",
        ),
        (
            "Ana; 30.02.2027 18:00; 8h",
            "“30.02.2027” cannot be read. Write day and time, such as 2026-12-24 18:00 or 24.12.2026 18:00.",
        ),
        (
            "Ana; 18:00; 8h",
            "“18:00” has no day. Write it with one, such as 2026-12-24 18:00.",
        ),
        (
            "Ana; 24.12.2026; 8h",
            "“24.12.2026” has no time. Write it with one, such as 2026-12-24 18:00.",
        ),
        (
            "Ana; soon 9; 8h",
            "“soon 9” cannot be read. Write day and time, such as 2026-12-24 18:00 or 24.12.2026 18:00.",
        ),
        (
            "Ana; 2026-12-24 18:00; later",
            "“later” cannot be read as an end. Write day and time, a time alone such as 06:00, or a length such as 8h.",
        ),
        (
            "Ana; 2026-12-24 18:00; 2026-12-24 17:00",
            "The end must be later than the beginning.",
        ),
        (
            "Ana; 2026-12-24 18:00; 0h",
            "The end must be later than the beginning.",
        ),
        ("Ana; 2026-11-24 18:00; 8h", "That time has passed."),
        (
            "Ana; 2026-12-24 18:00; 2027-03-24 18:00",
            "An override lasts at most 60 days. Change the rotation for longer.",
        ),
        (
            "Ana; 2027-03-28 02:30; 8h",
            "At that hour the clocks in Europe/Berlin are set forward, so 02:30 does not come. Choose a time before or after it.",
        ),
        (
            "Ana; 2027-10-30 18:00; 02:30",
            "In that night the clocks in Europe/Berlin are set back, so 02:30 comes twice. Choose a time before or after it, or write the whole table in UTC.",
        ),
        (
            "Ana; 2026-12-24 18:00",
            "A row has three columns: who, from, to. Put a tab, a semicolon or a comma between them.",
        ),
    ] {
        let read: Vec<_> = rows(row).iter().map(words).collect();
        assert_eq!(read, [expected], "{row}");
    }
}

#[test]
fn a_grid_has_days_above_and_times_beside() {
    let grid = "\tThu 24.12.2026\t25.12.2026\n06:00-14:00\tAna\tBo\nLate (14:00–22:00)\tBo\t\n22-6\t\"Ana\nLea\"\tlea@example\n";
    let read = rows(grid);
    let read: Vec<_> = read.iter().map(|row| (row.place.as_str(), words(row))).collect();
    let expected = [
        (
            "06:00-14:00 on Thu 24.12.2026",
            "Ana 26-12-24T06:00/26-12-24T14:00",
        ),
        ("06:00-14:00 on 25.12.2026", "Bo 26-12-25T06:00/26-12-25T14:00"),
        (
            "Late (14:00–22:00) on Thu 24.12.2026",
            "Bo 26-12-24T14:00/26-12-24T22:00",
        ),
        ("22-6 on Thu 24.12.2026", "Ana+Lea 26-12-24T22:00/26-12-25T06:00"),
        (
            "22-6 on 25.12.2026",
            "Nobody here is called “lea@example”. Write the name as it is shown here, or the e-mail address.",
        ),
    ];
    assert_eq!(read, expected.map(|(place, words)| (place, words.to_owned())));
    let wrong = rows("when;24.12.2026;3/4\nnight;Ana;\n06:00-14:00;;Bo;Ana");
    let wrong: Vec<_> = wrong.iter().map(words).collect();
    assert_eq!(
        wrong,
        [
            "“night” cannot be read. Write from when to when, such as 06:00-14:00.",
            "“3/4” may begin with the day or with the month. Write it as year, month and day, such as 2026-12-24.",
            "There is no day above it. Write one into the first row, such as 2026-12-24.",
        ]
    );
}

#[test]
fn rows_that_meet_say_so_and_what_they_leave_open_is_found() {
    let read = rows(
        "who;from;to\r\nAna;2026-12-24 06:00;14:00\r\n\r\nBo;2026-12-24 13:00;22:00\nAna+Bo;2026-12-25 06:00;8h\nLea;2026-12-25 14:00;8h",
    );
    let faults: Vec<_> = read.iter().map(|row| row.faults.clone()).collect();
    let (second, fourth) = ("line 2".to_owned(), "line 4".to_owned());
    assert_eq!(
        faults,
        [
            vec![RowFault::Overlaps(fourth)],
            vec![RowFault::Overlaps(second)],
            vec![],
            vec![]
        ]
    );
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(
        gaps(&read),
        [(at("2026-12-24T21:00:00Z"), at("2026-12-25T05:00:00Z"))]
    );
    let hours: Vec<_> = hours(&read).into_values().map(|time| time.num_hours()).collect();
    assert_eq!(hours, [16, 17, 8]);
}

#[test]
fn rows_of_one_time_are_on_call_together() {
    let read =
        rows("Ana; 2026-12-24 06:00; 8h\nBo + ana; 24.12.2026 06:00; 14:00\nLea; 2026-12-24 14:00; 8h");
    assert!(read.iter().all(|row| row.faults.is_empty()), "{read:?}");
    let together: Vec<_> = turns(&read).into_values().collect();
    let id = |id: u128| PersonId(Uuid::from_u128(id));
    assert_eq!(together, [vec![id(1), id(2)], vec![id(3)]]);
    assert_eq!(
        hours(&read)[&id(1)],
        TimeDelta::hours(8),
        "named twice, on call once"
    );
}

#[test]
fn a_table_without_a_turn_or_with_too_many_is_refused() {
    let people = people();
    let by = Readers {
        people: &people,
        zone: Tz::UTC,
        now: DateTime::UNIX_EPOCH,
    };
    for (text, fault) in [
        (String::new(), TableFault::Empty),
        ("who, from, to".to_owned(), TableFault::Empty),
        (" \n;;\n".to_owned(), TableFault::Empty),
        (
            "Ana; 2026-12-24 18:00; 8h\n".repeat(MOST_ROWS + 1),
            TableFault::TooLong,
        ),
    ] {
        assert_eq!(read(&text, by), Err(fault));
    }
}
