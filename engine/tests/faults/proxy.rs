//! A way to the tests' PostgreSQL server that can fall silent without closing anything, as a firewall or a failover does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

pub struct Proxy {
    pub address: String,
    /// Connections up to this one are never heard again.
    lost: watch::Sender<u64>,
    made: Arc<AtomicU64>,
}

/// No connection is heard.
const ALL: u64 = u64::MAX;

impl Proxy {
    pub async fn to(database: &str) -> Self {
        let mut address: Url = database.parse().unwrap();
        let host = address.host_str().unwrap().to_owned();
        let port = address.port().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        address.set_host(Some("127.0.0.1")).unwrap();
        address
            .set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        let (lost, silence) = watch::channel(0);
        let made = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&made);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
                let far = TcpStream::connect((host.as_str(), port)).await.unwrap();
                let (from_near, to_near) = near.into_split();
                let (from_far, to_far) = far.into_split();
                tokio::spawn(forward(from_near, to_far, number, silence.clone()));
                tokio::spawn(forward(from_far, to_near, number, silence.clone()));
            }
        });
        Self {
            address: address.to_string(),
            lost,
            made,
        }
    }

    pub fn fall_silent(&self) {
        self.lost.send_replace(ALL);
    }

    /// Another server has taken over: new connections are answered, the old ones never.
    pub fn fail_over(&self) {
        self.lost.send_replace(self.made.load(Ordering::SeqCst));
    }
}

async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    number: u64,
    mut silence: watch::Receiver<u64>,
) -> Option<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await.ok()?;
        silence.wait_for(|lost| *lost < number).await.ok()?;
        if length == 0 {
            return to.shutdown().await.ok();
        }
        to.write_all(&buffer[..length]).await.ok()?;
    }
}
