//! The editor of a schedule: layers with any rule, and beside them what they come to. Without JavaScript its buttons draw it anew,
//! with it `public/rota.js` does so as one types.

mod acts;
mod begins;
mod fields;
mod loaded;
mod preview;
mod typed;
mod typing;
mod yours;

pub(crate) use typing::schedule_preview;

use super::schedules::teams_to_choose;
use super::view::may_be_on_call;
use crate::App;
use crate::address::Query;
use crate::answer::{Answered, Problem, problem_of};
use crate::components::{Notice, Section as Bar};
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Shell};
use acts::Act;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::oncall::wall;
use domain::people::Permission;
use engine::oncall::edit;
use engine::oncall::{schedules, store};
use engine::{Error, Tx, sent, transaction};
use fields::Fields;
use leptos::prelude::*;
use loaded::{EditorView, begun, everybody};
use preview::Preview;
use serde::Deserialize;
use typed::{Typed, TypedLayer, Wrong};
use yours::Clock;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Slug of the team that the form begins with.
    pub team: String,
    /// The pattern that it begins with.
    pub pattern: String,
}

/// The page on which one is made.
#[derive(Deserialize)]
pub struct NewSchedulePage {
    #[serde(skip)]
    begins_with: Asked,
}

/// The page on which one is changed.
#[derive(Deserialize)]
pub struct EditorPage {
    schedule: ScheduleId,
    /// The order of people that it is opened with, where one is suggested.
    #[serde(skip)]
    order: Vec<PersonId>,
}

/// What is suggested for the schedule.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SuggestedQuery {
    /// Ids of people with dots between them.
    order: String,
}

/// The address of a schedule's editor with its people in this order.
pub(super) fn with_order(schedule: ScheduleId, order: &[PersonId]) -> String {
    let order: Vec<String> = order.iter().map(PersonId::to_string).collect();
    format!("/settings/schedules/{schedule}/edit?order={}", order.join("."))
}

impl FormPage for NewSchedulePage {
    type Caller = SignedIn;
    type View = EditorView;

    const IS_WIDE: bool = true;

    fn address(&self) -> String {
        "/settings/schedules/new".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<EditorView> {
        Self::load_returned(here, tx, &Returned::default()).await
    }

    async fn load_returned(
        here: &Here<Self>,
        tx: &mut Tx,
        returned: &Returned,
    ) -> engine::Result<EditorView> {
        // Others than the team's are refused when they choose it; who only reads along need not fill anything in.
        tx.authorize(Permission::ActOnIncident).await?;
        let typed = match returned.of::<Typed>().typed {
            Some(typed) => typed,
            None => begun(tx, &here.who, &here.page.begins_with).await?,
        };
        EditorView::load(tx, &here.who, None, typed).await
    }

    fn title(view: &EditorView) -> (String, Bar) {
        (view.title(), Bar::Settings)
    }

    fn show(view: EditorView, returned: Returned) -> impl IntoView {
        let problem = returned.of::<Typed>().problem;
        view! { <Editor view problem /> }
    }
}

impl FormPage for EditorPage {
    type Caller = SignedIn;
    type View = EditorView;

    const IS_WIDE: bool = true;

