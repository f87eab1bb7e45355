//! Incidents with their timelines, alerts, pages and mails.

use super::{Cast, STEP, Size, opened_at};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::alerts::Status;
use domain::ids::{AlertId, IncidentId, PageId};
use domain::incidents::timeline::{Event, PageReason, Via};
use domain::incidents::{IncidentRole, NoticedBy, PageOutcome, State};
use engine::db::{Arg, sql};
use engine::{Tx, transaction};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use testing::TestApp;

/// Incidents in one transaction.
const AT_ONCE: i64 = 250;
/// One in so many is open.
const EACH_OPEN: i64 = 100;
const ALERTS: i64 = 2;
/// Mails are kept for 90 days.
const MAILS_KEPT: TimeDelta = TimeDelta::days(90);

const TITLES: [&str; 6] = [
    "Checkout latency above 2 s at the 99th percentile",
    "Error rate above 5 %",
    "Disk of the primary is 92 % full",
    "Queue is 40,000 messages behind",
    "Certificate ends in three days",
    "Replication is 90 s behind",
];
const NOTES: [&str; 4] = [
    "The graphs show the first errors two minutes after the deploy of the afternoon; two of three nodes have them, the third still runs the old build.",
    "Rolled back on one node. **Errors are gone there**, so the others follow one by one.",
    "The connection pool is exhausted: 100 of 100 taken, and the slow query log has the same statement again and again.",
    "Asked the people of the database whether the failover of last night may have to do with it. They look at the log.",
];

/// Answers with the ids by number, from 1.
pub(super) async fn write(
    app: &TestApp,
    cast: &Cast,
    size: Size,
    now: DateTime<Utc>,
) -> Result<Vec<IncidentId>> {
    let mut ids = Vec::new();
    while (ids.len() as i64) < size.incidents {
        let first = ids.len() as i64 + 1;
        let last = size.incidents.min(first + AT_ONCE - 1);
        ids.extend(transaction!(app.engine, |tx| {
            let mut made = Vec::new();
            for number in first..=last {
                let past = Past::new(tx, cast, size, number, now);
                past.write(tx).await?;
                made.push(past.id);
            }
            made
        })?);
    }
    transaction!(app.engine, |tx| {
        sql("UPDATE counters SET value = $1 WHERE name = 'incident'")
            .bind(size.incidents)
            .run(tx)
            .await?
    })?;
    Ok(ids)
}

/// An incident as it became.
struct Past<'a> {
    id: IncidentId,
    number: i64,
    entries: i64,
    cast: &'a Cast,
    state: State,
    severity: Severity,
    opened_at: DateTime<Utc>,
    now: DateTime<Utc>,
    page: PageId,
    alerts: Vec<AlertId>,
}

impl<'a> Past<'a> {
    fn new(tx: &Tx, cast: &'a Cast, size: Size, number: i64, now: DateTime<Utc>) -> Self {
        let is_open = number > size.incidents - (size.incidents / EACH_OPEN).max(4);
        let state = match number % 10 {
            _ if number == size.incidents => State::Acknowledged,
            _ if !is_open => State::Resolved,
            1 | 2 => State::Triggered,
            3 | 4 => State::Mitigated,
            _ => State::Acknowledged,
        };
        let entries = size.entries_of(number);
        Self {
            id: tx.new_id(),
            number,
            entries,
            cast,
            state,
            severity: Severity::ALL[1 + number as usize % 3],
            opened_at: opened_at(size, number, now),
            now,
            page: tx.new_id(),
            alerts: (0..(entries / 50).max(ALERTS)).map(|_| tx.new_id()).collect(),
        }
    }

