//! A postmortem and its action items: when what is written, and the writing through the engine.

use crate::NoDemo;
use crate::cast::Cast;
use crate::deeds::{UnderWay, lead};
use crate::placeholders::fill;
use crate::story::{Learning, Promise, Story};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::action_items::{ActionState, Evidence};
use domain::ids::NamedFactorId;
use domain::incidents::instants::Correction;
use domain::postmortems::{PostmortemState, SectionKind, TEMPLATE};
use engine::{Tx, action_items, incidents, postmortems};

/// Something that is done about a postmortem.
#[derive(Clone, Debug)]
pub enum Page<'a> {
    Start,
    /// The impact began then.
    Impact(DateTime<Utc>),
    /// The section of this name.
    Write(&'a str, &'a str),
    Factors,
    /// The promise of that place.
    Promise(usize),
    Promised(usize, ActionState),
    Becomes(PostmortemState),
}

/// When it is done.
pub fn pages(learning: &Learning, began: DateTime<Utc>) -> Vec<(DateTime<Utc>, Page<'_>)> {
    let started = began + learning.at.0;
    let mut pages = vec![(started, Page::Start)];
    let mut at = started;
    if let Some(span) = learning.impact {
        at += TimeDelta::minutes(5);
        pages.push((at, Page::Impact(began + span.0)));
    }
    // A sitting: one part after the other, some minutes each.
    let mut sections: Vec<(&str, &str)> = learning
        .sections
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    // In the order of the document; a name that it does not have is refused when it is written.
    sections.sort_by_key(|(name, _)| TEMPLATE.iter().position(|section| section.name == *name));
    for (section, text) in sections {
        at += TimeDelta::minutes(7 + i64::try_from(text.len() / 60).unwrap_or(0));
        pages.push((at, Page::Write(section, text)));
    }
    if !learning.factors.is_empty() {
        at += TimeDelta::minutes(11);
        pages.push((at, Page::Factors));
    }
    for (place, promise) in learning.actions.iter().enumerate() {
        at += TimeDelta::minutes(4);
        pages.push((at, Page::Promise(place)));
        let states = promise
            .states
            .iter()
            .map(|(state, span)| (began + span.0, Page::Promised(place, *state)));
        pages.extend(states);
    }
    let becomes = [
        (learning.in_review, PostmortemState::InReview),
        (learning.published, PostmortemState::Published),
    ];
    let becomes = becomes
        .into_iter()
        .filter_map(|(span, state)| Some((began + span?.0, Page::Becomes(state))));
    pages.extend(becomes);
    pages
}

/// Does it. `promises` are the numbers of the action items so far, in the order of the file.
pub async fn perform(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    page: &Page<'_>,
    now: &UnderWay,
    promises: &mut Vec<i64>,
    today: NaiveDate,
) -> Result<(), NoDemo> {
    let Some(learning) = &story.postmortem else {
        return Ok(());
    };
    let number = now.number()?;
    lead(tx, cast.person(&learning.by)?).await?;
    match page {
        Page::Start => {
            postmortems::start(tx, number).await?;
            if let Some(title) = &learning.title {
                postmortems::rename(tx, number, title).await?;
            }
        }
        Page::Impact(at) => {
            incidents::correct_instant(tx, number, Correction::ImpactStart, Some(*at)).await?;
        }
        Page::Write(section, text) => {
            let text = fill(text.trim(), now.began);
            postmortems::save_section(tx, number, section, 0, &text).await?;
        }
        Page::Factors => {
            for factor in &learning.factors {
                postmortems::name_factor(tx, number, &factor.name, &fill(factor.words.trim(), now.began))
                    .await?;
            }
        }
        Page::Promise(place) => {
            let promise = &learning.actions[*place];
            let factor = named_factor(tx, now, promise).await?;
            let draft = draft(cast, story, promise, factor, today)?;
            promises.push(action_items::add(tx, number, &draft).await?);
        }
        Page::Promised(place, state) => {
            let promise = &learning.actions[*place];
            let number = promises.get(*place).copied();
            let number =
                number.ok_or_else(|| NoDemo::Unknown(format!("the promise {} so early", promise.title)))?;
            change(tx, cast, story, promise, number, *state).await?;
        }
        Page::Becomes(state) => {
            if *state == PostmortemState::Published {
                say_how_it_came_back(tx, number, learning).await?;
            }
            postmortems::change_state(tx, number, *state).await?;
        }
    }
    Ok(())
}

