//! The link in a page's mail: one button that acknowledges without log-in. GET and HEAD change nothing, because mail
//! scanners follow links.

use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    ButtonKind, Duration, Fact, Facts, FactsForm, Frame, PageHead, PostButton, SeverityBadge, StateBadge,
    TickingSince, TimeForm, TimeOf,
};
use crate::render;
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::incidents::State as IncidentState;
use engine::incidents::{self, Linked};
use engine::incidents::{Acknowledged, services_of};
use engine::transaction;
use leptos::prelude::*;

pub async fn show(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Answered {
    let Some(linked) = read(&app, &visitor, &token).await? else {
        return Ok(unknown());
    };
    answer(&app, &visitor, &token, linked, None).await
}

async fn read(app: &App, visitor: &Visitor, token: &str) -> engine::Result<Option<Linked>> {
    let mut tx = app.engine.by(visitor.actor()).read().await?;
    found(incidents::read_link(&mut tx, token).await)
}

/// Whoever has the link has no session that a form from elsewhere could misuse, so programs that follow links and send forms are told
/// from people by what every browser says of a form.
pub async fn post(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Answered {
    if !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site") {
        return Ok(not_by_a_browser());
    }
    let Some(linked) = read(&app, &visitor, &token).await? else {
        return Ok(unknown());
    };
    let acting = app.engine.by(visitor.by_link(linked.person));
    let done = transaction!(acting, |tx| incidents::acknowledge_by_link(tx, &token).await?);
    let Some((linked, outcome)) = found(done)? else {
        return Ok(unknown());
    };
    let sentence = match outcome {
        Some(Acknowledged::Now) => "You have it. Nobody further is paged.",
        Some(Acknowledged::Already { .. }) => "It was acknowledged before. Nobody further is paged.",
        None => "It is resolved already. There is nothing left to acknowledge.",
    };
    answer(&app, &visitor, &token, linked, Some(sentence)).await
}

fn found<T>(outcome: engine::Result<T>) -> engine::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(engine::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn not_by_a_browser() -> Response {
    crate::answer::trouble(
        StatusCode::FORBIDDEN,
        "Nothing was acknowledged",
        "This did not come from the button on the page of the link. Open the link in a browser and press the button there.",
    )
}

fn unknown() -> Response {
    crate::answer::trouble(
        StatusCode::NOT_FOUND,
        "This link is not known here",
        "It may have been cut on its way. Open the incident from the list and acknowledge it there.",
    )
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    token: &str,
    linked: Linked,
    sentence: Option<&'static str>,
) -> Answered {
    let mut tx = app
        .engine
        .by(visitor.by_link(linked.person.clone()))
        .read()
        .await?;
    let services = services_of(&mut tx, linked.incident.id).await?;
    let services = services
        .into_iter()
        .map(|service| service.name)
        .collect::<Vec<_>>()
        .join(", ");
    let now = app.engine.context.now();
    let frame = Frame::new(format!("{} {}", linked.incident.label(), linked.incident.title));
    let token = token.to_owned();
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <ByMail linked services token sentence now /> },
    ))
}

#[component]
fn ByMail(
    linked: Linked,
    services: String,
    token: String,
    sentence: Option<&'static str>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let incident = linked.incident;
    let zone = linked.person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let since = incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at);
    let waiting = incident.state == IncidentState::Triggered;
    let sentence = sentence.or(match incident.state {
        IncidentState::Triggered => None,
        IncidentState::Resolved => Some("It is resolved already. There is nothing left to acknowledge."),
        _ => Some("Somebody has it already."),
    });
    let over = view! {
        <span>{incident.label()}</span>
        <SeverityBadge severity=incident.severity />
        <StateBadge state=incident.state />
    };
    view! {
        <div class="alone by-mail">
            <PageHead title=incident.title.clone() over=over.into_any() />
            {sentence.map(|sentence| view! { <p role="status"><strong>{sentence}</strong></p> })}
            <Facts form=FactsForm::Listed>
                <Fact label="Service">{services}</Fact>
                <Fact label="Since"><TimeOf at=since zone form=TimeForm::Short /></Fact>
                <Fact label="Broken for">
                    {match incident.resolved_at {
                        Some(end) => view! { <Duration seconds=(end - since).num_seconds() /> }.into_any(),
                        None => view! { <TickingSince since now /> }.into_any(),
                    }}
                </Fact>
                <Fact label="Paged">{format!("you, {}", linked.person.name)}</Fact>
            </Facts>
            <div class="thumb">
                {waiting.then(|| view! { <PostButton action=format!("/acknowledge/{token}") kind=ButtonKind::Primary>"Acknowledge"</PostButton> })}
                <a href=format!("/incidents/{}", incident.number)>"Open the incident"</a>
            </div>
        </div>
    }
}
