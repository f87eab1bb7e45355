//! What must be true afterwards, read from the database itself.

use crate::program::nodes::Kill;
use engine::db::{Db, sql};
use engine::{Context, Engine, MailFrom};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use testing::Mail;

/// What a node had sent when it was killed may still be read a moment later.
const STILL_UNDER_WAY: Duration = Duration::from_secs(1);

pub struct Records {
    engine: Engine,
}

impl Records {
    pub async fn open(address: &str) -> Self {
        let from = MailFrom {
            mailbox: "kintsugi@localhost".parse().unwrap(),
            server_set: true,
        };
        let context = Context::new("http://localhost".parse().unwrap(), from);
        let engine = Engine::start(address, context).await.unwrap();
        assert!(matches!(engine.db, Db::Sqlite { .. } | Db::Postgres(_)));
        Self { engine }
    }

    /// Every alert that got a 2xx is there.
    pub async fn hold_all(&self, accepted: &BTreeSet<String>) {
        let mut tx = self.engine.read().await.unwrap();
        let rows: Vec<(String,)> = sql("SELECT dedup_key FROM alerts").all(&mut tx).await.unwrap();
        let stored: BTreeSet<String> = rows.into_iter().map(|(key,)| key).collect();
        let lost: Vec<_> = accepted.difference(&stored).collect();
        assert!(lost.is_empty(), "accepted and lost: {lost:?}");
    }

    /// The numbers of the incidents that these alerts opened.
    pub async fn incidents_of(&self, accepted: &BTreeSet<String>) -> BTreeSet<i64> {
        let mut tx = self.engine.read().await.unwrap();
        let rows: Vec<(i64, String)> =
            sql("SELECT i.number, a.dedup_key FROM alerts a JOIN incidents i ON i.id = a.incident_id")
                .all(&mut tx)
                .await
                .unwrap();
        let mut of: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for (number, key) in rows {
            of.entry(key).or_default().insert(number);
        }
        for (key, numbers) in &of {
            assert_eq!(
                numbers.len(),
                1,
                "{key} opened {numbers:?}: one key is one incident"
            );
        }
        let mine = of.into_iter().filter(|(key, _)| accepted.contains(key));
        mine.flat_map(|(_, numbers)| numbers).collect()
    }

    /// Mails and gathered pages that wait still.
    pub async fn outbox(&self) -> i64 {
        let mut tx = self.engine.read().await.unwrap();
        let mails: i64 = sql("SELECT COUNT(*) FROM notifications WHERE state IN ('waiting', 'sending')")
            .scalar(&mut tx)
            .await
            .unwrap();
        let gathered: i64 = sql("SELECT COUNT(*) FROM gathered_pages")
            .scalar(&mut tx)
            .await
            .unwrap();
        mails + gathered
    }

    /// Each incident has its story, from the first entry to the last.
    pub async fn timelines_have_no_gap(&self) {
        let mut tx = self.engine.read().await.unwrap();
        let broken: Vec<(i64,)> = sql(
            "SELECT i.number FROM incidents i LEFT JOIN timeline t ON t.incident_id = i.id GROUP BY i.number, i.seq
             HAVING COUNT(t.seq) = 0 OR COUNT(t.seq) <> i.seq OR MIN(t.seq) <> 1 OR MAX(t.seq) <> i.seq",
        )
        .all(&mut tx)
        .await
        .unwrap();
        assert!(broken.is_empty(), "timelines with a gap: {broken:?}");
    }

    /// A page that arrived twice is the same mail twice, and somebody killed the node that had sent it. Answers with how many
    /// copies there were.
    pub async fn copies_are_of_one_mail_and_come_from_kills(&self, mails: &[Mail], kills: &[Kill]) -> usize {
        let mut tx = self.engine.read().await.unwrap();
        let known: Vec<(String,)> = sql("SELECT message_id FROM notifications")
            .all(&mut tx)
            .await
            .unwrap();
        let known: BTreeSet<String> = known
            .into_iter()
            .map(|(id,)| id.trim_matches(['<', '>']).to_owned())
            .collect();
        let mut arrived: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
        for mail in mails {
            assert!(
                known.contains(&mail.message_id),
                "a mail that nobody wrote: {}",
                mail.subject
            );
            arrived.entry(&mail.message_id).or_default().push(mail);
        }
        let mut copies = 0;
        for pair in arrived.values().flat_map(|mails| mails.windows(2)) {
            copies += 1;
            let explains = |kill: &&Kill| {
                kill.node == pair[0].sender
                    && kill.at + STILL_UNDER_WAY >= pair[0].arrived
                    && kill.at <= pair[1].arrived
            };
            assert!(
                kills.iter().any(|kill| explains(&kill)),
                "{} came twice, and {} was not killed in between",
                pair[0].subject,
                pair[0].sender
            );
        }
        copies
    }
}
