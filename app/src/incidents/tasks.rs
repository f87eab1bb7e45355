//! Tasks of an incident: a tick, and a way to put off what can wait.

use super::verb::Pressed;
use super::view::{IncidentPage, Returned, Seen, after, came_back, lead_to};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{AsidePart, ButtonKind, Field, FormDialog, PostButton, Problems, Submit};
use crate::form::Form;
use crate::form_page::Here;
use crate::sent::FormKey;
use domain::fields;
use domain::ids::TaskId;
use domain::incidents::verb::Verb;
use engine::incidents::{self, Task};
use engine::{action_items, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TaskForm {
    task: String,
}

pub async fn add(here: Here<IncidentPage>, Form(typed): Form<TaskForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| incidents::add_task(tx, number, &typed.task)
        .await?);
    match done {
        Ok(()) => lead_to(&here, "add-task").await,
        Err(error) => {
            let returned = Returned {
                form: "task",
                typed: typed.task,
                ..Returned::default()
            };
            came_back(&here, error, returned).await
        }
    }
}

/// Which of its tasks.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    task: TaskId,
}

pub async fn tick(here: Here<IncidentPage>, which: Path<Which>, form: Form<Pressed>) -> Answered {
    ticks(here, which, form, true).await
}

pub async fn untick(here: Here<IncidentPage>, which: Path<Which>, form: Form<Pressed>) -> Answered {
    ticks(here, which, form, false).await
}

async fn ticks(
    here: Here<IncidentPage>,
    Path(Which { task }): Path<Which>,
    Form(pressed): Form<Pressed>,
    done: bool,
) -> Answered {
    let number = here.page.number;
    let ticked = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::Tick, pressed.drawn()).await?;
        incidents::tick(tx, number, task, done).await?
    });
    after(&here, ticked, "tick", "").await
}

/// It can wait: it becomes an action item of the incident's team.
pub async fn later(
    here: Here<IncidentPage>,
    Path(Which { task }): Path<Which>,
    Form(pressed): Form<Pressed>,
) -> Answered {
    let number = here.page.number;
    let made = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::Tick, pressed.drawn()).await?;
        action_items::from_task(tx, number, task).await?
    });
    after(&here, made, "tick", "").await
}

/// What is to be done now, and what was promised for later. Live.
#[component]
pub fn TasksPart(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let may_act = seen.reader.may_act;
    let tasks = seen.beside.tasks.clone();
    let none = tasks.is_empty();
    let drawn = seen.drawn_of_ticks();
    // The second of two taps would take the tick out.
    let class = if seen.ticks_are_settling() {
        "tasks settling"
    } else {
        "tasks"
    };
    let rows = tasks
        .into_iter()
        .filter(|task| task.action_item.is_none())
        .map(|task| view! { <TaskRow number task may_act drawn=drawn.clone() /> })
        .collect_view();
    view! {
        <AsidePart title="Tasks" id="tasks">
            {none.then(|| view! { <p class="quiet small">"Nothing to be done is written down."</p> })}
            <ul class=class>{rows}</ul>
        </AsidePart>
    }
}

#[component]
fn TaskRow(number: i64, task: Task, may_act: bool, drawn: Vec<(&'static str, String)>) -> impl IntoView {
    let is_done = task.done_at.is_some();
    let address = format!("/incidents/{number}/tasks/{}", task.id);
    let (to, sign, label) = if is_done {
        (
            format!("{address}/tick/removal"),
            "☑",
            format!("Not done yet: {}", task.title),
        )
    } else {
        (format!("{address}/tick"), "☐", format!("Done: {}", task.title))
    };
    let mark = if may_act {
        view! { <PostButton action=to kind=ButtonKind::Small fields=drawn.clone() label>{sign}</PostButton> }
            .into_any()
    } else {
        view! { <span>{sign}</span> }.into_any()
    };
    let by = task
        .done_by
        .map(|name| view! { <span class="quiet small">" " {name}</span> });
    let later = (may_act && !is_done).then(|| {
        view! { <PostButton action=format!("{address}/action-item") kind=ButtonKind::Small fields=drawn label=format!("Later, as an action item: {}", task.title)>"Later"</PostButton> }
    });
    view! {
        <li class=if is_done { "task done" } else { "task" }>
            {mark}
            <span class="task-title"><bdi>{task.title.clone()}</bdi> {by}</span>
            {later}
        </li>
    }
}

/// Outside of what is live, so that nothing is taken from under whoever writes.
#[component]
pub fn AddTask(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let came_back = seen.returned.form == "task";
    let problems: Problems = if came_back {
        seen.returned.problem.clone().into()
    } else {
        Problems::default()
    };
    let error = problems.of(fields::TASK.name).or(problems.whole.clone());
    let value = seen.returned.typed("task").unwrap_or_default();
    (seen.reader.may_act && seen.story.incident.state.is_open()).then(|| {
        view! {
            <FormDialog label="Add a task" kind=ButtonKind::Small in_place=true open=came_back id="add-task">
                <form class="form" method="post" action=format!("/incidents/{number}/tasks")>
                    <FormKey />
                    <Field of=fields::TASK label="What is to be done?" value error required=true placeholder="Call the data centre" />
                    <Submit kind=ButtonKind::Small>"Add it"</Submit>
                </form>
            </FormDialog>
        }
    })
}

/// Promises that were made while the incident is fresh. Live.
#[component]
pub fn ActionItemsPart(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let rows = seen
        .beside
        .actions
        .iter()
        .map(|card| {
            let item = card.item.number;
            let who = card.owner.clone().unwrap_or_else(|| "nobody yet".to_owned());
            let (title, state) = (card.item.title.clone(), card.item.state.as_str());
            view! {
                <li>
                    <a href=format!("/action-items/{item}")>{format!("ACT-{item}")}</a>
                    " " <bdi>{title}</bdi> " " <span class="quiet small">{format!("{state}, {who}")}</span>
                </li>
            }
        })
        .collect_view();
    let title = match seen.beside.actions.len() {
        0 => "Action items".to_owned(),
        count => format!("Action items ({count})"),
    };
    let link = if seen.reader.may_act {
        "Add an action item".to_owned()
    } else {
        format!("Action items of INC-{number}")
    };
    view! {
        <AsidePart title id="action-items">
            <ul class="plain-list">{rows}</ul>
            <p class="small"><a href=format!("/incidents/{number}/action-items")>{link}</a></p>
        </AsidePart>
    }
}
