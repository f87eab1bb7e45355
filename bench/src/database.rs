//! A database for one part of the measuring, on a disk.

use anyhow::{Context as _, Result};
use engine::db::Db;
use testing::{NewPostgres, TestApp};

/// The system's folder for short-lived files may not lie on a disk; this one does.
const ON_DISK: &str = "/var/tmp";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

pub struct Database {
    pub kind: Kind,
    pub address: String,
    // Goes away with it.
    _folder: Option<tempfile::TempDir>,
    server: Option<NewPostgres>,
}

impl Database {
    /// An empty one.
    pub async fn new(kind: Kind) -> Result<Self> {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::Builder::new()
                    .prefix("kintsugi-bench-")
                    .tempdir_in(ON_DISK)?;
                Ok(Self {
                    kind,
                    address: format!("sqlite://{}", folder.path().join("kintsugi.db").display()),
                    _folder: Some(folder),
                    server: None,
                })
            }
            Kind::Postgres => {
                let server = NewPostgres::create().await;
                let server = server.context("KINTSUGI_TEST_POSTGRES names no PostgreSQL server")?;
                Ok(Self {
                    kind,
                    address: server.address.clone(),
                    _folder: None,
                    server: Some(server),
                })
            }
        }
    }

    /// `name (SQLite)`
    pub fn named(&self, name: &str) -> String {
        format!("{name} ({})", self.kind.name())
    }

    /// An engine on it whose clock says what this machine's says now.
    pub async fn open(&self) -> TestApp {
        let app = TestApp::at(&self.address).await;
        app.clock.pass(chrono::Utc::now() - app.engine.context.now());
        app
    }

    /// As the program has it done while it runs; PostgreSQL does so by itself, some time after much has changed.
    pub async fn look_at_itself(&self, db: &Db) -> Result<()> {
        match self.kind {
            Kind::Sqlite => db.look_at_itself().await?,
            Kind::Postgres => db.run_outside_transactions("ANALYZE").await?,
        }
        Ok(())
    }

    pub async fn throw_away(self) {
        if let Some(server) = self.server {
            server.drop().await;
        }
    }
}
