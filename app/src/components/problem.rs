//! What was wrong with a form.

use leptos::prelude::*;
use serde::Serialize;
use std::borrow::Cow;

/// What a form's refusal shows: the sentence, and the field it stands beside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// As its form names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    pub sentence: String,
}

impl Problem {
    /// The sentence beside this field, if it belongs there.
    pub fn beside(&self, field: &str) -> Option<String> {
        (self.field.as_deref() == Some(field)).then(|| self.sentence.clone())
    }

    /// The sentence above the form, whichever field it belongs to.
    pub fn of_all(&self) -> Problems {
        match self.sentence.as_str() {
            "" => Problems::default(),
            sentence => Problems::whole(sentence),
        }
    }

    /// What stands above the form: the sentence, where it belongs to no field.
    pub fn above(&self) -> Problems {
        match self.field {
            Some(_) => Problems::default(),
            None => self.of_all(),
        }
    }
}

/// What is wrong with a form that came back: sentences beside fields, and one for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    pub whole: Option<String>,
    pub fields: Vec<(String, String)>,
}

impl Problems {
    /// A form that fails as a whole.
    pub fn whole(sentence: impl ToString) -> Self {
        Self {
            whole: Some(sentence.to_string()),
            fields: Vec::new(),
        }
    }

    /// A form with one wrong field.
    pub fn one(field: impl Into<String>, sentence: impl ToString) -> Self {
        let mut problems = Self::default();
        problems.add(field, sentence);
        problems
    }

    pub fn add(&mut self, field: impl Into<String>, sentence: impl ToString) {
        self.fields.push((field.into(), sentence.to_string()));
    }

    /// The sentence beside this field: `error=problems.of("title")`.
    pub fn of(&self, field: &str) -> Option<String> {
        self.fields
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, sentence)| sentence.clone())
    }

    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.fields.is_empty()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        match problem.field {
            Some(field) => Self::one(field, problem.sentence),
            None => Self::whole(problem.sentence),
        }
    }
}

/// Above a form that came back: that nothing was saved, and where to look; each sentence leads to its field. It has the focus where
/// no field can have it. Shows nothing when there is no problem.
#[component]
pub fn FormProblem(
    problems: Problems,
    /// A field of the form has the focus all the same.
    #[prop(optional)]
    field_has_focus: bool,
) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let has_focus = problems.fields.is_empty() && !field_has_focus;
        let several = problems.fields.len() > 1;
        let first = problems.whole.unwrap_or_else(|| match problems.fields.first() {
            Some((_, sentence)) if !several => sentence.clone(),
            _ => "Nothing is saved yet. Some fields need another look:".to_owned(),
        });
        let list = several.then(|| {
            let rows = problems
                .fields
                .into_iter()
                .map(|(field, sentence)| view! { <li><a href=format!("#field-{field}")>{sentence}</a></li> })
                .collect_view();
            view! { <ul>{rows}</ul> }
        });
        view! {
            <div class="form-problem" role="alert" tabindex="-1" autofocus=has_focus>
                <p>{first}</p>
                {list}
            </div>
        }
    })
}
