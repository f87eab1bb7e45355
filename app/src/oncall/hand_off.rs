//! The link in the mail of a turn that begins: what is open, what was left, and “I can be reached”. GET changes nothing, because mail
//! scanners follow links.

use crate::App;
use crate::address::Path;
use crate::answer::{Answered, error_page, problem_of};
use crate::by_browser::ByBrowser;
use crate::components::{
    ButtonKind, Fact, Facts, FactsForm, Frame, PageHead, PostButton, SeverityBadge, StateBadge, TimeOf,
};
use crate::render;
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::words::listed;
use engine::hand_offs::{self, Around, HandOff, Told};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

pub async fn show(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Answered {
    page(&app, &visitor, &token, None).await
}

/// “I can be reached.”
pub async fn reached(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    _: ByBrowser,
) -> Answered {
    let acting = app.engine.by(visitor.actor());
    let done = transaction!(acting, |tx| hand_offs::can_be_reached(tx, &token).await?);
    said(&app, &visitor, &token, done, "Thank you. Pages come to you.").await
}

/// Which incident of the turn before.
#[derive(Debug, Deserialize)]
pub struct Which {
    token: String,
    number: i64,
}

pub async fn take_over(
    State(app): State<App>,
    visitor: Visitor,
    Path(Which { token, number }): Path<Which>,
    _: ByBrowser,
) -> Answered {
    let acting = app.engine.by(visitor.actor());
    let done = transaction!(acting, |tx| {
        hand_offs::take_over_by_link(tx, &token, number).await?
    });
    let sentence = format!("You have INC-{number}.");
    said(&app, &visitor, &token, done, &sentence).await
}

async fn said(
    app: &App,
    visitor: &Visitor,
    token: &str,
    done: engine::Result<HandOff>,
    sentence: &str,
) -> Answered {
    let sentence = match done {
        Ok(_) => sentence.to_owned(),
        Err(Error::NotFound("link")) => return Ok(unknown()),
        Err(error) => problem_of(error)?.sentence,
    };
    page(app, visitor, token, Some(sentence)).await
}

fn unknown() -> Response {
    error_page(
        StatusCode::NOT_FOUND,
        "This link is not known here",
        "It may have been cut on its way. Log in and look who is on call.",
    )
}

async fn page(app: &App, visitor: &Visitor, token: &str, sentence: Option<String>) -> Answered {
    let mut tx = app.engine.by(visitor.actor()).read().await?;
    let hand_off = match hand_offs::by_link(&mut tx, token).await {
        Err(Error::NotFound(_)) => return Ok(unknown()),
        found => found?,
    };
    drop(tx);
    let acting = app.engine.by(visitor.by_link(hand_off.person.clone()));
    let mut tx = acting.read().await?;
    let around = hand_offs::around(&mut tx, hand_off.schedule.id, hand_off.from, hand_off.person.id).await?;
    let is_over = hand_off.to <= tx.now();
    let here = format!("/on-call/hand-offs/{token}");
    let frame = Frame::new(format!("On call for {}", hand_off.schedule.name));
    Ok(render::page(StatusCode::OK, frame, move || {
        view! { <div class="alone"><Begins hand_off around here is_over sentence /></div> }
    }))
}

#[component]
fn Begins(
    hand_off: HandOff,
    around: Around,
    here: String,
    is_over: bool,
    sentence: Option<String>,
) -> impl IntoView {
    let zone = hand_off.person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let title = format!("You are on call for {}", hand_off.schedule.name);
    let before: Vec<&str> = around.before.iter().map(|(_, name)| name.as_str()).collect();
    let before = (!before.is_empty()).then(|| {
        let words = listed(&before);
        view! { <Fact label="Before you">{words}</Fact> }
    });
    let is_reached = hand_off.reached_at.is_some();
    let sentence = sentence.or_else(|| {
        let said = if is_over {
            "This turn is over."
        } else {
            "You have said that you can be reached."
        };
        (is_over || is_reached).then(|| said.to_owned())
    });
    let rows = around
        .open
        .iter()
        .map(|told| view! { <Open told=told.clone() is_left=around.is_left(told) && !is_over here=here.clone() /> })
        .collect_view();
    let none = around
        .open
        .is_empty()
        .then(|| view! { <p class="quiet">"Nothing is open."</p> });
    let more = (around.more_open > 0)
        .then(|| view! { <p class="quiet">{format!("And {} more.", around.more_open)}</p> });
    let note = around.note.clone().map(|note| {
        view! {
            <section class="stack-tight">
                <h2>"Left for you"</h2>
                <p class="pre-line" dir="auto">{note.text}</p>
                <p class="quiet small">{note.person} ", " <TimeOf at=note.written_at zone /></p>
            </section>
        }
    });
    view! {
        <PageHead title />
        <div class="stack measure">
            {sentence.map(|sentence| view! { <p role="status"><strong>{sentence}</strong></p> })}
            <Facts form=FactsForm::Listed>
                <Fact label="Since"><TimeOf at=hand_off.from zone /></Fact>
                <Fact label="Until"><TimeOf at=hand_off.to zone /></Fact>
                {before}
            </Facts>
            {(!is_over && !is_reached).then(|| view! {
                <div class="thumb"><PostButton action=here.clone() kind=ButtonKind::Primary>"I can be reached"</PostButton></div>
            })}
            {note}
            <section class="stack-tight">
                <h2>"Open now"</h2>
                {none}
                <ul class="rows">{rows}</ul>
                {more}
            </section>
            <Last around />
        </div>
    }
}

/// `is_left`: whoever has it goes off call.
#[component]
fn Open(told: Told, is_left: bool, here: String) -> impl IntoView {
    let Told { incident, held_by } = told;
    let held = match held_by {
        Some((_, name)) => format!("{name} has it."),
        None => "Nobody has it.".to_owned(),
    };
    let action = format!("{here}/incidents/{}", incident.number);
    view! {
        <li class="stack-tight">
            <span>
                <SeverityBadge severity=incident.severity short=true />
                " " <a href=format!("/incidents/{}", incident.number)>{incident.label()} " " <bdi>{incident.title.clone()}</bdi></a>
                " " <StateBadge state=incident.state />
            </span>
            <span class="quiet small">{held}</span>
            {is_left.then(|| view! { <PostButton action kind=ButtonKind::Small label=format!("Take {} over", incident.label())>"Take it over"</PostButton> })}
        </li>
    }
}

/// What paged somebody in the turn before.
#[component]
fn Last(around: Around) -> impl IntoView {
    (around.paged > 0).then(|| {
        let title = match around.paged {
            1 => "1 incident in the turn before".to_owned(),
            paged => format!("{paged} incidents in the turn before"),
        };
        let rows = around
            .last
            .into_iter()
            .map(|incident| {
                view! {
                    <li>
                        <SeverityBadge severity=incident.severity short=true />
                        " " <a href=format!("/incidents/{}", incident.number)>{incident.label()} " " <bdi>{incident.title.clone()}</bdi></a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="stack-tight">
                <h2>{title}</h2>
                <ul class="rows">{rows}</ul>
            </section>
        }
    })
}
