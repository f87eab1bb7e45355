//! Which notifications this node sends next: the most urgent first, those that were never tried before those that were, and a few at once
//! to one address.

use super::deliver::AT_ONCE;
use super::outbox::{COLUMNS, Notification};
use super::takeover::Takeover;
use crate::Tx;
use crate::db::{Arg, dialect, sql_of_rows_put_together, sql_put_together};
use crate::error::Result;
use chrono::TimeDelta;
use domain::ids::NotificationId;
use domain::notifications::Urgency;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// How long a claim stands by itself; longer than the slowest SMTP exchange we wait for.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(330);
/// Longer than the longest pause between two tries, and than a claim.
const LONGEST_AHEAD: TimeDelta = TimeDelta::minutes(6);
const _: () = assert!(AT_ONCE / MOST_TO_ONE == 4 && AT_ONCE / MOST_URGENT_TO_ONE == 2);
const _: () = assert!(LEASE.num_seconds() < LONGEST_AHEAD.num_seconds());

/// How many mails to one address are under way at most: a mailbox that hangs leaves places to others.
const MOST_TO_ONE: usize = 4;
/// The same for what is most urgent, so that it is not behind those.
const MOST_URGENT_TO_ONE: usize = 6;
/// How many are looked at to find those.
const LOOKED_AT: usize = 64;

/// A mail that could be sent now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Candidate {
    pub id: NotificationId,
    pub attempts: i64,
    pub to_address: String,
    pub urgency: i64,
}

impl Candidate {
    fn is_most_urgent(&self) -> bool {
        self.urgency <= Urgency::FirstPage.number()
    }

    /// How many may be under way before it: what hangs leaves places to what is more urgent.
    fn room(&self) -> usize {
        const PAGE: i64 = Urgency::Page.number();
        const NOTICE: i64 = Urgency::Notice.number();
        match self.urgency {
            ..PAGE => AT_ONCE,
            PAGE => AT_ONCE - 2,
            NOTICE => AT_ONCE - 4,
            _ => AT_ONCE - 6,
        }
    }

    fn most_to_one(&self) -> usize {
        if self.is_most_urgent() {
            MOST_URGENT_TO_ONE
        } else {
            MOST_TO_ONE
        }
    }
}

/// The places of this node: who gets the mails that take them, and which are free.
pub(super) struct Places {
    taken: HashMap<NotificationId, i64>,
    addresses: HashMap<String, usize>,
    chosen: Vec<Candidate>,
    /// Something due was left out for the sake of what is more urgent.
    left_out: bool,
}

impl Places {
    pub fn taken_by<'a>(mails: impl Iterator<Item = &'a Arc<Notification>>) -> Self {
        let mut places = Self {
            taken: HashMap::new(),
            addresses: HashMap::new(),
            chosen: Vec::new(),
            left_out: false,
        };
        for mail in mails {
            places.taken.insert(mail.id, mail.attempts);
            *places.addresses.entry(mail.to_address.clone()).or_default() += 1;
        }
        places
    }

    pub fn free(&self) -> usize {
        AT_ONCE.saturating_sub(self.taken.len())
    }

    pub fn has(&self, mail: NotificationId) -> bool {
        self.taken.contains_key(&mail)
    }

    /// Addresses that have so many.
    fn with(&self, most: usize) -> Vec<&str> {
        let full = self.addresses.iter().filter(|(_, mails)| **mails >= most);
        full.map(|(address, _)| address.as_str()).collect()
    }

    /// Gives places to these, in this order, as far as there are any. Says whether an address had too many.
    fn give(&mut self, candidates: Vec<Candidate>) -> bool {
        let mut too_many = false;
        for candidate in candidates {
            if self.free() == 0 {
                break;
            }
            if self.has(candidate.id) {
                continue;
            }
            if self.taken.len() >= candidate.room() {
                self.left_out = true;
                continue;
            }
            let mails = self.addresses.entry(candidate.to_address.clone()).or_default();
            if *mails >= candidate.most_to_one() {
                too_many = true;
                continue;
            }
            *mails += 1;
            self.taken.insert(candidate.id, candidate.attempts);
            self.chosen.push(candidate);
        }
        too_many
    }
}

