//! The application under test.

use crate::mailbox::{Mail, Mailboxes};
use crate::postgres::{NewPostgres, drop_database};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::PersonId;
use domain::people::Person;
use engine::alerts::{InboundRequest, Ingest, Source, source};
use engine::context::{Clock, Context, MailFrom};
use engine::methods::{Mailer, Methods};
use engine::secrets::Keys;
use engine::{Engine, db::sql, workers};
use rand::SeedableRng;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A clock that stands still until it is moved. In microseconds.
#[derive(Clone, Debug)]
pub struct TestClock {
    micros: Arc<AtomicI64>,
    /// Readings until it breaks; below zero it does not.
    breaks_after: Arc<AtomicI64>,
    /// The same, from when it has broken on.
    breaks_again_after: Arc<AtomicI64>,
}

impl TestClock {
    pub fn at(instant: &str) -> Self {
        let instant: DateTime<Utc> = instant.parse().expect("an instant such as 2026-03-02T09:00:00Z");
        Self {
            micros: Arc::new(AtomicI64::new(instant.timestamp_micros())),
            breaks_after: Arc::new(AtomicI64::new(-1)),
            breaks_again_after: Arc::new(AtomicI64::new(-1)),
        }
    }

    /// The clock panics when it has been read so many times from now, and when it has then been read as often once more: a fault
    /// in whatever asks for the time then, which is there still when it is tried again.
    pub fn break_after(&self, readings: i64) {
        self.breaks_again_after.store(readings, Ordering::SeqCst);
        self.breaks_after.store(readings, Ordering::SeqCst);
    }

    pub fn has_broken(&self) -> bool {
        self.breaks_again_after.load(Ordering::SeqCst) < 0
    }

    /// Takes it back. Says whether the clock did break.
    pub fn mend(&self) -> bool {
        self.breaks_after.store(-1, Ordering::SeqCst);
        self.breaks_again_after.swap(-1, Ordering::SeqCst) < 0
    }

    pub fn pass(&self, by: TimeDelta) {
        self.micros.fetch_add(
            by.num_microseconds().expect("a span of less than 292,000 years"),
            Ordering::SeqCst,
        );
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.is_asked();
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst))
            .expect("an instant within the calendar")
    }

    fn is_asked(&self) {
        let left = self.breaks_after.load(Ordering::SeqCst);
        if left >= 0 {
            let next = if left > 0 {
                left - 1
            } else {
                self.breaks_again_after.swap(-1, Ordering::SeqCst)
            };
            self.breaks_after.store(next, Ordering::SeqCst);
            assert!(left > 0, "a fault that a test put into the clock");
        }
    }
}

pub fn seconds(number: i64) -> TimeDelta {
    TimeDelta::seconds(number)
}

pub fn minutes(number: i64) -> TimeDelta {
    TimeDelta::minutes(number)
}

pub fn hours(number: i64) -> TimeDelta {
    TimeDelta::hours(number)
}

pub fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

pub struct TestApp {
    pub engine: Engine,
    pub clock: TestClock,
    pub sender: Mailer,
    pub mail: Mailboxes,
    pub ingest: Ingest,
    /// Ids by the names that the test gave.
    pub(crate) names: Mutex<BTreeMap<String, Uuid>>,
    /// Secrets of integrations by service.
    pub(crate) secrets: Mutex<BTreeMap<String, String>>,
    // Kept so that the folder goes away with the test.
    _folder: Option<tempfile::TempDir>,
    /// The name of the database on the tests' PostgreSQL server.
    on_postgres: Option<String>,
    address: String,
}

