//! Mail: one notification, one answer of the mail server.

mod alike;
mod calendar;
mod header;
mod smtp;

pub use smtp::BadAddress;

use crate::MailFrom;
use crate::notifications::{Answer, LEASE, Method, Notification};
use crate::people::reachable;
use alike::{InARow, Meaning};
use domain::notifications::NotificationKind;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use smtp::{Pool, SmtpError};
use std::sync::Arc;
use std::time::Duration;

/// Sends by SMTP, or not at all where no mail server is set.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    pool: Option<Arc<Pool>>,
    patience: Duration,
    refused: Arc<InARow>,
}

/// How long each answer may take. A server that thinks for half a minute before each is waited for.
pub const PATIENCE: Duration = Duration::from_secs(45);
/// How many answers that came at the last moment one mail may take.
const SLOW_ANSWERS: u32 = 7;
const _: () = assert!(PATIENCE.as_secs() * (SLOW_ANSWERS as u64) < LEASE.num_seconds() as u64);

impl Mailer {
    /// `smtp_url` in lettre's form, for example `smtps://user:password@host`.
    ///
    /// # Errors
    /// [`BadAddress`]
    pub fn new(from: &MailFrom, smtp_url: Option<&str>) -> Result<Self, BadAddress> {
        let pool = match smtp_url {
            Some(address) => Some(Arc::new(Pool::open(address, PATIENCE)?)),
            None => None,
        };
        Ok(Self {
            from: as_it_goes(&from.mailbox),
            pool,
            patience: PATIENCE,
            refused: Arc::default(),
        })
    }

    /// With another patience than [`PATIENCE`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        let pool = self.pool.map(|pool| Arc::new(pool.with_patience(patience)));
        Self {
            pool,
            patience,
            ..self
        }
    }

    /// Whether the mail server takes our connection and, where one is set, our log-in; else in its words.
    ///
    /// # Errors
    /// What it said.
    pub async fn greet(&self) -> Result<(), String> {
        let Some(pool) = &self.pool else {
            return Err("no mail server is set".to_owned());
        };
        match tokio::time::timeout(self.exchange(), pool.greet()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it answers, but not as a mail server does".to_owned()),
            Ok(Err(error)) if error.is_silence() => Err(self.silence()),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => Err(self.slowness()),
        }
    }

    fn refusal(&self, address: &str, words: String) -> Answer {
        match self.refused.refused(address) {
            Meaning::ThisRecipient => Answer::Never(words),
            Meaning::Perhaps { before } => Answer::Perhaps { words, before },
            Meaning::Everybody => Answer::NotNow(words),
        }
    }

    fn exchange(&self) -> Duration {
        self.patience * SLOW_ANSWERS
    }

    fn slowness(&self) -> String {
        format!(
            "The mail server did not take the mail within {} s.",
            self.exchange().as_secs()
        )
    }

    fn silence(&self) -> String {
        format!(
            "The mail server did not answer within {} s.",
            self.patience.as_secs()
        )
    }

    fn message(&self, mail: &Notification) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let address = reachable(&mail.to_address).ok_or("no mail can reach this address")?;
        // Without the gap a mail program would read another name.
        let name = mail.to_name.replace("=?", "= ?");
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(name), address))
            .date(mail.created_at.into())
            .message_id(Some(mail.message_id.clone()));
        builder = if header::looks_encoded(&mail.subject) {
            builder.raw_header(header::encoded_subject(&mail.subject))
        } else {
            builder.subject(&mail.subject)
        };
        for value in header::by_a_machine() {
            builder = builder.raw_header(value);
        }
        let importance = match mail.kind {
            NotificationKind::Page | NotificationKind::Digest => Some(header::important()),
            NotificationKind::LetGo => Some(header::unimportant()),
            _ => None,
        };
        for value in importance.into_iter().flatten() {
            builder = builder.raw_header(value);
        }
        if let Some(thread) = &mail.thread_id {
            builder = builder.in_reply_to(thread.clone()).references(thread.clone());
        }
        let text = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text_body.clone());
        if mail.html_body.is_empty() {
            return Ok(builder.singlepart(text)?);
        }
        let html = SinglePart::builder()
            .header(ContentType::TEXT_HTML)
            .body(mail.html_body.clone());
        let mut parts = MultiPart::alternative().singlepart(text).singlepart(html);
        if let Some(event) = &mail.calendar {
            // Last, where those that read it look for it.
            parts = parts.singlepart(calendar::part(event)?);
        }
        Ok(builder.multipart(parts)?)
    }
}

impl Method for Mailer {
    async fn send(&self, mail: &Notification) -> Answer {
        let Some(pool) = &self.pool else {
            return Answer::NotNow("No mail server is set.".to_owned());
        };
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(error) => {
                return Answer::Never(format!("This mail cannot be put into words of SMTP: {error}"));
            }
        };
        let (envelope, message) = (message.envelope(), message.formatted());
        let Ok(answer) = tokio::time::timeout(self.exchange(), pool.send(envelope, &message)).await else {
            return Answer::NotNow(self.slowness());
        };
        match answer {
            Ok(response) => {
                self.refused.taken();
                let words = response.message().collect::<Vec<_>>().join(" ");
                Answer::Accepted(format!("{} {words}", response.code()))
            }
            Err(error) if error.is_silence() => Answer::NotNow(self.silence()),
            Err(error @ SmtpError::NoSmtpUtf8) => Answer::Never(error.to_string()),
            Err(error @ SmtpError::Recipient(_)) => self.refusal(&mail.to_address, words(&error)),
            Err(error) => Answer::NotNow(words(&error)),
        }
    }

    fn end_idle(&self) {
        if let Some(pool) = &self.pool {
            pool.end_idle();
        }
    }
}

/// With its domain as it goes over the wire.
fn as_it_goes(from: &Mailbox) -> Mailbox {
    let address = reachable(from.email.as_ref()).unwrap_or_else(|| from.email.clone());
    Mailbox::new(from.name.clone(), address)
}

/// What went wrong with its causes, without line ends.
fn words(error: &SmtpError) -> String {
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
