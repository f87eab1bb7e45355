//! `kintsugi doctor`: looks at settings, database, mail, clock and address, and says what to do.

use crate::address;
use crate::settings::Settings;
use engine::db::backup::file_of;
use engine::db::{Standing, private};
use engine::methods::Mailer;
use engine::setup::sealed;
use engine::{Context, Engine, MailFrom, health};
use std::time::Duration;

/// To write, for the group or for everybody.
const WRITE: u32 = 0o022;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Well,
    /// It works, and somebody may be surprised.
    Mind,
    /// A page would not arrive.
    Mend,
}

struct Finding {
    of: &'static str,
    found: Found,
    words: String,
}

fn finding(of: &'static str, found: Found, words: impl Into<String>) -> Finding {
    Finding {
        of,
        found,
        words: words.into(),
    }
}

/// Prints what it finds; `false` when something has to be mended.
pub async fn run(settings: &Settings) -> bool {
    let mut found = vec![settings_found(settings)];
    found.extend(in_the_database(settings).await);
    found.push(mail(settings).await);
    found.push(reached(settings).await);
    found.push(heartbeat(settings));
    for Finding { of, found, words } in &found {
        let mark = match found {
            Found::Well => "well",
            Found::Mind => "mind",
            Found::Mend => "MEND",
        };
        println!("{mark}  {of:<10}{words}");
    }
    found.iter().all(|finding| finding.found != Found::Mend)
}

fn settings_found(settings: &Settings) -> Finding {
    if settings.base_url_is_loopback() {
        let words = format!(
            "base_url is {}: links in mails open on this machine only. Set it to the address that people reach.",
            settings.base_url
        );
        return finding("settings", Found::Mind, words);
    }
    if settings.base_url.scheme() == "http" {
        return finding(
            "settings",
            Found::Mind,
            "base_url is http: passwords and links to acknowledge travel in the clear. Put TLS in front, or set tls_cert and tls_key.",
        );
    }
    finding(
        "settings",
        Found::Well,
        format!("read; links begin with {}", settings.base_url),
    )
}

/// What can be seen in the database, which is left as it is: neither made nor brought up to date.
async fn in_the_database(settings: &Settings) -> Vec<Finding> {
    let where_it_is = address::shown(&settings.database_url);
    let is_file = settings.database_url.starts_with("sqlite:");
    if is_file && file_of(&settings.database_url).is_ok_and(|file| !file.exists()) {
        let words = format!("there is none yet ({where_it_is}); starting the program makes it");
        return vec![finding("database", Found::Mind, words)];
    }
    let looked_at = if is_file {
        files(&settings.database_url)
    } else {
        None
    };
    let engine = match Engine::connect(&settings.database_url, context(settings)).await {
        Ok(engine) => engine,
        Err(error) => return vec![finding("database", Found::Mend, error.to_string())],
    };
    let (found, words) = database(&engine).await;
    let mut all = vec![finding("database", found, format!("{words} ({where_it_is})"))];
    if found == Found::Well {
        all.push(clock(&engine).await);
        all.push(outbox(&engine).await);
        all.push(key(&engine).await);
    }
    engine.db.close().await;
    all.extend(looked_at);
    all
}

/// Whether what is kept sealed can be read.
async fn key(engine: &Engine) -> Finding {
    let readable = async {
        let mut tx = engine.read().await?;
        sealed::readable(&mut tx).await
    };
    match readable.await {
        Err(error) => finding("key", Found::Mend, error.to_string()),
        Ok((0, _)) => finding("key", Found::Well, "nothing is kept sealed"),
        Ok((all, 0)) => finding("key", Found::Well, format!("{all} sealed secrets can be read")),
        Ok((all, lost)) => finding(
            "key",
            Found::Mend,
            format!(
                "{lost} of {all} sealed secrets cannot be read: what sources send that sign with them is not taken, calendars whose addresses they are are not read. Bring back the key, or set them anew."
            ),
        ),
    }
}

/// Who else on this machine may read the database and what lies beside it.
fn files(database_url: &str) -> Option<Finding> {
    let database = file_of(database_url).ok()?;
    let files = private::with_what_lies_beside(&database);
    let open = files.iter().find(|file| private::others_may(file) != Some(0));
    if let Some(open) = open {
        let words = format!(
            "others on this machine may read {}. Starting the program takes it from them, or chmod 600 does.",
            open.display()
        );
        return Some(finding("files", Found::Mind, words));
    }
    let folder = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())?;
    let may_write = private::others_may(folder).is_some_and(|may| may & WRITE != 0);
    Some(if may_write {
        let words = format!(
            "others on this machine may put files into {}, and another database in this one's place. Take it from them with chmod 700.",
            folder.display()
        );
        finding("files", Found::Mind, words)
    } else {
        finding("files", Found::Well, "nobody else on this machine may read them")
    })
}

fn context(settings: &Settings) -> Context {
    let mut context = Context::new(settings.base_url.clone(), mail_from(settings));
    context.keys = settings.keys.clone();
    context
}

