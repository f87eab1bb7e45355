//! From a request of a source to alerts and incidents, decided from what is known and nothing else: rows to write, and what has to
//! follow where people have a part in it.

use super::Source;
use super::ingest::InboundRequest;
use super::known::{Held, Known};
use super::told::Told;
use super::words::{severity_of, title_of, title_of_one, worst_of};
use crate::db::changes::{NewAlert, NewWords, Repeat};
use crate::db::{Arg, Decisions};
use crate::error::Result;
use crate::incidents::{self, Opening, search};
use crate::timeline;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::alerts::{AlertEvent, Status};
use domain::escalation::{Arrival, Progress, Waking};
use domain::ids::{AlertId, IncidentId, ServiceId};
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, NoticedBy, State};
use std::collections::BTreeSet;

/// New alerts of one request that get a line each; the rest is told as a number.
const MOST_LINES: usize = 20;

/// What has to follow, in this order.
#[derive(Clone, Debug)]
pub(super) enum FollowUp {
    /// The policy of an incident that was just opened about this service.
    StartPolicy(IncidentId, ServiceId),
    /// What an alert that came to an incident means for it.
    Wake {
        incident: IncidentId,
        fires_again: bool,
        alert: Severity,
        waking: Waking,
    },
    Acknowledge(IncidentId),
    /// Whoever has it may have forgotten; so many seconds ago they said that they have it.
    Remind(IncidentId, i64),
    /// Its words are found by what they are now.
    Index(IncidentId),
    /// One of its alerts is over, maybe the last.
    EndIfQuiet(IncidentId),
}

/// Decides what one request comes to: its alerts join or open the incident of its group, or end. `known` knows it afterwards.
///
/// # Errors
/// [`crate::Error::NotLookedUp`]
pub(super) fn decide(
    known: &mut Known,
    decisions: &mut Decisions<'_>,
    request: &InboundRequest,
) -> Result<Vec<FollowUp>> {
    let mut deciding = Deciding {
        known,
        decisions,
        from: &request.from,
        request,
        follow_ups: Vec::new(),
    };
    deciding.decide()?;
    Ok(deciding.follow_ups)
}

struct Deciding<'a, 'tx> {
    known: &'a mut Known,
    decisions: &'a mut Decisions<'tx>,
    from: &'a Source,
    request: &'a InboundRequest,
    follow_ups: Vec<FollowUp>,
}

