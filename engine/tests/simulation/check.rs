//! What people rely on, asked of the database after each step.

use super::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{Step, Target};
use domain::ids::{IncidentId, PageId, PersonId, PolicyId};
use domain::incidents::PageOutcome;
use domain::incidents::timeline::PageReason;
use engine::Tx;
use engine::db::sql;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What does not hold.
#[derive(Debug)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<engine::Error> for Broken {
    fn from(error: engine::Error) -> Self {
        Self(error.to_string())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Stands {
    incident_id: IncidentId,
    policy_id: PolicyId,
    state: String,
    round: i64,
    step: i64,
    next_at: Option<DateTime<Utc>>,
    started_at: DateTime<Utc>,
    policy_changed: bool,
}

/// Where policies stood before a step, and which pages there were.
pub struct Before {
    at: DateTime<Utc>,
    stands: BTreeMap<IncidentId, Stands>,
    /// Of the last hours; clocks are set by less.
    pages: BTreeSet<PageId>,
}

impl Before {
    fn since(&self) -> DateTime<Utc> {
        self.at - TimeDelta::hours(4)
    }
}

async fn stands(tx: &mut Tx) -> Result<BTreeMap<IncidentId, Stands>, Broken> {
    let rows: Vec<Stands> =
        sql("SELECT incident_id, policy_id, state, round, step, next_at, started_at, policy_changed FROM escalations")
            .all(tx)
            .await?;
    Ok(rows.into_iter().map(|row| (row.incident_id, row)).collect())
}

impl Before {
    pub async fn look(world: &World<'_>) -> Result<Self, Broken> {
        let mut tx = world.app.engine.read().await?;
        let mut before = Self {
            at: world.now(),
            stands: stands(&mut tx).await?,
            pages: BTreeSet::new(),
        };
        let pages: Vec<(PageId,)> = sql("SELECT id FROM pages WHERE created_at >= $1")
            .bind(before.since())
            .all(&mut tx)
            .await?;
        before.pages.extend(pages.into_iter().map(|(id,)| id));
        Ok(before)
    }
}

/// `done`: all that was due was done, so nothing may be left over.
pub async fn at_each_step(world: &mut World<'_>, before: &Before, done: bool) -> Result<(), Broken> {
    let mut tx = world.app.engine.read().await?;
    nothing_goes_on_before_its_time(&mut tx, world, before).await?;
    each_step_has_its_time(&mut tx, world, before).await?;
    whoever_is_paged_is_on_call_and_nobody_has_it(&mut tx, world, before).await?;
    no_page_waits_for_what_somebody_has(&mut tx).await?;
    if done {
        nothing_that_is_due_is_left(&mut tx, world).await?;
    }
    Ok(())
}

/// What happens pages people, too, before any worker does.
pub async fn when_something_happened(world: &World<'_>, before: &Before) -> Result<(), Broken> {
    let mut tx = world.app.engine.read().await?;
    whoever_is_paged_is_on_call_and_nobody_has_it(&mut tx, world, before).await
}

/// After something happened, and all that followed was done.
pub async fn nothing_is_lost(world: &World<'_>, accepted: &BTreeSet<(String, bool)>) -> Result<(), Broken> {
    let mut tx = world.app.engine.read().await?;
    each_accepted_alert_pages_or_says_why_not(&mut tx, accepted).await
}

/// Whoever was paged just now has the whole time of their step.
async fn each_step_has_its_time(tx: &mut Tx, world: &World<'_>, before: &Before) -> Result<(), Broken> {
    for (incident, now) in stands(tx).await? {
        let is_same = |was: &Stands| {
            (was.round, was.step, was.started_at, &was.state)
                == (now.round, now.step, now.started_at, &now.state)
        };
        let Some(due) = now.next_at.filter(|_| now.state == "running") else {
            continue;
        };
        if before.stands.get(&incident).is_some_and(is_same) {
            continue;
        }
        let step = now.step.max(0);
        let delay = world.step(now.policy_id, step).map(|step| step.delay_seconds);
        let has = (due - before.at).num_seconds();
        // Somebody may have answered a moment before, while the clock stood elsewhere.
        if delay.is_some_and(|delay| has < delay && now.started_at >= before.at) {
            return Err(Broken(format!(
                "{incident}: step {step} has {has} s of its {delay:?}"
            )));
        }
    }
    Ok(())
}

/// A step is over when its time is, or when the mail server refused all its pages.
async fn nothing_goes_on_before_its_time(
    tx: &mut Tx,
    world: &World<'_>,
    before: &Before,
) -> Result<(), Broken> {
    for (incident, now) in stands(tx).await? {
        let Some(was) = before.stands.get(&incident) else {
            continue;
        };
        let goes_on = was.state == "running"
            && now.started_at == was.started_at
            && (now.round, now.step) != (was.round, was.step);
        // A mail server that takes its time lets steps fall due meanwhile.
        let came_at = came_at(world, &now).unwrap_or_else(|| world.now());
        let was_due = was.next_at.is_some_and(|at| at <= before.at.max(came_at));
        if !goes_on || was_due || was.policy_changed {
            continue;
        }
        let (pages, refused): (i64, i64) = sql(
            "SELECT COUNT(*), COUNT(CASE WHEN outcome = 'refused' THEN 1 END) FROM pages
             WHERE incident_id = $1 AND round = $2 AND step = $3 AND created_at >= $4",
        )
        .bind(incident)
        .bind(was.round)
        .bind(was.step)
        .bind(was.started_at)
        .one(tx, "count")
        .await?;
        if refused == 0 || refused < pages {
            return Err(Broken(format!(
                "{incident} went on from {}/{} to {}/{} before its time, which was {:?}",
                was.round, was.step, now.round, now.step, was.next_at
            )));
        }
    }
    Ok(())
}

/// When a policy came to where it stands, since its step has its whole time from then on.
fn came_at(world: &World<'_>, now: &Stands) -> Option<DateTime<Utc>> {
    let due = now.next_at.filter(|_| now.state == "running")?;
    let step = world.step(now.policy_id, now.step)?;
    Some(due - TimeDelta::seconds(step.delay_seconds))
}

#[derive(sqlx::FromRow)]
struct Paged {
    id: PageId,
    incident_id: IncidentId,
    person_id: PersonId,
    created_at: DateTime<Utc>,
    reason: PageReason,
    step: i64,
    policy_id: Option<PolicyId>,
    /// The incident's state when it was paged, as its timeline has it.
    state: String,
}

async fn whoever_is_paged_is_on_call_and_nobody_has_it(
    tx: &mut Tx,
    world: &World<'_>,
    before: &Before,
) -> Result<(), Broken> {
    let pages: Vec<Paged> = sql(
        "SELECT g.id, g.incident_id, g.person_id, g.created_at, g.reason, g.step, e.policy_id,
            (SELECT t.state FROM timeline t
             WHERE t.incident_id = g.incident_id AND t.recorded_at <= g.created_at ORDER BY t.seq DESC LIMIT 1) AS state
         FROM pages g LEFT JOIN escalations e ON e.incident_id = g.incident_id WHERE g.created_at >= $1",
    )
    .bind(before.since())
    .all(tx)
    .await?;
    for page in pages.into_iter().filter(|page| !before.pages.contains(&page.id)) {
        let by_policy = matches!(
            page.reason,
            PageReason::OnCall | PageReason::Named | PageReason::PassedOn
        );
        if by_policy && page.state != "triggered" {
            return Err(Broken(format!(
                "{} was paged to {} though it is {}",
                page.incident_id, page.person_id, page.state
            )));
        }
        if world.gone.contains(&page.person_id) {
            return Err(Broken(format!("{} was paged, who has left", page.person_id)));
        }
        let step = page.policy_id.and_then(|policy| world.step(policy, page.step));
        let is_right = match page.reason {
            PageReason::OnCall => step.is_some_and(|step| is_on_call(world, step, &page)),
            PageReason::Named => step.is_some_and(|step| is_named(world, step, page.person_id)),
            _ => true,
        };
        if !is_right {
            return Err(Broken(format!(
                "{} was paged to {} at {} as {:?}, and step {} reaches others",
                page.incident_id, page.person_id, page.created_at, page.reason, page.step
            )));
        }
    }
    Ok(())
}

/// What waits goes out later: whoever acknowledges takes it back in the same breath. What a digest has taken up is its own. That it became worse, that they are asked for by
/// hand, and that they are asked again is for whoever has it, too.
async fn no_page_waits_for_what_somebody_has(tx: &mut Tx) -> Result<(), Broken> {
    let waiting: Vec<(PageId, String, String)> = sql(
        "SELECT g.id, g.outcome, i.state FROM pages g JOIN incidents i ON i.id = g.incident_id
         WHERE (g.outcome = 'waiting' OR g.outcome = 'gathered' AND EXISTS (SELECT 1 FROM gathered_pages w WHERE w.page_id = g.id))
            AND i.state <> 'triggered' AND g.reason IN ('on_call', 'named', 'passed_on')",
    )
    .all(tx)
    .await?;
    match waiting.first() {
        Some((page, outcome, state)) => Err(Broken(format!(
            "page {page} is {outcome} though its incident is {state}"
        ))),
        None => Ok(()),
    }
}

/// By a schedule of the step, with its overrides, at the instant when they were paged.
fn is_on_call(world: &World<'_>, step: &Step, page: &Paged) -> bool {
    step.targets.iter().any(|target| match target {
        Target::Schedule(named) => {
            let schedule = world.schedules.iter().find(|(id, _)| id == named);
            schedule.is_some_and(|(_, schedule)| {
                let of_those_here = schedule.clone().without(&world.gone);
                of_those_here.on_call(page.created_at).contains(&page.person_id)
            })
        }
        Target::Person(_) | Target::Team(_) | Target::Administrators => false,
    })
}

/// All who respond are in the one team, and there is one administrator besides.
fn is_named(world: &World<'_>, step: &Step, person: PersonId) -> bool {
    step.targets.iter().any(|target| match target {
        Target::Person(named) => *named == person,
        Target::Team(_) => world.everybody.contains(&person),
        Target::Administrators => !world.everybody.contains(&person),
        Target::Schedule(_) => false,
    })
}

/// Each delay is kept: what was due is done, and what comes is not put off.
async fn nothing_that_is_due_is_left(tx: &mut Tx, world: &World<'_>) -> Result<(), Broken> {
    let now = world.now();
    let longest = world.policies.iter().flat_map(|(_, policy)| &policy.steps);
    let longest = longest.map(|step| step.delay_seconds).max().unwrap_or_default();
    let latest = now + TimeDelta::seconds(longest) + TimeDelta::minutes(1);
    let (due, put_off): (i64, i64) = sql(
        "SELECT COUNT(CASE WHEN i.state = 'triggered' AND (e.next_at IS NULL OR e.next_at <= $1) THEN 1 END),
            COUNT(CASE WHEN e.next_at > $2 THEN 1 END)
         FROM escalations e JOIN incidents i ON i.id = e.incident_id WHERE {any i} AND e.state = 'running'",
    )
    .bind(now)
    .bind(latest)
    .one(tx, "count")
    .await?;
    if due + put_off > 0 {
        return Err(Broken(format!(
            "{due} steps are due and not done, {put_off} are put off too far"
        )));
    }
    Ok(())
}

async fn each_accepted_alert_pages_or_says_why_not(
    tx: &mut Tx,
    accepted: &BTreeSet<(String, bool)>,
) -> Result<(), Broken> {
    let known: Vec<(String,)> = sql("SELECT DISTINCT dedup_key FROM alerts").all(tx).await?;
    let known: BTreeSet<String> = known.into_iter().map(|(key,)| key).collect();
    let lost = accepted.iter().find(|(key, _)| !known.contains(key));
    if let Some((key, _)) = lost {
        return Err(Broken(format!("{key} was accepted and is lost")));
    }
    // Or its timeline says why nobody could be paged.
    let silent: Vec<(i64,)> = sql(
        "SELECT i.number FROM incidents i WHERE {any i} AND i.severity <= 3 AND i.state = 'triggered' AND NOT EXISTS (
             SELECT 1 FROM timeline t WHERE t.incident_id = i.id AND t.event ->> 'kind' IN
                ('paged', 'no_policy', 'nobody_on_call', 'step_reaches_nobody', 'policy_ran_out', 'policy_stuck'))",
    )
    .all(tx)
    .await?;
    match silent.first() {
        Some((number,)) => Err(Broken(format!("INC-{number} is triggered, and nobody was paged"))),
        None => Ok(()),
    }
}

