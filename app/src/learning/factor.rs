//! A factor's page: where it was met, what answers it, its name, and what is the same as it.

use super::findings::{Findings, SaidBefore, SaidOfIt, ToDocument, day, item};
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Card, Choice, Field, FieldKind, FormDialog, FormProblem, PageHead, Section as Bar,
    Submit,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::{Form, word};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::markdown;
use crate::session::SignedIn;
use chrono_tz::Tz;
use domain::fields;
use domain::ids::FactorId;
use domain::people::{Permission, Person};
use domain::postmortems::Factor;
use engine::learning::{self, Answering, Became, MetIn};
use engine::{Error, Tx, people, postmortems, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NameForm {
    name: String,
    drawn: String,
}

impl NameForm {
    fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

impl Drawn for NameForm {
    const FIELDS: &'static [&'static str] = &["name"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
}

/// Of a factor whose name looks like this one's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApartForm {
    other: String,
}

#[derive(Deserialize)]
pub struct FactorPage {
    factor: FactorId,
}

pub struct FactorView {
    page: learning::FactorPage,
    others: Vec<Factor>,
    everybody: Vec<Person>,
    may_change: bool,
    zone: Tz,
}

impl FormPage for FactorPage {
    type Caller = SignedIn;
    type View = FactorView;

    fn address(&self) -> String {
        address_of(self.factor)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<FactorView> {
        let page = learning::factor(tx, here.page.factor).await?;
        let mut others = postmortems::known_factors(tx).await?;
        others.retain(|other| other.id != page.factor.id);
        Ok(FactorView {
            page,
            others,
            everybody: people::active(tx).await?,
            may_change: tx.authorize(Permission::WritePostmortem).await.is_ok(),
            zone: here.who.zone(),
        })
    }

    fn title(view: &FactorView) -> (String, Bar) {
        (view.page.factor.name.clone(), Bar::Postmortems)
    }

    fn show(view: FactorView, returned: Returned) -> impl IntoView {
        view! { <OneFactor view returned /> }
    }
}

fn address_of(factor: FactorId) -> String {
    format!("/learning/factors/{factor}")
}

pub async fn show(here: Here<FactorPage>) -> Answered {
    here.show().await
}

pub async fn rename(here: Here<FactorPage>, Form(form): Form<NameForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        tx.authorize(Permission::WritePostmortem).await?;
        // Of one that was merged meanwhile it is the other's name.
        let now = NameForm::of(&learning::factor(tx, here.page.factor).await?.factor.name);
        learning::rename(tx, here.page.factor, &merged(&form, &now)?.name).await?
    });
    here.after(done, form).await
}

pub async fn merge(here: Here<FactorPage>, Form(form): Form<MergeForm>) -> Answered {
    let done: Result<FactorId, Error> = transaction!(here.by(), |tx| {
        let into = word("into", &form.into)?;
        learning::merge(tx, here.page.factor, into).await?;
        into
    });
    here.lead(done.map(address_of), form).await
}

pub async fn keep_apart(here: Here<FactorPage>, Form(form): Form<ApartForm>) -> Answered {
    let done: Result<(), Error> = transaction!(here.by(), |tx| {
        learning::keep_apart(tx, here.page.factor, word("other", &form.other)?).await?
    });
    here.lead(done.map(|()| "/learning#lookalikes".to_owned()), form)
        .await
}

pub async fn part(here: Here<FactorPage>) -> Answered {
    let done = transaction!(here.by(), |tx| learning::part(tx, here.page.factor).await?);
    here.after_press(done).await
}

#[component]
fn OneFactor(view: FactorView, returned: Returned) -> impl IntoView {
    let over = view! { <a href="/learning">"What came back"</a> };
    let FactorView {
        page,
        others,
        everybody,
        may_change,
        zone,
    } = view;
    markdown::name_people(&everybody);
    let count = page.met.len();
    let met = page
        .met
        .into_iter()
        .map(|met| view! { <Met met zone /> })
        .collect_view();
    let at = address_of(page.factor.id);
    let name = page.factor.name.clone();
    let change = may_change.then(|| {
        view! {
            <div class="buttons">
                <Rename at=at.clone() name=name.clone() back=returned.of() />
                <Merge at=format!("{at}/merge") others back=returned.of() />
            </div>
        }
    });
    view! {
        <div class="roomy">
            <PageHead title=name.clone() over=over.into_any() />
            <div class="stack-loose measure">
                <FormProblem problems=returned.of_press().above() />
                {change}
                <MergedInto merged=page.merged may=may_change />
                <section aria-labelledby="met">
                    <h2 id="met">{match count { 1 => "Met once".to_owned(), _ => format!("Met {count} times") }}</h2>
                    <div class="stack">{met}</div>
                </section>
                <Answers answers=page.answers />
                <History history=page.history zone />
            </div>
        </div>
    }
}

