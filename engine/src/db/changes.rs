//! What a transaction is going to write: new rows by their tables, and the few changes that come in hundreds. It is written before
//! the next statement of the transaction and with its commit, in the order in which it stands here: each row after those that it
//! refers to. So hundreds of alerts take a dozen ways to the database.

mod alerts;
mod incidents;
mod notifications;
mod paging;
mod rows;

pub(crate) use alerts::{NewAlert, NewWords, Payload, Repeat};
pub(crate) use incidents::{Entry, NewIncident, ServiceOfIncident};
pub(crate) use notifications::NewNotification;
pub(crate) use paging::{Begun, GatheredPage, LinkOfDigest, LinkOfPage, NewPage, PageOfDigest, ShadowedPage};
pub(super) use rows::tuples;

use super::{Sql, Tx};
use crate::error::Result;
use alerts::{Changed, Repeated};
use chrono::{DateTime, Utc};
use domain::ids::{AlertId, IncidentId};
use incidents::{Numbered, Raised, Seq, write_words};
use paging::Stands;
use rows::write;
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Changes {
    pub payloads: Vec<Payload>,
    incidents: BTreeMap<IncidentId, NewIncident>,
    pub services_of_incidents: Vec<ServiceOfIncident>,
    pub alerts: Vec<NewAlert>,
    timeline: Vec<Entry>,
    pub pages: Vec<NewPage>,
    pub gathered_pages: Vec<GatheredPage>,
    pub shadowed_pages: Vec<ShadowedPage>,
    pub links_of_pages: Vec<LinkOfPage>,
    pub links_of_digests: Vec<LinkOfDigest>,
    pub notifications: Vec<NewNotification>,
    pub pages_of_digests: Vec<PageOfDigest>,
    words: Vec<(i64, String)>,
    alerts_changed: BTreeMap<AlertId, Changed>,
    repeats: BTreeMap<AlertId, Repeat>,
    alert_words: BTreeMap<AlertId, NewWords>,
    escalations: BTreeMap<IncidentId, Stands>,
    /// The last entry of incidents that this transaction holds.
    seqs: BTreeMap<IncidentId, Seq>,
    /// The last number that this transaction gave an incident; it holds the counter since.
    number: Option<Seq>,
}

impl Changes {
    /// A new incident, with nothing in its timeline.
    pub fn open(&mut self, new: NewIncident) {
        self.seqs.insert(new.incident.id, Seq::written(0));
        self.incidents.insert(new.incident.id, new);
    }

    /// Where the incident's timeline ends, once this transaction has taken the incident.
    pub fn knows_seq(&mut self, incident: IncidentId, seq: i64) {
        self.seqs.entry(incident).or_insert(Seq::written(seq));
    }

    pub fn is_seq_known(&self, incident: IncidentId) -> bool {
        self.seqs.contains_key(&incident)
    }

    /// Appends to the timeline of an incident that this transaction has taken. Answers the entry's `seq`.
    pub fn record(&mut self, mut entry: Entry) -> i64 {
        let seq = self.seqs.entry(entry.incident_id).or_insert(Seq::written(0));
        entry.seq = seq.raise();
        let last = entry.seq;
        if let Some(new) = self.incidents.get_mut(&entry.incident_id) {
            new.incident.seq = last;
            *seq = Seq::written(last);
        }
        self.timeline.push(entry);
        last
    }

    pub const fn is_number_known(&self) -> bool {
        self.number.is_some()
    }

    /// The number after the last one that this transaction gave.
    pub fn next_number(&mut self) -> Option<i64> {
        self.number.as_mut().map(Seq::raise)
    }

    /// The last number, which the database knows.
    pub const fn knows_number(&mut self, number: i64) {
        self.number = Some(Seq::written(number));
    }

    /// The words by which a new incident is found.
    pub fn index(&mut self, number: i64, words: &str) {
        self.words.push((number, words.to_owned()));
    }

    /// An alert that was firing is acknowledged.
    pub fn acknowledge_alert(&mut self, alert: AlertId) {
        self.change_alert(alert, Changed::acknowledged(alert));
    }

    /// An alert is over.
    pub fn end_alert(&mut self, alert: AlertId, at: DateTime<Utc>) {
        self.change_alert(alert, Changed::ended(alert, at));
    }

    /// Written before new alerts are, since one of them may have the key of one that is over; what becomes of a new one stands in its row.
    fn change_alert(&mut self, alert: AlertId, changed: Changed) {
        match self.alerts.iter_mut().rev().find(|new| new.id == alert) {
            Some(new) => changed.of_new(new),
            None => {
                self.alerts_changed.insert(alert, changed);
            }
        }
    }

