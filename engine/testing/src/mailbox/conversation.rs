//! What the mail server says to a client that sends one mail at a time.

use super::mood::pause;
use super::tls::{Encryption, acceptor};
use super::{Mailboxes, Mood, Step};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Who speaks, so far.
#[derive(Default)]
struct Client {
    is_greeted: bool,
    encrypts: bool,
    has_logged_in: bool,
    name: String,
}

impl Mailboxes {
    pub(super) async fn serve(&self, stream: TcpStream) -> Option<()> {
        // An answer is one write, and leaves at once.
        stream.set_nodelay(true).ok()?;
        let mut client = Client::default();
        let plain = if self.encryption == Encryption::FromTheStart {
            stream
        } else {
            self.converse(stream, &mut client).await?
        };
        client.encrypts = true;
        let encrypted = acceptor().accept(plain).await.ok()?;
        self.converse(encrypted, &mut client).await.map(drop)
    }

    /// Until the client leaves, or wants to encrypt what comes after.
    async fn converse<S>(&self, stream: S, client: &mut Client) -> Option<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut lines = BufReader::new(stream);
        let mut to = Vec::new();
        if !std::mem::replace(&mut client.is_greeted, true) {
            let mood = self.mood();
            mood.before(Step::Connecting).await;
            let refusal = mood.says(Step::Connecting);
            let greeting = refusal
                .clone()
                .unwrap_or_else(|| "220 mail.example.test".to_owned());
            lines.write_all(format!("{greeting}\r\n").as_bytes()).await.ok()?;
            lines.flush().await.ok()?;
            if refusal.is_some() {
                return None;
            }
        }
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let mood = self.mood();
            let verb = line.to_ascii_uppercase();
            let step = step_of(&verb);
            mood.before(step).await;
            let refusal = mood.says(step).filter(|_| step != Step::Connecting);
            let answer = match () {
                () if refusal.is_some() => refusal.unwrap_or_default(),
                () if verb.starts_with("EHLO") => {
                    client.name = line["EHLO".len()..].trim().to_owned();
                    self.abilities(client).to_owned()
                }
                () if verb.starts_with("STARTTLS") => {
                    lines.write_all(b"220 Go ahead\r\n").await.ok()?;
                    return Some(lines.into_inner());
                }
                () if verb.starts_with("AUTH") => {
                    client.has_logged_in = true;
                    "235 2.7.0 Logged in".to_owned()
                }
                () if verb.starts_with("MAIL") => {
                    to.clear();
                    match mood {
                        Mood::Later => "451 Not now",
                        Mood::WantsLogIn => "530 5.7.0 Authentication required",
                        _ if self.encryption != Encryption::None
                            && !(client.encrypts && client.has_logged_in) =>
                        {
                            "530 5.7.0 Authentication required"
                        }
                        _ => "250 OK",
                    }
                    .to_owned()
                }
                () if verb.starts_with("RCPT") => match &mood {
                    Mood::Refuses(part) if line.contains(part.as_str()) => {
                        "550 No such mailbox here".to_owned()
                    }
                    _ => {
                        to.push(line.trim()["RCPT TO:<".len()..].trim_end_matches('>').to_owned());
                        "250 OK".to_owned()
                    }
                },
                () if verb.starts_with("DATA") => {
                    lines.write_all(b"354 Go ahead\r\n").await.ok()?;
                    lines.flush().await.ok()?;
                    let raw = read_data(&mut lines).await?;
                    for address in &to {
                        self.keep(&client.name, address, &raw);
                    }
                    match &mood {
                        Mood::DropsAfterData => return None,
                        Mood::FallsSilentAfterData => std::future::pending().await,
                        Mood::PausesAfterData(span) | Mood::ThinksBeforeEach(span) => pause(*span).await,
                        Mood::DawdlesFor(part, span) if to.iter().any(|to| to.contains(part)) => {
                            pause(*span).await;
                        }
                        _ => {}
                    }
                    "250 2.0.0 Accepted".to_owned()
                }
                () if verb.starts_with("QUIT") => {
                    lines.write_all(b"221 Bye\r\n").await.ok()?;
                    lines.flush().await.ok()?;
                    return None;
                }
                () => "250 OK".to_owned(),
            };
            lines.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
            lines.flush().await.ok()?;
            if verb.starts_with("DATA") && answer.starts_with('2') {
                self.note_acceptance(&to);
            }
        }
    }

    fn abilities(&self, client: &Client) -> &'static str {
        match self.encryption {
            Encryption::WhenAsked if !client.encrypts => {
                "250-mail.example.test\r\n250-STARTTLS\r\n250 8BITMIME"
            }
            Encryption::None => "250-mail.example.test\r\n250 8BITMIME",
            _ => "250-mail.example.test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
        }
    }
}

/// Whatever else is said belongs to connecting.
fn step_of(verb: &str) -> Step {
    match () {
        () if verb.starts_with("EHLO") => Step::Ehlo,
        () if verb.starts_with("MAIL") => Step::Mail,
        () if verb.starts_with("RCPT") => Step::Recipient,
        () if verb.starts_with("DATA") => Step::Data,
        () => Step::Connecting,
    }
}

async fn read_data(lines: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut raw = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
