//! A section: its words, its question, and the form to write it.

use super::view::{PostmortemPage, View};
use crate::address::Path;
use crate::answer::{Answered, Problem};
use crate::components::{
    ButtonKind, Card, Field, FieldKind, Fold, FormDialog, FormProblem, PostButton, Submit, TimeForm, TimeOf,
};
use crate::files::{self, FilesField, Uploads};
use crate::form::Form;
use crate::form_page::{Back, Here};
use crate::markdown;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::fields;
use domain::ids::RevisionId;
use domain::postmortems::Section;
use engine::postmortems::{self, Saved, Waiting};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// Which section of the document in the address, by its name.
#[derive(Clone, Debug, Deserialize)]
pub struct Which {
    section: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SectionForm {
    body: String,
    /// The revision its writer had before them.
    based_on: i64,
    /// Where both texts are shown: the writer's own one, which waits.
    kept: String,
    /// Of which section, from its address.
    #[serde(skip)]
    of: Option<String>,
}

pub async fn post(
    here: Here<PostmortemPage>,
    Path(Which { section }): Path<Which>,
    files: Uploads,
    Form(mut form): Form<SectionForm>,
) -> Answered {
    let number = here.page.number;
    let saved = match files::put_below(&here.app, &here.who, number, files, &mut form.body).await {
        Ok(()) => transaction!(here.by(), |tx| {
            match form.kept.parse() {
                Ok(kept) => {
                    let over = (form.based_on, kept);
                    postmortems::save_over(tx, number, &section, over, &form.body).await?
                }
                Err(_) => postmortems::save_section(tx, number, &section, form.based_on, &form.body).await?,
            }
        }),
        Err(refused) => Err(refused),
    };
    let form = SectionForm {
        of: Some(section.clone()),
        ..form
    };
    match saved {
        Ok(Saved::Beside { kept }) => {
            let sentence = "Somebody saved this section while you wrote. Both texts are kept and shown below: bring them together and save. A text that is not in yours waits above the document.";
            let problem = Problem {
                field: None,
                sentence: sentence.to_owned(),
            };
            let form = SectionForm {
                kept: kept.to_string(),
                ..form
            };
            here.again(StatusCode::CONFLICT, form, problem).await
        }
        saved => here.after_at(&section, saved, form).await,
    }
}

#[component]
pub fn SectionPart(view: View, section: Section, children: Children) -> impl IntoView {
    let is_written = !section.body.trim().is_empty();
    let html = markdown::written(&section.body);
    let unwritten = !is_written && !view.document.is_written(&section);
    let class = if unwritten {
        "unwritten-section"
    } else {
        "written-section"
    };
    let (name, title, prompt) = (
        section.name.clone(),
        section.title.clone(),
        section.prompt.clone(),
    );
    let write = view
        .may_write
        .then(|| view! { <WriteSection view=Arc::clone(&view) section /> });
    view! {
        <section id=name class=class>
            <h2>{title}</h2>
            {is_written.then(|| view! { <div class="prose reading" dir="auto" inner_html=html></div> })}
            {unwritten.then(|| view! { <p class="quiet prompt">{prompt}</p> })}
            {children()}
            {write}
        </section>
    }
}

#[component]
fn WriteSection(view: View, section: Section) -> impl IntoView {
    let Section {
        name, title, body, ..
    } = section;
    let at = view.to(&format!("sections/{name}"));
    let files_at = format!("/incidents/{}/files", view.number);
    let back: Back<SectionForm> = view
        .returned
        .of_this(|form: &SectionForm| form.of.as_deref() == Some(name.as_str()));
    let open = back.is_open();
    let fresh = || SectionForm {
        body: body.clone(),
        ..SectionForm::default()
    };
    let (typed, problem) = back.or(fresh);
    let label = if body.trim().is_empty() { "Write" } else { "Edit" };
    let about = title.clone();
    let is_beside = !typed.kept.is_empty();
    let both = is_beside.then(|| view! { <BothTexts theirs=body mine=typed.body.clone() /> });
    let kept = is_beside.then(|| view! { <input type="hidden" name="kept" value=typed.kept /> });
    let error = open.then_some(problem.sentence);
    view! {
        <FormDialog label about kind=ButtonKind::Small open in_place=true>
            {both}
            <form class="form" method="post" action=at enctype="multipart/form-data" data-files=files_at>
                <input type="hidden" name="based_on" value=section.revision.to_string() />
                {kept}
                <Field of=fields::SECTION label=title id=format!("field-{name}") kind=FieldKind::Markdown(8) value=typed.body hint=section.prompt error />
                <FilesField id=format!("files-{name}") />
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
                <div class="prose" dir="auto" inner_html=markdown::written(&theirs)></div>
            </Card>
            <Card>
                <h3>"Your text, kept beside it"</h3>
                <div class="prose" dir="auto" inner_html=markdown::written(&mine)></div>
            </Card>
        </div>
    }
}

/// Texts that wait for somebody to bring them together with the current one; whoever writes may put them away, and bring them back.
#[component]
pub fn WaitingTexts(view: View) -> impl IntoView {
    let (zone, may_write) = (view.zone, view.may_write);
    let refused = view.returned.of::<WhichText>().problem;
    let rows = view
        .document
        .waiting
        .iter()
        .cloned()
        .map(|text| {
            let heading = format!("“{}” has a second text", text.section);
            let away = view.to(&format!("texts/{}/removal", text.id));
            view! {
                <Card>
                    <p><strong>{heading}</strong></p>
                    <WaitingText waiting=text zone />
                    {may_write.then(|| view! { <PostButton action=away kind=ButtonKind::Small>"Put it away"</PostButton> })}
                </Card>
            }
        })
        .collect_view();
    let put_away = (!view.document.put_away.is_empty()).then(|| {
        let rows = view
            .document
            .put_away
            .iter()
            .cloned()
            .map(|text| {
                let heading = text.section.clone();
                let back = view.to(&format!("texts/{}", text.id));
                view! {
                    <Card>
                        <p><strong>{heading}</strong></p>
                        <WaitingText waiting=text zone />
                        {may_write.then(|| view! { <PostButton action=back kind=ButtonKind::Small>"Bring it back"</PostButton> })}
                    </Card>
                }
            })
            .collect_view();
        view! { <div class="on-screen"><Fold label="Texts that were put away"><div class="stack">{rows}</div></Fold></div> }
    });
    view! { <FormProblem problems=refused.above() /> {rows} {put_away} }
}

#[component]
fn WaitingText(waiting: Waiting, zone: Tz) -> impl IntoView {
    view! {
        <p class="quiet small">{waiting.author} ", " <TimeOf at=waiting.created_at zone form=TimeForm::Short /></p>
        <Fold label="Read it"><div class="prose" dir="auto" inner_html=markdown::written(&waiting.body)></div></Fold>
    }
}

/// Which text of the document in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WhichText {
    text: RevisionId,
}

/// Puts a waiting text away.
pub async fn put_away(here: Here<PostmortemPage>, Path(which): Path<WhichText>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        postmortems::put_away(tx, here.page.number, which.text).await?
    });
    here.after(done, which).await
}

/// Brings one back that was put away.
pub async fn bring_back(here: Here<PostmortemPage>, Path(which): Path<WhichText>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        postmortems::bring_back(tx, here.page.number, which.text).await?
    });
    here.after(done, which).await
}
