//! Who has the pager now and next, schedule by schedule; what that means for the reader is said first.

use super::shadows::ShadowLines;
use crate::App;
use crate::answer::Answered;
use crate::calendars::Covers;
use crate::components::{
    ButtonKind, ButtonLink, Cell, DataTable, EmptyState, Fold, Icon, Notice, PageHead, PersonName, Row,
    ScheduleBoard, ScheduleRow, Section, Shape, ShiftBar, TimeForm, TimeOf, Tone,
};
use crate::render;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::oncall::wall;
use engine::oncall::absences::{self, Absent};
use engine::oncall::calendar::Of;
use engine::oncall::overview::{AHEAD, Mine, Rota, Turn};
use engine::oncall::shadows::{self, Shadow};
use engine::oncall::{Overview, overview};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let overview = overview(&mut tx, who.person.id).await?;
    let absent = absences::of_person(&mut tx, who.person.id).await?;
    let ahead = (overview.now, overview.now + AHEAD);
    let shadows = shadows::between(&mut tx, Of::Person(who.person.id), ahead).await?;
    let mut frame = who.frame(&mut tx, "On call", Section::OnCall).await?;
    frame.wide = true;
    let (zone, may_act) = (who.zone(), who.may_act());
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page overview absent shadows zone may_act /> },
    ))
}

#[component]
fn Page(
    overview: Overview,
    absent: Vec<Absent>,
    shadows: Vec<Shadow>,
    zone: Tz,
    may_act: bool,
) -> impl IntoView {
    let Overview { now, schedules, mine } = overview;
    let under = match zone {
        Tz::UTC => "Times are in UTC.".to_owned(),
        zone => format!("Times are in {}; UTC is one tap away.", zone_words(zone.name())),
    };
    let body = if schedules.is_empty() {
        view! { <NoSchedule may_act /> }.into_any()
    } else {
        let rotas = schedules
            .iter()
            .map(|rota| view! { <RotaCard rota=rota.clone() now zone /> })
            .collect_view();
        view! {
            <You mine=mine.clone() zone />
            <Covers absent zone />
            <section class="rotas" aria-label="Who has the pager">{rotas}</section>
            <Weeks schedules now zone />
            <Shifts mine zone />
            <ShadowLines shadows zone />
        }
        .into_any()
    };
    view! {
        <PageHead title="On call" under=view! { {under} }.into_any() />
        <div class="stack-loose">
            <p class="buttons">
                <ButtonLink href="/on-call/calendar" kind=ButtonKind::Small>"Calendar"</ButtonLink>
                <ButtonLink href="/on-call/readiness" kind=ButtonKind::Small>"Readiness"</ButtonLink>
                <ButtonLink href="/on-call/calendars" kind=ButtonKind::Small>"Subscribe"</ButtonLink>
                <ButtonLink href="/on-call/away" kind=ButtonKind::Small>"Away, and what is offered"</ButtonLink>
                <ButtonLink href="/on-call/absence" kind=ButtonKind::Small>"Your absence"</ButtonLink>
            </p>
            {body}
        </div>
    }
}

#[component]
fn NoSchedule(may_act: bool) -> impl IntoView {
    let words = "A schedule says who has the pager, week by week.";
    if may_act {
        let actions =
            view! { <ButtonLink href="/settings/schedules/new">"Make a schedule"</ButtonLink> }.into_any();
        view! { <EmptyState title="No schedule yet" actions>{words}</EmptyState> }.into_any()
    } else {
        view! { <EmptyState title="No schedule yet">{words}</EmptyState> }.into_any()
    }
}

