//! The SMTP client: one mail, one answer.

use super::deliver::AT_ONCE;
use super::outbox::Stored;
use crate::MailFrom;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Sends by SMTP, or not at all where no mail server is set.
#[derive(Clone)]
pub struct Sender {
    from: Mailbox,
    line: Option<Arc<Line>>,
    patience: Duration,
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The way to the mail server, with connections that are used again.
struct Line {
    address: String,
    transport: RwLock<Transport>,
}

impl Line {
    fn open(address: &str) -> Result<Transport, lettre::transport::smtp::Error> {
        // As many connections are kept as mails are under way; a flood would else open a new one for each.
        let pool = PoolConfig::new().max_size(u32::try_from(AT_ONCE).unwrap_or(u32::MAX));
        let builder = Transport::from_url(address)?.pool_config(pool);
        Ok(builder.timeout(Some(Duration::from_secs(30))).build())
    }

    fn transport(&self) -> Transport {
        self.transport
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Gives the connections up. One that was left in the middle of an exchange must not be used again: the answer to this
    /// mail would be taken for the answer to the next.
    async fn give_up(&self, old: &Transport) {
        if let Ok(fresh) = Self::open(&self.address) {
            *self.transport.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        // It takes the connections away first and then says goodbye, which a silent server does not answer.
        let _ = tokio::time::timeout(Duration::from_millis(100), old.shutdown()).await;
    }
}

/// What the mail server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepted(String),
    /// It may be tried again: 4xx, or no connection.
    NotNow(String),
    /// It will not be taken, ever: 5xx, or an address that is none.
    Never(String),
}

impl Answer {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::NotNow(_) => "not_now",
            Self::Never(_) => "never",
        }
    }
}

/// The mail server's address could not be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "smtp_url cannot be used: {0}. Its forms are smtps://user:password@host, smtp://host:587?tls=required and smtp://host:25"
)]
pub struct BadAddress(lettre::transport::smtp::Error);

/// How long one mail may take. A server that thinks for half a minute is waited for; a claim lasts longer than this.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// Codes about authentication (RFC 4954, 6).
const LOG_IN_REFUSED: [u16; 4] = [530, 534, 535, 538];

impl Sender {
    /// `smtp_url` in lettre's form, for example `smtps://user:password@host`.
    ///
    /// # Errors
    /// [`BadAddress`]
    pub fn new(from: &MailFrom, smtp_url: Option<&str>) -> Result<Self, BadAddress> {
        let line = match smtp_url {
            Some(address) => Some(Arc::new(Line {
                address: address.to_owned(),
                transport: RwLock::new(Line::open(address).map_err(BadAddress)?),
            })),
            None => None,
        };
        Ok(Self {
            from: from.mailbox.clone(),
            line,
            patience: PATIENCE,
        })
    }

    /// With another patience than [`PATIENCE`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether the mail server takes our connection and, where one is set, our log-in; else in its words.
    ///
    /// # Errors
    /// What it said.
    pub async fn greet(&self) -> Result<(), String> {
        let Some(line) = &self.line else {
            return Err("no mail server is set".to_owned());
        };
        let transport = line.transport();
        match tokio::time::timeout(self.patience, transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it answers, but not as a mail server does".to_owned()),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => Err(self.silence()),
        }
    }

    pub async fn send(&self, mail: &Stored) -> Answer {
        let Some(line) = &self.line else {
            return Answer::NotNow("No mail server is set.".to_owned());
        };
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(error) => {
                return Answer::Never(format!("This mail cannot be put into words of SMTP: {error}"));
            }
        };
        let transport = line.transport();
        let mut sending = transport.send(message);
        // lettre waits for ever once it is connected.
        let Ok(answer) = tokio::time::timeout(self.patience, &mut sending).await else {
            line.give_up(&transport).await;
            return Answer::NotNow(self.silence());
        };
        match answer {
            Ok(response) => Answer::Accepted(format!(
                "{} {}",
                response.code(),
                response.message().collect::<Vec<_>>().join(" ")
            )),
            Err(error) if error.is_permanent() && !is_about_our_log_in(&error) => {
                Answer::Never(words(&error))
            }
            Err(error) => Answer::NotNow(words(&error)),
        }
    }

    fn silence(&self) -> String {
        format!(
            "The mail server did not answer within {} s.",
            self.patience.as_secs()
        )
    }

    fn message(&self, mail: &Stored) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let to = Mailbox::new(Some(mail.to_name.clone()), mail.to_address.parse::<Address>()?);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .date(mail.created_at.into())
            .message_id(Some(mail.message_id.clone()));
        if let Some(thread) = &mail.thread_id {
            builder = builder.in_reply_to(thread.clone()).references(thread.clone());
        }
        let text = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text_body.clone());
        let html = SinglePart::builder()
            .header(ContentType::TEXT_HTML)
            .body(mail.html_body.clone());
        Ok(builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))?)
    }
}

/// A log-in that the server refuses says nothing about the mail: somebody will put the password right, and the page is due still.
fn is_about_our_log_in(error: &lettre::transport::smtp::Error) -> bool {
    error
        .status()
        .is_some_and(|code| LOG_IN_REFUSED.contains(&u16::from(code)))
}

/// An SMTP error with its causes, without line ends.
fn words(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words.push_str(": ");
            words.push_str(&inner_words);
        }
        cause = inner.source();
    }
    words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(500)
        .collect()
}