    fn title(&self) -> &'static str {
        TITLES[self.number as usize % TITLES.len()]
    }

    fn labels(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("instance", format!("node-{}", self.number % 12)),
            ("region", format!("eu-{}", self.number % 3)),
        ])
    }

    fn after(&self, minutes: i64) -> DateTime<Utc> {
        self.opened_at + TimeDelta::minutes(minutes)
    }

    async fn write(&self, tx: &mut Tx) -> engine::Result<()> {
        self.write_incident(tx).await?;
        self.write_alerts(tx).await?;
        self.write_page(tx).await?;
        self.write_timeline(tx).await?;
        self.write_words(tx).await
    }

    async fn write_incident(&self, tx: &mut Tx) -> engine::Result<()> {
        let service = self.cast.service_of(self.number);
        let reached = |state: State, minutes: i64| (self.state >= state).then_some(minutes);
        let (acknowledged, mitigated, resolved) = (
            reached(State::Acknowledged, 4),
            reached(State::Mitigated, 40),
            reached(State::Resolved, 65),
        );
        let at = |minutes: Option<i64>| minutes.map(|minutes| self.after(minutes));
        let seconds = |minutes: Option<i64>| minutes.map(|minutes| minutes * 60);
        sql("INSERT INTO incidents (id, number, title, severity, state, team_id, noticed_by, seq, alerts_quiet, opened_at,
                 impact_started_at, detected_at, acknowledged_at, mitigated_at, resolved_at, seconds_to_acknowledge,
                 seconds_to_mitigate, seconds_to_resolve)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE, $9, $9, $9, $10, $11, $12, $13, $14, $15)")
            .bind(self.id)
            .bind(self.number)
            .bind(self.title())
            .bind(self.severity)
            .bind(self.state)
            .bind(service.team)
            .bind(NoticedBy::Alert)
            .bind(self.entries)
            .bind(self.opened_at)
            .bind(at(acknowledged))
            .bind(at(mitigated))
            .bind(at(resolved))
            .bind(seconds(acknowledged))
            .bind(seconds(mitigated))
            .bind(seconds(resolved))
            .run(tx)
            .await?;
        sql("INSERT INTO incident_services (incident_id, service_id) VALUES ($1, $2)")
            .bind(self.id)
            .bind(service.id)
            .run(tx)
            .await?;
        if self.state != State::Triggered {
            sql(
                "INSERT INTO incident_roles (incident_id, role, person_id, taken_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(self.id)
            .bind(IncidentRole::Commander)
            .bind(self.cast.person_of(self.number, 0).0)
            .bind(self.after(5))
            .run(tx)
            .await?;
        }
        let running = self.state == State::Triggered;
        sql(
            "INSERT INTO escalations (incident_id, policy_id, round, step, state, next_at, started_at)
             VALUES ($1, $2, 0, 0, $3, $4, $5)",
        )
        .bind(self.id)
        .bind(service.policy)
        .bind(if running { "running" } else { "stopped" })
        .bind(running.then(|| self.now + STEP / 2))
        .bind(self.opened_at)
        .run(tx)
        .await?;
        Ok(())
    }

    async fn write_alerts(&self, tx: &mut Tx) -> engine::Result<()> {
        let is_over = self.state == State::Resolved;
        for (place, alert) in (0_i64..).zip(&self.alerts) {
            sql("INSERT INTO alerts (id, incident_id, service_id, dedup_key, title, severity, severity_word, status, open, labels,
                     link, started_at, ended_at, times_received, last_received_at)
                 VALUES ($1, $2, $3, $4, $5, $6, 'critical', $7, $8, $9, $10, $11, $12, 3, $11)")
                .bind(*alert)
                .bind(self.id)
                .bind(self.cast.service_of(self.number).id)
                .bind(format!("alert-{}-{place}", self.number))
                .bind(self.title())
                .bind(self.severity)
                .bind(if is_over { Status::Resolved } else { Status::Firing })
                .bind(!is_over)
                .bind(Arg::json(&self.labels()))
                .bind("https://graphs.example.test/d/errors")
                .bind(self.after(0) + TimeDelta::seconds(place))
                .bind(is_over.then(|| self.after(60)))
                .run(tx)
                .await?;
        }
        Ok(())
    }

    /// The page, and its mail while mails are kept.
    async fn write_page(&self, tx: &mut Tx) -> engine::Result<()> {
        let (person, name) = self.cast.person_of(self.number, 0);
        sql("INSERT INTO pages (id, incident_id, person_id, step, round, outcome, created_at, settled_at, server_words,
                 is_first, settled_after_ms)
             VALUES ($1, $2, $3, 0, 0, $4, $5, $5, '250 2.0.0 Accepted', TRUE, 40)")
            .bind(self.page)
            .bind(self.id)
            .bind(*person)
            .bind(PageOutcome::Accepted)
            .bind(self.opened_at)
            .run(tx)
            .await?;
        if self.now - self.opened_at > MAILS_KEPT {
            return Ok(());
        }
        let mail = tx.context.new_id();
        sql("INSERT INTO notifications (id, kind, person_id, incident_id, page_id, to_address, to_name, message_id, subject, text_body,
                 html_body, state, attempts, next_attempt_at, created_at, settled_at, server_words)
             VALUES ($1, 'page', $2, $3, $4, $5, $6, $7, $8, $9, $10, 'sent', 1, $11, $11, $11, '250 2.0.0 Accepted')")
            .bind(Arg::Id(Some(mail)))
            .bind(*person)
            .bind(self.id)
            .bind(self.page)
            .bind(format!("{name}@example.test"))
            .bind(name)
            .bind(format!("<page-{}@example.test>", self.number))
            .bind(format!("[{}] INC-{} {}", self.severity, self.number, self.title()))
            .bind(NOTES.join("\n").repeat(2))
            .bind(NOTES.join("\n").repeat(8))
            .bind(self.opened_at)
            .run(tx)
            .await?;
        Ok(())
    }

    async fn write_timeline(&self, tx: &mut Tx) -> engine::Result<()> {
        let minutes = if self.state == State::Resolved { 65 } else { 28 };
        for block in 0..self.entries / BLOCK {
            let mut insert = sql(&TIMELINE);
            for seq in block * BLOCK + 1..=(block + 1) * BLOCK {
                let at = self.opened_at + TimeDelta::seconds(minutes * 60 * (seq - 1) / self.entries);
                let event = self.event(seq);
                let by_a_person = event.written_text().is_some()
                    || matches!(event, Event::Acknowledged { .. } | Event::RoleTaken { .. });
                insert = insert
                    .bind(self.id)
                    .bind(seq)
                    .bind(at)
                    .bind(at)
                    .bind(by_a_person.then(|| self.cast.person_of(self.number, seq % 3).0))
                    .bind(Arg::json(&event))
                    .bind(self.state_at(seq));
            }
            insert.run(tx).await?;
        }
        Ok(())
    }

    fn state_at(&self, seq: i64) -> State {
        match seq {
            _ if seq == self.entries => self.state,
            1..=4 => State::Triggered,
            _ => State::Acknowledged.min(self.state),
        }
    }

    fn event(&self, seq: i64) -> Event {
        let (person, name) = self.cast.person_of(self.number, 0).clone();
        let (page, note) = (self.page, NOTES[seq as usize % NOTES.len()].to_owned());
        let alert = self.alerts[seq as usize % self.alerts.len()];
        let title = self.title().to_owned();
        match seq {
            1 => Event::Opened {
                noticed_by: NoticedBy::Alert,
                severity: self.severity,
            },
            2 => Event::AlertAdded {
                alert,
                title,
                severity: self.severity,
                status: Status::Firing,
                link: Some("https://graphs.example.test/d/errors".to_owned()),
            },
            3 => Event::Paged {
                page,
                person,
                name,
                reason: PageReason::OnCall,
            },
            4 => Event::PageSettled {
                page,
                person,
                name,
                outcome: PageOutcome::Accepted,
                server_words: Some("250 2.0.0 Accepted".to_owned()),
                seconds: 0,
            },
            5 if self.state != State::Triggered => Event::Acknowledged { via: Via::Page },
            6 if self.state != State::Triggered => Event::RoleTaken {
                role: IncidentRole::Commander,
                name,
                person,
            },
            _ if seq == self.entries && self.state == State::Resolved => Event::Resolved { by_alerts: false },
            _ if seq == self.entries && self.state == State::Mitigated => Event::Mitigated,
            _ => match seq % 8 {
                0 => Event::StatusUpdate {
                    text: note,
                    next_due_at: None,
                },
                1 => Event::Decision { text: note },
                2 | 3 => Event::AlertChanged {
                    alert,
                    title,
                    status: if seq % 2 == 0 {
                        Status::Resolved
                    } else {
                        Status::Firing
                    },
                },
                _ => Event::Note { text: note },
            },
        }
    }

    /// As the search's index has them.
    async fn write_words(&self, tx: &mut Tx) -> engine::Result<()> {
        let service = &self.cast.service_of(self.number).name;
        let labels: Vec<String> = self.labels().into_values().collect();
        let words = format!(
            "inc {} {} {service} {}",
            self.number,
            self.title().to_lowercase(),
            labels.join(" ")
        );
        let insert = if tx.is_postgres() {
            "INSERT INTO incident_search (number, words) VALUES ($1, to_tsvector('simple', $2))"
        } else {
            "INSERT INTO incident_search (rowid, words) VALUES ($1, $2)"
        };
        sql(insert).bind(self.number).bind(words).run(tx).await?;
        Ok(())
    }
}

/// Entries in one statement.
const BLOCK: i64 = 20;

static TIMELINE: LazyLock<String> = LazyLock::new(|| {
    let rows: Vec<String> = (0..BLOCK)
        .map(|row| {
            let arguments: Vec<String> = (1..=7).map(|column| format!("${}", row * 7 + column)).collect();
            format!("({})", arguments.join(", "))
        })
        .collect();
    format!(
        "INSERT INTO timeline (incident_id, seq, happened_at, recorded_at, actor_id, event, state) VALUES {}",
        rows.join(", ")
    )
});
