//! What each kind of news says, and where it leads.

use super::MOST_LINES;
use crate::Tx;
use crate::error::Result;
use crate::messages::{fill, in_zone};
use crate::news::Waiting;
use crate::notifications::Words;
use domain::incidents::IncidentRole;
use domain::news::{About, LetGo, News, Time};
use domain::people::Person;
use domain::words::listed;
use minijinja::{Value, context};

/// Times of a mail about shifts.
const MOST_TIMES: usize = 8;
/// Names in a mail about a turn that nobody takes.
const MOST_NAMES: usize = 12;

pub(super) fn off_url(tx: &Tx) -> String {
    tx.context.link("/settings/profile#mails")
}

/// Where it is looked at.
pub(super) fn path(news: &News) -> String {
    match news {
        News::RoleGiven { incident, .. }
        | News::IsYoursAgain { incident }
        | News::LetGo { incident, .. }
        | News::Shadowed { incident, .. } => format!("/incidents/{}", incident.number),
        News::ActionItemGiven { number, .. } => format!("/action-items/{number}"),
        News::CameBack { incident, .. } | News::ReviewWaits { incident, .. } => {
            format!("/incidents/{}/postmortem", incident.number)
        }
        News::ShiftsChanged { .. } | News::NotReached { .. } => "/on-call".to_owned(),
        News::NotReady { .. } => "/on-call/readiness".to_owned(),
        News::TurnUntaken { request, .. } | News::TurnAskedFor { request, .. } => {
            format!("/on-call/requests/{request}")
        }
        News::TurnOffered { token, .. } => format!("/on-call/offers/{token}"),
        News::Mentioned { item: Some(item), .. } => format!("/action-items/{}", item.number),
        News::Mentioned {
            incident,
            entry: None,
            ..
        } => format!("/incidents/{}/postmortem", incident.number),
        News::Mentioned {
            incident,
            entry: Some(entry),
            ..
        } => {
            format!("/incidents/{}/entries/{entry}", incident.number)
        }
        News::StatusUpdate { incident, .. } => format!("/incidents/{}#follow", incident.number),
        News::CalendarFails { path, .. } => path.clone(),
    }
}

pub(super) fn in_words(tx: &Tx, to: &Person, one: &Waiting) -> Result<Words> {
    let by = one.by_name.as_deref();
    let all = context! { by => by, url => tx.context.link(&path(&one.news)), off_url => off_url(tx) };
    let name = one.news.kind().as_str();
    match &one.news {
        News::RoleGiven { role, incident } => fill(
            name,
            context! { role => role.label(), what_they_do => what_they_do(*role), ..with(incident, all) },
        ),
        News::IsYoursAgain { incident } => fill("yours_again", with(incident, all)),
        News::ActionItemGiven {
            number,
            title,
            due_on,
            incident,
        } => fill(
            name,
            context! {
                item => format!("ACT-{number}"),
                item_title => title,
                due => due_on.map(|due| due.format("%-d %b %Y").to_string()),
                ..with(incident, all)
            },
        ),
        News::CameBack {
            item,
            factor,
            incident,
        } => fill(
            name,
            context! {
                item => format!("ACT-{}", item.number),
                item_title => item.title,
                factor => factor,
                ..with(incident, all)
            },
        ),
        News::ReviewWaits { title, incident } => {
            fill(name, context! { postmortem => title, ..with(incident, all) })
        }
        News::ShiftsChanged {
            name: schedule,
            gained,
            lost,
            ..
        } => {
            let zone = to.time_zone.as_str();
            let words = context! {
                schedule => schedule,
                what => shifts_in_short(schedule, gained, lost, zone),
                gained => in_lines(gained, zone),
                lost => in_lines(lost, zone),
                more_gained => gained.len().saturating_sub(MOST_TIMES),
                more_lost => lost.len().saturating_sub(MOST_TIMES),
                ..all
            };
            fill(name, words)
        }
        News::TurnOffered {
            name: schedule,
            whose,
            turn,
            instead,
            note,
            ..
        } => {
            let line = |time: &Time| in_line(time, &to.time_zone);
            let words = context! {
                schedule => schedule,
                whose => whose,
                turn => line(turn),
                instead => instead.as_ref().map(line),
                note => note,
                ..all
            };
            fill(name, words)
        }
        News::TurnAskedFor {
            name: schedule,
            turn,
            instead,
            note,
            ..
        } => {
            let line = |time: &Time| in_line(time, &to.time_zone);
            let words = context! {
                schedule => schedule,
                turn => line(turn),
                instead => instead.as_ref().map(line),
                note => note,
                ..all
            };
            fill("turn_asked_for", words)
        }
        News::TurnUntaken {
            name: schedule,
            turn,
            asker,
            note,
            silent,
            declined,
            ..
        } => {
            let words = context! {
                schedule => schedule,
                turn => in_line(turn, &to.time_zone),
                asker => asker,
                note => note,
                silent => in_short(silent),
                declined => in_short(declined),
                ..all
            };
            fill(name, words)
        }
        News::NotReady { team, lines } => {
            let shown: Vec<&String> = lines.iter().take(MOST_LINES).collect();
            let more = lines.len() - shown.len();
            fill(
                name,
                context! { team => team, lines => shown, more => more, ..all },
            )
        }
        News::NotReached {
            name: schedule,
            person,
            since,
        } => fill(
            "not_reached",
            context! { schedule => schedule, person => person, since => in_zone(*since, &to.time_zone), ..all },
        ),
        News::Mentioned {
            incident,
            item,
            words,
            ..
        } => {
            let item = item.as_ref();
            let words = context! {
                words => words,
                item => item.map(|item| format!("ACT-{}", item.number)),
                item_title => item.map(|item| item.title.as_str()),
                ..with(incident, all)
            };
            fill(name, words)
        }
        News::StatusUpdate {
            incident,
            words,
            next_due_at,
            ..
        } => {
            let next_due = next_due_at.map(|at| in_zone(at, &to.time_zone));
            fill(
                name,
                context! { words => words, next_due => next_due, ..with(incident, all) },
            )
        }
        News::CalendarFails {
            team,
            calendar,
            since,
            why,
            ..
        } => fill(
            name,
            context! { team => team, calendar => calendar, since => in_zone(*since, &to.time_zone), why => why, ..all },
        ),
        News::Shadowed {
            incident,
            name: schedule,
            paged,
        } => fill(
            name,
            context! { schedule => schedule, paged => in_short(paged), ..with(incident, all) },
        ),
        News::LetGo { incident, how } => {
            let (what, story) = let_go(incident, *how, by);
            fill(
                name,
                context! { what => what, story => story, ..with(incident, all) },
            )
        }
    }
}

