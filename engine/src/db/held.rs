//! A transaction on PostgreSQL that waits for no answer for ever. A database that is gone without a word (a failover, a firewall)
//! closes nothing, and the operating system gives its connections up after a quarter of an hour only.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool, Postgres};
use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long an answer is waited for, and a connection; as long as another program may hold SQLite's file.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection of the pool may take to say that it is there still. A new one costs less than to wait.
const STILL_THERE: Duration = Duration::from_secs(1);

/// Waits for the database; what is not answered in time has failed.
pub(crate) async fn in_time<T>(asked: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    within(ANSWERS_WITHIN, asked).await
}

/// Whether a connection of the pool is there still.
pub(super) async fn is_there(connection: &mut PgConnection) -> sqlx::Result<bool> {
    within(STILL_THERE, connection.ping()).await.map(|()| true)
}

async fn within<T>(span: Duration, asked: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let silence = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "it does not answer"));
    timeout(span, asked).await.map_err(silence)?
}

/// Dropped without [`Held::commit`], it leaves nothing behind: nor does one whose BEGIN was given up half way, since whoever
/// waited for it is gone, such as a browser that left.
pub(super) struct Held {
    /// There until it is dropped.
    connection: Option<PoolConnection<Postgres>>,
    is_over: bool,
}

impl Held {
    pub async fn begin(pool: &PgPool, statement: &'static str) -> sqlx::Result<Self> {
        let mut held = Self {
            connection: Some(pool.acquire().await?),
            is_over: false,
        };
        in_time(held.execute(statement)).await?;
        Ok(held)
    }

    pub async fn commit(mut self) -> sqlx::Result<()> {
        in_time(self.execute("COMMIT")).await?;
        self.is_over = true;
        Ok(())
    }
}

const IS_THERE: &str = "the connection is there until it is dropped";

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect(IS_THERE)
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect(IS_THERE)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let (Some(mut connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) else {
            return;
        };
        if self.is_over {
            return;
        }
        runtime.spawn(async move {
            if in_time(connection.execute("ROLLBACK")).await.is_err() {
                // Given back, it would be waited for again.
                drop(connection.detach());
            }
        });
    }
}
