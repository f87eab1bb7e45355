//! Data with telling defaults, by the names that a test gives.

use crate::TestApp;
use crate::app::address_of;
use chrono::{NaiveDateTime, TimeDelta};
use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use domain::oncall::{Layer, Schedule};
use domain::people::Role;
use domain::teams::IntegrationKind;
use engine::oncall::{policies, store};
use engine::people::passwords::{self, Hashed};
use engine::teams::{integrations, services};
use engine::{hand_offs, people, teams, transaction};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// What everybody could log in with.
const PASSWORD: &str = "a bowl mended with gold";

impl TestApp {
    fn name(&self, name: &str, id: impl Into<Uuid>) {
        self.names
            .lock()
            .expect("no panic")
            .insert(name.to_owned(), id.into());
    }

    /// A responder, in Berlin.
    pub async fn responder(&self, name: &str) -> PersonId {
        self.someone(name, Role::Responder).await
    }

    pub async fn administrator(&self, name: &str) -> PersonId {
        self.someone(name, Role::Administrator).await
    }

    pub async fn someone(&self, name: &str, role: Role) -> PersonId {
        let mut full = name.to_owned();
        full[..1].make_ascii_uppercase();
        let person = people::changes::Change {
            name: full,
            email: address_of(name),
            role,
            time_zone: "Europe/Berlin".to_owned(),
        };
        let password = self.password().await;
        let made = transaction!(self.engine, |tx| people::changes::create(tx, &person, password)
            .await?);
        let id = made.expect("a person").id;
        self.name(name, id);
        id
    }

    /// One for everybody, since it takes its time to hash.
    async fn password(&self) -> &'static Hashed {
        static HASHED: OnceCell<Hashed> = OnceCell::const_new();
        HASHED
            .get_or_init(async || {
                passwords::hash(&self.engine.context, PASSWORD, "nobody@example.test")
                    .await
                    .expect("a password")
            })
            .await
    }

    /// A team with these members.
    pub async fn team(&self, name: &str, members: &[&str]) -> TeamId {
        let members: Vec<PersonId> = members.iter().map(|member| self.id(member)).collect();
        let made = transaction!(self.engine, |tx| teams::create(tx, name, &members).await?);
        let id = made.expect("a team").id;
        self.name(name, id);
        id
    }

    /// A service of the team, with a JSON integration, without a policy, paging from SEV3 up.
    pub async fn service(&self, name: &str, team: &str) -> ServiceId {
        let team: TeamId = self.id(team);
        let made = transaction!(self.engine, |tx| {
            let service = services::create(tx, team, &services::Draft::named(name)).await?;
            let called = format!("{name} alerts");
            let (_, secret) = integrations::create(tx, service.id, IntegrationKind::Json, &called).await?;
            (service.id, secret)
        });
        let (id, secret) = made.expect("a service");
        self.name(name, id);
        self.secrets
            .lock()
            .expect("no panic")
            .insert(name.to_owned(), secret.reveal().to_owned());
        id
    }

    pub fn schedule<'a>(&'a self, name: &'a str, team: &'a str) -> ScheduleBuilder<'a> {
        ScheduleBuilder {
            app: self,
            name,
            team,
            zone: "UTC",
            start: "2026-03-02T09:00",
            people: Vec::new(),
        }
    }

    /// A policy for the service of the same name.
    pub fn policy<'a>(&'a self, service: &'a str) -> PolicyBuilder<'a> {
        PolicyBuilder {
            app: self,
            service,
            steps: Vec::new(),
            repeats: 0,
        }
    }

    /// So many services that each page a person of their own, since one person gets five pages in five minutes, and a list.
    /// Answers with the paths of their doors.
    pub async fn many_services(&self, how_many: usize) -> Vec<String> {
        self.administrator("root").await;
        self.team("payments", &["root"]).await;
        let mut paths = Vec::new();
        for n in 0..how_many {
            let (person, service) = (format!("person{n}"), format!("service{n}"));
            self.responder(&person).await;
            self.service(&service, "payments").await;
            self.policy(&service)
                .step(&person, TimeDelta::hours(1))
                .make()
                .await;
            paths.push(format!("/json/{}", self.secret(&service)));
        }
        paths
    }

    /// The usual cast: administrator root; team payments with ana and bo, ana on call, checkout paging ana, then bo after 5 minutes.
    pub async fn usual_cast(&self) {
        self.administrator("root").await;
        self.responder("ana").await;
        self.responder("bo").await;
        self.team("payments", &["ana", "bo"]).await;
        self.service("checkout", "payments").await;
        self.schedule("primary", "payments")
            .weekly(&["ana", "bo"])
            .make()
            .await;
        self.policy("checkout")
            .step("primary", TimeDelta::minutes(5))
            .step("bo", TimeDelta::minutes(10))
            .make()
            .await;
    }
}

