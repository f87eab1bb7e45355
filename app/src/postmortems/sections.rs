//! A section: its words, its question, and the form to write it.

use super::page::{Form as Which, Returned, Seen, after, answer};
use crate::App;
use crate::answer::{Answered, Problem, see};
use crate::components::{ButtonKind, Card, Field, FieldKind, Fold, FormDialog, Submit, TimeForm, TimeOf};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::markdown;
use domain::people::Deed;
use domain::postmortems::{Section, SectionText};
use engine::postmortems::{self, Saved};
use engine::{people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    body: String,
    /// The revision its writer had before them.
    #[serde(default)]
    based_on: i64,
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path((number, section)): Path<(i64, Section)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let saved = transaction!(app.engine, |tx| {
        people::may(tx, &who.person, Deed::WritePostmortem).await?;
        postmortems::save_section(tx, number, who.person.id, section, typed.based_on, &typed.body).await?
    });
    match saved {
        Ok(Saved::Now { .. }) => Ok(see(&format!("/incidents/{number}/postmortem#{section}"))),
        Ok(Saved::Beside { .. }) => {
            let sentence = "Somebody saved this section while you wrote. Both texts are kept and shown below: bring them together and save.";
            let problem = Problem {
                field: None,
                sentence: sentence.to_owned(),
            };
            let returned = Returned {
                form: Which::Beside(section),
                typed: vec![("body", typed.body)],
                problem,
            };
            answer(&app, &who, number, StatusCode::CONFLICT, returned).await
        }
        Err(error) => {
            let form = Which::Section(section);
            after(
                &app,
                &who,
                number,
                Err::<(), _>(error),
                section.as_str(),
                form,
                vec![("body", typed.body)],
            )
            .await
        }
    }
}

#[component]
pub fn SectionPart(seen: Seen, text: SectionText, children: Children) -> impl IntoView {
    let section = text.section;
    let is_written = !text.body.trim().is_empty();
    let html = markdown::to_html(&text.body);
    let unwritten = !is_written && !seen.document.is_written(&text);
    let class = if unwritten {
        "unwritten-section"
    } else {
        "written-section"
    };
    view! {
        <section id=section.as_str() class=class>
            <h2>{section.title()}</h2>
            {is_written.then(|| view! { <div class="prose reading" inner_html=html></div> })}
            {unwritten.then(|| view! { <p class="quiet prompt">{section.prompt()}</p> })}
            {children()}
            {seen.may_write.then(|| view! { <WriteSection seen text /> })}
        </section>
    }
}

#[component]
fn WriteSection(seen: Seen, text: SectionText) -> impl IntoView {
    let section = text.section;
    let beside = seen.returned.form == Which::Beside(section);
    let came_back = beside || seen.returned.form == Which::Section(section);
    let value = if came_back {
        seen.returned.typed("body")
    } else {
        text.body.clone()
    };
    let label = if text.body.trim().is_empty() {
        "Write"
    } else {
        "Edit"
    };
    let sentence = came_back.then(|| seen.returned.problem.sentence.clone());
    view! {
        <FormDialog label about=section.title() kind=ButtonKind::Small open=came_back in_place=true>
            {beside.then(|| view! { <BothTexts theirs=text.body.clone() mine=value.clone() /> })}
            <form class="form" method="post" action=seen.to(&format!("sections/{section}"))>
                <input type="hidden" name="based_on" value=text.revision.to_string() />
                <Field name="body" label=section.title() id=format!("field-{section}") kind=FieldKind::Markdown(8) value hint=section.prompt() error=sentence />
                <div class="buttons"><Submit>"Save"</Submit></div>
            </form>
        </FormDialog>
    }
}

/// The text that was saved first, and the one that came second.
#[component]
fn BothTexts(theirs: String, mine: String) -> impl IntoView {
    view! {
        <div class="both-texts">
            <Card>
                <h3>"Saved while you wrote"</h3>
                <div class="prose" inner_html=markdown::to_html(&theirs)></div>
            </Card>
            <Card>
                <h3>"Your text, kept beside it"</h3>
                <div class="prose" inner_html=markdown::to_html(&mine)></div>
            </Card>
        </div>
    }
}

/// Texts that wait for somebody to bring them together with the current one.
#[component]
pub fn WaitingTexts(seen: Seen) -> impl IntoView {
    let zone = seen.zone;
    seen
        .document
        .waiting
        .into_iter()
        .map(|waiting| {
            view! {
                <Card>
                    <p><strong>{format!("“{}” has a second text", waiting.section.title())}</strong></p>
                    <p class="quiet small">{waiting.author} ", " <TimeOf at=waiting.created_at zone form=TimeForm::Short /></p>
                    <Fold label="Read it"><div class="prose" inner_html=markdown::to_html(&waiting.body)></div></Fold>
                </Card>
            }
        })
        .collect_view()
}
