//! Telling those who watch an incident that it changed. Only the incident's id travels; who is told reads again.

use domain::ids::IncidentId;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many changes a watcher may lag behind before it is told to read everything again.
const BACKLOG: usize = 1024;

#[derive(Clone, Copy, Debug)]
enum News {
    Changed(IncidentId),
    Stopping,
}

#[derive(Clone, Debug)]
pub struct Hub {
    sender: Arc<broadcast::Sender<News>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            sender: Arc::new(broadcast::channel(BACKLOG).0),
        }
    }
}

impl Hub {
    pub fn tell(&self, incident: IncidentId) {
        // Nobody watching is no fault.
        let _ = self.sender.send(News::Changed(incident));
    }

    /// Ends what watches: the program is stopping, and browsers come back to the next one.
    pub fn stop(&self) {
        let _ = self.sender.send(News::Stopping);
    }

    /// Hears what other nodes commit (PostgreSQL's NOTIFY). After a lost connection everybody reads again.
    pub fn listen_to(&self, db: &crate::db::Db) -> tokio::task::JoinHandle<()> {
        let (hub, db) = (self.clone(), db.clone());
        tokio::spawn(async move {
            let crate::db::Db::Postgres(pool) = db else { return };
            let mut pause = tokio::time::interval(std::time::Duration::from_secs(1));
            loop {
                pause.tick().await;
                if let Err(error) = hub.hear(&pool).await {
                    tracing::warn!(%error, "the connection for notices of other nodes is lost; opening it again");
                }
            }
        })
    }

    async fn hear(&self, pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
        let mut listener = sqlx::postgres::PgListener::connect_with(pool).await?;
        listener.listen("kintsugi_incident").await?;
        // Something may have been missed before.
        self.tell_all();
        loop {
            // None: the connection was lost and opened again, and something may have been missed.
            match listener.try_recv().await? {
                Some(notice) => {
                    if let Ok(incident) = notice.payload().parse() {
                        self.tell(incident);
                    }
                }
                None => self.tell_all(),
            }
        }
    }

    /// Makes every watcher look again.
    fn tell_all(&self) {
        for _ in 0..=BACKLOG {
            self.tell(IncidentId(uuid::Uuid::nil()));
        }
    }

    pub fn watch(&self) -> Watch {
        Watch {
            receiver: self.sender.subscribe(),
        }
    }
}

pub struct Watch {
    receiver: broadcast::Receiver<News>,
}

impl Watch {
    /// Waits until `incident` may have changed. `false` when the program is stopping.
    pub async fn changed(&mut self, incident: IncidentId) -> bool {
        loop {
            match self.receiver.recv().await {
                Ok(News::Changed(changed)) if changed == incident => return true,
                Ok(News::Changed(_)) => {}
                Ok(News::Stopping) => return false,
                // Something was missed; it may have been this one.
                Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}
