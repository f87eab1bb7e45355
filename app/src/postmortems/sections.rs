//! A section: its words, its question, and the form to write it.

use super::page::{Form as Which, Returned, Seen, after, answer};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, see};
use crate::components::{
    ButtonKind, Card, Field, FieldKind, Fold, FormDialog, PostButton, Submit, TimeForm, TimeOf,
};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::ids::RevisionId;
use domain::markdown;
use domain::postmortems::{Section, SectionText};
use engine::postmortems::{self, Saved, Waiting};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    body: String,
    /// The revision its writer had before them.
    #[serde(default)]
    based_on: i64,
    /// Where both texts were shown: the writer's own one, which waits.
    #[serde(default)]
    kept: String,
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path((number, section)): Path<(i64, Section)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let saved = transaction!(app.by(&who), |tx| {
        match typed.kept.parse() {
            Ok(kept) => {
                let over = (typed.based_on, kept);
                postmortems::save_over(tx, number, section, over, &typed.body).await?
            }
            Err(_) => postmortems::save_section(tx, number, section, typed.based_on, &typed.body).await?,
        }
    });
    match saved {
        Ok(Saved::Now { .. }) => Ok(see(&format!("/incidents/{number}/postmortem#{section}"))),
        Ok(Saved::Beside { kept }) => {
            let sentence = "Somebody saved this section while you wrote. Both texts are kept and shown below: bring them together and save. A text that is not in yours waits above the document.";
            let problem = Problem {
                field: None,
                sentence: sentence.to_owned(),
            };
            let returned = Returned {
                form: Which::Beside(section),
                typed: vec![("body", typed.body), ("kept", kept.to_string())],
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
    let kept = seen.returned.typed("kept");
    let sentence = came_back.then(|| seen.returned.problem.sentence.clone());
    view! {
        <FormDialog label about=section.title() kind=ButtonKind::Small open=came_back in_place=true>
            {beside.then(|| view! { <BothTexts theirs=text.body.clone() mine=value.clone() /> })}
            <form class="form" method="post" action=seen.to(&format!("sections/{section}"))>
                <input type="hidden" name="based_on" value=text.revision.to_string() />
                {beside.then(|| view! { <input type="hidden" name="kept" value=kept /> })}
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

/// Texts that wait for somebody to bring them together with the current one; whoever writes may put them away, and bring them back.
#[component]
pub fn WaitingTexts(seen: Seen) -> impl IntoView {
    let (zone, may_write) = (seen.zone, seen.may_write);
    let (waiting, put_away) = (seen.document.waiting.clone(), seen.document.put_away.clone());
    let to = |thing: &str| seen.to(thing);
    let rows = waiting
        .into_iter()
        .map(|waiting| {
            let away = to(&format!("texts/{}/removal", waiting.id));
            view! {
                <Card>
                    <p><strong>{format!("“{}” has a second text", waiting.section.title())}</strong></p>
                    <WaitingText waiting zone />
                    {may_write.then(|| view! { <PostButton action=away kind=ButtonKind::Small>"Put it away"</PostButton> })}
                </Card>
            }
        })
        .collect_view();
    let returned = (!put_away.is_empty()).then(|| {
        let rows = put_away
            .into_iter()
            .map(|text| {
                let back = to(&format!("texts/{}", text.id));
                view! {
                    <Card>
                        <p><strong>{text.section.title()}</strong></p>
                        <WaitingText waiting=text zone />
                        {may_write.then(|| view! { <PostButton action=back kind=ButtonKind::Small>"Bring it back"</PostButton> })}
                    </Card>
                }
            })
            .collect_view();
        view! { <div class="on-screen"><Fold label="Texts that were put away"><div class="stack">{rows}</div></Fold></div> }
    });
    view! { {rows} {returned} }
}

#[component]
fn WaitingText(waiting: Waiting, zone: Tz) -> impl IntoView {
    view! {
        <p class="quiet small">{waiting.author} ", " <TimeOf at=waiting.created_at zone form=TimeForm::Short /></p>
        <Fold label="Read it"><div class="prose" inner_html=markdown::to_html(&waiting.body)></div></Fold>
    }
}

/// Puts a waiting text away.
pub async fn put_away(
    State(app): State<App>,
    who: SignedIn,
    Path((number, text)): Path<(i64, RevisionId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| {
        postmortems::put_away(tx, number, text).await?
    })?;
    Ok(see(&format!("/incidents/{number}/postmortem")))
}

/// Brings one back that was put away.
pub async fn bring_back(
    State(app): State<App>,
    who: SignedIn,
    Path((number, text)): Path<(i64, RevisionId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| {
        postmortems::bring_back(tx, number, text).await?
    })?;
    Ok(see(&format!("/incidents/{number}/postmortem")))
}
