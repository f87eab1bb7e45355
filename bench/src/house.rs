//! A house that has been lived in: teams, people, services, a year of incidents with their postmortems and action items. Rows
//! are put in as they would have become, past the engine's actions, since these would take an hour.

mod history;
mod learning;

use crate::database::{Database, Kind};
use crate::people;
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use testing::TestApp;

#[derive(Clone, Copy)]
pub struct Size {
    pub incidents: i64,
    /// Entries in the timeline of the newest one; others have 20.
    pub longest: i64,
    /// Entries in the timeline of the one whose postmortem is read.
    pub learned_from: i64,
    /// One in so many incidents has a postmortem. Sixteen times an odd number, so that each team has as many.
    pub each_with_postmortem: i64,
}

/// When the database looked at how much of what there is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    Today,
    /// When there were teams, people and services, and no incident yet.
    OnTheFirstDay,
}

impl Size {
    pub const SMALL: Self = Self {
        incidents: 64,
        longest: 20,
        learned_from: 20,
        each_with_postmortem: 16,
    };
    pub const BIG: Self = Self {
        incidents: 10_000,
        longest: 2_000,
        learned_from: 200,
        each_with_postmortem: 16,
    };
    /// Many years of incidents; as much open work as in the big house.
    pub const HUGE: Self = Self {
        incidents: 100_000,
        each_with_postmortem: 16 * 9,
        ..Self::BIG
    };

    fn entries_of(self, number: i64) -> i64 {
        match number {
            _ if number == self.incidents => self.longest,
            _ if number == self.with_postmortem() => self.learned_from,
            _ => 20,
        }
    }

    /// The incident whose postmortem is read.
    fn with_postmortem(self) -> i64 {
        self.incidents / 2 / self.each_with_postmortem * self.each_with_postmortem
    }
}

/// So many incidents, one after the other, are of one team.
const IN_A_ROW: i64 = 16;
const TEAMS: [&str; 8] = [
    "payments",
    "search",
    "accounts",
    "catalogue",
    "shipping",
    "messages",
    "platform",
    "reports",
];
const PARTS: [&str; 5] = ["gateway", "worker", "database", "cache", "console"];
const PEOPLE_EACH: usize = 8;
/// No step falls due while it is measured.
const STEP: TimeDelta = TimeDelta::hours(20);

pub struct House {
    pub database: Database,
    pub pages: Vec<Page>,
    /// Of a responder.
    pub cookie: String,
    pub edit: Edit,
}

/// A schedule of the reader's team, and what somebody types into its editor.
#[derive(Clone)]
pub struct Edit {
    pub schedule: ScheduleId,
    pub fields: String,
}

pub struct Page {
    pub name: &'static str,
    pub path: String,
    /// It looks over all that there is; its first byte comes within so many milliseconds.
    pub within: Option<f64>,
}

/// Who and what rows refer to.
struct Cast {
    people: Vec<(PersonId, String)>,
    teams: Vec<TeamId>,
    services: Vec<Served>,
}

#[derive(Clone)]
struct Served {
    id: ServiceId,
    name: String,
    team: TeamId,
    policy: PolicyId,
}

impl Cast {
    /// The team of an incident; all those with a postmortem are spread over the teams too.
    fn place_of_team(number: i64) -> usize {
        (number / IN_A_ROW) as usize % TEAMS.len()
    }

    fn service_of(&self, number: i64) -> &Served {
        let first = Self::place_of_team(number) * PARTS.len();
        &self.services[first + number as usize % PARTS.len()]
    }

    /// A person of the incident's team.
    fn person_of(&self, number: i64, turn: i64) -> &(PersonId, String) {
        let first = Self::place_of_team(number) * PEOPLE_EACH;
        &self.people[first + (number + turn) as usize % PEOPLE_EACH]
    }
}