/// “You” is always answered.
#[component]
fn You(mine: Vec<Mine>, zone: Tz) -> impl IntoView {
    let now: Vec<&Mine> = mine.iter().filter(|shift| shift.is_now).collect();
    let next = mine.iter().find(|shift| !shift.is_now).cloned();
    let next = next.map(|shift| {
        view! {
            "Next: " {shift.schedule.name} " from " <TimeOf at=shift.from zone /> " to " <TimeOf at=shift.to zone /> "."
        }
    });
    if now.is_empty() {
        return match next {
            Some(next) => view! { <Notice lead="You do not have the pager now.">{next}</Notice> }.into_any(),
            None => view! {
                <Notice lead="You do not have the pager now.">"And you have no turn in the next four weeks."</Notice>
            }
            .into_any(),
        };
    }
    let names: Vec<&str> = now.iter().map(|shift| shift.schedule.name.as_str()).collect();
    let lead = format!("You have the pager: {}.", names.join(", "));
    let first = now
        .iter()
        .filter(|shift| !shift.open_ended)
        .map(|shift| shift.to)
        .min();
    let until = match first {
        Some(at) => view! { "Until " <TimeOf at zone /> ". " }.into_any(),
        None => view! { "Nobody takes it over in the next four weeks. " }.into_any(),
    };
    view! { <Notice tone=Tone::Worked lead>{until} {next}</Notice> }.into_any()
}

/// Who has it now, who then, and where nobody does.
#[component]
fn RotaCard(rota: Rota, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    // One that is meant is no reason to act.
    let is_gap = |turn: &&Turn| turn.people.is_empty() && !turn.is_planned;
    let gap = rota.shifts.iter().find(is_gap).cloned();
    let class = if gap.is_some() { "rota has-gap" } else { "rota" };
    let place = format!("{} · {}", rota.team, zone_words(&rota.named.time_zone));
    let (current, next) = (rota.now().cloned(), rota.next().cloned());
    view! {
        <article class=class>
            <header>
                <h2><a href=format!("/settings/schedules/{}", rota.named.id)>{rota.named.name.clone()}</a></h2>
                <p class="quiet small">{place}</p>
            </header>
            {current.map(|turn| view! { <Holder label="Now" turn zone is_now=true /> })}
            {next.map(|turn| view! { <Holder label="Then" turn zone is_now=false /> })}
            {gap.map(|gap| view! { <GapLine gap now zone /> })}
        </article>
    }
}

#[component]
fn Holder(label: &'static str, turn: Turn, zone: Tz, is_now: bool) -> impl IntoView {
    let when = if is_now {
        (!turn.open_ended).then(|| view! { "until " <TimeOf at=turn.to zone /> }.into_any())
    } else {
        Some(view! { "from " <TimeOf at=turn.from zone /> }.into_any())
    };
    let class = if is_now { "holder now" } else { "holder" };
    view! {
        <div class=class>
            <span class="holder-label quiet small">{label}</span>
            <People turn />
            <span class="quiet small">{when}</span>
        </div>
    }
}

#[component]
fn GapLine(gap: Turn, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let lead = if gap.from <= now {
        "Nobody is on call now, "
    } else {
        "A gap ahead: "
    };
    let until = if gap.open_ended {
        view! { " on" }.into_any()
    } else {
        view! { " to " <TimeOf at=gap.to zone /> }.into_any()
    };
    view! { <p class="gap-line late"><Icon shape=Shape::Triangle /> <span>{lead} "from " <TimeOf at=gap.from zone /> {until}</span></p> }
}

/// All schedules along the same four weeks.
#[component]
fn Weeks(schedules: Vec<Rota>, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let end = now + AHEAD;
    let span = seconds(end - now).max(1.0);
    let share = |at: DateTime<Utc>| seconds(at - now) / span;
    let days = mondays(now, end, zone)
        .into_iter()
        .map(|at| (share(at), at.with_timezone(&zone).format("%-d %b").to_string()))
        .collect();
    let rows = schedules
        .iter()
        .map(|rota| ScheduleRow {
            name: rota.named.name.clone(),
            hint: rota.team.clone(),
            bars: rota
                .shifts
                .iter()
                .map(|turn| bar(turn, share(turn.from), share(turn.to), zone))
                .collect(),
        })
        .collect();
    let lines = schedules
        .iter()
        .flat_map(|rota| {
            rota.shifts
                .iter()
                .map(|turn| (rota.named.name.clone(), turn.clone()))
        })
        .map(|(schedule, turn)| view! { <TurnRow schedule turn zone /> })
        .collect_view();
    view! {
        <section class="stack-tight">
            <h2>"The next four weeks"</h2>
            <ScheduleBoard label="The next four weeks" days now=None rows />
            <Fold label="As a list">
                <DataTable caption="Turns in the next four weeks" headers=vec!["Schedule", "Who", "From", "To"]>{lines}</DataTable>
            </Fold>
        </section>
    }
}