    /// An open alert says something else of itself.
    pub fn say_anew(&mut self, words: NewWords) {
        self.alert_words.insert(words.alert, words);
    }

    /// One more time that an open alert was told; the last one's severity and time stay.
    pub fn repeat(&mut self, alert: AlertId, repeat: Repeat) {
        let before = self.repeats.get(&alert).map_or(0, |before| before.times);
        let times = before + repeat.times;
        self.repeats.insert(alert, Repeat { times, ..repeat });
    }

    /// The incident begins to walk through a policy, whatever it has come through before.
    pub fn begin_policy(&mut self, incident: IncidentId, begun: Begun) {
        self.escalations.insert(incident, Stands::Anew(begun));
    }

    /// The incident goes on to a place of its policy.
    pub fn stand_at(&mut self, incident: IncidentId, at: Begun) {
        let stands = match self.escalations.get(&incident) {
            Some(Stands::Anew(begun)) => Stands::Anew(Begun {
                policy_id: begun.policy_id,
                started_at: begun.started_at,
                ..at
            }),
            _ => Stands::Further(at),
        };
        self.escalations.insert(incident, stands);
    }

    /// Takes back what is not written. What is known of numbers may be so no more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn is_empty(&self) -> bool {
        let new_rows = self.payloads.len()
            + self.incidents.len()
            + self.services_of_incidents.len()
            + self.alerts.len()
            + self.timeline.len()
            + self.pages.len()
            + self.gathered_pages.len()
            + self.shadowed_pages.len()
            + self.links_of_pages.len()
            + self.links_of_digests.len()
            + self.notifications.len()
            + self.pages_of_digests.len()
            + self.words.len()
            + self.alerts_changed.len()
            + self.alert_words.len();
        let are_numbers_written = self.seqs.values().chain(&self.number).all(Seq::is_written);
        new_rows + self.repeats.len() + self.escalations.len() == 0 && are_numbers_written
    }

    /// The statements that write all of it, in their order.
    fn take(&mut self, is_postgres: bool) -> Vec<Sql> {
        let mut statements = Vec::new();
        let to = &mut statements;
        write(to, std::mem::take(&mut self.payloads));
        write(to, std::mem::take(&mut self.incidents).into_values());
        write(to, std::mem::take(&mut self.services_of_incidents));
        write(to, std::mem::take(&mut self.alerts_changed).into_values());
        write(to, std::mem::take(&mut self.alerts));
        write(to, std::mem::take(&mut self.timeline));
        write(to, std::mem::take(&mut self.pages));
        write(to, std::mem::take(&mut self.gathered_pages));
        write(to, std::mem::take(&mut self.shadowed_pages));
        write(to, std::mem::take(&mut self.links_of_pages));
        write(to, std::mem::take(&mut self.links_of_digests));
        write(to, std::mem::take(&mut self.notifications));
        write(to, std::mem::take(&mut self.pages_of_digests));
        write_words(to, std::mem::take(&mut self.words), is_postgres);
        write(to, Repeated::all(std::mem::take(&mut self.repeats)));
        write(to, std::mem::take(&mut self.alert_words).into_values());
        Stands::write(to, std::mem::take(&mut self.escalations));
        write(to, self.raised());
        write(
            to,
            self.number.as_mut().and_then(Seq::take_unwritten).map(Numbered),
        );
        statements
    }

    fn raised(&mut self) -> Vec<Raised> {
        let seqs = self.seqs.iter_mut();
        seqs.filter_map(|(incident, seq)| {
            let seq = seq.take_unwritten()?;
            Some(Raised {
                incident: *incident,
                seq,
            })
        })
        .collect()
    }
}

impl Tx {
    /// Writes what waits to be written, so that its faults show now.
    pub(crate) async fn write_changes(&mut self) -> Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let statements = self.changes.take(self.is_postgres());
        // Each way to SQLite's thread and back costs more than a row does; PostgreSQL prepares one statement at a time.
        let few = statements
            .iter()
            .map(|statement| statement.args.len())
            .sum::<usize>()
            < FEW_ARGS;
        if few && !self.is_postgres() {
            return rows::together(statements).run_alone(self).await.map(drop);
        }
        for statement in statements {
            statement.run_alone(self).await?;
        }
        Ok(())
    }
}

/// Below this a batch is one text for SQLite. Above it there are as many texts as ways in which batches differ, and SQLite remembers
/// what it has read of the last hundred only.
const FEW_ARGS: usize = 256;

#[cfg(test)]
mod tests;
