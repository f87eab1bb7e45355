//! An SMTP server that keeps what it is sent (RFC 5321, as much as a client of one mail at a time speaks), in a mood that a
//! test sets.

mod conversation;
mod mood;
mod tls;

pub use mood::{Mood, Step};
pub use tls::{CERTIFICATE, Encryption};

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};

/// A mail as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The event for calendar programs, with the kind of its part before it; empty where there is none.
    pub event: String,
    pub message_id: String,
    pub references: String,
    /// What its sender called itself.
    pub sender: String,
    pub arrived: Instant,
    /// As it came over the wire.
    pub raw: String,
}

impl Mail {
    /// The first address in the text that begins with `https://kintsugi.example.test` and holds `part`; its path.
    pub fn path_with(&self, part: &str) -> String {
        let base = "https://kintsugi.example.test";
        let found = self
            .text
            .split_whitespace()
            .find(|word| word.starts_with(base) && word.contains(part));
        found
            .unwrap_or_else(|| panic!("no link with {part} in {}", self.text))
            .replace(base, "")
    }
}

#[derive(Clone)]
pub struct Mailboxes {
    mails: Arc<Mutex<Vec<Mail>>>,
    first: Arc<Mutex<HashMap<String, Instant>>>,
    mood: Arc<Mutex<Mood>>,
    encryption: Encryption,
    port: u16,
    presence: Arc<Mutex<Presence>>,
}

#[derive(Default)]
enum Presence {
    #[default]
    Changing,
    Here(JoinHandle<()>),
    Away(TcpSocket),
}

impl Mailboxes {
    pub async fn open() -> Self {
        Self::encrypted(Encryption::None).await
    }

    /// One that takes mails only from whoever encrypts and has logged in.
    pub async fn encrypted(encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port for the mail server");
        let port = listener.local_addr().expect("a bound port").port();
        let boxes = Self {
            mails: Arc::default(),
            first: Arc::default(),
            mood: Arc::default(),
            encryption,
            port,
            presence: Arc::default(),
        };
        boxes.listen(listener);
        boxes
    }

    fn listen(&self, listener: TcpListener) {
        let accepting = self.clone();
        let serving = tokio::spawn(async move {
            // Connections end with the server.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let boxes = accepting.clone();
                connections.spawn(async move { boxes.serve(stream).await });
            }
        });
        *self.presence.lock().expect("no panic") = Presence::Here(serving);
    }

    /// Stops: connections break, and nothing listens any more. The port stays taken.
    pub async fn go_away(&self) {
        let before = std::mem::take(&mut *self.presence.lock().expect("no panic"));
        if let Presence::Here(serving) = before {
            serving.abort();
            let _ = serving.await;
        }
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("a socket's option");
        let address = ([127, 0, 0, 1], self.port).into();
        socket.bind(address).expect("the port of before");
        *self.presence.lock().expect("no panic") = Presence::Away(socket);
    }

    pub fn come_back(&self) {
        let before = std::mem::take(&mut *self.presence.lock().expect("no panic"));
        if let Presence::Away(socket) = before {
            self.listen(socket.listen(1024).expect("the port of before"));
        }
    }

    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().expect("no panic") = mood;
    }

    fn mood(&self) -> Mood {
        self.mood.lock().expect("no panic").clone()
    }

    pub fn of(&self, address: &str) -> Vec<Mail> {
        self.mails
            .lock()
            .expect("no panic")
            .iter()
            .filter(|mail| mail.to == address)
            .cloned()
            .collect()
    }

    pub fn all(&self) -> Vec<Mail> {
        self.mails.lock().expect("no panic").clone()
    }

    pub fn how_many(&self) -> usize {
        self.mails.lock().expect("no panic").len()
    }

    /// When the sender was told that the first mail to this address is accepted.
    pub fn first_accepted(&self, address: &str) -> Option<Instant> {
        self.first.lock().expect("no panic").get(address).copied()
    }

    pub fn clear(&self) {
        self.mails.lock().expect("no panic").clear();
        self.first.lock().expect("no panic").clear();
    }

    fn note_acceptance(&self, to: &[String]) {
        let now = now();
        let mut first = self.first.lock().expect("no panic");
        for address in to {
            first.entry(address.clone()).or_insert(now);
        }
    }

    fn keep(&self, sender: &str, to: &str, raw: &str) {
        let Some(message) = MessageParser::default().parse(raw.as_bytes()) else {
            return;
        };
        let references = message
            .references()
            .as_text_list()
            .map(|list| list.join(" "))
            .unwrap_or_default();
        let mail = Mail {
            to: to.to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            event: event_of(&message),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            references,
            sender: sender.to_owned(),
            arrived: now(),
            raw: raw.to_owned(),
        };
        self.mails.lock().expect("no panic").push(mail);
    }
}

fn event_of(message: &Message<'_>) -> String {
    let parts = message
        .parts
        .iter()
        .filter(|part| part.is_content_type("text", "calendar"));
    let in_words = |part: &MessagePart<'_>| {
        let kind = part.content_type().expect("a part of a known kind");
        let attributes = kind.attributes().into_iter().flatten();
        let attributes: String = attributes
            .map(|at| format!("; {}={}", at.name, at.value))
            .collect();
        format!(
            "text/calendar{attributes}\n{}",
            part.text_contents().unwrap_or_default()
        )
    };
    parts.map(in_words).collect()
}

#[allow(clippy::disallowed_methods, reason = "for measuring a program of real time")]
fn now() -> Instant {
    Instant::now()
}
