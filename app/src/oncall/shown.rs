//! Who is on call, for whoever has the address: a small page and a badge.

use super::view::{SchedulePage, zone_of};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, error_page};
use crate::components::{Frame, PageHead, Paste, SwitchForm, TimeForm};
use crate::form::{Form, is_on};
use crate::form_page::Here;
use crate::render;
use crate::settings::Section;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::words::listed;
use engine::oncall::shown::{self, Shown};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShownForm {
    /// `on` where others may see it.
    shown: String,
}

pub async fn set(here: Here<SchedulePage>, Form(form): Form<ShownForm>) -> Answered {
    let id = here.page.schedule;
    let done: engine::Result<()> = transaction!(here.by(), |tx| {
        let is_shown = is_on("shown", &form.shown)?;
        shown::show(tx, id, is_shown).await?
    });
    here.after_at("shown", done, form).await
}

/// `TOKEN` is a page, `TOKEN.svg` a badge.
pub async fn show(State(app): State<App>, Path(file): Path<String>) -> Answered {
    let token = file.strip_suffix(".svg").unwrap_or(&file);
    let mut tx = app.engine.read().await?;
    let shown = match shown::by_token(&mut tx, token).await {
        Err(Error::NotFound(_)) => return Ok(unknown()),
        found => found?,
    };
    drop(tx);
    if token.len() < file.len() {
        return Ok(badge(&shown));
    }
    let frame = Frame::new(format!("On call: {}", shown.schedule.name));
    let page = render::page(
        StatusCode::OK,
        frame,
        move || view! { <div class="alone"><Now shown /></div> },
    );
    Ok(([(header::CACHE_CONTROL, "no-cache")], page).into_response())
}

fn unknown() -> Response {
    error_page(
        StatusCode::NOT_FOUND,
        "This address is not known here",
        "It was switched off, or cut on its way. Ask the team for the address of now.",
    )
}

fn who(shown: &Shown) -> String {
    if shown.people.is_empty() {
        "nobody".to_owned()
    } else {
        listed(&shown.people)
    }
}

#[component]
fn Now(shown: Shown) -> impl IntoView {
    let zone = zone_of(&shown.schedule);
    let until = shown.until.map(|until| {
        format!(
            "Until {} ({}).",
            TimeForm::Short.format(until, zone),
            zone_words(zone.name())
        )
    });
    view! {
        <PageHead title=format!("On call: {}", shown.schedule.name) />
        <p class="shown-now">{who(&shown)}</p>
        <p class="quiet">{until}</p>
    }
}

/// As those of builds and packages look. Seven and a half units are about a letter.
fn badge(shown: &Shown) -> Response {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let (left, right) = (shown.schedule.name.clone(), who(shown));
    let width = |text: &str| text.chars().count() * 15 / 2 + 14;
    let (one, other) = (width(&left), width(&right));
    let (all, tone) = (
        one + other,
        if shown.people.is_empty() {
            "#b3401b"
        } else {
            "#2f6b46"
        },
    );
    let (left_at, right_at) = (one / 2, one + other / 2);
    let (left, right) = (escaped(&left), escaped(&right));
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="22" role="img" aria-label="On call for {left}: {right}"><title>On call for {left}: {right}</title><rect width="{all}" height="22" rx="4" fill="{tone}"/><rect width="{one}" height="22" rx="4" fill="#4a443e"/><rect x="{}" width="4" height="22" fill="#4a443e"/><g fill="#fff" font-family="Verdana,Geneva,sans-serif" font-size="12" text-anchor="middle"><text x="{left_at}" y="15">{left}</text><text x="{right_at}" y="15">{right}</text></g></svg>"##,
        one - 4
    );
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache, max-age=60"),
    ];
    (headers, svg).into_response()
}

/// On the schedule's page: `address` where it is switched on.
#[component]
pub(super) fn ShowToOthers(at: String, address: Option<String>) -> impl IntoView {
    let is_shown = address.is_some();
    let addresses = address.map(|address| {
        let badge = format!("{address}.svg");
        view! {
            <p>"Page: " <a href=address.clone()>{address.clone()}</a></p>
            <div class="stack-tight">
                <p>"Badge:"</p>
                <Paste text=badge />
            </div>
        }
    });
    view! {
        <Section title="Shown to others" id="shown">
            <div class="stack">
                {addresses}
                <SwitchForm
                    action=format!("{at}/shown")
                    name="shown"
                    label="Show who is on call to whoever has the address"
                    is_on=is_shown
                    hint="A small page and a badge with names, and nothing else. Switched off, the address leads nowhere; switched on again, it is another one."
                />
            </div>
        </Section>
    }
}