async fn say_how_it_came_back(tx: &mut Tx, number: i64, learning: &Learning) -> Result<(), NoDemo> {
    let incident = incidents::find(tx, number).await?;
    let met_again = engine::learning::of_incident(tx, incident.id).await?;
    for factor in &learning.factors {
        let Some(said) = &factor.came_back else { continue };
        let met = met_again.iter().find(|again| again.name == factor.name);
        let met = met.ok_or_else(|| NoDemo::Unknown(format!("{} that came back", factor.name)))?;
        engine::learning::say(tx, number, met.factor, said.verdict, &said.words).await?;
    }
    Ok(())
}

async fn named_factor(
    tx: &mut Tx,
    now: &UnderWay,
    promise: &Promise,
) -> Result<Option<NamedFactorId>, NoDemo> {
    let (Some(place), Some((_, incident))) = (promise.factor, now.opened) else {
        return Ok(None);
    };
    let factors = postmortems::factors_of(tx, incident).await?;
    let named = factors.get(place.saturating_sub(1));
    Ok(Some(
        named
            .ok_or_else(|| NoDemo::Unknown(format!("factor {place} of {}", promise.title)))?
            .id,
    ))
}

/// An action item as the form has it.
pub fn draft(
    cast: &Cast,
    story: &Story,
    promise: &Promise,
    factor: Option<NamedFactorId>,
    today: NaiveDate,
) -> Result<action_items::Draft, NoDemo> {
    let team = match &promise.team {
        Some(team) => cast.team(team)?,
        None => cast.team_of(&story.service)?,
    };
    Ok(action_items::Draft {
        title: promise.title.clone(),
        owner: promise.owner.as_deref().map(|key| cast.person(key)).transpose()?,
        team: team.id,
        kind: promise.kind,
        priority: promise.priority,
        due_on: promise.due.map(|span| today + span.0),
        factor,
        proof: promise.proof.clone(),
    })
}

/// Changes the state, which moves the card. That it worked is said by somebody else of the team.
async fn change(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    promise: &Promise,
    number: i64,
    state: ActionState,
) -> Result<(), NoDemo> {
    let owner = promise.owner.as_deref().map(|key| cast.person(key)).transpose()?;
    if state == ActionState::Verified {
        let team = match &promise.team {
            Some(team) => cast.team(team)?,
            None => cast.team_of(&story.service)?,
        };
        let others = team.rotation.iter().chain([&team.lead]);
        if let Some(other) = others.copied().find(|other| Some(*other) != owner) {
            lead(tx, other).await?;
        }
        return Ok(action_items::verify(tx, number, Evidence::Drill, &promise.proof).await?);
    }
    if let Some(owner) = owner {
        lead(tx, owner).await?;
    }
    Ok(action_items::change_state(tx, number, state, &promise.reason).await?)
}

/// Puts these words behind the summary that stands there already.
pub async fn write_summary(tx: &mut Tx, number: i64, words: &str) -> Result<(), NoDemo> {
    let document = postmortems::read(tx, number).await?;
    let summary = document
        .sections
        .iter()
        .find(|section| section.kind == SectionKind::Summary)
        .ok_or_else(|| NoDemo::Unknown(format!("the summary of INC-{number}")))?;
    let body = format!("{} {words}", summary.body);
    postmortems::save_section(tx, number, &summary.name, summary.revision, body.trim()).await?;
    Ok(())
}