/// What was promised about it, and what became of that.
#[component]
fn Answers(answers: Vec<Answering>) -> impl IntoView {
    (!answers.is_empty()).then(|| {
        let rows = answers
            .into_iter()
            .map(|answer| {
                let removed = answer
                    .is_removed
                    .then_some(", whose document does not name it any more");
                view! {
                    <li>{item(answer.number)} " " <bdi>{answer.title}</bdi> {format!(": {}, from INC-{}", answer.state, answer.incident)} {removed}</li>
                }
            })
            .collect_view();
        view! {
            <section aria-labelledby="answers">
                <h2 id="answers">"What answers it"</h2>
                <Card><ul class="findings">{rows}</ul></Card>
            </section>
        }
    })
}

/// What it was called, and what was merged into it.
#[component]
fn History(history: Vec<Became>, zone: Tz) -> impl IntoView {
    (!history.is_empty()).then(|| {
        let rows = history
            .into_iter()
            .map(|became| view! { <li class="small quiet">{in_words(&became, zone)}</li> })
            .collect_view();
        view! {
            <section aria-labelledby="names">
                <h2 id="names">"What became of its name"</h2>
                <Card><ul class="findings">{rows}</ul></Card>
            </section>
        }
    })
}

fn in_words(one: &Became, zone: Tz) -> String {
    let day = day(one.at, zone);
    let who = one.who.as_deref().unwrap_or("Kintsugi");
    let (was, became) = (
        one.was.as_deref().unwrap_or_default(),
        one.became.as_deref().unwrap_or_default(),
    );
    match &*one.what {
        "renamed" => format!("{day}: {who} renamed it from “{was}” to “{became}”."),
        "merged" => format!("{day}: {who} merged “{}” into “{became}”.", one.name),
        _ => format!("{day}: {who} took “{}” out again.", one.name),
    }
}

#[component]
fn Met(met: MetIn, zone: Tz) -> impl IntoView {
    let said = (!met.findings.is_empty())
        .then(|| view! { <SaidOfIt said=met.said /> <SaidBefore said=met.said_before zone /> });
    let answers = met
        .answers
        .iter()
        .map(|number| view! { <li>{item(*number)} " answers it"</li> })
        .collect_view();
    view! {
        <Card>
            <h3><ToDocument number=met.number title=met.title /></h3>
            <div class="prose" dir="auto" inner_html=markdown::written(&met.words)></div>
            <ul class="findings">{answers}</ul>
            <Findings findings=met.findings zone />
            {said}
        </Card>
    }
}

#[component]
fn Rename(#[prop(into)] at: String, #[prop(into)] name: String, back: Back<NameForm>) -> impl IntoView {
    let open = back.is_open();
    let now = NameForm::of(&name);
    let (typed, problem) = back.or(|| now.clone());
    let error = open.then_some(problem.sentence);
    view! {
        <FormDialog label="Rename" kind=ButtonKind::Small in_place=true open>
            <form class="form" method="post" action=at>
                <DrawnFrom now />
                <Field of=fields::FACTOR name="name" label="Name" value=typed.name required=true error hint="For all documents that name it." />
                <Submit>"Save"</Submit>
            </form>
        </FormDialog>
    }
}

#[component]
fn Merge(#[prop(into)] at: String, others: Vec<Factor>, back: Back<MergeForm>) -> impl IntoView {
    let open = back.is_open();
    let (typed, problem) = back.or(MergeForm::default);
    let error = open.then_some(problem.sentence);
    let others: Vec<_> = std::iter::once(Choice::new("", "Choose"))
        .chain(others.into_iter().map(|other| Choice::new(other.id, other.name)))
        .collect();
    view! {
        <FormDialog label="Merge" kind=ButtonKind::Small in_place=true open>
            <form class="form" method="post" action=at>
                <Field name="into" label="It is the same as" kind=FieldKind::Select(others) value=typed.into error hint="It counts as that one wherever it was named. This can be undone." />
                <Submit>"Merge"</Submit>
            </form>
        </FormDialog>
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_became_another_on_a_day_of_the_reader() {
        let became = Became {
            at: "2026-11-13T23:30:00Z".parse().unwrap(),
            who: Some("Ana".to_owned()),
            name: "No limit".to_owned(),
            what: "renamed".to_owned(),
            was: Some("Limit".to_owned()),
            became: Some("No limit".to_owned()),
        };
        for (zone, day) in [
            (Tz::Europe__Berlin, "14 November 2026"),
            (Tz::UTC, "13 November 2026"),
        ] {
            let words = format!("{day}: Ana renamed it from “Limit” to “No limit”.");
            assert_eq!(in_words(&became, zone), words);
        }
    }
}
