//! “Which of these had a part?”: asked while a document names no factor yet, from what earlier incidents named.

use super::view::{FACTORS, PostmortemPage, View};
use crate::answer::Answered;
use crate::components::{Card, FormProblem, Submit};
use crate::form::Form;
use crate::form_page::Here;
use domain::ids::FactorId;
use domain::postmortems::PostmortemState;
use domain::words::listed;
use engine::learning::{self, Suggestion};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

/// Of more services so many are named.
const NAMED: usize = 2;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SuggestionsForm {
    factor: Vec<FactorId>,
}

pub async fn post(here: Here<PostmortemPage>, Form(form): Form<SuggestionsForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        learning::name_suggested(tx, here.page.number, &form.factor).await?
    });
    here.after_at(FACTORS, done, form).await
}

#[component]
pub fn SuggestionsPart(view: View) -> impl IntoView {
    let is_asked = view.may_write
        && view.document.factors.is_empty()
        && view.document.postmortem.state == PostmortemState::Draft
        && !view.suggestions.is_empty();
    is_asked.then(|| {
        let back = view.returned.of::<SuggestionsForm>();
        let (typed, problem) = back.or(SuggestionsForm::default);
        let rows = view
            .suggestions
            .iter()
            .take(learning::OFFERED)
            .map(|one| view! { <OneSuggestion one=one.clone() chosen=typed.factor.contains(&one.factor) /> })
            .collect_view();
        view! {
            <Card>
                <form class="form" method="post" action=view.to("suggestions")>
                    <FormProblem problems=problem.above() />
                    <fieldset class="field">
                        <legend class="field-label">"Which of these had a part?"</legend>
                        <div class="checks one-a-line">{rows}</div>
                    </fieldset>
                    <p class="buttons"><Submit>"Name what is chosen"</Submit></p>
                </form>
            </Card>
        }
    })
}

#[component]
fn OneSuggestion(one: Suggestion, chosen: bool) -> impl IntoView {
    let met = where_it_was_met(&one);
    view! {
        <label class="check">
            <input type="checkbox" name="factor" value=one.factor.to_string() checked=chosen />
            <span><bdi>{one.name}</bdi> " " <small class="quiet">{met}</small></span>
        </label>
    }
}

fn where_it_was_met(one: &Suggestion) -> String {
    match one.here {
        Some(number) => format!("INC-{number}, at this service"),
        None => met_by(one),
    }
}

/// “Met by Database and Catalogue”
pub fn met_by(one: &Suggestion) -> String {
    let mut names: Vec<String> = one.services.iter().cloned().collect();
    if names.len() > NAMED + 1 {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    format!("Met by {}", listed(&names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn where_a_factor_was_met_is_said_in_a_few_words() {
        for (services, here, expected) in [
            (vec!["Database"], Some(7), "INC-7, at this service"),
            (vec!["Database"], None, "Met by Database"),
            (
                vec!["Database", "Catalogue"],
                None,
                "Met by Catalogue and Database",
            ),
            (vec!["A", "B", "C", "D"], None, "Met by A, B and 2 more"),
        ] {
            let one = Suggestion {
                factor: FactorId(uuid::Uuid::nil()),
                name: "A limit".to_owned(),
                here,
                services: services.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
                times: 1,
            };
            assert_eq!(where_it_was_met(&one), expected);
        }
    }
}