fn mail_from(settings: &Settings) -> MailFrom {
    MailFrom {
        mailbox: settings.mail_from.clone(),
        server_set: settings.smtp_url.is_some(),
    }
}

async fn database(engine: &Engine) -> (Found, String) {
    match engine.db.standing().await {
        Err(error) => return (Found::Mend, error.to_string()),
        Ok(Standing::Newer) => return (Found::Mend, engine::Error::NewerDatabase.to_string()),
        Ok(Standing::TooOld) => return (Found::Mend, engine::Error::TooOldDatabase.to_string()),
        Ok(Standing::Empty) => {
            return (
                Found::Mind,
                "it has no tables yet; starting the program makes them".to_owned(),
            );
        }
        Ok(Standing::Older { at, newest }) => {
            let words = format!(
                "the tables are older than this program, {at} of {newest}; starting it brings them up to date"
            );
            return (Found::Mind, words);
        }
        Ok(Standing::UpToDate) => {}
    }
    if let Err(error) = health::try_a_write(engine).await {
        return (Found::Mend, format!("it cannot be written: {error}"));
    }
    match engine.db.looks_whole().await {
        Err(error) => (Found::Mend, error.to_string()),
        Ok(Some(wrong)) => {
            let words = format!("SQLite finds it damaged: {wrong}. Restore the last backup.");
            (Found::Mend, words)
        }
        Ok(None) => (
            Found::Well,
            "it answers, can be written and is up to date".to_owned(),
        ),
    }
}

/// What was written last lies in the past, and the database's clock is ours.
async fn clock(engine: &Engine) -> Finding {
    let ahead = async {
        let mut tx = engine.read().await?;
        health::clock_ahead_seconds(&mut tx).await
    };
    match ahead.await {
        Err(error) => finding("clock", Found::Mend, error.to_string()),
        Ok(ahead) if ahead > 60 => finding(
            "clock",
            Found::Mend,
            format!(
                "this machine's clock is {ahead} s behind what is in the database already. Let NTP set it: hand-offs and escalations go by it."
            ),
        ),
        Ok(ahead) if ahead < -60 => finding(
            "clock",
            Found::Mend,
            format!(
                "this machine's clock is {} s ahead of the database's. Let NTP set both.",
                -ahead
            ),
        ),
        Ok(_) => finding(
            "clock",
            Found::Well,
            format!("{} UTC", engine.context.now().format("%-d %b %Y %H:%M:%S")),
        ),
    }
}

async fn mail(settings: &Settings) -> Finding {
    let Some(url) = &settings.smtp_url else {
        return finding(
            "mail",
            Found::Mend,
            "no smtp_url is set, so nobody is woken: pages are kept to be read here.",
        );
    };
    let sender = match Mailer::new(&mail_from(settings), Some(url)) {
        Ok(sender) => sender,
        Err(error) => return finding("mail", Found::Mend, error.to_string()),
    };
    match sender.greet().await {
        Ok(()) => finding(
            "mail",
            Found::Well,
            format!(
                "the mail server greets us; mails come from {}",
                settings.mail_from
            ),
        ),
        Err(words) => finding(
            "mail",
            Found::Mend,
            format!(
                "the mail server does not take us: {words}. Look at smtp_url, and whether this machine may reach it."
            ),
        ),
    }
}

async fn outbox(engine: &Engine) -> Finding {
    let found = async {
        let mut tx = engine.read().await?;
        health::outbox(&mut tx).await
    };
    match found.await {
        Err(error) => finding("outbox", Found::Mend, error.to_string()),
        Ok(outbox) if outbox.oldest_seconds > 120 => finding(
            "outbox",
            Found::Mend,
            format!(
                "{} mails wait, the oldest for {} min. Is the server running, and does the mail server take them?",
                outbox.waiting,
                outbox.oldest_seconds / 60
            ),
        ),
        Ok(outbox) => finding("outbox", Found::Well, format!("{} mails wait", outbox.waiting)),
    }
}

/// Whether what stands in mails leads here.
async fn reached(settings: &Settings) -> Finding {
    let url = match settings.base_url.join("healthz") {
        Ok(url) => url,
        Err(error) => return finding("address", Found::Mend, error.to_string()),
    };
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
    let answer = match client {
        Ok(client) => client.get(url.clone()).send().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) if answer.status().is_success() => {
            finding("address", Found::Well, format!("{url} answers"))
        }
        Ok(answer) => finding(
            "address",
            Found::Mind,
            format!(
                "{url} answers {}, so something else answers there",
                answer.status()
            ),
        ),
        Err(error) => finding(
            "address",
            Found::Mind,
            format!(
                "{url} does not answer from here ({}). If the server runs, look at base_url, the proxy and the name.",
                error.without_url()
            ),
        ),
    }
}

fn heartbeat(settings: &Settings) -> Finding {
    match &settings.heartbeat_url {
        Some(url) => finding(
            "heartbeat",
            Found::Well,
            format!("goes to {}", url.host_str().unwrap_or_default()),
        ),
        None => finding(
            "heartbeat",
            Found::Mind,
            "no heartbeat_url is set: if this machine dies, nobody is told.",
        ),
    }
}