impl House {
    pub async fn build(kind: Kind, size: Size, looked: Looked) -> Result<Self> {
        let database = Database::new(kind).await?;
        let app = database.open().await;
        let cast = cast(&app).await?;
        if looked == Looked::OnTheFirstDay {
            database.look_at_itself(&app.engine.db).await?;
        }
        let now = app.engine.context.now();
        let ids = history::write(&app, &cast, size, now).await?;
        learning::write(&app, &cast, size, &ids, now).await?;
        let cookie = people::cookies(&app, &[cast.people[0].0]).await?.remove(0);
        if looked == Looked::Today {
            database.look_at_itself(&app.engine.db).await?;
        }
        let edit = Edit {
            schedule: app.id(&schedule_of(TEAMS[0])),
            fields: fields_of_edit(&cast.people[..PEOPLE_EACH]),
        };
        app.engine.db.close().await;
        let team = TEAMS[Cast::place_of_team(size.with_postmortem())];
        let page = |name, path| Page {
            name,
            path,
            within: None,
        };
        let pages = vec![
            page("home", "/".to_owned()),
            page("list of open incidents", "/incidents".to_owned()),
            page("list of all incidents", "/incidents?state=all".to_owned()),
            page("list, searched", "/incidents?q=checkout+latency".to_owned()),
            page("incident page", format!("/incidents/{}", size.incidents)),
            page(
                "postmortem",
                format!("/incidents/{}/postmortem", size.with_postmortem()),
            ),
            page("backlog", format!("/teams/{team}/backlog")),
            Page {
                within: Some(300.0),
                ..page("what came back", "/learning?days=365".to_owned())
            },
        ];
        Ok(Self {
            database,
            pages,
            cookie,
            edit,
        })
    }
}

async fn cast(app: &TestApp) -> Result<Cast> {
    let mut cast = Cast {
        people: Vec::new(),
        teams: Vec::new(),
        services: Vec::new(),
    };
    for team in TEAMS {
        let names: Vec<String> = (1..=PEOPLE_EACH).map(|n| format!("{team}-person-{n}")).collect();
        for name in &names {
            cast.people.push((app.responder(name).await, name.clone()));
        }
        let members: Vec<&str> = names.iter().map(String::as_str).collect();
        let id = app.team(team, &members).await;
        cast.teams.push(id);
        let schedule = schedule_of(team);
        app.schedule(&schedule, team).weekly(&members).make().await;
        for part in PARTS {
            let name = format!("{team} {part}");
            let service = app.service(&name, team).await;
            let policy = app.policy(&name).step(&schedule, STEP).make().await;
            cast.services.push(Served {
                id: service,
                name,
                team: id,
                policy,
            });
        }
    }
    Ok(cast)
}

/// When the incident with this number was opened: the newest one half an hour ago, one every 50 minutes before.
fn opened_at(size: Size, number: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::minutes(30 + 50 * (size.incidents - number))
}

fn schedule_of(team: &str) -> String {
    format!("{team} on call")
}

/// Three layers of everybody, by weeks, by days within hours, and by nights, from now on instead of what holds.
fn fields_of_edit(people: &[(PersonId, String)]) -> String {
    let mut fields = vec![
        "name=First+line".to_owned(),
        "time_zone=Europe/Berlin".to_owned(),
        "begins=now".to_owned(),
    ];
    let layers = [
        ("week", None),
        ("day", Some(("09:00", "17:00"))),
        ("day", Some(("22:00", "06:00"))),
    ];
    for (layer, (unit, hours)) in layers.into_iter().enumerate() {
        let mut say = |field: &str, value: &str| fields.push(format!("layers.{layer}.{field}={value}"));
        say("unit", unit);
        say("every", "1");
        say("start", "2026-03-02T09:00");
        say("level", &layer.to_string());
        for (turn, (person, _)) in people.iter().enumerate() {
            say(&format!("turns.{turn}.people"), &person.to_string());
        }
        if let Some((from, to)) = hours {
            say("windows.0.kind", "daily");
            say("windows.0.from", from);
            say("windows.0.to", to);
            for day in ["mon", "tue", "wed", "thu", "fri"] {
                say("windows.0.days", day);
            }
        }
    }
    fields.join("&")
}