fn with(incident: &About, all: Value) -> Value {
    context! {
        severity => incident.severity.to_string(),
        label => format!("INC-{}", incident.number),
        title => incident.title,
        ..all
    }
}

fn let_go(incident: &About, how: LetGo, by: Option<&str>) -> (String, String) {
    let label = format!("INC-{}", incident.number);
    match (how, by) {
        (LetGo::Taken, Some(by)) => (
            format!("{by} is the responder"),
            format!("{by} acknowledged {label}."),
        ),
        (LetGo::Taken, None) => (
            "It is acknowledged".to_owned(),
            format!("{label} was acknowledged where its alert comes from."),
        ),
        (LetGo::Mitigated, _) => (
            "It is mitigated".to_owned(),
            format!("{} marked {label} mitigated.", by.unwrap_or("Somebody")),
        ),
        (LetGo::HandedOver, by) => {
            let by = by.unwrap_or("Somebody");
            (
                format!("{by} is the responder"),
                format!("{by} took {label} over from you."),
            )
        }
        (LetGo::NotAsked, _) => (
            "You need not take it over".to_owned(),
            format!("Nobody waits any more for you to take {label} over."),
        ),
        (LetGo::Resolved, Some(by)) => ("It is resolved".to_owned(), format!("{by} resolved {label}.")),
        (LetGo::Resolved, None) => (
            "It is resolved".to_owned(),
            format!("{label} is resolved, since its alerts are."),
        ),
    }
}

const fn what_they_do(role: IncidentRole) -> &'static str {
    match role {
        IncidentRole::Commander => "You lead: you decide what is tried next, and others can ask you.",
        IncidentRole::Communications => "You write the status updates for those who wait for news.",
        IncidentRole::Scribe => "You keep the timeline: what was seen, tried and decided.",
    }
}

fn shifts_in_short(schedule: &str, gained: &[Time], lost: &[Time], zone: &str) -> String {
    match (gained.first(), lost.first()) {
        (Some(first), None) => format!(
            "You are on call for {schedule} from {}",
            in_zone(first.from, zone)
        ),
        (None, Some(first)) => {
            format!(
                "You are no longer on call for {schedule} from {}",
                in_zone(first.from, zone)
            )
        }
        _ => format!("Your turns on {schedule} changed"),
    }
}

/// Names in one line, and how many more there are.
fn in_short(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => listed(&shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn in_line(time: &Time, zone: &str) -> String {
    format!("{} to {}", in_zone(time.from, zone), in_zone(time.to, zone))
}

fn in_lines(times: &[Time], zone: &str) -> Vec<String> {
    let line = |time: &Time| in_line(time, zone);
    times.iter().take(MOST_TIMES).map(line).collect()
}
