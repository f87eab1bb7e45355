//! The SMTP client: one mail, one answer.

use super::outbox::Stored;
use crate::MailFrom;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// Sends by SMTP, or not at all where no mail server is set.
#[derive(Clone)]
pub struct Sender {
    from: Mailbox,
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
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

/// Codes about authentication (RFC 4954, 6).
const LOG_IN_REFUSED: [u16; 4] = [530, 534, 535, 538];

impl Sender {
    /// `smtp_url` in lettre's form, for example `smtps://user:password@host`.
    ///
    /// # Errors
    /// [`BadAddress`]
    pub fn new(from: &MailFrom, smtp_url: Option<&str>) -> Result<Self, BadAddress> {
        let transport = match smtp_url {
            Some(address) => Some(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(address)
                    .map_err(BadAddress)?
                    .timeout(Some(Duration::from_secs(30)))
                    .build(),
            ),
            None => None,
        };
        Ok(Self {
            from: from.mailbox.clone(),
            transport,
        })
    }

    /// Whether the mail server takes our connection and, where one is set, our log-in; else in its words.
    ///
    /// # Errors
    /// What it said.
    pub async fn greet(&self) -> Result<(), String> {
        let Some(transport) = &self.transport else {
            return Err("no mail server is set".to_owned());
        };
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it answers, but not as a mail server does".to_owned()),
            Err(error) => Err(words(&error)),
        }
    }

    pub async fn send(&self, mail: &Stored) -> Answer {
        let Some(transport) = &self.transport else {
            return Answer::NotNow("No mail server is set.".to_owned());
        };
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(error) => {
                return Answer::Never(format!("This mail cannot be put into words of SMTP: {error}"));
            }
        };
        match transport.send(message).await {
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
