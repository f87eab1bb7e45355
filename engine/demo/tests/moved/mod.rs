//! A company that has moved in, on a clock that stands still until it is set.

// Each test file uses a part of this.
#![allow(dead_code)]

use chrono::{DateTime, Utc};
use demo::{Company, LedClock, Loaded, load};
use engine::incidents::{self, Story};
use engine::methods::Mailer;
use engine::{Context, Engine, MailFrom, workers};
use rand::SeedableRng;
use rand::rngs::StdRng;

pub const TUESDAY: &str = "2026-11-24T10:30:00Z";

pub struct Moved {
    pub engine: Engine,
    pub clock: LedClock,
    pub now: DateTime<Utc>,
    loaded: Option<Loaded>,
    // Kept so that the folder goes away with the test.
    _folder: tempfile::TempDir,
}

pub async fn move_in(now: &str, seed: u64) -> Moved {
    move_company_in(now, seed, false).await
}

pub async fn move_company_in(now: &str, seed: u64, with_extremes: bool) -> Moved {
    let now: DateTime<Utc> = now.parse().expect("an instant");
    let folder = tempfile::tempdir().expect("a folder for the test's database");
    let clock = LedClock::at(now);
    let from = MailFrom {
        mailbox: "Kintsugi <kintsugi@example.test>".parse().expect("a mailbox"),
        server_set: false,
    };
    let base_url = "http://localhost:3000".parse().expect("a base URL");
    let context = Context::with(
        Box::new(clock.clone()),
        StdRng::seed_from_u64(seed),
        base_url,
        from,
    );
    let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let engine = Engine::start(&address, context)
        .await
        .expect("a database for the test");
    let company = Company::read(with_extremes).unwrap_or_else(|problem| panic!("{problem}"));
    let loaded = load(&engine, &clock, company, now, seed)
        .await
        .unwrap_or_else(|problem| panic!("{problem}"));
    Moved {
        engine,
        clock,
        now,
        loaded: Some(loaded),
        _folder: folder,
    }
}

impl Moved {
    /// What was loaded; the show takes it with it.
    pub fn take(&mut self) -> Loaded {
        self.loaded.take().expect("nobody took it yet")
    }

    /// All incidents, the first one first.
    pub async fn stories(&self) -> Vec<Story> {
        let mut tx = self.engine.read().await.expect("a transaction");
        let mut stories = Vec::new();
        while let Ok(story) = incidents::read(&mut tx, i64::try_from(stories.len()).unwrap_or(0) + 1).await {
            stories.push(story);
        }
        stories
    }

    /// Does all that is due by itself.
    pub async fn settle(&self) {
        let sender = Mailer::new(&self.engine.context.mail, None).expect("no mail server");
        workers::run_due(&self.engine, &sender)
            .await
            .expect("the workers do what is due");
    }
}
