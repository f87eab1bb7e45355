//! The figures as CSV (RFC 4180): a line for each number that the page shows, durations in seconds.

use super::overview::{Seen, read};
use super::query::LearningQuery;
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::csv_file::csv_file;
use crate::session::SignedIn;
use axum::extract::State;
use domain::learning::{Kept, Spread, Verdict};

type Line = [String; 3];

pub async fn as_csv(State(app): State<App>, who: SignedIn, Query(query): Query<LearningQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let seen = read(&mut tx, &query).await?;
    Ok(csv_file("learning", lines(&seen)))
}

fn line(part: &str, what: impl Into<String>, number: impl ToString) -> Line {
    [part.to_owned(), what.into(), number.to_string()]
}

fn spread(part: &str, what: &str, spread: &Spread) -> Vec<Line> {
    let mut lines = vec![
        line(part, format!("{what}, known"), spread.seconds.len()),
        line(part, format!("{what}, unknown"), spread.unknown),
    ];
    for (name, seconds) in [
        ("half within", spread.median()),
        ("9 of 10 within", spread.percentile(90)),
        ("slowest", spread.longest()),
    ] {
        lines.extend(seconds.map(|seconds| line(part, format!("{what}, {name}"), seconds)));
    }
    lines
}

fn lines(seen: &Seen) -> Vec<Line> {
    let (met, before) = (&seen.overview.met, &seen.overview.met_before);
    let mut lines = vec![["part", "what", "number"].map(str::to_owned)];
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
    for (name, again) in [("with", seen.overview.with), ("without", seen.overview.without)] {
        lines.push(line("with and without", name, again.of));
        lines.push(line(
            "with and without",
            format!("{name}, came back"),
            again.came_back,
        ));
        lines.push(line(
            "with and without",
            format!("{name}, not looked at yet"),
            again.not_looked_at,
        ));
    }
    for stage in &seen.waits.stages {
        lines.extend(spread("where it waits", stage.step.label(), &stage.spread));
    }
    for measured in &seen.times.measures {
        lines.extend(spread("times", measured.to.label(), &measured.all));
        for (group, of_group) in &measured.groups {
            let what = format!("{}, {}", measured.to.label(), seen.name_of(*group));
            lines.extend(spread("times", &what, of_group));
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
