//! What is known when alerts are handled: looked up for a whole batch in a constant number of statements. An incident that is about to
//! change is taken before the state of its alerts is read, so that another node that was told the same waits, and finds it done.

use super::Source;
use super::ingest::InboundRequest;
use super::told::{self, Key, LAST, OPEN, Rest, Told, look_up, rows_of};
use crate::db::sql_of_rows;
use crate::error::{Error, Result};
use crate::{Tx, paging, timeline};
use domain::alerts::{AlertEvent, Status};
use domain::escalation::{EscalationState, Progress};
use domain::ids::{AlertId, IncidentId, IntegrationId, ServiceId};
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, State};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An incident that this transaction has taken.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub incident: Incident,
    pub progress: Progress,
}

/// Among so many entries a source's note is not written again: what was answered too late comes twice.
const WRITTEN_LATELY: i64 = 20;

#[derive(Default)]
pub(super) struct Known {
    /// The open alerts of keys.
    open: HashMap<Key, Option<Told>>,
    /// The last alert of keys that have no open one, where a source said that it is over.
    last: HashMap<Key, Option<Told>>,
    /// The open incidents of groups.
    groups: HashMap<Key, Option<IncidentId>>,
    held: BTreeMap<IncidentId, Held>,
    /// What else open alerts say, where a source tells a part of it anew.
    rests: BTreeMap<AlertId, Rest>,
    /// What was last written into timelines, where a source adds a note.
    lately: BTreeMap<IncidentId, Vec<Event>>,
    pub paging: paging::Known,
}

impl Known {
    /// The open alert of a key.
    pub fn open(&mut self, from: &Source, key: &str) -> Option<&mut Told> {
        let key = (from.integration_id, key.to_owned());
        self.open.get_mut(&key)?.as_mut()
    }

    pub fn opens(&mut self, from: &Source, key: &str, alert: Told) {
        self.open
            .insert((from.integration_id, key.to_owned()), Some(alert));
    }

    /// The alert of a key is over. Takes what was known of it: its open one, else the last.
    pub fn ends(&mut self, from: &Source, key: &str) -> Option<Told> {
        let key = (from.integration_id, key.to_owned());
        let open = self.open.get_mut(&key).and_then(Option::take);
        let told = open.or_else(|| self.last.get_mut(&key).and_then(Option::take))?;
        let mut over = told.clone();
        over.status = Status::Resolved;
        self.last.insert(key, Some(over));
        Some(told)
    }

    /// The open incident of a group.
    pub fn of_group(&self, from: &Source, group: &str) -> Option<IncidentId> {
        let id = *self.groups.get(&(from.integration_id, group.to_owned()))?;
        id.filter(|id| {
            self.held
                .get(id)
                .is_none_or(|held| held.incident.state != State::Resolved)
        })
    }

    /// A group has an incident from now on, which this transaction opened.
    pub fn groups(&mut self, from: &Source, group: &str, held: Held) {
        let key = (from.integration_id, group.to_owned());
        self.groups.insert(key, Some(held.incident.id));
        self.held.insert(held.incident.id, held);
    }

    /// # Errors
    /// [`Error::NotLookedUp`]
    pub fn held(&mut self, incident: IncidentId) -> Result<&mut Held> {
        self.held
            .get_mut(&incident)
            .ok_or(Error::NotLookedUp("an incident"))
    }

    /// What else an open alert says. It is looked up again when it is asked for next.
    ///
    /// # Errors
    /// [`Error::NotLookedUp`]
    pub fn rest_of(&mut self, open: &Told) -> Result<Rest> {
        self.rests
            .remove(&open.id)
            .ok_or(Error::NotLookedUp("what an alert says"))
    }

    /// Whether the same stands among the last entries of an incident; it does from now on.
    ///
    /// # Errors
    /// [`Error::NotLookedUp`]
    pub fn is_said_lately(&mut self, incident: IncidentId, event: &Event) -> Result<bool> {
        let lately = self
            .lately
            .get_mut(&incident)
            .ok_or(Error::NotLookedUp("the timeline of an incident"))?;
        let is_said = lately.contains(event);
        if !is_said {
            lately.push(event.clone());
        }
        Ok(is_said)
    }

