//! Databases on the tests' PostgreSQL server, at `KINTSUGI_TEST_POSTGRES`.

use engine::db::{Db, tables};
use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use url::Url;
use uuid::Uuid;

/// A new database with nothing in it, for programs that connect themselves.
pub struct NewPostgres {
    pub address: String,
    name: String,
}

impl NewPostgres {
    pub async fn create() -> Option<Self> {
        Self::create_as("STRATEGY FILE_COPY").await?.ok()
    }

    /// With the tables of this program in it. They are made once and copied: to make them takes longer than most tests.
    pub(crate) async fn with_tables() -> Option<Self> {
        let copy = format!("TEMPLATE {} STRATEGY FILE_COPY", name_of_tables());
        match Self::create_as(&copy).await? {
            Ok(database) => Some(database),
            Err(_) => {
                make_tables().await?;
                let copied = Self::create_as(&copy).await?;
                Some(copied.expect("the server copies the tables"))
            }
        }
    }

    async fn create_as(how: &str) -> Option<engine::Result<Self>> {
        let name = format!("kintsugi_{}", Uuid::new_v4().simple());
        let address = address(&name)?;
        let made = on_the_server(&format!("CREATE DATABASE {name} {how}")).await?;
        Some(made.map(|()| Self { address, name }))
    }

    pub async fn drop(self) {
        drop_database(&self.name).await;
    }

    pub(crate) fn into_parts(self) -> (String, String) {
        (self.address, self.name)
    }
}

pub(crate) async fn drop_database(name: &str) {
    if let Some(dropped) = on_the_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await {
        dropped.expect("the server drops the test's database");
    }
}

/// Another for other tables, so that a server that stays copies none of before.
fn name_of_tables() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in tables::POSTGRES.iter() {
        migration.checksum.hash(&mut hasher);
    }
    format!("kintsugi_tables_{:016x}", hasher.finish())
}

/// Tests that start together may all make them; the first one's are kept.
async fn make_tables() -> Option<()> {
    let made = NewPostgres::create().await?;
    let db = Db::connect(&made.address)
        .await
        .expect("the new database answers");
    db.migrate().await.expect("the tables are made");
    db.close().await;
    let rename = format!("ALTER DATABASE {} RENAME TO {}", made.name, name_of_tables());
    if on_the_server(&rename).await?.is_err() {
        made.drop().await;
    }
    Some(())
}

fn address(database: &str) -> Option<String> {
    let server = env::var("KINTSUGI_TEST_POSTGRES").ok()?;
    let mut address: Url = server.parse().expect("an address of a PostgreSQL server");
    address.set_path(database);
    Some(address.to_string())
}

async fn on_the_server(statement: &str) -> Option<engine::Result<()>> {
    let server = env::var("KINTSUGI_TEST_POSTGRES").ok()?;
    let db = Db::connect(&server).await.expect("the PostgreSQL server answers");
    let done = db.run_outside_transactions(statement).await;
    db.close().await;
    Some(done)
}
