//! Clock, ids and chance, handed in: a test runs a year of on-call in a second, a simulation replays from its seed.

use crate::retention::Retention;
use crate::secrets::Keys;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

/// Clocks of several machines differ by less; what lies further ahead was written while a clock was wrong.
pub(crate) const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// A node whose beat has not changed for so long is dead; each says that it lives every ten seconds.
pub(crate) const SILENT_IS_DEAD: TimeDelta = TimeDelta::seconds(30);

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// A transaction, whose time stands still, is asked for it: where a test puts a fault into one of its steps.
    fn is_asked(&self) {}
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Who mails come from; absent while no mail server is set.
#[derive(Clone, Debug)]
pub struct MailFrom {
    /// For example `Kintsugi <kintsugi@example.com>`.
    pub mailbox: lettre::message::Mailbox,
    pub server_set: bool,
}

impl MailFrom {
    /// The part after the `@`, on which Message-IDs are made.
    pub fn domain(&self) -> &str {
        self.mailbox.email.domain()
    }
}

pub struct Context {
    clock: Box<dyn Clock>,
    chance: Mutex<StdRng>,
    /// The millisecond of the last id, and how many before it had the same.
    last_id: Mutex<(u64, u16)>,
    /// What links in mails begin with.
    pub base_url: Url,
    pub mail: MailFrom,
    /// How long things are kept that are kept for a while only.
    pub retention: Retention,
    /// What secrets are sealed under that are needed in the clear again.
    pub keys: Keys,
    /// This run of the program, among others on the same database.
    pub node: Uuid,
    began: Instant,
}

impl Context {
    pub fn new(base_url: Url, mail: MailFrom) -> Self {
        Self::with(Box::new(MachineClock), StdRng::from_os_rng(), base_url, mail)
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "how long something took is measured, not decided by"
    )]
    pub fn with(clock: Box<dyn Clock>, mut chance: StdRng, base_url: Url, mail: MailFrom) -> Self {
        let mut node = [0; 16];
        chance.fill_bytes(&mut node);
        Self {
            node: uuid::Builder::from_random_bytes(node).into_uuid(),
            retention: Retention::default(),
            keys: Keys::default(),
            began: Instant::now(),
            clock,
            chance: Mutex::new(chance),
            last_id: Mutex::default(),
            base_url,
            mail,
        }
    }

    /// To the microsecond, which is what both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    pub(crate) fn is_asked(&self) {
        self.clock.is_asked();
    }

    /// How long this program has run, by a clock that nobody sets: for measuring, and for what must not depend on the time of
    /// day.
    pub fn running_for(&self) -> Duration {
        self.began.elapsed()
    }

    /// A new UUID version 7 from this clock and this chance. Those of one millisecond are in the order of their making: they begin
    /// with a counter (RFC 9562, 6.2, method 1).
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        let mut rest: [u8; 10] = self.random_bytes();
        [rest[0], rest[1]] = self.place_within(millis).to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }

    /// How many ids this millisecond has, up to what twelve bits hold.
    fn place_within(&self, millis: u64) -> u16 {
        const MOST: u16 = 0xfff;
        let mut last = self
            .last_id
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = match *last {
            (same, place) if same == millis => (millis, (place + 1).min(MOST)),
            _ => (millis, 0),
        };
        last.1
    }

    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with_chance(|chance| chance.fill_bytes(&mut bytes));
        bytes
    }

    fn with_chance<T>(&self, use_it: impl FnOnce(&mut StdRng) -> T) -> T {
        // A generator has no state that a panic elsewhere could leave half done.
        use_it(
            &mut self
                .chance
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }

    /// A link as mails have it: `path` begins with `/`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    /// Waits a few milliseconds, by chance and longer each time, so that two that met do not meet again.
    pub async fn pause_before_retry(&self, attempt: u32) {
        let most = 5_u64 << attempt.min(7);
        let millis = self.with_chance(|chance| chance.random_range(1..=most));
        self.pause(Duration::from_millis(millis)).await;
    }

    /// Waits for real time to pass, whatever the clock is set to.
    #[allow(
        clippy::disallowed_methods,
        reason = "a pause to let others go first, not a rule that time decides"
    )]
    pub async fn pause(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Standing;

    impl Clock for Standing {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
        }
    }

    #[test]
    fn ids_of_one_millisecond_are_in_the_order_of_their_making() {
        let mail = MailFrom {
            mailbox: "kintsugi@example.test".parse().unwrap(),
            server_set: false,
        };
        let base = Url::parse("http://localhost").unwrap();
        let context = Context::with(Box::new(Standing), StdRng::seed_from_u64(7), base, mail);
        let ids: Vec<Uuid> = (0..1000).map(|_| context.new_id()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
