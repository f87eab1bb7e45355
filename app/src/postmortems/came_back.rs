//! Factors of this incident that were met before: what was promised then, and how people say that it came about.

use super::page::{Form as Which, Seen, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{ButtonKind, Card, Choice, Field, FieldKind, FormDialog, Submit};
use crate::form::Form;
use crate::learning::findings::{Findings, SaidOfIt};
use crate::session::SignedIn;
use axum::extract::State;
use domain::ids::FactorId;
use domain::learning::Verdict;
use engine::learning::{self, CameBack, Refused};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerdictForm {
    verdict: String,
    words: String,
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path((number, factor)): Path<(i64, FactorId)>,
    Form(typed): Form<VerdictForm>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let verdict: Verdict = typed.verdict.parse().map_err(|_| Refused::NoVerdict)?;
        learning::say(tx, number, factor, verdict, &typed.words).await?
    });
    let typed = vec![("verdict", typed.verdict), ("words", typed.words)];
    let place = format!("came-back-{factor}");
    after(&app, &who, number, done, &place, Which::CameBack(factor), typed).await
}

#[component]
pub fn CameBackPart(seen: Seen) -> impl IntoView {
    let all = seen.came_back.clone();
    (!all.is_empty()).then(|| {
        let all = all
            .into_iter()
            .map(|one| view! { <OneCameBack seen=seen.clone() one /> })
            .collect_view();
        view! {
            <h3>"Met before"</h3>
            <div class="stack">{all}</div>
        }
    })
}

#[component]
fn OneCameBack(seen: Seen, one: CameBack) -> impl IntoView {
    let CameBack {
        factor,
        name,
        findings,
        said,
    } = one;
    let form = seen
        .may_write
        .then(|| view! { <VerdictDialog seen factor said=said.clone() /> });
    view! {
        <div id=format!("came-back-{factor}")>
            <Card>
                <h4><a href=format!("/learning/factors/{factor}")>{name}</a></h4>
                <Findings findings />
                <SaidOfIt said />
                {form}
            </Card>
        </div>
    }
}

#[component]
fn VerdictDialog(seen: Seen, factor: FactorId, said: Option<learning::Said>) -> impl IntoView {
    let is_back = seen.returned.form == Which::CameBack(factor);
    let (verdict, words) = match (&said, is_back) {
        (_, true) => (seen.returned.typed("verdict"), seen.returned.typed("words")),
        (Some(said), false) => (said.verdict.to_string(), said.words.clone()),
        (None, false) => (String::new(), String::new()),
    };
    let error = |field| match is_back {
        true => seen.returned.problem.beside(field),
        false => None,
    };
    let (verdict_error, words_error) = (error("verdict"), error("words"));
    let choices: Vec<_> = std::iter::once(Choice::new("", "Choose"))
        .chain(
            Verdict::ALL
                .iter()
                .map(|verdict| Choice::new(verdict, verdict.label())),
        )
        .collect();
    let to = seen.to(&format!("came-back/{factor}"));
    view! {
        <div class="buttons">
            <FormDialog label="Say how it came about" kind=ButtonKind::Small in_place=true open=is_back>
                <form class="form" method="post" action=to>
                    <Field name="verdict" label="How it came about" kind=FieldKind::Select(choices) value=verdict error=verdict_error id=format!("field-verdict-{factor}") />
                    <Field name="words" label="In a few words" kind=FieldKind::Lines(2) value=words error=words_error id=format!("field-verdict-words-{factor}") />
                    <Submit>"Save"</Submit>
                </form>
            </FormDialog>
        </div>
    }
}
