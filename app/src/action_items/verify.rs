//! That something worked, said by somebody else than whoever did it, with what shows it.

use super::item_view::ItemPage;
use crate::answer::Answered;
use crate::components::{ButtonKind, Card, Choice, Field, FieldKind, FormProblem, Submit};
use crate::form::{Form, word};
use crate::form_page::{Back, Here};
use domain::action_items::Evidence;
use domain::fields;
use engine::{Error, action_items, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerifyForm {
    evidence: String,
    words: String,
}

pub async fn post(here: Here<ItemPage>, Form(form): Form<VerifyForm>) -> Answered {
    let done: Result<(), Error> = transaction!(here.by(), |tx| {
        let evidence = word("evidence", &form.evidence)?;
        action_items::verify(tx, here.page.number, evidence, &form.words).await?
    });
    here.after(done, form).await
}

#[component]
pub(super) fn VerifyFields(number: i64, back: Back<VerifyForm>) -> impl IntoView {
    let (typed, problem) = back.or(VerifyForm::default);
    let kinds = Evidence::ALL
        .iter()
        .map(|evidence| Choice::new(evidence, evidence.label()))
        .collect();
    view! {
        <Card id="verify">
            <form class="form" method="post" action=format!("/action-items/{number}/verification")>
                <h2>"Did it work?"</h2>
                <FormProblem problems=problem.above() />
                <Field name="evidence" label="What shows it" kind=FieldKind::Select(kinds) value=typed.evidence error=problem.beside("evidence") />
                <Field of=fields::EVIDENCE label="Where, or in a few words" kind=FieldKind::Lines(2) value=typed.words required=true error=problem.beside("words") />
                <p class="buttons"><Submit kind=ButtonKind::Normal>"It worked"</Submit></p>
            </form>
        </Card>
    }
}
