//! Incidents whose document names no factor, a line each, all of them in one form: what had a part is typed or chosen, and the others wait.

use super::findings::ToDocument;
use super::query::{LearningQuery, chosen};
use crate::address::Query;
use crate::answer::{Answered, Problem};
use crate::components::{
    ButtonKind, ButtonLink, Card, EmptyState, FormProblem, PageHead, Section as Bar, Submit,
};
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use domain::people::Permission;
use domain::postmortems::Factor;
use engine::learning::{self, Unnamed};
use engine::{Error, Tx, postmortems, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// So many stand on the page.
const MOST: usize = 50;
const KNOWN: &str = "known-factors";

#[derive(Deserialize)]
pub struct UnnamedPage {
    #[serde(skip)]
    query: LearningQuery,
}

pub struct UnnamedView {
    query: LearningQuery,
    under: String,
    shown: Vec<Unnamed>,
    count: usize,
    known: Vec<Factor>,
    may_write: bool,
}

/// A field of each line, in their order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UnnamedForm {
    number: Vec<i64>,
    factor: Vec<String>,
    /// The line that was refused.
    #[serde(skip)]
    refused: Option<i64>,
}

impl UnnamedForm {
    fn typed(&self, number: i64) -> String {
        let place = self.number.iter().position(|of| *of == number);
        place
            .and_then(|place| self.factor.get(place).cloned())
            .unwrap_or_default()
    }

    /// Those in which something was typed.
    fn lines(&self) -> Vec<(i64, String)> {
        let lines = self.number.iter().map(|number| (*number, self.typed(*number)));
        lines.filter(|(_, typed)| !typed.trim().is_empty()).collect()
    }
}

impl FormPage for UnnamedPage {
    type Caller = SignedIn;
    type View = UnnamedView;

    fn address(&self) -> String {
        self.query.without_factors()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<UnnamedView> {
        let query = here.page.query.clone();
        let (period, scope, under) = chosen(tx, &query).await?;
        let (shown, count) = learning::unnamed(tx, period, scope, MOST).await?;
        Ok(UnnamedView {
            query,
            under,
            shown,
            count,
            known: postmortems::known_factors(tx).await?,
            may_write: tx.authorize(Permission::WritePostmortem).await.is_ok(),
        })
    }

    fn title(_view: &UnnamedView) -> (String, Bar) {
        ("Documents that name no factor".to_owned(), Bar::Postmortems)
    }

    fn show(view: UnnamedView, returned: Returned) -> impl IntoView {
        view! { <Lines view returned /> }
    }
}

pub async fn show(mut here: Here<UnnamedPage>, Query(query): Query<LearningQuery>) -> Answered {
    here.page.query = query;
    here.show().await
}

pub async fn post(
    mut here: Here<UnnamedPage>,
    Query(query): Query<LearningQuery>,
    Form(form): Form<UnnamedForm>,
) -> Answered {
    here.page.query = query;
    let lines = form.lines();
    let done: Result<(), Error> = transaction!(here.by(), |tx| postmortems::name_factors(tx, &lines).await?);
    let refused = done.as_ref().err().and_then(Error::line);
    let form = UnnamedForm { refused, ..form };
    here.after(done, form).await
}

#[component]
fn Lines(view: UnnamedView, returned: Returned) -> impl IntoView {
    let over = view! { <a href=view.query.page()>"What came back"</a> }.into_any();
    let title = format!("Documents that name no factor: {}", view.count);
    if view.shown.is_empty() {
        return view! {
            <PageHead title over under=view! { {view.under} }.into_any() />
            <EmptyState title="Every document names what had a part">"Those that are published without a factor appear here."</EmptyState>
        }
        .into_any();
    }
    let back = returned.of::<UnnamedForm>();
    let refused = back.typed.as_ref().and_then(|form| form.refused);
    let left = view.count - view.shown.len();
    let left = (left > 0)
        .then(|| view! { <p class="quiet">{format!("{left} more appear when these are saved.")}</p> });
    let may_write = view.may_write;
    let lines = view
        .shown
        .into_iter()
        .map(|one| {
            let typed = back.typed.as_ref().map(|form| form.typed(one.number));
            let problem = match refused == Some(one.number) {
                true => back.problem.clone(),
                false => Problem::default(),
            };
            view! { <Line one typed=typed.unwrap_or_default() problem may_write /> }
        })
        .collect_view();
    let known = view
        .known
        .into_iter()
        .map(|factor| view! { <option value=factor.name></option> })
        .collect_view();
    let save = may_write.then(|| {
        view! {
            <p class="buttons">
                <Submit>"Save what is named"</Submit>
                <ButtonLink href=view.query.page() kind=ButtonKind::Plain>"Back"</ButtonLink>
            </p>
        }
    });
    let above = match refused {
        Some(_) => back.problem.above(),
        None => Problem::default().above(),
    };
    view! {
        <PageHead title over under=view! { {view.under} }.into_any() />
        <form class="form stack measure" method="post" action=view.query.without_factors()>
            <FormProblem problems=above />
            <datalist id=KNOWN>{known}</datalist>
            {lines}
            {left}
            {save}
        </form>
    }
    .into_any()
}

#[component]
fn Line(one: Unnamed, typed: String, problem: Problem, may_write: bool) -> impl IntoView {
    let number = one.number;
    let (id, error_id) = (format!("field-factor-{number}"), format!("factor-error-{number}"));
    let error = problem.beside("factor");
    let described = error.as_ref().map(|_| error_id.clone());
    let field = may_write.then(|| {
        view! {
            <input type="hidden" name="number" value=number.to_string() />
            <div class="field">
                <label for=id.clone()>{format!("What had a part in INC-{number}?")}</label>
                <input class="control" id=id name="factor" list=KNOWN value=typed autocomplete="off" aria-invalid=described.as_ref().map(|_| "true") aria-errormessage=described />
                {error.map(|error| view! { <p class="field-error" id=error_id>{error}</p> })}
            </div>
        }
    });
    view! {
        <Card>
            <p><strong><ToDocument number title=one.title /></strong></p>
            <p class="small quiet" dir="auto">{one.summary}</p>
            {field}
        </Card>
    }
}