/// A day after all was well again.
pub async fn at_the_end(world: &mut World<'_>, accepted: &BTreeSet<(String, bool)>) -> Result<(), Broken> {
    let mut tx = world.app.engine.read().await?;
    each_accepted_alert_pages_or_says_why_not(&mut tx, accepted).await?;
    let waiting: i64 = sql("SELECT COUNT(*) FROM notifications WHERE state IN ('waiting', 'sending')")
        .scalar(&mut tx)
        .await?;
    let unsettled: Vec<(PageOutcome, i64)> =
        sql("SELECT outcome, COUNT(*) FROM pages WHERE outcome IN ('waiting', 'gathered') AND settled_at IS NULL GROUP BY outcome")
            .all(&mut tx)
            .await?;
    let unlisted: i64 = sql("SELECT COUNT(*) FROM gathered_pages").scalar(&mut tx).await?;
    if waiting + unlisted > 0 {
        return Err(Broken(format!(
            "{waiting} mails and {unlisted} gathered pages still wait; {unsettled:?}"
        )));
    }
    // What is recorded as sent is what the mail server took.
    let sent: Vec<(String,)> = sql("SELECT message_id FROM notifications WHERE state = 'sent'")
        .all(&mut tx)
        .await?;
    match sent.into_iter().find(|(id,)| !world.mail.has(id)) {
        Some((id,)) => Err(Broken(format!(
            "{id} counts as sent, and the mail server never had it"
        ))),
        None => Ok(()),
    }
}
