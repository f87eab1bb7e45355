//! Start, serve, stop.

use crate::calendars::{Fetcher, Reach};
use crate::door::{Deadlines, Door, Pages, Room};
use crate::hooks::{Hooks, PATIENCE};
use crate::settings::Settings;
use crate::{certificate, files, routes};
use app::App;
use app::state::{Demo, Installation};
use engine::alerts::Ingest;
use engine::methods::{Mailer, Methods};
use engine::secrets::NoKey;
use engine::{Context, Engine, MailFrom, workers};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Why the program does not start.
#[derive(Debug, thiserror::Error)]
pub enum NoStart {
    #[error(transparent)]
    Setting(#[from] crate::settings::WrongSetting),
    #[error("The database at database_url cannot be used. {0}")]
    Database(engine::Error),
    #[error(transparent)]
    Key(#[from] NoKey),
    #[error("The key could not be changed: {0}")]
    ChangeKey(engine::Error),
    #[error(transparent)]
    Mail(#[from] engine::methods::mail::BadAddress),
    #[error(
        "Nothing can listen on {address}: {source}. Is another program there? Choose another address with --listen."
    )]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("tls_cert {} or tls_key {} cannot be used: {source}", cert.display(), key.display())]
    Tls {
        cert: PathBuf,
        key: PathBuf,
        source: certificate::Unusable,
    },
    #[error("The server stopped: {0}")]
    Stopped(std::io::Error),
    #[error(transparent)]
    Backup(#[from] crate::backup::NoBackup),
    #[error("Something has to be mended; it is marked above.")]
    Unwell,
    #[error(transparent)]
    Init(#[from] crate::init::InitFailed),
    #[error(transparent)]
    Demo(#[from] crate::demo::NoDemo),
}

/// The engine by the settings.
pub async fn engine(settings: &Settings) -> Result<Engine, NoStart> {
    let from = MailFrom {
        mailbox: settings.mail_from.clone(),
        server_set: settings.smtp_url.is_some(),
    };
    let mut context = Context::new(settings.base_url.clone(), from);
    context.retention = settings.retention;
    context.keys = settings.keys.clone();
    let engine = Engine::start(&settings.database_url, context)
        .await
        .map_err(NoStart::Database)?;
    settings.keys.make_sure(&engine.context)?;
    Ok(engine)
}

/// How long the whole program may take to stop; most supervisors kill after ten seconds.
const STOPPING: Duration = Duration::from_secs(9);
/// How long requests under way may take meanwhile.
const ANSWERING: Duration = Duration::from_secs(8);

/// Serves until it is told to stop.
pub async fn run(settings: Settings) -> Result<(), NoStart> {
    // The port first: it is the commonest thing to be taken, and nothing has happened yet.
    let listener = listen(settings.listen)?;
    let engine = engine(&settings).await?;
    let site = Site {
        settings,
        listener,
        engine,
        demo: None,
    };
    site.serve(std::future::ready(())).await
}

/// Takes the port.
pub fn listen(address: SocketAddr) -> Result<TcpListener, NoStart> {
    let taken = |source| NoStart::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(taken)?;
    listener.set_nonblocking(true).map_err(taken)?;
    Ok(listener)
}

/// Everything that is served from.
pub struct Site {
    pub settings: Settings,
    pub listener: TcpListener,
    pub engine: Engine,
    pub demo: Option<Demo>,
}

impl Site {
    /// Serves until it is told to stop. What goes on `beside` it ends with it.
    pub async fn serve(self, beside: impl Future<Output = ()> + Send + 'static) -> Result<(), NoStart> {
        let Self {
            settings,
            listener,
            engine,
            demo,
        } = self;
        let tls = match &settings.tls {
            Some((cert, key)) => Some(certificate::acceptor(cert, key).map_err(|source| NoStart::Tls {
                cert: cert.clone(),
                key: key.clone(),
                source,
            })?),
            None => None,
        };
        let methods = Methods {
            mail: Mailer::new(&engine.context.mail, settings.smtp_url.as_deref())?,
        };
        let address = listener.local_addr().map_err(NoStart::Stopped)?;
        // Behind a proxy this machine's own address is reached from elsewhere too.
        let this_machine_only = address.ip().is_loopback()
            && settings.trusted_proxies.is_empty()
            && settings.base_url_is_loopback();
        let setup_code = (!this_machine_only).then(|| setup_code(&engine));
        let installation = Installation {
            setup_code: setup_code.clone(),
            base_url_is_loopback: settings.base_url_is_loopback(),
            over_tls: settings.tls.is_some(),
            trusted_proxies: settings.trusted_proxies.clone(),
            demo,
        };
        app::assets::set(crate::assets::paths());
        let (ingest, ingest_ended) = Ingest::start(engine.clone());
        let stop = CancellationToken::new();
        let working = tokio::spawn(workers::run(engine.clone(), methods, stop.clone()));
        let beside = tokio::spawn(beside);
        let listening = engine.live.listen_to(&engine.db);
        let app = App {
            engine: engine.clone(),
            installation: Arc::new(installation),
        };
        let hooks = Hooks {
            engine: engine.clone(),
            ingest,
            patience: PATIENCE,
        };
        let metrics = crate::watch::collect();
        let token = settings.metrics_token.as_deref();
        let watch = crate::watch::Watch::new(app.clone(), metrics, token);
        let router = routes::all(app, hooks, watch);
        let calendars = match Fetcher::new(Reach::Others) {
            Ok(fetcher) => Some(tokio::spawn(workers::calendars::run(
                engine.clone(),
                fetcher,
                stop.clone(),
            ))),
            Err(error) => {
                tracing::error!(%error, "addresses of calendars cannot be asked");
                None
            }
        };
        let heartbeat = settings
            .heartbeat_url
            .clone()
            .map(|url| tokio::spawn(crate::watch::heartbeat(engine.clone(), url)));

        let told = tokio::spawn(stop_on_signal(engine.live.clone(), stop.clone()));
        say_where(&settings, &engine, setup_code.as_deref()).await;
        let pages = Pages::start().map_err(NoStart::Stopped)?;
        let door = Door {
            tls,
            router,
            pages: pages.clone(),
            room: Room::within(files::allowed()),
            deadlines: Deadlines::default(),
        };
        let served = door.open(listener, stop.clone(), ANSWERING).await;

        // Where no signal told it to stop, it ends by a fault.
        let told_at = match &served {
            Ok(()) => told.await.unwrap_or_else(|_| Instant::now()),
            Err(_) => Instant::now(),
        };
        stop.cancel();
        beside.abort();
        if let Some(heartbeat) = heartbeat {
            heartbeat.abort();
        }
        // What it was reading is read again.
        if let Some(calendars) = calendars {
            calendars.abort();
        }
        listening.abort();
        let ending = async {
            let _ = tokio::join!(working, ingest_ended);
            engine.end().await;
        };
        if tokio::time::timeout_at(told_at + STOPPING, ending).await.is_err() {
            tracing::warn!("not everything has ended in time; what was not written down is done again");
        }
        drop(pages);
        served.map_err(NoStart::Stopped)
    }
}

/// Twelve letters and digits that only who sees the log can type.
fn setup_code(engine: &Engine) -> String {
    engine
        .context
        .random_bytes::<6>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The last line at start: the address, and what to do next.
async fn say_where(settings: &Settings, engine: &Engine, setup_code: Option<&str>) {
    let needed = async {
        let mut tx = engine.read().await?;
        engine::setup::is_needed(&mut tx).await
    };
    let base = settings.base_url.as_str().trim_end_matches('/');
    let next = match (needed.await, setup_code) {
        (Ok(true), Some(code)) => format!("open {base}/setup and set it up with the code {code}"),
        (Ok(true), None) => format!("open {base}/setup and set it up"),
        _ => format!("open {base}"),
    };
    println!("Kintsugi listens on {}: {next}", settings.listen);
}

/// Ctrl-C or SIGTERM: no new connections and no new mails, a while for what is under way. Says when it was.
async fn stop_on_signal(live: engine::live::Hub, stop: CancellationToken) -> Instant {
    let interrupted = tokio::signal::ctrl_c();
    let mut terminated = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::error!(%error, "SIGTERM cannot be heard");
            return Instant::now();
        }
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
    tracing::info!("stopping");
    let told_at = Instant::now();
    stop.cancel();
    live.stop();
    told_at
}
