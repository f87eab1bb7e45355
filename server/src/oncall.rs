//! `kintsugi oncall preview`: who is on call when, by a schedule in a file.

use crate::cli::Preview;
use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use domain::oncall::draft::{ScheduleDraft, instant};
use domain::oncall::{Fault, InvalidSchedule, Schedule, Shift};
use serde_json::json;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Longer ones are not read: a schedule of a million turns has half of that.
const LONGEST: u64 = 32 << 20;

/// What ends a program that was told something wrong.
const TOLD_WRONG: u8 = 2;

/// What was told wrong, and where.
struct Wrong {
    field: String,
    message: String,
}

impl From<InvalidSchedule> for Wrong {
    fn from(invalid: InvalidSchedule) -> Self {
        // What is wrong with the whole is wrong with the file.
        let field = if invalid.field.is_empty() {
            "FILE".to_owned()
        } else {
            invalid.field
        };
        Self::at(field, format!("{}.", invalid.fault))
    }
}

impl Wrong {
    fn at(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    fn flag(flag: &str, fault: Fault) -> Self {
        Self::at(flag, format!("{fault}."))
    }
}

/// Answers on the standard output.
pub fn preview(wanted: &Preview) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let (answered, code) = match answer(wanted, &mut out) {
        Ok(written) => (written, ExitCode::SUCCESS),
        Err(Wrong { field, message }) if wanted.json => (
            writeln!(out, "{}", json!({ "field": field, "message": message })),
            ExitCode::from(TOLD_WRONG),
        ),
        Err(Wrong { field, message }) => {
            eprintln!("kintsugi: {field}: {message}");
            (Ok(()), ExitCode::from(TOLD_WRONG))
        }
    };
    match answered.and_then(|()| out.flush()) {
        Ok(()) => code,
        // Whoever reads only the first lines has what they wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            eprintln!("kintsugi: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(wanted: &Preview, out: &mut impl Write) -> Result<io::Result<()>, Wrong> {
    let moment = |flag: &str, text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        instant(text).map_err(|fault| Wrong::flag(flag, fault))
    };
    // The schedule first: whether it can be one is an answer, too, whatever is asked of it.
    let schedule = read(&wanted.file)?;
    if wanted.at.is_some() {
        let at = moment("--at", &wanted.at)?;
        schedule
            .within_bounds_at(at)
            .map_err(|fault| Wrong::flag("FILE", fault))?;
        return Ok(say_at(&schedule, at, wanted.json, out));
    }
    let (from, to) = (moment("--from", &wanted.from)?, moment("--to", &wanted.to)?);
    if to <= from {
        return Err(Wrong::flag("--to", Fault::EndsTooEarly));
    }
    schedule
        .within_bounds(from, to)
        .map_err(|fault| Wrong::flag("--to", fault))?;
    if wanted.json {
        return Ok(write_json(&schedule.shifts(from, to), out));
    }
    Ok(say(
        &schedule.shifts_and_planned_gaps(from, to),
        schedule.time_zone,
        out,
    ))
}

fn read(file: &Path) -> Result<Schedule<String>, Wrong> {
    let source: io::Result<Box<dyn Read>> = if file == Path::new("-") {
        Ok(Box::new(io::stdin().lock()))
    } else {
        std::fs::File::open(file).map(|file| Box::new(file) as Box<dyn Read>)
    };
    let mut text = Vec::new();
    source
        .and_then(|source| source.take(LONGEST + 1).read_to_end(&mut text))
        .map_err(|error| Wrong::at("FILE", format!("It cannot be read: {error}.")))?;
    if text.len() as u64 > LONGEST {
        return Err(Wrong::at("FILE", "A schedule has at most 32 MiB."));
    }
    // People have no list to be found in here; a name is whatever is written.
    let person = |name: &str| (!name.trim().is_empty()).then(|| name.to_owned());
    Ok(ScheduleDraft::read(&text)?.check(person)?)
}

fn write_json(shifts: &[Shift<String>], out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, shifts)?;
    writeln!(out)
}

fn say(shifts: &[Shift<String>], zone: Tz, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Times are those of {}.", zone.name())?;
    for shift in shifts {
        let who = if shift.is_planned {
            "nobody, as planned".to_owned()
        } else {
            names(shift.people.iter())
        };
        writeln!(
            out,
            "{}  to  {}  {who}",
            local(shift.from, zone),
            local(shift.to, zone)
        )?;
    }
    Ok(())
}

fn say_at(
    schedule: &Schedule<String>,
    at: DateTime<Utc>,
    as_json: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let (people, until) = schedule.at(at);
    if as_json {
        return writeln!(out, "{}", json!({ "people": people, "until": until }));
    }
    let who = names(people.iter());
    match until {
        Some(until) => writeln!(out, "{who}, until {}", local(until, schedule.time_zone)),
        None => writeln!(out, "{who}, with no change in the next 400 days"),
    }
}

fn names<'a>(people: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = people.map(String::as_str).collect();
    if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    }
}

/// What the clock reads there; the zone's short name tells the two passes of an hour that comes twice apart.
fn local(at: DateTime<Utc>, zone: Tz) -> String {
    let at = at.with_timezone(&zone);
    let seconds = if at.second() == 0 { "" } else { ":%S" };
    at.format(&format!("%a %Y-%m-%d %H:%M{seconds} %Z")).to_string()
}
