//! What every handler has at hand.

use crate::sent;
use crate::session::SignedIn;
use domain::ids::{PersonId, ScheduleId};
use engine::{Acting, Actor, Engine};
use std::sync::Arc;

/// The engine and what the settings say about this installation. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub engine: Engine,
    pub installation: Arc<Installation>,
}

impl App {
    /// The engine in the hands of whoever is signed in.
    pub fn by(&self, who: &SignedIn) -> Acting {
        self.acting(who.actor())
    }

    /// The engine in these hands.
    pub fn acting(&self, actor: Actor) -> Acting {
        self.engine.by(actor).for_form(sent::under_way())
    }
}

/// Facts of this installation that pages show.
#[derive(Clone, Debug)]
pub struct Installation {
    /// What has to be typed into set-up when the server can be reached from other machines.
    pub setup_code: Option<String>,
    /// Links in mails begin with this, which only this machine can open.
    pub base_url_is_loopback: bool,
    /// Cookies are marked Secure.
    pub over_tls: bool,
    /// Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// This is the demo: its banner is on every page, and whoever comes may log in as one of these.
    pub demo: Option<Demo>,
}

/// Who one may be in the demo, besides the responder, who is whoever is on call for what is under way.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    pub administrator: PersonId,
    pub observer: PersonId,
    pub watched: ScheduleId,
    /// Its database goes when it ends.
    pub is_thrown_away: bool,
}
