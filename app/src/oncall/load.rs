//! How a team's on call is shared out: one's own hours, the spread of all, and names where the team wants them.

mod next;
mod period;

use crate::address::{Query, encoded};
use crate::answer::Answered;
use crate::components::{
    ButtonKind, Cell, DataTable, Notice, PageHead, Row, Section, SwitchForm, Tab, Tabs, Tone,
};
use crate::csv_file::csv_file;
use crate::form::{Form, is_on};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::oncall::{Load, evened_out};
use domain::people::Permission;
use domain::teams::Team;
use engine::load::{self, Served, TeamLoad};
use engine::oncall::schedules::Named;
use engine::{Tx, teams, transaction};
use leptos::prelude::*;
use next::{WhoIsNext, to_change};
use period::{Asked, Period};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct LoadPage {
    slug: String,
    #[serde(skip)]
    asked: Asked,
}

pub struct LoadView {
    team: Team,
    load: TeamLoad,
    period: Period,
    /// What the period is of.
    now: DateTime<Utc>,
    zone: Tz,
    me: PersonId,
    with_names: bool,
    may_change: bool,
    may_have_all: bool,
    /// Who had the least first.
    order: Vec<PersonId>,
    /// Schedules of the team whose turns stand in another order.
    to_change: Vec<Named>,
}

impl FormPage for LoadPage {
    type Caller = SignedIn;
    type View = LoadView;

    fn address(&self) -> String {
        encoded(&format!("/teams/{}/load", self.slug))
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<LoadView> {
        let team = teams::find(tx, &here.page.slug).await?;
        let (now, zone) = (tx.now(), here.who.zone());
        let period = here.page.asked.period(now, zone);
        let load = load::of_team(tx, team.id, period.span(now, zone)).await?;
        let with_names = load::with_names(tx, team.id).await?;
        let may_change = here.who.may(tx, Permission::ChangeTeam(team.id)).await?;
        let loads: Vec<(PersonId, Load)> = load
            .people
            .iter()
            .map(|served| (served.person.id, served.hours))
            .collect();
        let order = evened_out(&loads);
        Ok(LoadView {
            to_change: match with_names && may_change {
                true => to_change(tx, team.id, &order).await?,
                false => Vec::new(),
            },
            order,
            load,
            period,
            now,
            zone,
            me: here.who.person.id,
            with_names,
            may_change,
            may_have_all: here.who.may(tx, Permission::Administer).await?,
            team,
        })
    }

    fn title(view: &LoadView) -> (String, Section) {
        (format!("On call of {}", view.team.name), Section::OnCall)
    }

    fn show(view: LoadView, _: Returned) -> impl IntoView {
        view! { <OfTeam view /> }
    }
}

pub async fn show(mut here: Here<LoadPage>, Query(asked): Query<Asked>) -> Answered {
    here.page.asked = asked;
    here.show().await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NamesForm {
    /// `on` where the team sees names.
    names: String,
}

pub async fn names(here: Here<LoadPage>, Form(form): Form<NamesForm>) -> Answered {
    let done: engine::Result<()> = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        load::show_names(tx, team.id, is_on("names", &form.names)?).await?
    });
    here.after(done, form).await
}

/// Hours by kind, for on-call pay: all of them for administrators, one's own for everybody else.
pub async fn file(here: Here<LoadPage>, Query(asked): Query<Asked>) -> Answered {
    let mut tx = here.by().read().await?;
    let team = teams::find(&mut tx, &here.page.slug).await?;
    let (now, zone) = (tx.now(), here.who.zone());
    let span = asked.period(now, zone).span(now, zone);
    let shown = load::to_pay(&mut tx, team.id, span).await?;
    let lines = shown.iter().map(|served| line(served, span));
    Ok(csv_file(
        &format!("on-call-{}", team.slug),
        std::iter::once(COLUMNS.map(str::to_owned)).chain(lines),
    ))
}

const COLUMNS: [&str; 12] = [
    "person",
    "address",
    "time zone",
    "from (UTC)",
    "until (UTC)",
    "hours on weekdays",
    "hours in nights",
    "hours on weekends",
    "hours in nights of weekends",
    "hours on holidays",
    "pages",
    "nights woken",
];

