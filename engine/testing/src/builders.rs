//! Data with telling defaults, by the names that a test gives.

use crate::TestApp;
use crate::app::address_of;
use chrono::TimeDelta;
use domain::ids::{IntegrationId, LayerId, PersonId, PolicyId, ScheduleId, ServiceId, StepId, TeamId};
use domain::people::Role;
use engine::db::{Arg, sql};
use engine::secrets::Secret;
use engine::{Tx, transaction};
use uuid::Uuid;

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
        let id = PersonId(self.engine.context.new_id());
        let mut full = name.to_owned();
        full[..1].make_ascii_uppercase();
        transaction!(self.engine, |tx| {
            let now = tx.now();
            sql("INSERT INTO people (id, email, name, role, time_zone, created_at) VALUES ($1, $2, $3, $4, 'Europe/Berlin', $5)")
                .bind(id)
                .bind(address_of(name))
                .bind(&full)
                .bind(role)
                .bind(now)
                .run(tx)
                .await?;
        })
        .expect("a person");
        self.name(name, id);
        id
    }

    /// A team with these members.
    pub async fn team(&self, name: &str, members: &[&str]) -> TeamId {
        let id = TeamId(self.engine.context.new_id());
        transaction!(self.engine, |tx| {
            let now = tx.now();
            sql("INSERT INTO teams (id, slug, name, created_at) VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(domain::teams::slug(name))
                .bind(name)
                .bind(now)
                .run(tx)
                .await?;
            for member in members {
                sql("INSERT INTO team_members (team_id, person_id) VALUES ($1, $2)")
                    .bind(id)
                    .bind(self.id::<PersonId>(member))
                    .run(tx)
                    .await?;
            }
        })
        .expect("a team");
        self.name(name, id);
        id
    }

    /// A service of the team, with a JSON integration, without a policy, paging from SEV3 up.
    pub async fn service(&self, name: &str, team: &str) -> ServiceId {
        let id = ServiceId(self.engine.context.new_id());
        let integration = IntegrationId(self.engine.context.new_id());
        let secret = Secret::new(&self.engine.context);
        let team: TeamId = self.id(team);
        transaction!(self.engine, |tx| insert_service(
            tx,
            id,
            name,
            team,
            integration,
            &secret
        )
        .await?)
        .expect("a service");
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

async fn insert_service(
    tx: &mut Tx,
    id: ServiceId,
    name: &str,
    team: TeamId,
    integration: IntegrationId,
    secret: &Secret,
) -> engine::Result<()> {
    let now = tx.now();
    sql("INSERT INTO services (id, slug, name, team_id, default_severity, page_from, resolves_with_alerts, created_at)
         VALUES ($1, $2, $3, $4, 3, 3, TRUE, $5)")
        .bind(id)
        .bind(domain::teams::slug(name))
        .bind(name)
        .bind(team)
        .bind(now)
        .run(tx)
        .await?;
    sql("INSERT INTO integrations (id, service_id, kind, name, created_at) VALUES ($1, $2, 'json', $3, $4)")
        .bind(integration)
        .bind(id)
        .bind(format!("{name} alerts"))
        .bind(now)
        .run(tx)
        .await?;
    sql("INSERT INTO integration_secrets (secret_hash, integration_id, hint, created_at) VALUES ($1, $2, $3, $4)")
        .bind(secret.hash())
        .bind(integration)
        .bind(secret.hint())
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
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
        let context = &self.app.engine.context;
        let (id, layer) = (ScheduleId(context.new_id()), LayerId(context.new_id()));
        let team: TeamId = self.app.id(self.team);
        transaction!(self.app.engine, |tx| {
            let now = tx.now();
            sql("INSERT INTO schedules (id, team_id, name, time_zone, created_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(id)
                .bind(team)
                .bind(self.name)
                .bind(self.zone)
                .bind(now)
                .run(tx)
                .await?;
            sql("INSERT INTO schedule_layers (id, schedule_id, position, name, unit, every, handoffs, start_at_wall, counts,
                    restrictions, turns)
                 VALUES ($1, $2, 0, 'Weekly', 'week', 1, $4, $3, 'all', $4, $5)")
                .bind(layer)
                .bind(id)
                .bind(self.start)
                .bind(Arg::json(&Vec::<i64>::new()))
                .bind(i64::try_from(self.people.len()).unwrap_or(1).max(1))
                .run(tx)
                .await?;
            for (turn, person) in (0_i64..).zip(&self.people) {
                sql("INSERT INTO layer_turns (layer_id, turn, person_id) VALUES ($1, $2, $3)")
                    .bind(layer)
                    .bind(turn)
                    .bind(*person)
                    .run(tx)
                    .await?;
            }
        })
        .expect("a schedule");
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
        let id = PolicyId(self.app.engine.context.new_id());
        let service: ServiceId = self.app.id(self.service);
        transaction!(self.app.engine, |tx| {
            let now = tx.now();
            let team = engine::teams::find_service(tx, service).await?.team_id;
            sql("INSERT INTO escalation_policies (id, team_id, name, repeats, created_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(id)
                .bind(team)
                .bind(self.service)
                .bind(self.repeats)
                .bind(now)
                .run(tx)
                .await?;
            for (position, (target, delay)) in (0_i64..).zip(&self.steps) {
                let step: StepId = tx.new_id();
                sql("INSERT INTO policy_steps (id, policy_id, position, delay_seconds) VALUES ($1, $2, $3, $4)")
                    .bind(step)
                    .bind(id)
                    .bind(position)
                    .bind(delay.num_seconds())
                    .run(tx)
                    .await?;
                let target: Uuid = self.app.id(target);
                let is_person: bool = sql("SELECT EXISTS (SELECT 1 FROM people WHERE id = $1)").bind(PersonId(target)).scalar(tx).await?;
                sql("INSERT INTO policy_targets (step_id, position, person_id, schedule_id) VALUES ($1, 0, $2, $3)")
                    .bind(step)
                    .bind(is_person.then_some(PersonId(target)))
                    .bind((!is_person).then_some(ScheduleId(target)))
                    .run(tx)
                    .await?;
            }
            sql("UPDATE services SET policy_id = $2 WHERE id = $1").bind(service).bind(id).run(tx).await?;
        })
        .expect("a policy");
        id
    }
}
