//! Commits that fail, by means of the databases themselves: a hook on SQLite's connection, a deferred trigger on PostgreSQL.

use engine::db::{Db, sql};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use testing::TestApp;

/// Nobody lives to see so many commits.
const NEVER: i64 = 1_000_000_000;

/// A sequence counts on when a transaction is rolled back, and what is deferred happens at the commit.
const ON_POSTGRES: [&str; 6] = [
    "CREATE SEQUENCE commit_fails_in INCREMENT -1 MINVALUE -1000000000 MAXVALUE 1000000000 START 1000000000",
    "CREATE FUNCTION fail_a_commit() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
         IF nextval('commit_fails_in') = 0 THEN
             RAISE EXCEPTION 'no space is left, says a test' USING ERRCODE = '53100';
         END IF;
         RETURN NULL;
     END $$",
    "CREATE CONSTRAINT TRIGGER a_commit_fails AFTER INSERT OR UPDATE ON pages
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_a_commit()",
    "CREATE CONSTRAINT TRIGGER a_commit_fails AFTER INSERT OR UPDATE ON escalations
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_a_commit()",
    "CREATE CONSTRAINT TRIGGER a_commit_fails AFTER INSERT OR UPDATE ON timeline
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_a_commit()",
    "CREATE CONSTRAINT TRIGGER a_commit_fails AFTER INSERT OR UPDATE ON notifications
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_a_commit()",
];

pub struct Commits {
    /// On SQLite: how many are made before the one that fails; below zero it has failed.
    left: Arc<AtomicI64>,
}

impl Commits {
    pub async fn of(app: &TestApp) -> Self {
        if matches!(app.engine.db, Db::Postgres(_)) {
            for statement in ON_POSTGRES {
                app.engine.db.run_outside_transactions(statement).await.unwrap();
            }
        }
        Self {
            left: Arc::new(AtomicI64::new(NEVER)),
        }
    }

    /// After so many that are made, one fails, and nothing of it stays. PostgreSQL counts the rows in them.
    pub async fn one_fails(&self, app: &TestApp, after: u32) {
        let after = i64::from(after);
        match &app.engine.db {
            Db::Sqlite { writer, .. } => {
                self.left.store(after, Ordering::SeqCst);
                let left = Arc::clone(&self.left);
                // The pool throws away a connection on which a commit has failed, and the hook with it.
                let mut connection = writer.acquire().await.unwrap();
                let mut handle = connection.lock_handle().await.unwrap();
                handle.set_commit_hook(move || left.fetch_sub(1, Ordering::SeqCst) != 0);
            }
            Db::Postgres(_) => count_from(app, after + 1).await,
        }
    }

    /// From now on all are made. Says whether one has failed.
    pub async fn mend(&self, app: &TestApp) -> bool {
        match &app.engine.db {
            Db::Sqlite { .. } => self.left.swap(NEVER, Ordering::SeqCst) < 0,
            Db::Postgres(_) => {
                let mut tx = app.engine.read().await.unwrap();
                let left: i64 = sql("SELECT last_value FROM commit_fails_in")
                    .scalar(&mut tx)
                    .await
                    .unwrap();
                drop(tx);
                count_from(app, NEVER).await;
                left <= 0
            }
        }
    }
}

async fn count_from(app: &TestApp, left: i64) {
    let statement = format!("SELECT setval('commit_fails_in', {left})");
    app.engine.db.run_outside_transactions(&statement).await.unwrap();
}
