//! One step of a story, done through the engine.

use crate::cast::Cast;
use crate::placeholders::fill;
use crate::story::{Alert, ByHand, Deed, Promise, Shown, Step, Story, Verb};
use crate::{NoDemo, learning};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::alerts::group;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::instants::Correction;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::whom::Whom;
use domain::incidents::{IncidentRole, State};
use engine::alerts::{InboundRequest, take_one};
use engine::files::Upload;
use engine::incidents::{self, Draft, Filter, Writing, timeline};
use engine::{Actor, Tx, action_items, files, paging, people, postmortems};
use serde_json::json;
use std::collections::BTreeMap;

/// An incident while its story goes on.
#[derive(Clone, Debug)]
pub struct UnderWay {
    pub began: DateTime<Utc>,
    /// What the engine calls it, once it is open.
    pub opened: Option<(i64, IncidentId)>,
    /// Up to where its timeline was read for pages.
    read_to: i64,
    /// Who was paged, in that order.
    paged: Vec<PersonId>,
    /// What still fires, with its beginning.
    firing: BTreeMap<String, (Alert, DateTime<Utc>)>,
}

impl UnderWay {
    pub fn new(began: DateTime<Utc>) -> Self {
        Self {
            began,
            opened: None,
            read_to: 0,
            paged: Vec::new(),
            firing: BTreeMap::new(),
        }
    }

    pub fn number(&self) -> Result<i64, NoDemo> {
        let opened = self
            .opened
            .ok_or_else(|| NoDemo::Unknown("an incident before it is open".to_owned()))?;
        Ok(opened.0)
    }

    /// Whom a step's `by` means.
    fn who(&self, cast: &Cast, story: &Story, by: &str) -> Result<PersonId, NoDemo> {
        let team = cast.team_of(&story.service)?;
        let first = self
            .paged
            .first()
            .or(team.rotation.first())
            .copied()
            .unwrap_or(team.lead);
        let after_first = |places: usize| {
            let place = team.rotation.iter().position(|person| *person == first);
            let next = place.map_or(0, |place| place + places) % team.rotation.len().max(1);
            team.rotation.get(next).copied().unwrap_or(team.lead)
        };
        match by {
            "on_call" => Ok(self.paged.last().copied().unwrap_or(first)),
            "second" => Ok(after_first(1)),
            "third" => Ok(after_first(2)),
            "lead" => Ok(team.lead),
            key => cast.person(key),
        }
    }

    /// Looks whom the engine has paged since.
    async fn see_pages(&mut self, tx: &mut Tx) -> engine::Result<()> {
        let Some((_, id)) = self.opened else { return Ok(()) };
        for entry in timeline::after(tx, id, self.read_to, 1000).await? {
            self.read_to = entry.seq;
            if let Event::Paged { person, .. } = entry.event {
                self.paged.push(person);
            }
        }
        Ok(())
    }
}

/// Somebody does what follows.
pub async fn lead(tx: &mut Tx, by: PersonId) -> engine::Result<()> {
    let person = people::find(tx, by).await?;
    tx.acts_as(Actor::Person {
        person,
        address: None,
    });
    Ok(())
}

/// Opens an incident by hand.
pub async fn open(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    form: &ByHand,
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let mut services = vec![cast.service(&story.service)?.id];
    for also in &form.also {
        services.push(cast.service(also)?.id);
    }
    let by = cast.person(&form.by)?;
    let form = incidents::ByHand {
        title: form.title.clone(),
        severity: form.severity,
        services,
        noticed_by: form.noticed_by,
        impact_started_at: form.impact.map(|span| now.began + span.0),
    };
    lead(tx, by).await?;
    let incident = incidents::open_by_hand(tx, &form).await?;
    now.opened = Some((incident.number, incident.id));
    Ok(now.see_pages(tx).await?)
}