#[must_use]
pub struct ScheduleBuilder<'a> {
    app: &'a TestApp,
    name: &'a str,
    team: &'a str,
    zone: &'a str,
    start: &'a str,
    people: Vec<PersonId>,
}

impl<'a> ScheduleBuilder<'a> {
    /// One after the other, a week each.
    pub fn weekly(mut self, people: &[&str]) -> Self {
        self.people = people.iter().map(|name| self.app.id(name)).collect();
        self
    }

    /// Wall time such as `2026-03-02T09:00` in a zone.
    pub fn starting(mut self, start: &'a str, zone: &'a str) -> Self {
        (self.start, self.zone) = (start, zone);
        self
    }

    pub async fn make(self) -> ScheduleId {
        let weekly = Layer::weekly(
            self.people,
            NaiveDateTime::parse_from_str(self.start, "%Y-%m-%dT%H:%M").expect("a wall time"),
        );
        let schedule = Schedule {
            time_zone: self.zone.parse().expect("a time zone"),
            layers: vec![weekly],
            overrides: Vec::new(),
        };
        let team: TeamId = self.app.id(self.team);
        // Stories of hand-offs switch their mails on; in others they would come between.
        let made = transaction!(self.app.engine, |tx| {
            let id = store::create(tx, team, self.name, &schedule).await?;
            hand_offs::tell_hand_offs(tx, id, false).await?;
            id
        });
        let id = made.expect("a schedule");
        self.app.name(self.name, id);
        id
    }
}

#[must_use]
pub struct PolicyBuilder<'a> {
    app: &'a TestApp,
    service: &'a str,
    steps: Vec<(&'a str, TimeDelta)>,
    repeats: i64,
}

impl<'a> PolicyBuilder<'a> {
    /// Pages a person or a schedule, who then have `delay`.
    pub fn step(mut self, target: &'a str, delay: TimeDelta) -> Self {
        self.steps.push((target, delay));
        self
    }

    pub fn repeating(mut self, repeats: i64) -> Self {
        self.repeats = repeats;
        self
    }

    pub async fn make(self) -> PolicyId {
        let service: ServiceId = self.app.id(self.service);
        let made = transaction!(self.app.engine, |tx| {
            let mut steps = Vec::new();
            for (target, delay) in &self.steps {
                let target: Uuid = self.app.id(target);
                let person = people::find(tx, PersonId(target)).await;
                steps.push(Step {
                    delay_seconds: delay.num_seconds(),
                    targets: vec![person.map_or(Target::Schedule(ScheduleId(target)), |person| {
                        Target::Person(person.id)
                    })],
                    ..Step::default()
                });
            }
            let policy = Policy {
                steps,
                repeats: self.repeats,
                ..Policy::default()
            };
            let of = teams::find_service(tx, service).await?;
            let made = policies::create(tx, of.team_id, self.service, &policy).await?;
            let draft = services::Draft {
                policy: Some(made),
                page_from: of.page_from,
                default_severity: of.default_severity,
                resolves_with_alerts: of.resolves_with_alerts,
                remind_after_seconds: of.remind_after_seconds,
                name: of.name,
            };
            services::change(tx, service, &draft).await?;
            made
        });
        made.expect("a policy")
    }
}
