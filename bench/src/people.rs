//! Who is paged and who reads: services that each page a person of their own, and sessions.

use crate::database::Database;
use anyhow::Result;
use domain::ids::PersonId;
use engine::db::sql;
use engine::people::sessions;
use engine::transaction;
use testing::TestApp;

/// The session's cookie.
const COOKIE: &str = "kintsugi_session";

/// So many services, each paging a person of its own, since one person gets five pages in five minutes, and a list. Answers
/// with the paths of their doors.
pub async fn with_services(database: &Database, how_many: usize) -> Vec<String> {
    let app = database.open().await;
    let doors = app.many_services(how_many).await;
    app.engine.db.close().await;
    doors
}

/// So many services with an integration for Alertmanager each.
pub async fn with_alertmanagers(database: &Database, how_many: usize) -> Result<Vec<String>> {
    let app = database.open().await;
    let doors = app.many_services(how_many).await;
    transaction!(app.engine, |tx| {
        sql("UPDATE integrations SET kind = 'alertmanager'")
            .run(tx)
            .await?;
    })?;
    app.engine.db.close().await;
    let of_alertmanager = |door: &String| door.replacen("/json/", "/alertmanager/", 1);
    Ok(doors.iter().map(of_alertmanager).collect())
}

/// The address of whom the service with this number pages.
pub fn address_of(service: usize) -> String {
    format!("person{service}@example.test")
}

/// Sessions of these people, as `Cookie` has them.
pub async fn cookies(app: &TestApp, people: &[PersonId]) -> Result<Vec<String>> {
    let cookies = transaction!(app.engine, |tx| {
        let mut cookies = Vec::new();
        for person in people {
            let secret = sessions::start(tx, *person, "cargo xtask bench", "127.0.0.1").await?;
            cookies.push(format!("{COOKIE}={}", secret.reveal()));
        }
        cookies
    })?;
    Ok(cookies)
}
