//! One step of a story, done through the engine.

use crate::cast::Cast;
use crate::placeholders::fill;
use crate::span::Span;
use crate::story::{Alert, ByHand, Deed, Entered, Link, Promise, Shown, Step, Story, Verb};
use crate::{NoDemo, alerts, entries, learning};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::instants::Correction;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::whom::Whom;
use domain::incidents::{IncidentRole, LinkKind, State};
use engine::files::Upload;
use engine::incidents::{self, Draft, Writing, timeline};
use engine::{Actor, Tx, action_items, files, paging, people, postmortems};
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
    pub firing: BTreeMap<String, (Alert, DateTime<Utc>)>,
    /// What the engine calls the incidents of other stories that this one is linked to, by their keys.
    pub others: BTreeMap<String, i64>,
}

impl UnderWay {
    pub fn new(began: DateTime<Utc>) -> Self {
        Self {
            began,
            opened: None,
            read_to: 0,
            paged: Vec::new(),
            firing: BTreeMap::new(),
            others: BTreeMap::new(),
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

/// Enters one that was over by then.
pub async fn enter(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    form: &Entered,
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let at = |span: Span| Some(now.began + span.0);
    let past = incidents::Past {
        title: form.title.clone(),
        severity: form.severity,
        services: vec![cast.service(&story.service)?.id],
        noticed_by: form.noticed_by,
        began_at: at(form.began),
        mitigated_at: form.mitigated.and_then(at),
        resolved_at: at(form.resolved),
    };
    lead(tx, cast.person(&form.by)?).await?;
    let incident = incidents::enter_past(tx, &past).await?;
    now.opened = Some((incident.number, incident.id));
    Ok(())
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
        Deed::Does(Verb::PolicyMovesOn | Verb::HandoverRunsOut) => tx.acts_as(Actor::Kintsugi),
        _ => lead(tx, by).await?,
    }
    match &step.deed {
        Deed::Alert(alert) => alerts::fire(tx, cast, story, alert, now).await?,
        Deed::Quiet(keys) => alerts::quiet(tx, cast, story, keys, now).await?,
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
        Deed::HandsOver(asked) => {
            let whom = Whom::Person(cast.person(&asked.person)?);
            incidents::hand_over(tx, now.number()?, whom, &asked.why).await?;
        }
        Deed::Edits(text) => entries::change(tx, now.number()?, by, &fill(text, now.began)).await?,
        Deed::Redacts(why) => entries::redact(tx, now.number()?, by, why).await?,
        Deed::Links(link) => connect(tx, link, now).await?,
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
/// Says what the incident has to do with another.
async fn connect(tx: &mut Tx, link: &Link, now: &UnderWay) -> Result<(), NoDemo> {
    let other = now.others.get(&link.to).copied();
    let other = other.ok_or_else(|| NoDemo::Unknown(link.to.clone()))?;
    let number = now.number()?;
    match link.how {
        LinkKind::DuplicateOf => incidents::mark_duplicate(tx, number, other).await?,
        how => incidents::link(tx, number, other, how).await?,
    }
    Ok(())
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
        Verb::TakesOver => incidents::accept_handover(tx, number).await?,
        Verb::HandoverRunsOut => {
            if let Some((_, id)) = now.opened {
                incidents::handover_is_over(tx, id).await?;
            }
        }
        Verb::Pins => entries::pin(tx, number, by).await?,
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
