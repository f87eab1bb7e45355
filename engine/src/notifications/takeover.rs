//! Mails that somebody began to send and will not end: another node that died, or this one where its worker began again.

use super::claim::{Candidate, LEASE, Places};
use crate::Tx;
use crate::context::SILENT_IS_DEAD;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::NotificationId;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;
use uuid::Uuid;

/// What this node has seen of the others. Their clocks differ, so it compares none: it looks whether something changes.
#[derive(Default)]
pub(super) struct Takeover {
    beats: Seen<Uuid, DateTime<Utc>>,
    /// The tries of what others are sending.
    claims: Seen<NotificationId, i64>,
}

#[derive(sqlx::FromRow)]
struct Held {
    #[sqlx(flatten)]
    mail: Candidate,
    claimed_by: Option<Uuid>,
    beat_at: Option<DateTime<Utc>>,
}

impl Takeover {
    /// Mails that are being sent by nobody any more.
    pub async fn left_behind(&mut self, tx: &mut Tx, places: &Places) -> Result<Vec<Candidate>> {
        let (me, at) = (tx.context.node, tx.context.running_for());
        let held: Vec<Held> = sql(
            "SELECT m.id, m.attempts, m.to_address, m.urgency, m.claimed_by, p.beat_at FROM notifications m
             LEFT JOIN nodes p ON p.node = m.claimed_by WHERE m.state = 'sending' ORDER BY m.urgency, m.created_at",
        )
        .all(tx)
        .await?;
        let (mine, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| held.claimed_by == Some(me));
        self.claims
            .forget_all_but(|mail| others.iter().any(|held| held.mail.id == *mail));
        self.beats
            .forget_all_but(|node| others.iter().any(|held| held.claimed_by == Some(*node)));
        let mine = mine.into_iter().filter(|held| !places.has(held.mail.id));
        let others = others
            .into_iter()
            .filter(|held| self.is_left_by_another(held, at));
        Ok(mine.chain(others).map(|held| held.mail).collect())
    }

    fn is_left_by_another(&mut self, held: &Held, at: Duration) -> bool {
        let claimed_for = self.claims.unchanged_for(held.mail.id, held.mail.attempts, at);
        let (Some(node), Some(beat)) = (held.claimed_by, held.beat_at) else {
            // It has said goodbye, or never that it lives.
            return true;
        };
        let silent_for = self.beats.unchanged_for(node, beat, at);
        // A node that lives may have lost a mail too.
        is_over(SILENT_IS_DEAD, silent_for) || is_over(LEASE, claimed_for)
    }
}

fn is_over(most: TimeDelta, span: Duration) -> bool {
    most.to_std().is_ok_and(|most| span >= most)
}

/// Values, and since when they have not changed, by this node's own running time.
struct Seen<K, V>(HashMap<K, (V, Duration)>);

impl<K, V> Default for Seen<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash, V: PartialEq> Seen<K, V> {
    fn unchanged_for(&mut self, key: K, value: V, at: Duration) -> Duration {
        match self.0.get(&key) {
            Some((seen, since)) if *seen == value => at.saturating_sub(*since),
            _ => {
                self.0.insert(key, (value, at));
                Duration::ZERO
            }
        }
    }

    fn forget_all_but(&mut self, is_needed: impl Fn(&K) -> bool) {
        self.0.retain(|key, _| is_needed(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mail that the node, with this beat, has claimed.
    fn held(node: u128, beat: Option<&str>) -> Held {
        Held {
            mail: Candidate {
                id: NotificationId(Uuid::from_u128(7)),
                attempts: 1,
                to_address: "ana@example.test".to_owned(),
                urgency: 0,
            },
            claimed_by: Some(Uuid::from_u128(node)),
            beat_at: beat.map(|beat| beat.parse().unwrap()),
        }
    }

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_node_whose_clock_is_hours_off_lives_while_its_beat_changes() {
        let mut takeover = Takeover::default();
        for round in 0..30 {
            let beat = format!("1999-12-31T23:00:{:02}Z", round * 2);
            assert!(!takeover.is_left_by_another(&held(1, Some(&beat)), seconds(10 * round)));
        }
    }

    #[test]
    fn a_node_is_dead_whose_beat_has_not_changed_for_half_a_minute() {
        let mut takeover = Takeover::default();
        let silent = held(1, Some("2026-03-02T09:00:00Z"));
        assert!(!takeover.is_left_by_another(&silent, seconds(100)));
        assert!(!takeover.is_left_by_another(&silent, seconds(129)));
        assert!(takeover.is_left_by_another(&silent, seconds(130)));
        assert!(!takeover.is_left_by_another(&held(1, Some("2026-03-02T09:00:40Z")), seconds(140)));
    }

    #[test]
    fn a_node_without_a_beat_is_gone() {
        assert!(Takeover::default().is_left_by_another(&held(1, None), seconds(1)));
    }

    #[test]
    fn what_a_living_node_never_ends_is_taken_over_after_its_lease() {
        let mut takeover = Takeover::default();
        let mut claimed_for = |at: u64| {
            let beat = format!("2026-03-02T09:{:02}:{:02}Z", at / 60, at % 60);
            takeover.is_left_by_another(&held(1, Some(&beat)), seconds(at))
        };
        assert!((0..33).all(|round| !claimed_for(round * 10)));
        assert!(claimed_for(330));
    }
}