    fn address(&self) -> String {
        format!("/settings/schedules/{}/edit", self.schedule)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<EditorView> {
        Self::load_returned(here, tx, &Returned::default()).await
    }

    async fn load_returned(
        here: &Here<Self>,
        tx: &mut Tx,
        returned: &Returned,
    ) -> engine::Result<EditorView> {
        let drawn = edit::drawn(tx, here.page.schedule).await?;
        tx.authorize(Permission::ChangeTeam(drawn.named.team_id)).await?;
        let order = &here.page.order;
        let (typed, suggested) = match returned.of::<Typed>().typed {
            Some(typed) => (typed, false),
            None => {
                let mut typed = Typed::of(&drawn);
                if !order.is_empty() {
                    typed.put_in_order(order);
                }
                (typed, !order.is_empty())
            }
        };
        let view = EditorView::load(tx, &here.who, Some(drawn), typed).await?;
        Ok(EditorView { suggested, ..view })
    }

    fn title(view: &EditorView) -> (String, Bar) {
        (view.title(), Bar::Settings)
    }

    fn show(view: EditorView, returned: Returned) -> impl IntoView {
        let problem = returned.of::<Typed>().problem;
        view! { <Editor view problem /> }
    }
}

/// A form whose fields are known by where they stand.
type Sent = Vec<(String, String)>;

pub async fn blank(mut here: Here<NewSchedulePage>, Query(asked): Query<Asked>) -> Answered {
    here.page.begins_with = asked;
    here.show().await
}

/// Draws the new one again, with what its buttons do.
pub async fn draw_new(here: Here<NewSchedulePage>, Form(fields): Form<Sent>) -> Answered {
    let typed = acted(&here.app, &here.who, fields).await?;
    here.draw(typed).await
}

pub async fn create(here: Here<NewSchedulePage>, Form(fields): Form<Sent>) -> Answered {
    let typed = acted(&here.app, &here.who, fields).await?;
    let made = make(&here, &typed).await;
    after(&here, made, typed).await
}

pub async fn show(mut here: Here<EditorPage>, Query(asked): Query<SuggestedQuery>) -> Answered {
    let order = asked.order.split('.');
    here.page.order = order.filter_map(|person| person.parse().ok()).collect();
    here.show().await
}

/// Draws it again, with what its buttons do.
pub async fn draw(here: Here<EditorPage>, Form(fields): Form<Sent>) -> Answered {
    let typed = acted(&here.app, &here.who, fields).await?;
    here.draw(typed).await
}

pub async fn save(here: Here<EditorPage>, Form(fields): Form<Sent>) -> Answered {
    let mut typed = acted(&here.app, &here.who, fields).await?;
    let id = here.page.schedule;
    let saved = store(&here, &typed).await;
    if let Err(NotSaved::Wrong(_)) = &saved {
        // Whoever saves again has seen what stands now.
        let mut tx = here.by().read().await?;
        typed.version = edit::drawn(&mut tx, id).await?.version;
    }
    after(&here, saved.map(|()| id), typed).await
}

/// To the schedule, or the editor again with what is wrong.
async fn after<P: FormPage>(here: &Here<P>, done: Result<ScheduleId, NotSaved>, typed: Typed) -> Answered {
    match done {
        Ok(id) => {
            let to = format!("/settings/schedules/{id}?saved=1");
            here.lead(Ok(to), typed).await
        }
        Err(NotSaved::Wrong(wrong)) => {
            let problem = wrong.problem();
            here.again(StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
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
            Ok(problem) => Self::Wrong(problem.into()),
            Err(error) => Self::Error(error),
        }
    }
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

async fn make(here: &Here<NewSchedulePage>, typed: &Typed) -> Result<ScheduleId, NotSaved> {
    let team: TeamId = typed.team.parse().map_err(|_| Error::NotFound("team"))?;
    let mut tx = here.by().read().await?;
    let people = everybody(&mut tx).await?;
    drop(tx);
    let schedule = typed.schedule(&people)?;
    if schedule.layers.is_empty() {
        return Err(typed::no_layers().into());
    }
    Ok(transaction!(here.by(), |tx| store::create(
        tx,
        team,
        &typed.name,
        &schedule
    )
    .await?)?)
}

async fn store(here: &Here<EditorPage>, typed: &Typed) -> Result<(), NotSaved> {
    let id = here.page.schedule;
    let mut tx = here.by().read().await?;
    let people = everybody(&mut tx).await?;
    drop(tx);
    let edit = typed.edit(&people);
    let done: Result<Result<(), Wrong>, Error> = transaction!(here.by(), |tx| {
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

/// A fault of what is typed is shown when it is sent, and in the preview before.
#[component]
fn Editor(view: EditorView, problem: Problem) -> impl IntoView {
    let title = view.title();
    let EditorView {
        typed,
        people,
        teams,
        patterns,
        drawn,
        seen,
        now,
        suggested,
        reader,
    } = view;
    let (save, draw) = match &drawn {
        Some(drawn) => {
            let edit = format!("/settings/schedules/{}/edit", drawn.named.id);
            (edit.clone(), format!("{edit}/preview"))
        }
        None => (
            "/settings/schedules".to_owned(),
            "/settings/schedules/new/preview".to_owned(),
        ),
    };
    let zone: Tz = typed.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let (names, wrong) = (people.clone(), Wrong::from(problem));
    let suggested = suggested.then(|| {
        view! {
            <Notice lead="The turns stand in the suggested order.">
                "It begins after a full round, or when you say below. Move whom you like: nothing is saved before you save it."
            </Notice>
        }
    });
    let clock = Clock { zone: reader, now };
    view! {
        <Shell part=Part::Schedules title under="Layers on the left, what they come to on the right. Nothing is saved before you save it.">
            {suggested}
            <div class="rota-editor">
                <Fields typed people teams patterns drawn wrong save draw clock />
                <Preview seen people=names zone now />
            </div>
        </Shell>
    }
}
