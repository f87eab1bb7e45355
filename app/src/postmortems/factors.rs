//! Contributing factors: rows from the organisation's list, with a place for words.

use super::came_back::CameBackPart;
use super::page::{Form as Which, Seen, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{Ask, ButtonKind, Card, Field, FieldKind, FormDialog, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use domain::ids::NamedFactorId;
use domain::markdown;
use domain::postmortems::NamedFactor;
use engine::{Error, incidents, postmortems, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    factor: String,
    words: String,
    drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["words"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    fn of(factor: &NamedFactor) -> Self {
        Self {
            words: factor.words.clone(),
            ..Self::default()
        }
    }
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        postmortems::name_factor(tx, number, &typed.factor, &typed.words).await?
    });
    let typed = vec![("factor", typed.factor), ("words", typed.words)];
    after(
        &app,
        &who,
        number,
        done,
        "contributing_factors",
        Which::Factor,
        typed,
    )
    .await
}

pub async fn change(
    State(app): State<App>,
    who: SignedIn,
    Path((number, factor)): Path<(i64, NamedFactorId)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("factor {factor}")).await?;
        let incident = incidents::find(tx, number).await?;
        let all = postmortems::factors_of(tx, incident.id).await?;
        let stands = all.iter().find(|named| named.id == factor);
        let stands = stands.map(Typed::of).ok_or(Error::NotFound("factor"))?;
        postmortems::change_factor(tx, number, factor, &merged(&typed, &stands)?.words).await?
    });
    after(
        &app,
        &who,
        number,
        done,
        "contributing_factors",
        Which::FactorWords(factor),
        vec![("words", typed.words)],
    )
    .await
}

pub async fn remove(
    State(app): State<App>,
    who: SignedIn,
    Path((number, factor)): Path<(i64, NamedFactorId)>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        postmortems::remove_factor(tx, number, factor).await?
    });
    after(
        &app,
        &who,
        number,
        done,
        "contributing_factors",
        Which::Factor,
        Vec::new(),
    )
    .await
}

#[component]
pub fn FactorsPart(seen: Seen) -> impl IntoView {
    let rows = seen
        .document
        .factors
        .clone()
        .into_iter()
        .map(|factor| view! { <FactorRow seen=seen.clone() factor /> })
        .collect_view();
    view! {
        <div class="stack">{rows}</div>
        <CameBackPart seen=seen.clone() />
        {seen.may_write.then(|| view! { <NameFactor seen /> })}
    }
}

#[component]
fn FactorRow(seen: Seen, factor: NamedFactor) -> impl IntoView {
    let to = seen.to(&format!("factors/{}", factor.id));
    let removal = format!("{to}/removal");
    let take_out = format!("Take “{}” out?", factor.name);
    let contributed = format!("How “{}” contributed here", factor.name);
    let came_back = seen.returned.form == Which::FactorWords(factor.id);
    let (words, error) = if came_back {
        (
            seen.returned.typed("words"),
            Some(seen.returned.problem.sentence.clone()),
        )
    } else {
        (factor.words.clone(), None)
    };
    let stands = Typed::of(&factor);
    view! {
        <Card>
            <h3>{factor.name.clone()}</h3>
            <div class="prose" inner_html=markdown::to_html(&factor.words)></div>
            {seen.may_write.then(|| view! {
                <div class="buttons">
                    <FormDialog label="Edit" kind=ButtonKind::Small in_place=true open=came_back>
                        <form class="form" method="post" action=to>
                            <DrawnFrom now=stands />
                            <Field name="words" label=contributed kind=FieldKind::Markdown(4) value=words error id=format!("field-factor-{}", factor.id) />
                            <Submit>"Save"</Submit>
                        </form>
                    </FormDialog>
                    <Ask label="Remove" about=factor.name.clone() kind=ButtonKind::Small question=take_out action=removal answer="Remove it" in_place=true>
                        <p>"How it contributed here goes with it. Action items that answer it stay."</p>
                    </Ask>
                </div>
            })}
        </Card>
    }
}

#[component]
fn NameFactor(seen: Seen) -> impl IntoView {
    let came_back = seen.returned.form == Which::Factor;
    let (factor, words) = (seen.returned.typed("factor"), seen.returned.typed("words"));
    let known = seen
        .known_factors
        .iter()
        .map(|factor| view! { <option value=factor.name.clone()></option> })
        .collect_view();
    let error = came_back
        .then(|| seen.returned.problem.beside("factor"))
        .flatten();
    let error_id = error.as_ref().map(|_| "factor-error");
    view! {
        <FormDialog label="Name a contributing factor" kind=ButtonKind::Small open=came_back in_place=true>
            <form class="form" method="post" action=seen.to("factors")>
                <div class="field">
                    <label for="field-factor">"Factor"</label>
                    <p class="field-hint" id="factor-hint">"A condition, named so that it fits other incidents too: “no limit on a destructive tool”."</p>
                    <input class="control" id="field-factor" name="factor" list="known-factors" value=factor required=true aria-describedby="factor-hint" aria-invalid=error_id.map(|_| "true") aria-errormessage=error_id autocomplete="off" />
                    <datalist id="known-factors">{known}</datalist>
                    {error.map(|error| view! { <p class="field-error" id="factor-error">{error}</p> })}
                </div>
                <Field name="words" label="How it contributed here" kind=FieldKind::Markdown(4) value=words id="field-factor-words" />
                <Submit>"Name it"</Submit>
            </form>
        </FormDialog>
    }
}
