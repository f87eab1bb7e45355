//! The figures as CSV (RFC 4180): a line for each number that the page shows, durations in seconds, and for each factor that was met again
//! or not carried over. The first lines say what was looked at.

use super::findings::in_words;
use super::overview::{Seen, read};
use super::query::LearningQuery;
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::csv_file::csv_file;
use crate::session::SignedIn;
use axum::extract::State;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::learning::{Again, Kept, Spread, Verdict};
use engine::learning::{Elsewhere, Row, Said};

const COLUMNS: [&str; 7] = ["part", "what", "number", "incident", "services", "found", "said"];

type Line = [String; COLUMNS.len()];

pub async fn as_csv(State(app): State<App>, who: SignedIn, Query(query): Query<LearningQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let seen = read(&mut tx, &query).await?;
    let zone = who.zone();
    Ok(csv_file(&name(&seen, zone), lines(&seen, zone)))
}

/// Two files of different periods, teams or services are not one and the same in a folder.
fn name(seen: &Seen, zone: Tz) -> String {
    let (from, until) = days(seen, zone);
    let (team, service) = seen.chosen();
    let slugs = [team.map(|team| &team.slug), service.map(|service| &service.slug)];
    let mut name = format!("learning-{from}-to-{until}");
    for slug in slugs.into_iter().flatten() {
        name.push('-');
        name.push_str(slug);
    }
    if seen.scope.with_drills {
        name.push_str("-with-drills");
    }
    name
}

/// The first and the last day of the period where the reader is, as ISO 8601 writes them.
fn days(seen: &Seen, zone: Tz) -> (String, String) {
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive().to_string();
    (day(seen.period.from), day(seen.period.until))
}

fn line(part: &str, what: impl Into<String>, number: impl ToString) -> Line {
    let [incident, services, found, said] = <[String; 4]>::default();
    let number = number.to_string();
    [
        part.to_owned(),
        what.into(),
        number,
        incident,
        services,
        found,
        said,
    ]
}

/// What was looked at.
fn head(seen: &Seen, zone: Tz) -> Vec<Line> {
    let (from, until) = days(seen, zone);
    let (team, service) = seen.chosen();
    let team = team.map_or("all", |team| &*team.name);
    let service = service.map_or("all", |service| &*service.name);
    let drills = if seen.scope.with_drills {
        "counted"
    } else {
        "left out"
    };
    vec![
        COLUMNS.map(str::to_owned),
        line("period", "from", from),
        line("period", "to", until),
        line("scope", "team", team),
        line("scope", "service", service),
        line("scope", "drills and tests", drills),
    ]
}

/// Of durations that are all known.
fn spread(part: &str, what: &str, spread: &Spread) -> Vec<Line> {
    let mut lines = vec![line(part, format!("{what}, known"), spread.seconds.len())];
    for (name, seconds) in [
        ("half within", spread.median()),
        ("9 of 10 within", spread.percentile(90)),
        ("slowest", spread.longest()),
    ] {
        lines.extend(seconds.map(|seconds| line(part, format!("{what}, {name}"), seconds)));
    }
    lines
}

/// Of durations of which some may be unknown.
fn times(what: &str, of: &Spread) -> Vec<Line> {
    let mut lines = spread("times", what, of);
    lines.push(line("times", format!("{what}, unknown"), of.unknown));
    lines
}

fn met_again(row: &Row, zone: Tz) -> Line {
    let [part, what, number, ..] = line("met again", row.name.clone(), "");
    let found = row.findings.iter().cloned();
    let found: Vec<String> = found.map(|finding| in_words(finding, zone)).collect();
    [
        part,
        what,
        number,
        format!("INC-{}", row.number),
        row.services.join(", "),
        found.join(" "),
        said(row.said.as_ref()),
    ]
}

/// Without whose word it is.
fn said(said: Option<&Said>) -> String {
    match said {
        None => "Not looked at yet".to_owned(),
        Some(said) if said.words.is_empty() => said.verdict.label().to_owned(),
        Some(said) => format!("{}: {}", said.verdict.label(), said.words),
    }
}