fn line(served: &Served, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> [String; 12] {
    let at = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
    let Served {
        person,
        hours,
        pages,
        nights_woken,
    } = served;
    [
        person.name.clone(),
        person.email.clone(),
        person.time_zone.clone(),
        at(from),
        at(to),
        hours_of(hours.days),
        hours_of(hours.nights),
        hours_of(hours.weekend_days),
        hours_of(hours.weekend_nights),
        hours_of(hours.holidays),
        pages.to_string(),
        nights_woken.to_string(),
    ]
}

/// To the quarter of an hour.
fn hours_of(time: TimeDelta) -> String {
    let quarters = (time.num_minutes() + 7) / 15;
    format!("{}.{:02}", quarters / 4, quarters % 4 * 25)
}

/// In whole hours, for reading.
fn spoken(time: TimeDelta) -> String {
    format!("{} h", (time.num_minutes() + 30) / 60)
}

type Measure = (&'static str, fn(&Served) -> i64, fn(i64) -> String);

fn in_hours(minutes: i64) -> String {
    spoken(TimeDelta::minutes(minutes))
}

fn as_number(count: i64) -> String {
    count.to_string()
}

const ON_HOLIDAYS: &str = "On holidays";

const MEASURES: [Measure; 7] = [
    ("On call", |served| served.hours.total().num_minutes(), in_hours),
    ("In nights", |served| served.hours.nights.num_minutes(), in_hours),
    (
        "On weekends",
        |served| served.hours.weekend_days.num_minutes(),
        in_hours,
    ),
    (
        "In nights of weekends",
        |served| served.hours.weekend_nights.num_minutes(),
        in_hours,
    ),
    (
        ON_HOLIDAYS,
        |served| served.hours.holidays.num_minutes(),
        in_hours,
    ),
    (
        "Pages",
        |served| i64::try_from(served.pages).unwrap_or(i64::MAX),
        as_number,
    ),
    (
        "Nights woken",
        |served| i64::try_from(served.nights_woken).unwrap_or(i64::MAX),
        as_number,
    ),
];

/// A team whose holidays nobody has given has none to count.
fn measures(has_holidays: bool) -> impl Iterator<Item = &'static Measure> {
    MEASURES
        .iter()
        .filter(move |(label, ..)| has_holidays || *label != ON_HOLIDAYS)
}

#[component]
fn OfTeam(view: LoadView) -> impl IntoView {
    let here = encoded(&format!("/teams/{}/load", view.team.slug));
    let LoadView {
        period, now, zone, ..
    } = view;
    let tab = |other: Period| Tab {
        href: format!("{here}?{}", other.query()),
        label: other.label(),
        count: None,
        current: other == period,
    };
    let periods: Vec<Tab> = Period::all(now, zone).into_iter().map(tab).collect();
    let risk = view.load.rests_on_one.map(|(most, of)| {
        view! {
            <Notice tone=Tone::Worked lead="One person acts in more than half of this team's incidents.">
                {format!("In {most} of {of}. That is a risk of the system: what do they know that is written down nowhere, and who could come along the next time?")}
            </Notice>
        }
    });
    let has_holidays = view.load.has_holidays;
    let mine = view
        .load
        .people
        .iter()
        .find(|served| served.person.id == view.me)
        .cloned();
    let names = view
        .with_names
        .then(|| view! { <ByName people=view.load.people.clone() has_holidays /> });
    let next = (view.with_names && view.may_change).then(
        || view! { <WhoIsNext people=view.load.people.clone() order=view.order to_change=view.to_change /> },
    );
    let who_gets = if view.may_have_all {
        "Hours by kind of everybody, for on-call pay (CSV)"
    } else {
        "Your hours by kind (CSV)"
    };
    let choose = view.may_change.then(|| {
        view! {
            <SwitchForm
                action=format!("{here}/names")
                name="names"
                label="Show names"
                is_on=view.with_names
                kind=ButtonKind::Primary
                hint="Else the team sees its spread, and each person their own. Nobody is ranked either way."
            />
        }
    });
    view! {
        <PageHead title=format!("How on call of {} is shared out", view.team.name) under=view! { {format!("{}; nights and weekends by the clock of whoever serves.", period.said(now, zone))} }.into_any() />
        <div class="stack-loose">
            <Tabs label="Period" tabs=periods />
            {risk}
            <Spread people=view.load.people mine has_holidays />
            {names}
            {next}
            <p><a href=format!("{here}.csv?{}", period.query())>{who_gets}</a></p>
            {choose}
        </div>
    }
}

/// One's own beside the least, the middle and the most of the team.
#[component]
fn Spread(people: Vec<Served>, mine: Option<Served>, has_holidays: bool) -> impl IntoView {
    let is_one_of_them = mine.is_some();
    let rows = measures(has_holidays)
        .map(|(label, of, said)| {
            let mut all: Vec<i64> = people.iter().map(of).collect();
            all.sort_unstable();
            let at = |place: usize| {
                all.get(place)
                    .map_or_else(|| "–".to_owned(), |value| said(*value))
            };
            let (least, middle, most) = (
                at(0),
                at(all.len().saturating_sub(1) / 2),
                at(all.len().saturating_sub(1)),
            );
            let own = mine.as_ref().map(|served| said(of(served)));
            view! {
                <Row>
                    <Cell>{*label}</Cell>
                    {own.map(|own| view! { <Cell label="You"><strong>{own}</strong></Cell> })}
                    <Cell label="Least">{least}</Cell>
                    <Cell label="In the middle">{middle}</Cell>
                    <Cell label="Most">{most}</Cell>
                </Row>
            }
        })
        .collect_view();
    let mut headers = vec!["What"];
    headers.extend(is_one_of_them.then_some("You"));
    headers.extend(["Least", "In the middle", "Most"]);
    view! { <DataTable caption="The spread of the team" headers>{rows}</DataTable> }
}

#[component]
fn ByName(people: Vec<Served>, has_holidays: bool) -> impl IntoView {
    let rows = people
        .into_iter()
        .map(|served| {
            let cells = measures(has_holidays)
                .map(|(label, of, said)| {
                    let value = said(of(&served));
                    view! { <Cell label=*label>{value}</Cell> }
                })
                .collect_view();
            let name = served.person.name;
            view! { <Row><Cell>{name}</Cell> {cells}</Row> }
        })
        .collect_view();
    let headers: Vec<&str> = std::iter::once("Person")
        .chain(measures(has_holidays).map(|(label, ..)| *label))
        .collect();
    view! { <DataTable caption="By name" headers>{rows}</DataTable> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_for_pay_are_told_to_the_quarter() {
        for (minutes, hours) in [
            (0, "0.00"),
            (7, "0.00"),
            (8, "0.25"),
            (60, "1.00"),
            (105, "1.75"),
            (6_000, "100.00"),
        ] {
            assert_eq!(hours_of(TimeDelta::minutes(minutes)), hours);
        }
    }
}
