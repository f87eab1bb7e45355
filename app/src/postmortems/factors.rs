//! Contributing factors: rows from the organisation's list, with a place for words.

use super::came_back::CameBackPart;
use super::suggestions::{SuggestionsPart, met_by};
use super::view::{FACTORS, PostmortemPage, View};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{Ask, ButtonKind, Card, Field, FieldKind, FormDialog, FormProblem, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::{Back, Here};
use crate::markdown;
use domain::fields;
use domain::ids::NamedFactorId;
use domain::postmortems::NamedFactor;
use engine::learning::Suggestion;
use engine::{Error, incidents, postmortems, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FactorForm {
    factor: String,
    words: String,
}

/// How a factor contributed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FactorWordsForm {
    words: String,
    drawn: String,
    /// Of which factor, from its address.
    #[serde(skip)]
    of: Option<NamedFactorId>,
}

impl Drawn for FactorWordsForm {
    const FIELDS: &'static [&'static str] = &["words"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl FactorWordsForm {
    fn of(factor: &NamedFactor) -> Self {
        Self {
            words: factor.words.clone(),
            ..Self::default()
        }
    }
}

/// Which factor of the document in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    factor: NamedFactorId,
}

pub async fn post(here: Here<PostmortemPage>, Form(form): Form<FactorForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        postmortems::name_factor(tx, here.page.number, &form.factor, &form.words).await?
    });
    here.after_at(FACTORS, done, form).await
}

pub async fn change(
    here: Here<PostmortemPage>,
    Path(Which { factor }): Path<Which>,
    Form(form): Form<FactorWordsForm>,
) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("factor {factor}")).await?;
        let incident = incidents::find(tx, number).await?;
        let all = postmortems::factors_of(tx, incident.id).await?;
        let stands = all.iter().find(|named| named.id == factor);
        let stands = stands.map(FactorWordsForm::of).ok_or(Error::NotFound("factor"))?;
        postmortems::change_factor(tx, number, factor, &merged(&form, &stands)?.words).await?
    });
    let form = FactorWordsForm {
        of: Some(factor),
        ..form
    };
    here.after_at(FACTORS, done, form).await
}

pub async fn remove(here: Here<PostmortemPage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        postmortems::remove_factor(tx, here.page.number, which.factor).await?
    });
    here.after_at(FACTORS, done, which).await
}

#[component]
pub fn FactorsPart(view: View) -> impl IntoView {
    let rows = view
        .document
        .factors
        .iter()
        .map(|factor| view! { <FactorRow view=Arc::clone(&view) factor=factor.clone() /> })
        .collect_view();
    let name = view.may_write.then(|| {
        let (at, known) = (view.to("factors"), view.suggestions.clone());
        view! { <NameFactor at known back=view.returned.of() /> }
    });
    let refused = view.returned.of::<Which>().problem;
    view! {
        <FormProblem problems=refused.above() />
        <div class="stack">{rows}</div>
        <CameBackPart view=Arc::clone(&view) />
        <SuggestionsPart view />
        {name}
    }
}

#[component]
fn FactorRow(view: View, factor: NamedFactor) -> impl IntoView {
    let verbs = view.may_write.then(|| {
        let back = view
            .returned
            .of_this(|form: &FactorWordsForm| form.of == Some(factor.id));
        let at = view.to(&format!("factors/{}", factor.id));
        view! { <FactorVerbs at factor=factor.clone() back /> }
    });
    view! {
        <Card>
            <h3>{factor.name}</h3>
            <div class="prose" dir="auto" inner_html=markdown::written(&factor.words)></div>
            {verbs}
        </Card>
    }
}

#[component]
fn FactorVerbs(#[prop(into)] at: String, factor: NamedFactor, back: Back<FactorWordsForm>) -> impl IntoView {
    let removal = format!("{at}/removal");
    let question = format!("Remove “{}”?", factor.name);
    let contributed = format!("How “{}” contributed here", factor.name);
    let stands = FactorWordsForm::of(&factor);
    let open = back.is_open();
    let (typed, problem) = back.or(|| stands.clone());
    let error = open.then_some(problem.sentence);
    view! {
        <div class="buttons">
            <FormDialog label="Edit" kind=ButtonKind::Small in_place=true open>
                <form class="form" method="post" action=at>
                    <DrawnFrom now=stands />
                    <Field of=fields::FACTOR_WORDS label=contributed kind=FieldKind::Markdown(4) value=typed.words error id=format!("field-factor-{}", factor.id) />
                    <Submit>"Save"</Submit>
                </form>
            </FormDialog>
            <Ask label="Remove" about=factor.name kind=ButtonKind::Small question action=removal answer="Remove it" in_place=true>
                <p>"How it contributed here goes with it, and comes back when it is named again. Action items that answer it say so on."</p>
            </Ask>
        </div>
    }
}

/// `known`: what was named before, to choose from.
#[component]
fn NameFactor(#[prop(into)] at: String, known: Vec<Suggestion>, back: Back<FactorForm>) -> impl IntoView {
    let known = known
        .into_iter()
        .map(|known| view! { <option value=known.name.clone() label=met_by(&known)></option> })
        .collect_view();
    let open = back.is_open();
    let (typed, problem) = back.or(FactorForm::default);
    let error = problem.beside("factor");
    let error_id = error.as_ref().map(|_| "factor-error");
    view! {
        <FormDialog label="Name a contributing factor" kind=ButtonKind::Small open in_place=true>
            <form class="form" method="post" action=at>
                <FormProblem problems=problem.above() />
                <div class="field">
                    <label for="field-factor">"Factor"</label>
                    <p class="field-hint" id="factor-hint">"A condition, named so that it fits other incidents too: “no limit on a destructive tool”."</p>
                    <input class="control" id="field-factor" name="factor" list="known-factors" maxlength=fields::FACTOR.most.to_string() value=typed.factor required=true aria-describedby="factor-hint" aria-invalid=error_id.map(|_| "true") aria-errormessage=error_id autocomplete="off" />
                    <datalist id="known-factors">{known}</datalist>
                    {error.map(|error| view! { <p class="field-error" id="factor-error">{error}</p> })}
                </div>
                <Field of=fields::FACTOR_WORDS label="How it contributed here" kind=FieldKind::Markdown(4) value=typed.words error=problem.beside("words") id="field-factor-words" />
                <Submit>"Name it"</Submit>
            </form>
        </FormDialog>
    }
}