impl<'a> Deciding<'a, '_> {
    fn decide(&mut self) -> Result<()> {
        let mut quieter = BTreeSet::new();
        let mut new: Vec<&AlertEvent> = Vec::new();
        for alert in &self.request.delivery.alerts {
            let open = self.known.open(self.from, &alert.key).cloned();
            if let (Some(open), Some(note)) = (&open, &alert.note) {
                self.noted(open, note)?;
            }
            match (alert.status, open) {
                (Status::Firing, Some(open)) if alert.is_partial => self.changed_in_part(&open, alert)?,
                (Status::Firing, None) if alert.is_partial => {}
                (Status::Firing, None) => new.push(alert),
                (Status::Firing, Some(open)) => self.repeated(&open, alert)?,
                (Status::Acknowledged, Some(open)) => self.acknowledged(&open, alert)?,
                // About an alert that is not open: accepted, and opens nothing.
                (Status::Acknowledged, None) => {}
                (Status::Resolved, open) => {
                    self.resolved(alert)?;
                    quieter.extend(open.map(|open| open.incident_id));
                }
            }
        }
        if !new.is_empty() {
            self.join_or_open(&new)?;
        } else if self.request.delivery.is_cut {
            self.say_that_it_is_cut()?;
        }
        self.follow_ups
            .extend(quieter.into_iter().map(FollowUp::EndIfQuiet));
        Ok(())
    }

    /// Nobody is woken, unless it became worse, or its incident was acknowledged long ago.
    fn repeated(&mut self, open: &Told, alert: &AlertEvent) -> Result<()> {
        let received_at = self.request.received_at;
        // A repeat that names no severity says nothing new about it.
        let severity = alert.severity().unwrap_or(open.severity);
        let repeat = Repeat {
            times: 1,
            severity,
            received_at,
        };
        self.decisions.changes.repeat(open.id, repeat);
        if open.says_something_else(alert) {
            self.says_it_anew(open, alert);
        }
        if let Some(told) = self.known.open(self.from, &alert.key) {
            told.severity = severity;
        }
        if severity > open.severity {
            return self.wake(open.incident_id, severity, News::Worse);
        }
        if let Some(seconds) = open.is_old(self.from, alert, received_at) {
            let state = self.known.held(open.incident_id)?.incident.state;
            if matches!(state, State::Acknowledged | State::Mitigated) {
                self.follow_ups.push(FollowUp::Remind(open.incident_id, seconds));
            }
        }
        Ok(())
    }

    /// Newer words of the same alert are the ones that are shown.
    fn says_it_anew(&mut self, open: &Told, alert: &AlertEvent) {
        let title = alert.title.clone().unwrap_or_else(|| open.title.clone());
        if title != open.title {
            self.follow_ups.push(FollowUp::Index(open.incident_id));
        }
        self.decisions.changes.say_anew(NewWords {
            alert: open.id,
            title: title.clone(),
            annotations: Arg::json(&alert.annotations),
            link: alert.link.clone(),
            links: Arg::json(&alert.links),
            words: alert.words(),
        });
        self.decisions.changed(open.incident_id);
        if let Some(told) = self.known.open(self.from, &alert.key) {
            (told.title, told.words) = (title, alert.words());
        }
    }

    /// A part of what an open alert says has changed at its source; the rest stays. It is no repeat, and wakes people only where it
    /// became worse.
    fn changed_in_part(&mut self, open: &Told, part: &AlertEvent) -> Result<()> {
        if part.title.is_some() || !part.annotations.is_empty() {
            let whole = self.known.rest_of(open)?.with(open, part);
            self.says_it_anew(open, &whole);
        }
        let Some(severity) = part.severity().filter(|severity| *severity > open.severity) else {
            return Ok(());
        };
        let repeat = Repeat {
            times: 0,
            severity,
            received_at: self.request.received_at,
        };
        self.decisions.changes.repeat(open.id, repeat);
        if let Some(told) = self.known.open(self.from, &part.key) {
            told.severity = severity;
        }
        self.wake(open.incident_id, severity, News::Worse)
    }

    /// Writes what its source says of an alert where those who work on it read.
    fn noted(&mut self, open: &Told, text: &str) -> Result<()> {
        let event = Event::AlertNoted {
            alert: open.id,
            title: open.title.clone(),
            text: text.to_owned(),
        };
        if self.known.is_said_lately(open.incident_id, &event)? {
            return Ok(());
        }
        self.say(open.incident_id, event)
    }

    fn acknowledged(&mut self, open: &Told, alert: &AlertEvent) -> Result<()> {
        if open.status == Status::Firing {
            self.decisions.changes.acknowledge_alert(open.id);
            self.record_change(open, Status::Acknowledged)?;
            if let Some(told) = self.known.open(self.from, &alert.key) {
                told.status = Status::Acknowledged;
            }
        }
        if self.known.held(open.incident_id)?.incident.state == State::Triggered {
            self.follow_ups.push(FollowUp::Acknowledge(open.incident_id));
        }
        Ok(())
    }

    /// The end of an alert: of one that is open, or whose incident a person had resolved before. One that was never open is accepted,
    /// and opens nothing.
    fn resolved(&mut self, alert: &AlertEvent) -> Result<()> {
        let told = self.known.ends(self.from, &alert.key);
        let Some(told) = told.filter(|told| told.status != Status::Resolved) else {
            return Ok(());
        };
        // A source's clock may be ahead of ours; nothing ended after we heard of it.
        let received_at = self.request.received_at;
        let ended_at = alert.ended_at.map_or(received_at, |at| at.min(received_at));
        self.decisions.changes.end_alert(told.id, ended_at);
        self.record_change(&told, Status::Resolved)
    }

    fn record_change(&mut self, told: &Told, status: Status) -> Result<()> {
        let held = self.known.held(told.incident_id)?;
        let event = Event::AlertChanged {
            alert: told.id,
            title: told.title.clone(),
            status,
        };
        record(self.decisions, &mut held.incident, event);
        Ok(())
    }

    /// Puts what is new into the open incident of its group, or opens one.
    fn join_or_open(&mut self, new: &[&AlertEvent]) -> Result<()> {
        let worst = worst_of(self.from, &self.request.delivery, new);
        match self.known.of_group(self.from, &self.request.delivery.group) {
            Some(incident) => {
                self.add(incident, new)?;
                self.wake(incident, worst, News::OneMore)?;
                self.follow_ups.push(FollowUp::Index(incident));
            }
            None => self.open(new, worst)?,
        }
        Ok(())
    }

    fn open(&mut self, new: &[&AlertEvent], worst: Severity) -> Result<()> {
        let (from, delivery) = (self.from, &self.request.delivery);
        let opening = Opening {
            title: title_of(from, delivery, new),
            severity: worst,
            team: from.team_id,
            noticed_by: NoticedBy::Alert,
            group: Some((from.integration_id, &delivery.group)),
            impact_started_at: None,
            services: &[from.service_id],
        };
        let mut incident = incidents::insert_known(self.decisions, &opening)?;
        let id = incident.id;
        let opened = Event::Opened {
            noticed_by: NoticedBy::Alert,
            severity: worst,
        };
        record(self.decisions, &mut incident, opened);
        let words = new
            .iter()
            .take(search::MOST_ALERTS)
            .map(|alert| (alert.title.as_deref().unwrap_or_default(), &alert.labels));
        search::index_new(self.decisions.changes, &incident, words);
        let has_policy = self.known.paging.has_policy(from.service_id);
        let progress = if has_policy {
            Progress::NotStarted
        } else {
            Progress::RanOut
        };
        let held = Held { incident, progress };
        self.known.groups(from, &delivery.group, held);
        self.add(id, new)?;
        let page_from = from.page_from;
        if !worst.at_least(page_from) {
            self.say(id, Event::BelowPaging { page_from })?;
        }
        let arrival = Arrival {
            meets: None,
            alert: worst,
            was_quiet: false,
            is_new: true,
            page_from,
            progress: Progress::NotStarted,
        };
        if arrival.waking() == Waking::StartPolicy {
            self.follow_ups.push(FollowUp::StartPolicy(id, from.service_id));
        }
        Ok(())
    }

    /// Puts new alerts into the incident.
    fn add(&mut self, incident: IncidentId, new: &[&AlertEvent]) -> Result<()> {
        for (place, alert) in new.iter().enumerate() {
            self.add_one(incident, alert, place < MOST_LINES)?;
        }
        let delivery = &self.request.delivery;
        if let Some(more) = new.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
            let count = u64::try_from(more).unwrap_or(0);
            self.say(incident, Event::MoreAlertsAdded { count })?;
        }
        if delivery.is_cut {
            self.say(incident, self.cut())?;
        }
        if delivery.left_out > 0 {
            let count = delivery.left_out;
            self.say(incident, Event::AlertsLeftOut { count })?;
        }
        Ok(())
    }

    fn add_one(&mut self, incident: IncidentId, alert: &AlertEvent, gets_a_line: bool) -> Result<()> {
        let (from, received_at) = (self.from, self.request.received_at);
        let id: AlertId = self.decisions.new_id();
        let (title, severity) = (title_of_one(alert), severity_of(from, alert));
        let started_at = alert.started_at.min(received_at);
        self.decisions.changes.alerts.push(NewAlert {
            id,
            incident_id: incident,
            integration_id: from.integration_id,
            service_id: from.service_id,
            key: alert.key.clone(),
            title: title.clone(),
            severity,
            severity_word: alert.severity_word.clone(),
            labels: Arg::json(&alert.labels),
            annotations: Arg::json(&alert.annotations),
            link: alert.link.clone(),
            links: Arg::json(&alert.links),
            words: alert.words(),
            started_at,
            received_at,
            status: Status::Firing,
            ended_at: None,
        });
        self.known.opens(
            from,
            &alert.key,
            Told::new(id, incident, title.clone(), severity, alert.words()),
        );
        if gets_a_line {
            let event = Event::AlertAdded {
                alert: id,
                title,
                severity,
                status: Status::Firing,
                link: alert.link.clone(),
            };
            let held = self.known.held(incident)?;
            record_at(self.decisions, &mut held.incident, event, started_at);
        }
        Ok(())
    }

    /// What an alert that came to an open incident means for people.
    fn wake(&mut self, incident: IncidentId, alert: Severity, news: News) -> Result<()> {
        let held = self.known.held(incident)?;
        let fires_again = news == News::OneMore && held.incident.alerts_quiet;
        let arrival = Arrival {
            meets: Some((held.incident.state, held.incident.severity)),
            alert,
            was_quiet: fires_again,
            is_new: news == News::OneMore,
            page_from: self.from.page_from,
            progress: held.progress,
        };
        let waking = arrival.waking();
        if fires_again || alert > held.incident.severity || waking != Waking::Record {
            self.follow_ups.push(FollowUp::Wake {
                incident,
                fires_again,
                alert,
                waking,
            });
        }
        Ok(())
    }

    /// Says in the group's incident that only the beginning of a request was read, which told nothing new.
    fn say_that_it_is_cut(&mut self) -> Result<()> {
        match self.known.of_group(self.from, &self.request.delivery.group) {
            Some(incident) => self.say(incident, self.cut()),
            None => Ok(()),
        }
    }

    fn cut(&self) -> Event {
        Event::RequestCut {
            read: u64::try_from(self.request.delivery.alerts.len()).unwrap_or(u64::MAX),
        }
    }

    fn say(&mut self, incident: IncidentId, event: Event) -> Result<()> {
        let held = self.known.held(incident)?;
        record(self.decisions, &mut held.incident, event);
        Ok(())
    }
}

/// What an alert that comes to an open incident is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    OneMore,
    Worse,
}

fn record(decisions: &mut Decisions<'_>, incident: &mut Incident, event: Event) {
    let now = decisions.now();
    record_at(decisions, incident, event, now);
}

fn record_at(
    decisions: &mut Decisions<'_>,
    incident: &mut Incident,
    event: Event,
    happened_at: DateTime<Utc>,
) {
    timeline::append(decisions, incident, None, event, happened_at);
}