    /// Gives an incident away: what becomes of it is written past this, so it is looked up again when it is asked for.
    pub fn give_away(&mut self, incident: IncidentId) -> Option<Incident> {
        Some(self.held.remove(&incident)?.incident)
    }

    /// Looks up what is not known yet and these requests ask for. Of a request whose batch was looked up that is nothing, but for what
    /// the ones before it changed.
    pub async fn learn(&mut self, tx: &mut Tx, requests: &[&InboundRequest]) -> Result<()> {
        loop {
            self.learn_alerts(tx, requests).await?;
            self.learn_last(tx, requests).await?;
            self.learn_groups(tx, requests).await?;
            let touched: BTreeSet<IncidentId> = requests
                .iter()
                .flat_map(|request| self.touched(request))
                .filter(|incident| !self.held.contains_key(incident))
                .collect();
            if touched.is_empty() {
                break;
            }
            self.take(tx, &touched).await?;
            if tx.is_postgres() {
                // While this waited for another transaction, that one may have changed them, and what they lead to.
                self.read_again(tx, &touched).await?;
            }
        }
        for request in requests {
            self.learn_of_parts(tx, request).await?;
        }
        let opening: BTreeSet<ServiceId> = requests
            .iter()
            .filter(|request| self.is_to_open(request))
            .map(|request| request.from.service_id)
            .collect();
        if opening.is_empty() {
            return Ok(());
        }
        tx.look_up_number().await?;
        self.paging.learn(tx, &opening).await
    }

    /// Whether a request brings an alert that is not open.
    fn brings_new(&self, request: &InboundRequest) -> bool {
        request
            .delivery
            .alerts
            .iter()
            .filter(|alert| alert.status == Status::Firing && !alert.is_partial)
            .any(|alert| self.told(&self.open, request, alert).is_none())
    }

    fn is_to_open(&self, request: &InboundRequest) -> bool {
        self.brings_new(request) && self.of_group(&request.from, &request.delivery.group).is_none()
    }

    /// Incidents that a request is about to change.
    fn touched(&self, request: &InboundRequest) -> Vec<IncidentId> {
        let alerts = request.delivery.alerts.iter().filter_map(|alert| {
            let open = self.told(&self.open, request, alert);
            if alert.note.is_some() && open.is_some() {
                return open;
            }
            match alert.status {
                Status::Firing => open.filter(|open| open.is_news(request, alert)),
                Status::Acknowledged => open,
                Status::Resolved => open.or_else(|| {
                    self.told(&self.last, request, alert)
                        .filter(|last| last.status != Status::Resolved)
                }),
            }
        });
        let mut touched: Vec<IncidentId> = alerts.map(|told| told.incident_id).collect();
        if self.asks_for_group(request) {
            touched.extend(self.of_group(&request.from, &request.delivery.group));
        }
        touched
    }

    fn asks_for_group(&self, request: &InboundRequest) -> bool {
        request.delivery.is_cut || self.brings_new(request)
    }

