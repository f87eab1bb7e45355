//! Tests that read as stories: a whole engine on a real database, a clock that passes only by [`TestApp::pass`], and a
//! mailbox that holds what really left over SMTP.

mod app;
mod builders;
mod mailbox;
mod postgres;
mod until;

pub use app::{AtWork, TestApp, TestClock, days, hours, minutes, seconds};
pub use builders::{PolicyBuilder, ScheduleBuilder};
pub use mailbox::{CERTIFICATE, Encryption, Mail, Mailboxes, Mood, Step};
pub use postgres::NewPostgres;
pub use until::until;

/// Why it was refused, where that part of the engine said so.
pub fn refusal_of<T, R: engine::error::Refusal>(outcome: &engine::Result<T>) -> Option<&R> {
    outcome.as_ref().err()?.refused()
}

/// Runs each story on SQLite and on PostgreSQL (`KINTSUGI_TEST_POSTGRES`; without it the second half is left out, which
/// only the quick test run allows).
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn story($app: &$crate::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = $crate::TestApp::on_sqlite().await;
                story(&app).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(app) = $crate::TestApp::on_postgres().await {
                    story(&app).await;
                    app.drop_postgres().await;
                }
            }
        }
    )+};
}