#[component]
fn TurnRow(schedule: String, turn: Turn, zone: Tz) -> impl IntoView {
    let (from, to) = (turn.from, turn.to);
    let until = if turn.open_ended {
        view! { "beyond these weeks" }.into_any()
    } else {
        view! { <TimeOf at=to zone /> }.into_any()
    };
    view! {
        <Row>
            <Cell>{schedule}</Cell>
            <Cell label="Who"><People turn /></Cell>
            <Cell label="From"><TimeOf at=from zone /></Cell>
            <Cell label="To">{until}</Cell>
        </Row>
    }
}

#[component]
fn People(turn: Turn) -> impl IntoView {
    if turn.is_planned {
        return view! { <strong class="quiet">"nobody, as planned"</strong> }.into_any();
    }
    if turn.people.is_empty() {
        return view! { <strong class="late">"nobody"</strong> }.into_any();
    }
    let people = turn
        .people
        .into_iter()
        .map(|person| view! { <PersonName id=person.id.0 name=person.name /> })
        .collect_view();
    view! { <span class="people">{people}</span> }.into_any()
}

#[component]
fn Shifts(mine: Vec<Mine>, zone: Tz) -> impl IntoView {
    (!mine.is_empty()).then(|| {
        let rows = mine
            .into_iter()
            .map(|shift| {
                let until = if shift.open_ended {
                    view! { "beyond these weeks" }.into_any()
                } else {
                    view! { <TimeOf at=shift.to zone /> }.into_any()
                };
                let from = if shift.is_now {
                    view! { "now" }.into_any()
                } else {
                    view! { <TimeOf at=shift.from zone /> }.into_any()
                };
                view! {
                    <Row>
                        <Cell>{shift.schedule.name}</Cell>
                        <Cell label="From">{from}</Cell>
                        <Cell label="To">{until}</Cell>
                    </Row>
                }
            })
            .collect_view();
        view! {
            <section class="stack-tight">
                <h2>"Your turns"</h2>
                <DataTable caption="Your turns" headers=vec!["Schedule", "From", "To"]>
                    {rows}
                </DataTable>
            </section>
        }
    })
}

fn bar(turn: &Turn, from: f64, to: f64, zone: Tz) -> ShiftBar {
    let names: Vec<&str> = turn.people.iter().map(|person| person.name.as_str()).collect();
    let who = turn.people.first().map(|person| (person.id.0, names.join(", ")));
    let name = if turn.is_planned {
        "Nobody, as planned".to_owned()
    } else if names.is_empty() {
        "Nobody".to_owned()
    } else {
        names.join(", ")
    };
    let until = if turn.open_ended {
        "beyond these weeks".to_owned()
    } else {
        TimeForm::Short.format(turn.to, zone)
    };
    let words = format!("{name}, {} to {until}", TimeForm::Short.format(turn.from, zone));
    ShiftBar { from, to, who, words }
}

/// The midnights that begin a week, in the reader's zone.
fn mondays(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Vec<DateTime<Utc>> {
    let first = wall::reading(zone, from).date();
    (0..=28)
        .filter_map(|days| first.checked_add_days(Days::new(days)))
        .filter(|day| day.weekday() == chrono::Weekday::Mon)
        .map(|day| wall::instant(zone, day.and_time(NaiveTime::MIN)))
        .filter(|at| *at > from && *at < to)
        .collect()
}

fn seconds(span: chrono::TimeDelta) -> f64 {
    f64::from(i32::try_from(span.num_seconds()).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_at_the_readers_midnight() {
        let from = "2026-03-20T12:00:00Z".parse().unwrap();
        let to = "2026-04-03T12:00:00Z".parse().unwrap();
        let found: Vec<String> = mondays(from, to, Tz::Europe__Berlin)
            .iter()
            .map(|at| at.format("%FT%RZ").to_string())
            .collect();
        // Summer time begins on 29 March.
        assert_eq!(found, ["2026-03-22T23:00Z", "2026-03-29T22:00Z"]);
    }
}