impl TestApp {
    /// On a new SQLite file. The clock stands at Monday 2 March 2026, 09:00 UTC.
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test's database");
        let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        Self::on(&address, Some(folder), true).await
    }

    /// On a new database of the server at `KINTSUGI_TEST_POSTGRES`.
    pub async fn on_postgres() -> Option<Self> {
        let (address, name) = NewPostgres::with_tables().await?.into_parts();
        let mut app = Self::on(&address, None, true).await;
        app.on_postgres = Some(name);
        Some(app)
    }

    /// On a database of a server that the test started.
    pub async fn on_postgres_at(address: &str) -> Self {
        Self::on(address, None, true).await
    }

    /// Where another node finds the database, if it is one for several.
    pub fn postgres_address(&self) -> Option<String> {
        self.on_postgres.as_ref().map(|_| self.address.clone())
    }

    /// A database is 10 MB, and a whole run makes well over a hundred.
    pub async fn drop_postgres(&self) {
        if let Some(name) = &self.on_postgres {
            drop_database(name).await;
        }
    }

    /// On a new SQLite file, with no mail server set.
    pub async fn without_mail_server() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test's database");
        let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        Self::on(&address, Some(folder), false).await
    }

    /// On a database that others use, too: to make people and services in it.
    pub async fn at(address: &str) -> Self {
        Self::on(address, None, true).await
    }

    /// What opens the JSON integration of a service.
    pub fn secret(&self, service: &str) -> String {
        self.secrets.lock().expect("no panic")[service].clone()
    }

    async fn on(address: &str, folder: Option<tempfile::TempDir>, server_set: bool) -> Self {
        let clock = TestClock::at("2026-03-02T09:00:00Z");
        let mail = Mailboxes::open().await;
        let from = MailFrom {
            mailbox: "Kintsugi <kintsugi@example.test>".parse().expect("a mailbox"),
            server_set,
        };
        let sender = Mailer::new(&from, server_set.then_some(mail.smtp_url().as_str()))
            .expect("a mail server's address");
        let base_url = "https://kintsugi.example.test".parse().expect("a base URL");
        let chance = rand::rngs::StdRng::seed_from_u64(7);
        let mut context = Context::with(Box::new(clock.clone()), chance, base_url, from);
        context.keys = Keys::given("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a key");
        let engine = Engine::start(address, context)
            .await
            .expect("a database for the test");
        let (ingest, _) = Ingest::start(engine.clone());
        Self {
            engine,
            clock,
            sender,
            mail,
            ingest,
            names: Mutex::default(),
            secrets: Mutex::default(),
            _folder: folder,
            on_postgres: None,
            address: address.to_owned(),
        }
    }

    /// Does all that is due now.
    pub async fn settle(&self) {
        workers::run_due(&self.engine, &self.methods())
            .await
            .expect("the workers do what is due");
    }

    /// Lets the workers go on in real time beside the test, and hears other nodes, until [`AtWork::end`].
    pub fn go_to_work(&self) -> AtWork {
        let stop = CancellationToken::new();
        let (engine, methods) = (self.engine.clone(), self.methods());
        AtWork {
            workers: tokio::spawn(workers::run(engine, methods, stop.clone())),
            stop,
            listener: self.engine.live.listen_to(&self.engine.db),
        }
    }

    /// Lets time pass in small steps, and does what falls due on the way. Over days nothing is waited for to the minute.
    pub async fn pass(&self, span: TimeDelta) {
        let mut left = span;
        self.settle().await;
        while left > TimeDelta::zero() {
            let hop = left.min(match span {
                _ if span <= hours(1) => seconds(10),
                _ if span <= hours(6) => minutes(1),
                _ if span < days(1) => minutes(5),
                _ => minutes(30),
            });
            self.clock.pass(hop);
            left -= hop;
            self.settle().await;
        }
    }

    /// The JSON integration of a service.
    pub async fn source(&self, tx: &mut engine::Tx, service: &str) -> Source {
        let secret = self
            .secrets
            .lock()
            .expect("no panic")
            .get(service)
            .cloned()
            .expect("the service has an integration");
        let found = source(tx, domain::teams::IntegrationKind::Json, &secret)
            .await
            .expect("a look-up");
        found.expect("the secret is known")
    }

    /// Sends a body to the JSON integration of a service, as the edge would.
    pub async fn post_json(&self, service: &str, body: &str) {
        let mut tx = self.engine.read().await.expect("a transaction");
        let from = self.source(&mut tx, service).await;
        drop(tx);
        self.take(from, body).await;
    }

    /// The same with a secret that the test knows.
    pub async fn post_json_with(&self, secret: &str, body: &str) {
        let mut tx = self.engine.read().await.expect("a transaction");
        let from = source(&mut tx, domain::teams::IntegrationKind::Json, secret)
            .await
            .expect("a look-up")
            .expect("the secret is known");
        drop(tx);
        self.take(from, body).await;
    }

    /// An alert that is at the door; [`Ingest::take`] takes it in.
    pub async fn arriving(&self, service: &str, title: &str, key: &str) -> InboundRequest {
        let mut tx = self.engine.read().await.expect("a transaction");
        let from = self.source(&mut tx, service).await;
        drop(tx);
        let body = format!(r#"{{"title":"{title}","severity":"SEV2","dedup_key":"{key}"}}"#);
        self.read_body(from, &body)
    }

    async fn take(&self, from: Source, body: &str) {
        let arriving = self.read_body(from, body);
        self.ingest.take(arriving).await.expect("the alert is taken");
    }

    fn read_body(&self, from: Source, body: &str) -> InboundRequest {
        let received_at = self.engine.context.now();
        let delivery = domain::alerts::json::parse(body.as_bytes(), &from.service_slug, received_at)
            .expect("a good body");
        InboundRequest {
            id: self.engine.context.new_id(),
            from,
            address: None,
            body: body.as_bytes().to_vec(),
            delivery,
            received_at,
        }
    }

    /// An alert with this title, severity and key fires.
    pub async fn fires(&self, service: &str, title: &str, severity: u8, key: &str) {
        self.tell(service, title, severity, key, "firing").await;
    }

    pub async fn tell(&self, service: &str, title: &str, severity: u8, key: &str, status: &str) {
        let body = format!(
            r#"{{"title":"{title}","severity":"SEV{severity}","dedup_key":"{key}","status":"{status}"}}"#
        );
        self.post_json(service, &body).await;
    }

    /// What is in a person's mailbox, oldest first.
    pub fn mailbox(&self, name: &str) -> Vec<Mail> {
        self.mail.of(&address_of(name))
    }

    /// The subjects in a person's mailbox, oldest first.
    pub fn subjects(&self, name: &str) -> Vec<String> {
        self.mailbox(name).into_iter().map(|mail| mail.subject).collect()
    }

    pub fn id<T: From<Uuid>>(&self, name: &str) -> T {
        let names = self.names.lock().expect("no panic");
        T::from(
            *names
                .get(name)
                .unwrap_or_else(|| panic!("the test has made nothing called {name}")),
        )
    }

    fn methods(&self) -> Methods {
        Methods {
            mail: self.sender.clone(),
        }
    }

    /// The engine in somebody's hands.
    pub async fn by(&self, person: PersonId) -> engine::Acting {
        self.engine.by(engine::Actor::Person {
            person: self.find(person).await,
            address: None,
        })
    }

    pub async fn person(&self, name: &str) -> Person {
        self.find(self.id(name)).await
    }

    async fn find(&self, person: PersonId) -> Person {
        let mut tx = self.engine.read().await.expect("a transaction");
        engine::people::find(&mut tx, person)
            .await
            .expect("the person is there")
    }

    pub async fn story(&self, number: i64) -> engine::incidents::Story {
        let mut tx = self.engine.read().await.expect("a transaction");
        engine::incidents::read(&mut tx, number)
            .await
            .expect("the incident is there")
    }

    pub async fn count(&self, text: &'static str) -> i64 {
        let mut tx = self.engine.read().await.expect("a transaction");
        sql(text).scalar(&mut tx).await.expect("a count")
    }
}

/// The workers of a [`TestApp`], going on by themselves.
pub struct AtWork {
    stop: CancellationToken,
    workers: JoinHandle<()>,
    listener: JoinHandle<()>,
}

impl AtWork {
    pub async fn end(self) {
        self.stop.cancel();
        self.workers.await.expect("the workers end by themselves");
        self.listener.abort();
    }
}

/// `ana` has the address `ana@example.test`.
pub(crate) fn address_of(name: &str) -> String {
    format!("{name}@example.test")
}