/// Does one step.
pub async fn perform(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    step: &Step,
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let by = now.who(cast, story, &step.by)?;
    match &step.deed {
        Deed::Alert(_) | Deed::Quiet(_) => tx.acts_as(Actor::Sources),
        Deed::Does(Verb::PolicyMovesOn) => tx.acts_as(Actor::Kintsugi),
        _ => lead(tx, by).await?,
    }
    match &step.deed {
        Deed::Alert(alert) => fire(tx, cast, story, alert, now).await?,
        Deed::Quiet(keys) => quiet(tx, cast, story, keys, now).await?,
        Deed::Does(verb) => does(tx, *verb, by, now).await?,
        Deed::Note(text) => write(tx, Writing::Note, text, now).await?,
        Deed::Decision(text) => write(tx, Writing::Decision, text, now).await?,
        Deed::Update(text) => write(tx, Writing::StatusUpdate, text, now).await?,
        Deed::Shows(shown) => show(tx, shown, now).await?,
        Deed::Task(title) => incidents::add_task(tx, now.number()?, title).await?,
        Deed::Ticks(title) => tick(tx, title, now).await?,
        Deed::Pages(asked) => {
            let whom = Whom::Person(cast.person(&asked.person)?);
            incidents::page_somebody(tx, now.number()?, whom, &asked.why).await?;
        }
        Deed::Remembers(memory) => {
            let text = fill(&memory.note, now.began);
            let draft = Draft {
                at: &memory.when,
                ..now_written(Writing::Note, &text)
            };
            incidents::write_draft(tx, now.number()?, &draft).await?;
        }
        Deed::Takes(role) => incidents::take_role(tx, now.number()?, *role, by).await?,
        Deed::Leaves(role) => incidents::leave_role(tx, now.number()?, *role).await?,
        Deed::Severity(to) => incidents::change_severity(tx, now.number()?, *to).await?,
        Deed::Title(title) => incidents::rename(tx, now.number()?, title).await?,
        Deed::Services(keys) => {
            let services = keys.iter().map(|key| Ok(cast.service(key)?.id));
            let services = services.collect::<Result<Vec<_>, NoDemo>>()?;
            incidents::change_services(tx, now.number()?, &services).await?;
        }
        Deed::Impact(span) => {
            let at = Some(now.began + span.0);
            incidents::correct_instant(tx, now.number()?, Correction::ImpactStart, at).await?;
        }
        Deed::Reopens(reason) => incidents::reopen(tx, now.number()?, reason, true).await?,
        Deed::Promise(promise) => add_promise(tx, cast, story, promise, now).await?,
        Deed::Postmortem(summary) => {
            postmortems::start(tx, now.number()?).await?;
            learning::write_summary(tx, now.number()?, &fill(summary, now.began)).await?;
        }
    }
    Ok(now.see_pages(tx).await?)
}

async fn write(tx: &mut Tx, kind: Writing, text: &str, now: &UnderWay) -> Result<(), NoDemo> {
    let text = fill(text, now.began);
    incidents::write_draft(tx, now.number()?, &now_written(kind, &text)).await?;
    Ok(())
}

/// A note with a picture below it.
async fn show(tx: &mut Tx, shown: &Shown, now: &UnderWay) -> Result<(), NoDemo> {
    let content = picture(&shown.picture).ok_or_else(|| NoDemo::Unknown(shown.picture.clone()))?;
    let upload = Upload {
        name: shown.picture.clone(),
        content: content.to_vec(),
    };
    let checked = files::check(upload).await?;
    let below = files::keep(tx, now.number()?, &checked).await?;
    let note = format!("{}\n\n{below}", shown.note);
    write(tx, Writing::Note, &note, now).await
}

fn picture(name: &str) -> Option<&'static [u8]> {
    match name {
        "declines.png" => Some(include_bytes!("../company/pictures/declines.png")),
        _ => None,
    }
}

/// That what is called so is done.
async fn tick(tx: &mut Tx, title: &str, now: &UnderWay) -> Result<(), NoDemo> {
    let number = now.number()?;
    let incident = incidents::find(tx, number).await?;
    let tasks = incidents::tasks_of(tx, incident.id).await?;
    let task = tasks.iter().find(|task| task.title == title);
    let task = task.ok_or_else(|| NoDemo::Unknown(title.to_owned()))?;
    Ok(incidents::tick(tx, number, task.id, true).await?)
}

fn now_written(kind: Writing, text: &str) -> Draft<'_> {
    Draft {
        kind,
        text,
        at: "",
        zone: Tz::UTC,
        next_in: (kind == Writing::StatusUpdate).then_some(NEXT_UPDATE),
    }
}

/// What those who wait are promised.
const NEXT_UPDATE: TimeDelta = TimeDelta::minutes(15);

/// Pins what the person wrote last.
async fn pin(tx: &mut Tx, number: i64, by: PersonId) -> Result<(), NoDemo> {
    let story = incidents::read(tx, number).await?;
    let written = story.timeline.iter().rev();
    let mut theirs =
        written.filter(|entry| entry.actor_id == Some(by) && entry.event.written_text().is_some());
    match theirs.next() {
        Some(entry) => Ok(incidents::pin(tx, number, entry.seq, true).await?),
        None => Err(NoDemo::Unknown(
            "something that was written and can be pinned".to_owned(),
        )),
    }
}

