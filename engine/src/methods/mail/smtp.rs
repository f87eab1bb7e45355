//! The way to the mail server: conversations with it, which are kept for a while and used again.

mod address;
mod exchange;
mod stream;

pub use address::BadAddress;

use crate::notifications::AT_ONCE;
use address::Address;
use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Tls};
use lettre::transport::smtp::response::Response;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use stream::{Encrypted, Patient};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

/// How long a conversation is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(60);
/// How long one that was kept may take to say that it is there still. A new one costs less than to wait.
const STILL_THERE: Duration = Duration::from_secs(5);
/// How long each address of the mail server may take to connect.
const CONNECTING: Duration = Duration::from_secs(15);

pub(super) struct Pool {
    address: Address,
    /// How long each answer is waited for.
    patience: Duration,
    /// The one used last is used next.
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Why a mail could not be handed over.
#[derive(Debug, thiserror::Error)]
pub(super) enum SmtpError {
    #[error("The mail server cannot be reached: {0}")]
    NoConnection(#[from] io::Error),
    #[error(transparent)]
    Smtp(#[from] smtp::Error),
    /// It will not have this recipient, whoever writes to them.
    #[error(transparent)]
    Recipient(smtp::Error),
    #[error("The mail server takes no address with letters beyond ASCII before the @ (it lacks SMTPUTF8).")]
    NoSmtpUtf8,
}

impl SmtpError {
    /// Whether an answer did not come in time.
    pub fn is_silence(&self) -> bool {
        match self {
            Self::NoConnection(error) => error.kind() == io::ErrorKind::TimedOut,
            Self::Smtp(error) | Self::Recipient(error) => error.is_timeout(),
            Self::NoSmtpUtf8 => false,
        }
    }
}

impl Pool {
    pub fn open(address: &str, patience: Duration) -> Result<Self, BadAddress> {
        Ok(Self {
            address: Address::read(address)?,
            patience,
            kept: Mutex::default(),
        })
    }

    pub fn with_patience(&self, patience: Duration) -> Self {
        Self {
            address: self.address.clone(),
            patience,
            kept: Mutex::default(),
        }
    }

    /// One mail. Given up or failed half way, its connection is not used again: the answer to this mail would be taken for the
    /// answer to the next.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<Response, SmtpError> {
        let mut connection = match self.kept_and_still_there().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        match exchange::hand_over(&mut connection, envelope, mail).await {
            Ok(response) => {
                self.keep(connection);
                Ok(response)
            }
            Err(error) => {
                say_goodbye(connection);
                Err(error)
            }
        }
    }

    /// Whether whoever answers there does so as a mail server does.
    pub async fn greet(&self) -> Result<bool, SmtpError> {
        let mut connection = self.connect().await?;
        let is_one = connection.test_connected().await;
        if is_one {
            self.keep(connection);
        }
        Ok(is_one)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let stream = Patient::new(self.reach().await?, self.patience);
        let Address { tls, hello, .. } = &self.address;
        let stream: Box<dyn AsyncTokioStream> = match tls {
            Tls::Wrapper(parameters) => Box::new(Encrypted::over(stream, parameters.clone()).await?),
            _ => Box::new(stream),
        };
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, hello).await?;
        match tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), hello).await?;
            }
            _ => {}
        }
        if let Some(log_in) = &self.address.log_in {
            connection.auth(DEFAULT_MECHANISMS, log_in).await?;
        }
        Ok(connection)
    }

    async fn reach(&self) -> io::Result<TcpStream> {
        let mut last = io::ErrorKind::NotFound.into();
        for address in lookup_host((self.address.host.as_str(), self.address.port)).await? {
            match timeout(CONNECTING.min(self.patience), TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // The end of a mail is a packet of its own. Held back until the mail before it is acknowledged, it would
                    // cost 40 ms.
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }

    /// The mail server may have closed one meanwhile; then a new one is made, and no try has failed by it.
    async fn kept_and_still_there(&self) -> Option<AsyncSmtpConnection> {
        let mut connection = self.kept().pop()?.connection;
        let answers = timeout(STILL_THERE.min(self.patience), connection.test_connected()).await;
        answers.is_ok_and(|answers| answers).then_some(connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept();
        // As many as mails are under way; a flood would else open a new one for each.
        if kept.len() < AT_ONCE {
            let since = Instant::now();
            kept.push(Kept { connection, since });
        } else {
            say_goodbye(connection);
        }
    }

    /// Ends those that nobody has used for a while.
    pub fn end_idle(&self) {
        let mut kept = self.kept();
        while kept.first().is_some_and(|first| first.since.elapsed() > IDLE) {
            say_goodbye(kept.remove(0).connection);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody waits for the answer.
fn say_goodbye(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { timeout(STILL_THERE, connection.quit()).await.map(drop) });
}
