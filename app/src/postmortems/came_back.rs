//! Factors of this incident that were met before: what was promised then, and how people say that it came about.

use super::view::{PostmortemPage, View};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{ButtonKind, Card, Choice, Field, FieldKind, FormDialog, PostButton, Submit};
use crate::form::Form;
use crate::form_page::{Back, Here};
use crate::learning::findings::{Findings, SaidBefore, SaidOfIt, item};
use domain::fields;
use domain::ids::FactorId;
use domain::learning::Verdict;
use engine::learning::{self, CameBack, Promised, Refused, There};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// Which factor of the document in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    factor: FactorId,
}

/// The action item elsewhere that is proposed here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProposalForm {
    like: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerdictForm {
    verdict: String,
    words: String,
    /// Of which factor, from its address.
    #[serde(skip)]
    of: Option<FactorId>,
}

impl VerdictForm {
    fn said(said: Option<&learning::Said>) -> Self {
        said.map_or_else(Self::default, |said| Self {
            verdict: said.verdict.to_string(),
            words: said.words.clone(),
            of: None,
        })
    }
}

pub async fn post(
    here: Here<PostmortemPage>,
    Path(Which { factor }): Path<Which>,
    Form(form): Form<VerdictForm>,
) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let verdict: Verdict = form.verdict.parse().map_err(|_| Refused::NoVerdict)?;
        learning::say(tx, here.page.number, factor, verdict, &form.words).await?
    });
    let form = VerdictForm {
        of: Some(factor),
        ..form
    };
    here.after_at(&format!("came-back-{factor}"), done, form).await
}

pub async fn propose(
    here: Here<PostmortemPage>,
    Path(Which { factor }): Path<Which>,
    Form(form): Form<ProposalForm>,
) -> Answered {
    let done = transaction!(here.by(), |tx| {
        learning::propose_here(tx, here.page.number, factor, form.like).await?
    });
    here.after_at(&format!("came-back-{factor}"), done, form).await
}

#[component]
pub fn CameBackPart(view: View) -> impl IntoView {
    (!view.came_back.is_empty()).then(|| {
        let all = view
            .came_back
            .iter()
            .map(|one| view! { <OneCameBack view=Arc::clone(&view) one=one.clone() /> })
            .collect_view();
        view! {
            <h3>"Met before"</h3>
            <div class="stack">{all}</div>
        }
    })
}

#[component]
fn OneCameBack(view: View, one: CameBack) -> impl IntoView {
    let CameBack {
        factor,
        name,
        findings,
        elsewhere,
        said,
        said_before,
        promised,
    } = one;
    let zone = view.zone;
    let proposals = view.may_write.then(|| {
        let at = view.to(&format!("came-back/{factor}/proposals"));
        view! { <Proposals at elsewhere team=view.document.story.team.name.clone() /> }
    });
    let form = view.may_write.then(|| {
        let back = view
            .returned
            .of_this(|form: &VerdictForm| form.of == Some(factor));
        let at = view.to(&format!("came-back/{factor}"));
        view! { <VerdictDialog at factor said=said.clone() back /> }
    });
    view! {
        <div id=format!("came-back-{factor}")>
            <Card>
                <h4><a href=format!("/learning/factors/{factor}")>{name}</a></h4>
                <Findings findings zone />
                <MeantToPrevent promised />
                {proposals}
                <SaidOfIt said />
                <SaidBefore said=said_before zone />
                {form}
            </Card>
        </div>
    }
}

/// What earlier incidents here had promised, as it stood when this one began.
#[component]
fn MeantToPrevent(promised: Vec<Promised>) -> impl IntoView {
    (!promised.is_empty()).then(|| {
        let rows = promised
            .into_iter()
            .map(|one| {
                let since = match one.then == one.now {
                    true => ".".to_owned(),
                    false => format!(", {} now.", one.now),
                };
                view! {
                    <li>{item(one.number)} " " <bdi>{one.title}</bdi> {format!(" ({}, from INC-{}): {} when this began{since}", one.kind, one.earlier, one.then)}</li>
                }
            })
            .collect_view();
        view! {
            <h5>"Meant to keep this from coming back"</h5>
            <ul class="findings">{rows}</ul>
        }
    })
}

/// What answers it elsewhere, for the team of this incident to decide about.
#[component]
fn Proposals(#[prop(into)] at: String, elsewhere: Vec<There>, #[prop(into)] team: String) -> impl IntoView {
    let elsewhere_is_empty = elsewhere.is_empty();
    let rows = elsewhere
        .into_iter()
        .map(|there| {
            let what = match there.here {
                Some(here) => view! { <p class="small">{item(here)} " proposes “" <bdi>{there.title}</bdi> "” here."</p> }.into_any(),
                None => view! {
                    <PostButton action=at.clone() kind=ButtonKind::Small fields=vec![("like", there.number.to_string())]>
                        {format!("Propose “{}” to {team}", there.title)}
                    </PostButton>
                }
                .into_any(),
            };
            view! { <li>{what}</li> }
        })
        .collect_view();
    (!elsewhere_is_empty).then(|| view! { <ul class="proposals">{rows}</ul> })
}

#[component]
fn VerdictDialog(
    #[prop(into)] at: String,
    factor: FactorId,
    said: Option<learning::Said>,
    back: Back<VerdictForm>,
) -> impl IntoView {
    let open = back.is_open();
    let (typed, problem) = back.or(|| VerdictForm::said(said.as_ref()));
    let choices: Vec<_> = std::iter::once(Choice::new("", "Choose"))
        .chain(
            Verdict::ALL
                .iter()
                .map(|verdict| Choice::new(verdict, verdict.label())),
        )
        .collect();
    view! {
        <div class="buttons">
            <FormDialog label="Say how it came about" kind=ButtonKind::Small in_place=true open>
                <form class="form" method="post" action=at>
                    <Field name="verdict" label="How it came about" kind=FieldKind::Select(choices) value=typed.verdict error=problem.beside("verdict") id=format!("field-verdict-{factor}") />
                    <Field of=fields::VERDICT_WORDS label="In a few words" kind=FieldKind::Lines(2) value=typed.words error=problem.beside("words") id=format!("field-verdict-words-{factor}") />
                    <Submit>"Save"</Submit>
                </form>
            </FormDialog>
        </div>
    }
}