async fn does(tx: &mut Tx, verb: Verb, by: PersonId, now: &UnderWay) -> Result<(), NoDemo> {
    let number = now.number()?;
    match verb {
        Verb::Acknowledges => {
            incidents::acknowledge(tx, number, Via::Page).await?;
        }
        Verb::AcknowledgesByMail => {
            incidents::acknowledge(tx, number, Via::Mail).await?;
        }
        Verb::Escalates => incidents::escalate(tx, number).await?,
        Verb::PolicyMovesOn => {
            if let Some((_, id)) = now.opened {
                paging::advance(tx, id).await?;
            }
        }
        Verb::Pins => pin(tx, number, by).await?,
        Verb::Mitigates => incidents::mitigate(tx, number).await?,
        Verb::Resolves => incidents::resolve(tx, number).await?,
    }
    Ok(())
}

async fn add_promise(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    promise: &Promise,
    now: &UnderWay,
) -> Result<(), NoDemo> {
    let draft = learning::draft(cast, story, promise, None, tx.now().date_naive())?;
    action_items::add(tx, now.number()?, &draft).await?;
    Ok(())
}

async fn fire(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    alert: &Alert,
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let at = tx.now();
    now.firing.insert(alert.key.clone(), (alert.clone(), at));
    tell(tx, cast, story, &[(alert.clone(), at)], None).await?;
    if now.opened.is_none() {
        // Nobody else writes at the same time, so the newest one is this one.
        let newest = incidents::list(
            tx,
            &Filter {
                open_only: true,
                ..Filter::default()
            },
        )
        .await?;
        now.opened = newest
            .first()
            .map(|listed| (listed.incident.number, listed.incident.id));
    }
    Ok(())
}

async fn quiet(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    keys: &[String],
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let all = keys.is_empty();
    let over: Vec<String> = now
        .firing
        .keys()
        .filter(|key| all || keys.contains(key))
        .cloned()
        .collect();
    let over: Vec<_> = over.iter().filter_map(|key| now.firing.remove(key)).collect();
    if over.is_empty() {
        return Err(NoDemo::Unknown(format!(
            "an alert that fires among {}",
            keys.join(", ")
        )));
    }
    let ended = tx.now();
    tell(tx, cast, story, &over, Some(ended)).await
}

/// What Alertmanager would send, taken in as the server takes it in.
async fn tell(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    alerts: &[(Alert, DateTime<Utc>)],
    ended: Option<DateTime<Utc>>,
) -> Result<(), NoDemo> {
    let service = cast.service(&story.service)?;
    let status = if ended.is_some() { "resolved" } else { "firing" };
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let listed = alerts.iter().map(|(alert, started)| {
        let mut labels = alert.labels.clone();
        labels.insert("alertname".to_owned(), camel(&alert.key));
        labels.insert("severity".to_owned(), alert.severity.clone());
        labels.insert("service".to_owned(), service.source.service_slug.clone());
        json!({
            "status": status,
            "labels": labels,
            "annotations": {
                "summary": alert.title,
                "runbook_url": format!("https://runbooks.saltmarsh.example/{}", alert.key),
                "dashboard_url": format!("https://dashboards.saltmarsh.example/{}", service.source.service_slug),
            },
            "startsAt": stamp(*started),
            "endsAt": ended.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), stamp),
            "generatorURL": format!("https://prometheus.saltmarsh.example/graph?g0.expr={}", camel(&alert.key)),
            "fingerprint": format!("{}-{}-{}", story.key, alert.key, started.timestamp()),
        })
    });
    let body = json!({
        "version": "4",
        "receiver": "kintsugi",
        "status": status,
        "groupKey": format!("{{}}:{{incident=\"{}\"}}", story.key),
        "externalURL": "https://alertmanager.saltmarsh.example",
        "alerts": listed.collect::<Vec<_>>(),
    });
    let body = body.to_string().into_bytes();
    let received_at = tx.now();
    let delivery = group::parse(&body, received_at).map_err(|fault| NoDemo::Unknown(fault.to_string()))?;
    let arriving = InboundRequest {
        id: tx.new_id(),
        from: service.source.clone(),
        address: None,
        body,
        delivery,
        received_at,
    };
    Ok(take_one(tx, &arriving).await??)
}

/// `replication-lag` is `ReplicationLag` among alerts.
fn camel(key: &str) -> String {
    let words = key.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    });
    words.collect()
}

/// Whether the incident is over, by whoever's hand.
pub async fn is_over(tx: &mut Tx, now: &UnderWay) -> engine::Result<bool> {
    match now.opened {
        Some((number, _)) => Ok(incidents::find(tx, number).await?.state == State::Resolved),
        None => Ok(false),
    }
}

/// Whether somebody has the role already.
pub async fn is_held(tx: &mut Tx, now: &UnderWay, role: IncidentRole) -> engine::Result<bool> {
    match now.opened {
        Some((number, _)) => Ok(incidents::read(tx, number)
            .await?
            .roles
            .iter()
            .any(|held| held.role == role)),
        None => Ok(false),
    }
}