/// Takes what is due for this node, as much as there are places. Another node leaves it alone, unless this one falls silent.
pub(super) async fn claim(tx: &mut Tx, takeover: &mut Takeover, mut places: Places) -> Result<Claimed> {
    let left_behind = takeover.left_behind(tx, &places).await?;
    places.give(left_behind);
    while places.free() > 0 {
        let found = due(tx, &places).await?;
        let are_all = found.len() < LOOKED_AT;
        if !places.give(found) || are_all {
            break;
        }
    }
    Ok(Claimed {
        taken: take(tx, &places.chosen).await?,
        more: places.free() == 0 || places.left_out,
    })
}

/// What this node has taken.
pub(super) struct Claimed {
    pub taken: Vec<Notification>,
    /// Whether there may be more when a place becomes free.
    pub more: bool,
}

/// Whether a mail was tried before, as the index has it.
const TRIED: &str = "(CASE WHEN attempts > 0 THEN 1 ELSE 0 END)";

/// Each part ends as soon as its index has given enough, however many wait.
static DUE: LazyLock<String> = LazyLock::new(|| {
    let part = |place: i64, which: String, full: &str| {
        format!(
            "SELECT * FROM (SELECT id, attempts, to_address, urgency, {place} AS place, next_attempt_at FROM notifications
               WHERE state = 'waiting' AND {which} AND to_address NOT IN ({full})
               ORDER BY next_attempt_at LIMIT $7) AS part"
        )
    };
    let (full, full_for_urgent) = ("$3, $4, $5, $6", "$8, $9");
    // Nothing is put off for so long: what lies there was written while the clock was fast.
    let any = format!("urgency IN (0, 1, 2, 3) AND {TRIED} IN (0, 1)");
    let mut parts = vec![part(0, format!("{any} AND next_attempt_at > $2"), full)];
    for urgency in [Urgency::FirstPage, Urgency::Page, Urgency::Notice, Urgency::Other].map(Urgency::number) {
        let full = if urgency == 0 { full_for_urgent } else { full };
        for tried in [0, 1] {
            let which = format!("urgency = {urgency} AND {TRIED} = {tried} AND next_attempt_at <= $1");
            parts.push(part(1 + 2 * urgency + tried, which, full));
        }
    }
    let parts = parts.join(" UNION ALL ");
    format!(
        "SELECT id, attempts, to_address, urgency FROM ({parts}) AS due ORDER BY place, next_attempt_at LIMIT $7"
    )
});

async fn due(tx: &mut Tx, places: &Places) -> Result<Vec<Candidate>> {
    let now = tx.now();
    let mut asked = sql_put_together(DUE.clone()).bind(now).bind(now + LONGEST_AHEAD);
    // More addresses cannot be full.
    let full = places.with(MOST_TO_ONE);
    for place in 0..AT_ONCE / MOST_TO_ONE {
        asked = asked.bind(full.get(place).copied().unwrap_or_default());
    }
    asked = asked.bind(i64::try_from(LOOKED_AT).unwrap_or(i64::MAX));
    let full = places.with(MOST_URGENT_TO_ONE);
    for place in 0..AT_ONCE / MOST_URGENT_TO_ONE {
        asked = asked.bind(full.get(place).copied().unwrap_or_default());
    }
    asked.all(tx).await
}

/// Those of them that no other node has taken meanwhile: each claim is a try.
async fn take(tx: &mut Tx, chosen: &[Candidate]) -> Result<Vec<Notification>> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let (now, node) = (tx.now(), tx.context.node);
    let skip_claimed = dialect::skip_claimed(tx);
    // CROSS JOIN: SQLite keeps this order, and might otherwise begin with all that wait.
    let text = format!(
        "WITH asked (mail, tries, lease_until, node) AS (VALUES {{rows}}),
         free AS (SELECT m.id FROM asked CROSS JOIN notifications m
             WHERE m.id = asked.mail AND m.attempts = asked.tries AND m.state IN ('waiting', 'sending') {skip_claimed})
         UPDATE notifications SET state = 'sending', attempts = attempts + 1, next_attempt_at = asked.lease_until,
             claimed_by = asked.node
         FROM asked WHERE asked.mail = notifications.id AND notifications.id IN (SELECT id FROM free)
         RETURNING {COLUMNS}"
    );
    let rows = chosen.iter().map(|mail| {
        vec![
            Arg::from(mail.id),
            Arg::from(mail.attempts),
            Arg::from(now + LEASE),
            Arg::Id(Some(node)),
        ]
    });
    let mut taken: Vec<Notification> = sql_of_rows_put_together(text, rows.collect()).all(tx).await?;
    taken.sort_by_key(|mail| chosen.iter().position(|candidate| candidate.id == mail.id));
    Ok(taken)
}
