//! The editor of a schedule: layers with any rule, and beside them what they come to. Without JavaScript its buttons draw it anew,
//! with it `public/rota.js` does so as one types.

mod acts;
mod fields;
mod preview;
mod typed;

use super::schedules::teams_to_choose;
use super::view::may_be_on_call;
use crate::App;
use crate::address::{Path, Query};
use crate::answer::{Answered, problem_of, redirect, with_problem};
use crate::components::{Choice, Section as Bar};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Shell};
use acts::Act;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{ScheduleId, TeamId};
use domain::oncall::{Pattern, Schedule, wall};
use domain::people::{Permission, Person};
use engine::oncall::edit::{self, Drawn, EditedLayer};
use engine::oncall::{schedules, store};
use engine::{Error, Tx, people, sent, teams, transaction};
use fields::Fields;
use leptos::prelude::*;
use preview::{Preview, Seen};
use serde::Deserialize;
use typed::{Typed, TypedLayer, Wrong};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Slug of the team that the form begins with.
    pub team: String,
    /// The pattern that it begins with.
    pub pattern: String,
}

/// A form whose fields are known by where they stand.
type Sent = Vec<(String, String)>;

/// A new schedule, from a pattern and the people of the team.
pub async fn blank(State(app): State<App>, who: SignedIn, Query(asked): Query<Asked>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    // Others than the team's are refused when they choose it; who only reads along need not fill anything in.
    people::authorize(&mut tx, &who.person, Permission::ActOnIncident).await?;
    let team = teams::all(&mut tx)
        .await?
        .into_iter()
        .find(|team| team.slug == asked.team);
    let members: Vec<Person> = match &team {
        Some(team) => teams::members::of_team(&mut tx, team.id).await?,
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
    drop(tx);
    let typed = Typed {
        team: team.map(|team| team.id.to_string()).unwrap_or_default(),
        time_zone: who.person.time_zone.clone(),
        pattern: pattern.to_string(),
        layers: pattern
            .layers(&in_turn, today)
            .iter()
            .map(TypedLayer::of)
            .collect(),
        ..Typed::default()
    };
    answer(&app, &who, StatusCode::OK, None, typed, Wrong::default()).await
}

/// Draws the new one again, with what its buttons do.
pub async fn draw_new(State(app): State<App>, who: SignedIn, Form(fields): Form<Sent>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    people::authorize(&mut tx, &who.person, Permission::ActOnIncident).await?;
    drop(tx);
    let typed = acted(&app, &who, fields).await?;
    answer(&app, &who, StatusCode::OK, None, typed, Wrong::default()).await
}

pub async fn create(State(app): State<App>, who: SignedIn, Form(fields): Form<Sent>) -> Answered {
    let typed = acted(&app, &who, fields).await?;
    match make(&app, &who, &typed).await {
        Ok(id) => Ok(redirect(&format!("/settings/schedules/{id}?saved=1"))),
        Err(NotSaved::Wrong(wrong)) => came_back(&app, &who, None, typed, wrong).await,
        Err(NotSaved::Error(error)) => Err(error.into()),
    }
}

/// Drawn again, with what is wrong; a program is told that alone.
async fn came_back(
    app: &App,
    who: &SignedIn,
    id: Option<ScheduleId>,
    typed: Typed,
    wrong: Wrong,
) -> Answered {
    let problem = wrong.problem();
    let page = answer(app, who, StatusCode::UNPROCESSABLE_ENTITY, id, typed, wrong).await?;
    Ok(with_problem(page, problem))
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<ScheduleId>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let drawn = edit::drawn(&mut tx, id).await?;
    people::authorize(&mut tx, &who.person, Permission::ChangeTeam(drawn.named.team_id)).await?;
    drop(tx);
    answer(
        &app,
        &who,
        StatusCode::OK,
        Some(id),
        Typed::of(&drawn),
        Wrong::default(),
    )
    .await
}

/// Draws it again, with what its buttons do.
pub async fn draw(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Form(fields): Form<Sent>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let named = schedules::find(&mut tx, id).await?;
    people::authorize(&mut tx, &who.person, Permission::ChangeTeam(named.team_id)).await?;
    drop(tx);
    let typed = acted(&app, &who, fields).await?;
    answer(&app, &who, StatusCode::OK, Some(id), typed, Wrong::default()).await
}

pub async fn save(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<ScheduleId>,
    Form(fields): Form<Sent>,
) -> Answered {
    let mut typed = acted(&app, &who, fields).await?;
    match store(&app, &who, id, &typed).await {
        Ok(()) => Ok(redirect(&format!("/settings/schedules/{id}?saved=1"))),
        Err(NotSaved::Wrong(wrong)) => {
            // Whoever saves again has seen what stands now.
            let mut tx = app.by(&who).read().await?;
            typed.version = edit::drawn(&mut tx, id).await?.version;
            drop(tx);
            came_back(&app, &who, Some(id), typed, wrong).await
        }
        Err(NotSaved::Error(error)) => Err(error.into()),
    }
}

/// Why nothing was saved.
enum NotSaved {
    Wrong(Wrong),
    Error(Error),
}

impl From<Wrong> for NotSaved {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<Error> for NotSaved {
    fn from(error: Error) -> Self {
        match problem_of(error) {
            Ok(problem) => Self::Wrong(Wrong::new(
                problem.field.unwrap_or_default().into_owned(),
                problem.sentence,
            )),
            Err(error) => Self::Error(error),
        }
    }
}

async fn everybody(tx: &mut Tx) -> Result<Vec<Person>, Error> {
    let members = people::everybody(tx).await?;
    Ok(members.into_iter().map(|member| member.person).collect())
}

/// What was typed, after what the pressed button does to it.
async fn acted(app: &App, who: &SignedIn, fields: Sent) -> Result<Typed, Error> {
    let mut typed = Typed::read(fields);
    let mut tx = app.by(who).read().await?;
    let people = everybody(&mut tx).await?;
    typed.add_typed_names(&people);
    let act = typed.act.take().unwrap_or(Act::Preview);
    if act == Act::UsePattern
        && let Some(id) = typed.pattern.strip_prefix("like:").and_then(|id| id.parse().ok())
    {
        let like = edit::drawn(&mut tx, id).await?;
        typed.layers = like
            .layers
            .iter()
            .map(|(_, layer)| TypedLayer::of(layer))
            .collect();
    }
    let zone = typed.time_zone.parse().unwrap_or_else(|_| who.zone());
    typed.act(&act, wall::reading(zone, tx.now()).date());
    Ok(typed)
}

async fn make(app: &App, who: &SignedIn, typed: &Typed) -> Result<ScheduleId, NotSaved> {
    let team: TeamId = typed.team.parse().map_err(|_| Error::NotFound("team"))?;
    let mut tx = app.by(who).read().await?;
    let people = everybody(&mut tx).await?;
    drop(tx);
    let schedule = typed.schedule(&people)?;
    if schedule.layers.is_empty() {
        return Err(typed::no_layers().into());
    }
    Ok(transaction!(app.by(who), |tx| store::create(
        tx,
        team,
        &typed.name,
        &schedule
    )
    .await?)?)
}

async fn store(app: &App, who: &SignedIn, id: ScheduleId, typed: &Typed) -> Result<(), NotSaved> {
    let mut tx = app.by(who).read().await?;
    let people = everybody(&mut tx).await?;
    drop(tx);
    let edit = typed.edit(&people);
    let done: Result<Result<(), Wrong>, Error> = transaction!(app.by(who), |tx| {
        sent::one_at_a_time(tx, &format!("schedule {id}")).await?;
        match &edit {
            Ok(edit) => {
                edit::save(tx, id, edit).await?;
                Ok(())
            }
            Err(wrong) => {
                // Whoever may not change it is told that first.
                let named = schedules::find(tx, id).await?;
                tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
                Err(wrong.clone())
            }
        }
    });
    Ok(done??)
}

/// What whoever edits has before them.
struct Loaded {
    people: Vec<Person>,
    teams: Vec<Choice>,
    /// Patterns, and schedules to be like.
    patterns: Vec<Choice>,
    drawn: Option<Drawn>,
    seen: Result<Seen, Wrong>,
    now: DateTime<Utc>,
}

async fn load(tx: &mut Tx, who: &SignedIn, id: Option<ScheduleId>, typed: &Typed) -> Result<Loaded, Error> {
    let people = everybody(tx).await?;
    let drawn = match id {
        Some(id) => Some(edit::drawn(tx, id).await?),
        None => None,
    };
    let patterns = Pattern::ALL
        .iter()
        .map(|pattern| Choice::new(pattern, pattern.label()));
    let like = schedules::all(tx).await?.into_iter();
    let like = like.map(|named| Choice::new(format!("like:{}", named.id), format!("Like {}", named.name)));
    Ok(Loaded {
        patterns: patterns.chain(like).collect(),
        teams: teams_to_choose(tx, who).await?,
        seen: see_what_comes(tx, id, typed, &people).await?,
        now: tx.now(),
        people,
        drawn,
    })
}

/// What is typed, worked out; a fault of what is typed is no fault of ours.
async fn see_what_comes(
    tx: &mut Tx,
    id: Option<ScheduleId>,
    typed: &Typed,
    people: &[Person],
) -> Result<Result<Seen, Wrong>, Error> {
    let Some(id) = id else {
        let after = typed.schedule(people);
        return Ok(after.and_then(|after| bounded(after).map(Seen::new_one)));
    };
    let edit = match typed.edit(people) {
        Ok(edit) => edit,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let planned = match edit::plan(tx, id, &edit).await {
        Ok(planned) => planned,
        Err(error) => {
            let problem = problem_of(error)?;
            return Ok(Err(Wrong::new(
                problem.field.unwrap_or_default().into_owned(),
                problem.sentence,
            )));
        }
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

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: Option<ScheduleId>,
    typed: Typed,
    wrong: Wrong,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let loaded = load(&mut tx, who, id, &typed).await?;
    let title = match &loaded.drawn {
        Some(drawn) => format!("Change {}", drawn.named.name),
        None => "A new schedule".to_owned(),
    };
    let mut frame = who.frame(&mut tx, title.clone(), Bar::Settings).await?;
    frame.wide = true;
    let (save, draw) = match id {
        Some(id) => (
            format!("/settings/schedules/{id}/edit"),
            format!("/settings/schedules/{id}/edit/preview"),
        ),
        None => (
            "/settings/schedules".to_owned(),
            "/settings/schedules/new/preview".to_owned(),
        ),
    };
    let zone: Tz = typed.time_zone.parse().unwrap_or(chrono_tz::UTC);
    Ok(render::page(status, frame, move || {
        let Loaded {
            people,
            teams,
            patterns,
            drawn,
            seen,
            now,
        } = loaded;
        // A fault of what is typed is shown when it is sent, and in the preview before.
        let names = people.clone();
        view! {
            <Shell part=Part::Schedules title under="Layers on the left, what they come to on the right. Nothing is saved before you save it.">
                <div class="rota-editor">
                    <Fields typed people teams patterns drawn wrong save draw />
                    <Preview seen people=names zone now />
                </div>
            </Shell>
        }
    }))
}
