//! `/settings`: everything that can be set, each with a sentence, and a search over it.

use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{ButtonKind, EmptyState, Field, FieldKind, PageHead, Section, Submit};
use crate::places::settings::{GROUPS, Group};
use crate::places::{Place, fits};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::people::Role;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsQuery {
    q: String,
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<SettingsQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let frame = who.frame(&mut tx, "Settings", Section::Settings).await?;
    let reader = who.person.role;
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <PageHead title="Settings" />
            <form class="filters settings-search" method="get" action="/settings" role="search" aria-label="Settings">
                <Field
                    name="q"
                    label="Search the settings"
                    kind=FieldKind::Search
                    value=asked.q.clone()
                    placeholder="Search the settings"
                    label_unseen=true
                    class="grow"
                />
                <Submit kind=ButtonKind::Normal>"Search"</Submit>
            </form>
            <Groups asked=asked.q reader />
        }
    }))
}

#[component]
fn Groups(asked: String, reader: Role) -> impl IntoView {
    let shown: Vec<_> = GROUPS
        .into_iter()
        .filter_map(|Group { title, places }| {
            let places: Vec<Place> = places
                .iter()
                .copied()
                .filter(|place| place.is_for(reader) && fits(place, &asked))
                .collect();
            (!places.is_empty()).then_some((title, places))
        })
        .collect();
    if shown.is_empty() {
        return view! {
            <EmptyState title=format!("No setting fits “{}”", asked.trim())>
                "Remove a word, or look at " <a href="/settings">"all settings"</a>
                ". The server itself is set by flags, the environment or a file: " <code>"kintsugi serve --help"</code> "."
            </EmptyState>
        }
        .into_any();
    }
    let groups = shown
        .into_iter()
        .map(|(title, places)| {
            let rows = places
                .into_iter()
                .map(|place| {
                    view! {
                        <li>
                            <a href=place.href>{place.title}</a>
                            <p>{place.sentence}</p>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <section class="settings-group">
                    <h2>{title}</h2>
                    <ul class="settings-rows">{rows}</ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="settings-groups">{groups}</div> }.into_any()
}
