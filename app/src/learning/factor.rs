//! A factor's page: where it was met, what answers it, its name, and what is the same as it.

use super::findings::{Findings, ToDocument, item};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Ask, ButtonKind, Card, Choice, Field, FieldKind, FormDialog, PageHead, Section as Bar, Submit,
};
use crate::form::{Form, word};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::FactorId;
use domain::markdown::to_html;
use domain::people::Permission;
use domain::postmortems::Factor;
use engine::learning::{self, FactorPage, MetIn};
use engine::{postmortems, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NameForm {
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
}

/// The form that came back, with its problem.
#[derive(Clone, Debug, Default)]
enum Back {
    #[default]
    Nothing,
    Name(String, Problem),
    Merge(Problem),
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<FactorId>) -> Answered {
    answer(&app, &who, StatusCode::OK, id, Back::Nothing).await
}

pub async fn rename(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<FactorId>,
    Form(typed): Form<NameForm>,
) -> Answered {
    match transaction!(app.by(&who), |tx| learning::rename(tx, id, &typed.name).await?) {
        Ok(()) => Ok(see(&format!("/learning/factors/{id}"))),
        Err(error) => {
            let back = Back::Name(typed.name, problem_of(error)?);
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn merge(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<FactorId>,
    Form(typed): Form<MergeForm>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let into: FactorId = word("into", &typed.into)?;
        learning::merge(tx, id, into).await?;
        into
    });
    match done {
        Ok(into) => Ok(see(&format!("/learning/factors/{into}"))),
        Err(error) => {
            let back = Back::Merge(problem_of(error)?);
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, back).await
        }
    }
}

pub async fn part(State(app): State<App>, who: SignedIn, Path(id): Path<FactorId>) -> Answered {
    transaction!(app.by(&who), |tx| learning::part(tx, id).await?)?;
    Ok(see(&format!("/learning/factors/{id}")))
}

async fn answer(app: &App, who: &SignedIn, status: StatusCode, id: FactorId, back: Back) -> Answered {
    let mut tx = app.by(who).read().await?;
    let page = learning::factor(&mut tx, id).await?;
    let mut others = postmortems::known_factors(&mut tx).await?;
    others.retain(|other| other.id != page.factor.id);
    let may = tx.authorize(Permission::WritePostmortem).await.is_ok();
    let frame = who
        .frame(&mut tx, page.factor.name.clone(), Bar::Postmortems)
        .await?;
    Ok(render::page(status, frame, move || {
        view! { <Page page others may back /> }
    }))
}

#[component]
fn Page(page: FactorPage, others: Vec<Factor>, may: bool, back: Back) -> impl IntoView {
    let over = view! { <a href="/learning">"What came back"</a> };
    let count = page.met.len();
    let met = page
        .met
        .into_iter()
        .map(|met| view! { <Met met /> })
        .collect_view();
    view! {
        <div class="roomy">
            <PageHead title=page.factor.name.clone() over=over.into_any() />
            <div class="stack-loose measure">
                {may.then(|| view! { <Change factor=page.factor.clone() others back /> })}
                <MergedInto merged=page.merged may />
                <section aria-labelledby="met">
                    <h2 id="met">{match count { 1 => "Met once".to_owned(), _ => format!("Met {count} times") }}</h2>
                    <div class="stack">{met}</div>
                </section>
            </div>
        </div>
    }
}

#[component]
fn Met(met: MetIn) -> impl IntoView {
    let answers = met
        .answers
        .iter()
        .map(|number| view! { <li>{item(*number)} " answers it"</li> })
        .collect_view();
    view! {
        <Card>
            <h3><ToDocument number=met.number title=met.title /></h3>
            <div class="prose" inner_html=to_html(&met.words)></div>
            <ul class="findings">{answers}</ul>
            <Findings findings=met.findings />
        </Card>
    }
}

#[component]
fn Change(factor: Factor, others: Vec<Factor>, back: Back) -> impl IntoView {
    let here = format!("/learning/factors/{}", factor.id);
    let merge_here = format!("{here}/merge");
    let (name, name_problem) = match &back {
        Back::Name(name, problem) => (name.clone(), Some(problem.clone())),
        _ => (factor.name.clone(), None),
    };
    let merge_problem = match &back {
        Back::Merge(problem) => Some(problem.clone()),
        _ => None,
    };
    let others: Vec<_> = std::iter::once(Choice::new("", "Choose"))
        .chain(others.into_iter().map(|other| Choice::new(other.id, other.name)))
        .collect();
    view! {
        <div class="buttons">
            <FormDialog label="Rename" kind=ButtonKind::Small in_place=true open=name_problem.is_some()>
                <form class="form" method="post" action=here>
                    <Field name="name" label="Name" value=name required=true error=name_problem.map(|problem| problem.sentence) hint="For all documents that name it." />
                    <Submit>"Save"</Submit>
                </form>
            </FormDialog>
            <FormDialog label="Merge" kind=ButtonKind::Small in_place=true open=merge_problem.is_some()>
                <form class="form" method="post" action=merge_here>
                    <Field name="into" label="It is the same as" kind=FieldKind::Select(others) value="" error=merge_problem.map(|problem| problem.sentence) hint="It counts as that one wherever it was named. This can be undone." />
                    <Submit>"Merge"</Submit>
                </form>
            </FormDialog>
        </div>
    }
}

#[component]
fn MergedInto(merged: Vec<Factor>, may: bool) -> impl IntoView {
    (!merged.is_empty()).then(|| {
        let rows = merged
            .into_iter()
            .map(|factor| {
                let undo = may.then(|| {
                    view! {
                        <Ask label="Undo" about=factor.name.clone() kind=ButtonKind::Small question="Undo this merge?" action=format!("/learning/factors/{}/parting", factor.id) answer="Undo it">
                            <p>"It is a factor of its own again, wherever it was named."</p>
                        </Ask>
                    }
                });
                view! { <li><span>{factor.name}</span> {undo}</li> }
            })
            .collect_view();
        view! {
            <section aria-labelledby="merged">
                <h2 id="merged">"Merged into it"</h2>
                <ul class="member-rows">{rows}</ul>
            </section>
        }
    })
}
