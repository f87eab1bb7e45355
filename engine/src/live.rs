//! Telling those who watch an incident that it changed. Only the incident's id travels; who is told reads again.

use crate::db::in_time;
use domain::ids::IncidentId;
use sqlx::Executor as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// How many changes a watcher may lag behind before it is told to read everything again.
const BACKLOG: usize = 1024;

/// After so long without a notice the database is asked whether it is there.
const QUIET: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
enum News {
    Changed(IncidentId, Notice),
    Stopping,
}

/// Counts what this node was told. What is read after one was given out shows at least what it tells of, so all who were given
/// the same one can share what one of them read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice(u64);

#[derive(Clone, Debug)]
pub struct Hub {
    sender: Arc<broadcast::Sender<News>>,
    told: Arc<AtomicU64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            sender: Arc::new(broadcast::channel(BACKLOG).0),
            told: Arc::default(),
        }
    }
}

impl Hub {
    pub fn tell(&self, incident: IncidentId) {
        let notice = Notice(self.told.fetch_add(1, Ordering::SeqCst) + 1);
        // Nobody watching is no fault.
        let _ = self.sender.send(News::Changed(incident, notice));
    }

    /// The last that was given out.
    pub fn latest(&self) -> Notice {
        Notice(self.told.load(Ordering::SeqCst))
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
            let mut pause = tokio::time::interval(Duration::from_secs(1));
            loop {
                pause.tick().await;
                if let Err(error) = hub.hear(&pool).await {
                    tracing::warn!(%error, "the connection for notices of other nodes is lost; opening it again");
                }
            }
        })
    }

    async fn hear(&self, pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
        let mut listener = in_time(sqlx::postgres::PgListener::connect_with(pool)).await?;
        in_time(listener.listen("kintsugi_incident")).await?;
        // Something may have been missed before.
        self.tell_all();
        loop {
            let Ok(heard) = tokio::time::timeout(QUIET, listener.try_recv()).await else {
                // Whoever only listens does not notice that the other side is gone.
                in_time(listener.execute("SELECT 1")).await?;
                continue;
            };
            // None: the connection was lost and opened again, and something may have been missed.
            match heard? {
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
            hub: self.clone(),
            receiver: self.sender.subscribe(),
        }
    }
}

pub struct Watch {
    hub: Hub,
    receiver: broadcast::Receiver<News>,
}

impl Watch {
    /// Waits until any incident may have changed; `None` when the program is stopping. What was told meanwhile is one change.
    pub async fn any(&mut self) -> Option<()> {
        match self.receiver.recv().await {
            Ok(News::Changed(..)) | Err(RecvError::Lagged(_)) => {}
            Ok(News::Stopping) | Err(RecvError::Closed) => return None,
        }
        loop {
            match self.receiver.try_recv() {
                Ok(News::Changed(..)) | Err(TryRecvError::Lagged(_)) => {}
                Ok(News::Stopping) | Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => return Some(()),
            }
        }
    }

    /// Waits until `incident` may have changed; `None` when the program is stopping. What was told meanwhile is one change.
    pub async fn changed(&mut self, incident: IncidentId) -> Option<Notice> {
        let mut newest = None;
        while newest.is_none() {
            newest = match self.receiver.recv().await {
                Ok(News::Changed(changed, notice)) => (changed == incident).then_some(notice),
                // Something was missed; it may have been this one.
                Err(RecvError::Lagged(_)) => Some(self.hub.latest()),
                Ok(News::Stopping) | Err(RecvError::Closed) => return None,
            };
        }
        loop {
            newest = match self.receiver.try_recv() {
                Ok(News::Changed(changed, notice)) if changed == incident => newest.max(Some(notice)),
                Ok(News::Changed(..)) => newest,
                Err(TryRecvError::Lagged(_)) => Some(self.hub.latest()),
                Ok(News::Stopping) | Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => return newest,
            };
        }
    }
}