/// A line for each service that met it, with the number of action items that answer it there.
fn not_carried_over(factor: &Elsewhere) -> Vec<Line> {
    let at = |service: &String, items: &[i64]| {
        let [part, what, number, incident, ..] = line("not carried over", factor.name.clone(), items.len());
        let items: Vec<String> = items.iter().map(|number| format!("ACT-{number}")).collect();
        let found = match &items[..] {
            [] => "Nothing yet".to_owned(),
            items => items.join(", "),
        };
        [
            part,
            what,
            number,
            incident,
            service.clone(),
            found,
            String::new(),
        ]
    };
    let answered = factor.answered.iter().map(|(service, items)| at(service, items));
    let missing = factor.missing.iter().map(|service| at(service, &[]));
    answered.chain(missing).collect()
}

fn with_and_without(name: &str, again: Again) -> Vec<Line> {
    let part = "with and without";
    let mut lines = vec![
        line(part, name, again.of),
        line(part, format!("{name}, came back"), again.came_back),
        line(part, format!("{name}, not looked at yet"), again.not_looked_at),
    ];
    if again.is_enough() {
        let share = again.came_back * 100 / again.of.max(1);
        lines.push(line(part, format!("{name}, of a hundred"), share));
    }
    lines
}

fn lines(seen: &Seen, zone: Tz) -> Vec<Line> {
    let (met, before) = (&seen.overview.met, &seen.overview.met_before);
    let mut lines = head(seen, zone);
    for (name, now, was) in [
        ("reviewed", met.reviewed, before.reviewed),
        ("only new factors", met.new, before.new),
        (
            "came back at the same service",
            met.same_service,
            before.same_service,
        ),
        ("came back elsewhere", met.elsewhere, before.elsewhere),
        ("not looked at yet", met.not_looked_at, before.not_looked_at),
    ] {
        lines.push(line("came back", name, now));
        lines.push(line("came back", format!("{name}, period before"), was));
    }
    for (verdict, count) in &seen.overview.said {
        let name = verdict.map_or("not looked at yet", Verdict::label);
        lines.push(line("what is said of it", name, count));
    }
    lines.extend(seen.overview.rows.iter().map(|row| met_again(row, zone)));
    lines.extend(seen.overview.elsewhere.iter().flat_map(not_carried_over));
    lines.push(line("promises", "due in the period", seen.promises.due.len()));
    for (name, kept) in [
        ("on time", Kept::OnTime),
        ("late", Kept::Late),
        ("still open", Kept::Open),
        ("declined", Kept::Declined),
    ] {
        lines.push(line("promises", name, seen.promises.count(kept)));
    }
    lines.push(line("promises", "with a day that moved", seen.promises.moved()));
    lines.extend(spread("promises", "age of what is open", &seen.promises.ages));
    let unverified = seen.promises.unverified.len();
    lines.push(line("promises", "done, and not yet verified", unverified));
    lines.extend(with_and_without("with", seen.overview.with));
    lines.extend(with_and_without("without", seen.overview.without));
    for stage in &seen.waits.stages {
        lines.extend(spread("where it waits", stage.step.label(), &stage.spread));
    }
    for (name, count) in [
        ("SEV1 and SEV2 without a document", seen.waits.without_document),
        ("in review for more than 14 days", seen.waits.long_reviews.len()),
    ] {
        lines.push(line("where it waits", name, count));
    }
    for (name, count) in [
        (
            "documents that name no factor",
            seen.overview.without_factors.len(),
        ),
        ("factors that may be the same", seen.overview.lookalikes.len()),
        (
            "open action items that nobody owns",
            seen.overview.without_owner.len(),
        ),
    ] {
        lines.push(line("what we do not know", name, count));
    }
    for measured in &seen.times.measures {
        lines.extend(times(measured.to.label(), &measured.all));
        for (group, of_group) in &measured.groups {
            let what = format!("{}, {}", measured.to.label(), seen.name_of(*group));
            lines.extend(times(&what, of_group));
        }
    }
    for (monday, week) in &seen.times.weeks {
        for (name, number) in [
            ("incidents", week.incidents),
            ("alerts", week.alerts),
            ("nights woken", week.nights_woken),
        ] {
            lines.push(line("weeks", format!("{monday}, {name}"), number));
        }
    }
    for (hour, pages) in seen.times.pages_by_hour.iter().enumerate() {
        lines.push(line("pages by the hour", format!("{hour:02}:00"), pages));
    }
    lines
}
