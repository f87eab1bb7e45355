//! `kintsugi demo`: the invented company on a database of its own, and one incident that goes on while one looks.

use crate::cli;
use crate::serve::{self, NoStart, Site};
use crate::settings::{Flags, Settings, WrongSetting};
use app::state::Demo;
use demo::{Company, LedClock, Loaded, ShiftedClock, Show};
use engine::secrets::Keys;
use engine::{Clock, Context, Engine, MailFrom};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use tempfile::TempDir;

/// Why the demo does not start.
#[derive(Debug, thiserror::Error)]
pub enum NoDemo {
    #[error(
        "The demo lets everybody in who reaches it, so it listens on this machine only. Give it an address such as 127.0.0.1:3000, or --let-others-in if that is what you want."
    )]
    BeyondThisMachine,
    #[error("There is no room for the demo's database: {0}")]
    Folder(std::io::Error),
    #[error(transparent)]
    Loading(#[from] demo::NoDemo),
    #[error(transparent)]
    Start(Box<NoStart>),
}

impl From<NoStart> for NoDemo {
    fn from(error: NoStart) -> Self {
        Self::Start(Box::new(error))
    }
}

/// The settings of the demo. A real installation's database, mail server and heartbeat may stand in the environment or in a
/// file; the demo takes none of them from there.
///
/// # Errors
/// [`WrongSetting`]
pub fn settings(flags: &Flags) -> Result<Settings, WrongSetting> {
    let mut settings = Settings::read(flags)?;
    settings.database_url = flags.database_url.clone().unwrap_or_default();
    settings.smtp_url = None;
    settings.heartbeat_url = None;
    Ok(settings)
}

/// Loads the company and serves it until it is told to stop.
///
/// # Errors
/// [`NoDemo`]
pub async fn run(mut settings: Settings, wanted: &cli::Demo) -> Result<(), NoDemo> {
    if !settings.listen.ip().is_loopback() && !wanted.let_others_in {
        return Err(NoDemo::BeyondThisMachine);
    }
    let listener = serve::listen(settings.listen)?;
    let folder = throwaway(&mut settings)?;
    let clock = ShiftedClock::from(wanted.now);
    let (engine, loaded) = load(&settings, clock, wanted).await?;
    let roles = Demo {
        administrator: loaded.administrator,
        observer: loaded.observer,
        watched: loaded.watched,
        is_thrown_away: folder.is_some(),
    };
    let show = Show::new(engine.clone(), loaded);
    let site = Site {
        settings,
        listener,
        engine,
        demo: Some(roles),
    };
    let served = site.serve(show.run()).await;
    drop(folder);
    Ok(served?)
}

/// A folder for the database that goes when the demo ends, unless a database was named.
fn throwaway(settings: &mut Settings) -> Result<Option<TempDir>, NoDemo> {
    if !settings.database_url.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new()
        .prefix("kintsugi-demo-")
        .tempdir()
        .map_err(NoDemo::Folder)?;
    let database = folder.path().join("kintsugi.db");
    settings.keys = Keys::beside(&database);
    settings.database_url = format!("sqlite://{}", database.display());
    Ok(Some(folder))
}

/// Lives through the six months on a clock that is led; the engine that comes back has the one that goes on.
async fn load(
    settings: &Settings,
    clock: ShiftedClock,
    wanted: &cli::Demo,
) -> Result<(Engine, Loaded), NoDemo> {
    let began = clock.now();
    let led = LedClock::at(began);
    let past = context(
        settings,
        Box::new(led.clone()),
        StdRng::seed_from_u64(wanted.seed),
    );
    let engine = Engine::start(&settings.database_url, past)
        .await
        .map_err(NoStart::Database)?;
    settings.keys.make_sure(&engine.context).map_err(NoStart::Key)?;
    let company = Company::read(wanted.extremes)?;
    let loaded = demo::load(&engine, &led, company, began, wanted.seed).await?;
    let took = (clock.now() - began).as_seconds_f64();
    println!(
        "The demo's company has moved in, with {} incidents: {took:.1} s.",
        loaded.incidents
    );
    // Secrets from here on are nobody's to foretell.
    let present = context(settings, Box::new(clock), StdRng::from_os_rng());
    let engine = Engine {
        context: Arc::new(present),
        ..engine
    };
    Ok((engine, loaded))
}

fn context(settings: &Settings, clock: Box<dyn Clock>, chance: StdRng) -> Context {
    let from = MailFrom {
        mailbox: settings.mail_from.clone(),
        server_set: false,
    };
    let mut context = Context::with(clock, chance, settings.base_url.clone(), from);
    context.keys = settings.keys.clone();
    context
}
