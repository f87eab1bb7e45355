//! What whoever edits a schedule has before them: what is typed, what there is to choose, and what it comes to.

use super::preview::Seen;
use super::typed::{Typed, TypedLayer, Wrong};
use super::{Asked, may_be_on_call, teams_to_choose};
use crate::answer::problem_of;
use crate::components::Choice;
use crate::session::SignedIn;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::ScheduleId;
use domain::oncall::{Pattern, Schedule, wall};
use domain::people::Person;
use engine::oncall::edit::{self, Drawn, EditedLayer};
use engine::oncall::schedules;
use engine::{Error, Tx, people, teams};

/// What whoever edits has before them.
pub struct EditorView {
    pub(super) typed: Typed,
    pub(super) people: Vec<Person>,
    pub(super) teams: Vec<Choice>,
    /// Patterns, and schedules to be like.
    pub(super) patterns: Vec<Choice>,
    /// The schedule that is changed; `None` where one is made.
    pub(super) drawn: Option<Drawn>,
    pub(super) seen: Result<Seen, Wrong>,
    pub(super) now: DateTime<Utc>,
    /// Its turns were put into an order that somebody was suggested.
    pub(super) suggested: bool,
    /// The zone of whoever edits.
    pub(super) reader: Tz,
}

impl EditorView {
    pub(super) async fn load(
        tx: &mut Tx,
        who: &SignedIn,
        drawn: Option<Drawn>,
        typed: Typed,
    ) -> Result<Self, Error> {
        let people = everybody(tx).await?;
        let id = drawn.as_ref().map(|drawn| drawn.named.id);
        let patterns = Pattern::ALL
            .iter()
            .map(|pattern| Choice::new(pattern, pattern.label()));
        let like = schedules::all(tx).await?.into_iter();
        let like =
            like.map(|named| Choice::new(format!("like:{}", named.id), format!("Like {}", named.name)));
        Ok(Self {
            patterns: patterns.chain(like).collect(),
            teams: teams_to_choose(tx, who).await?,
            seen: see_what_comes(tx, id, &typed, &people).await?,
            now: tx.now(),
            suggested: false,
            reader: who.zone(),
            people,
            drawn,
            typed,
        })
    }

    pub(super) fn title(&self) -> String {
        match &self.drawn {
            Some(drawn) => format!("Change {}", drawn.named.name),
            None => "A new schedule".to_owned(),
        }
    }
}

/// A new schedule, from a pattern and the people of the team.
pub(super) async fn begun(tx: &mut Tx, who: &SignedIn, asked: &Asked) -> Result<Typed, Error> {
    let team = teams::all(tx)
        .await?
        .into_iter()
        .find(|team| team.slug == asked.team);
    let members: Vec<Person> = match &team {
        Some(team) => teams::members::of_team(tx, team.id).await?,
        None => Vec::new(),
    };
    let mut in_turn: Vec<_> = members
        .iter()
        .filter(|person| may_be_on_call(person))
        .map(|person| person.id)
        .collect();
    if in_turn.is_empty() {
        in_turn.push(who.person.id);
    }
    let pattern: Pattern = asked.pattern.parse().unwrap_or(Pattern::Weekly);
    let today = wall::reading(who.zone(), tx.now()).date();
    Ok(Typed {
        team: team.map(|team| team.id.to_string()).unwrap_or_default(),
        time_zone: who.person.time_zone.clone(),
        pattern: pattern.to_string(),
        layers: pattern
            .layers(&in_turn, today)
            .iter()
            .map(TypedLayer::of)
            .collect(),
        ..Typed::default()
    })
}

pub(super) async fn everybody(tx: &mut Tx) -> Result<Vec<Person>, Error> {
    let members = people::everybody(tx).await?;
    Ok(members.into_iter().map(|member| member.person).collect())
}

/// What is typed, worked out; a fault of what is typed is no fault of ours.
pub(super) async fn see_what_comes(
    tx: &mut Tx,
    id: Option<ScheduleId>,
    typed: &Typed,
    people: &[Person],
) -> Result<Result<Seen, Wrong>, Error> {
    let Some(id) = id else {
        let after = match typed.schedule(people).and_then(bounded) {
            Ok(after) => after,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let beside = match typed.team.parse() {
            Ok(team) => edit::beside_new_one(tx, team).await?,
            Err(_) => Vec::new(),
        };
        return Ok(Ok(Seen::new_one(after, beside)));
    };
    let edit = match typed.edit(people) {
        Ok(edit) => edit,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let planned = match edit::plan(tx, id, &edit).await {
        Ok(planned) => planned,
        Err(error) => return Ok(Err(problem_of(error)?.into())),
    };
    let drawn: Vec<_> = edit
        .layers
        .iter()
        .filter_map(|layer| match layer {
            EditedLayer::Changed(_, layer) | EditedLayer::New(layer) => Some(layer),
            EditedLayer::Kept(_) => None,
        })
        .flat_map(|layer| layer.turns.iter().flatten().copied())
        .collect();
    Ok(Ok(Seen {
        begins: planned.begins,
        before: Some(planned.before),
        after: planned.after,
        named_in_it: drawn,
        beside: edit::beside(tx, id).await?,
    }))
}

fn bounded<P: Clone + Ord>(schedule: Schedule<P>) -> Result<Schedule<P>, Wrong> {
    let fault = schedule.within_bounds_at(DateTime::<Utc>::UNIX_EPOCH);
    fault.map_err(|fault| Wrong::new("layers", format!("{fault}.")))?;
    Ok(schedule)
}