    fn told<'a>(
        &self,
        alerts: &'a HashMap<Key, Option<Told>>,
        request: &InboundRequest,
        alert: &AlertEvent,
    ) -> Option<&'a Told> {
        let key = (request.from.integration_id, alert.key.clone());
        alerts.get(&key)?.as_ref()
    }

    async fn learn_alerts(&mut self, tx: &mut Tx, requests: &[&InboundRequest]) -> Result<()> {
        let keys: BTreeSet<Key> = keys_of(requests)
            .map(|(key, _)| key)
            .filter(|key| !self.open.contains_key(key))
            .collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let found = look_up(tx, &keys, OPEN).await?;
        self.open.extend(keys.into_iter().map(|key| (key, None)));
        self.open
            .extend(found.into_iter().map(|(key, told)| (key, Some(told))));
        Ok(())
    }

    /// Alerts that are told to be over and are not open: their incident was resolved before, or they never were.
    async fn learn_last(&mut self, tx: &mut Tx, requests: &[&InboundRequest]) -> Result<()> {
        let keys: BTreeSet<Key> = keys_of(requests)
            .filter(|(_, status)| *status == Status::Resolved)
            .map(|(key, _)| key)
            .filter(|key| self.open.get(key).is_none_or(Option::is_none) && !self.last.contains_key(key))
            .collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let found = look_up(tx, &keys, LAST).await?;
        self.last.extend(keys.into_iter().map(|key| (key, None)));
        self.last
            .extend(found.into_iter().map(|(key, told)| (key, Some(told))));
        Ok(())
    }

    async fn learn_groups(&mut self, tx: &mut Tx, requests: &[&InboundRequest]) -> Result<()> {
        let groups: BTreeSet<Key> = requests
            .iter()
            .filter(|request| self.asks_for_group(request))
            .map(|request| (request.from.integration_id, request.delivery.group.clone()))
            .filter(|group| !self.groups.contains_key(group))
            .collect();
        if groups.is_empty() {
            return Ok(());
        }
        let groups: Vec<Key> = groups.into_iter().collect();
        let found: Vec<(IntegrationId, String, IncidentId)> = sql_of_rows(
            "WITH asked (integration_id, group_key) AS (VALUES {rows})
             SELECT i.integration_id, i.group_key, i.id
             FROM asked CROSS JOIN incidents i WHERE {any i} AND i.integration_id = asked.integration_id
                AND i.group_key = asked.group_key AND i.state <> 'resolved'",
            rows_of(&groups),
        )
        .all(tx)
        .await?;
        self.groups.extend(groups.into_iter().map(|group| (group, None)));
        let found = found
            .into_iter()
            .map(|(integration, group, id)| ((integration, group), Some(id)));
        self.groups.extend(found);
        Ok(())
    }

    /// What a note or a part of an alert asks for; few sources send such.
    async fn learn_of_parts(&mut self, tx: &mut Tx, request: &InboundRequest) -> Result<()> {
        for alert in &request.delivery.alerts {
            let open = self.told(&self.open, request, alert);
            let Some((id, incident)) = open.map(|open| (open.id, open.incident_id)) else {
                continue;
            };
            if alert.is_partial && !self.rests.contains_key(&id) {
                self.rests.insert(id, told::rest(tx, id).await?);
            }
            if alert.note.is_some() && !self.lately.contains_key(&incident) {
                let seq = self.held(incident)?.incident.seq;
                let entries = timeline::after(tx, incident, seq - WRITTEN_LATELY, WRITTEN_LATELY).await?;
                let events = entries.into_iter().map(|entry| entry.event).collect();
                self.lately.insert(incident, events);
            }
        }
        Ok(())
    }

    async fn take(&mut self, tx: &mut Tx, incidents: &BTreeSet<IncidentId>) -> Result<()> {
        for (incident, escalation, has_policy) in timeline::hold_these(tx, incidents).await? {
            let progress = match escalation {
                Some(EscalationState::RanOut) => Progress::RanOut,
                Some(EscalationState::Running) => Progress::Running,
                // Stopped: whoever had it has given it back.
                Some(EscalationState::Stopped) => Progress::NotStarted,
                None if has_policy => Progress::NotStarted,
                None => Progress::RanOut,
            };
            self.held.insert(incident.id, Held { incident, progress });
        }
        Ok(())
    }

    /// Reads the alerts of incidents again that were taken since.
    async fn read_again(&mut self, tx: &mut Tx, taken: &BTreeSet<IncidentId>) -> Result<()> {
        for (alerts, which) in [(&mut self.open, OPEN), (&mut self.last, LAST)] {
            let is_taken = |told: &Option<Told>| {
                told.as_ref()
                    .is_some_and(|told| taken.contains(&told.incident_id))
            };
            let keys: Vec<Key> = alerts
                .iter()
                .filter(|(_, told)| is_taken(told))
                .map(|(key, _)| key.clone())
                .collect();
            let found = look_up(tx, &keys, which).await?;
            alerts.extend(keys.into_iter().map(|key| (key, None)));
            alerts.extend(found.into_iter().map(|(key, told)| (key, Some(told))));
        }
        Ok(())
    }
}

fn keys_of<'a>(requests: &'a [&InboundRequest]) -> impl Iterator<Item = (Key, Status)> + 'a {
    requests.iter().flat_map(|request| {
        let from = request.from.integration_id;
        let alerts = request.delivery.alerts.iter();
        alerts.map(move |alert| ((from, alert.key.clone()), alert.status))
    })
}
