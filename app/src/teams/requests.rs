//! What a source sent, exactly as it came, for whoever may change its integration.

use super::view::find;
use crate::App;
use crate::address::{Path, Query, encoded};
use crate::answer::Answered;
use crate::components::{Cell, DataTable, EmptyState, Row, Section as Bar, TimeOf};
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono_tz::Tz;
use domain::ids::IntegrationId;
use domain::teams::Integration;
use engine::alerts::payloads::{self, PAGE, Request};
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

/// So much of a body is shown; the rest can be downloaded.
const SHOWN: usize = 64 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RequestQuery {
    before: Option<Uuid>,
}

pub async fn list(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id)): Path<(String, IntegrationId)>,
    Query(query): Query<RequestQuery>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let integration = find(&mut tx, &slug, id).await?;
    let requests = payloads::requests(&mut tx, id, query.before).await?;
    let frame = who
        .frame(
            &mut tx,
            format!("Requests of {}", integration.name),
            Bar::Settings,
        )
        .await?;
    let zone = who.zone();
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Requests slug integration requests zone /> },
    ))
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id, request)): Path<(String, IntegrationId, Uuid)>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let integration = find(&mut tx, &slug, id).await?;
    let (request, body) = payloads::request(&mut tx, id, request).await?;
    let frame = who
        .frame(
            &mut tx,
            format!("A request of {}", integration.name),
            Bar::Settings,
        )
        .await?;
    let zone = who.zone();
    let text = readable(&body);
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <OneRequest slug integration request text zone /> },
    ))
}

/// The bytes themselves, as a file: a browser makes nothing of them.
pub async fn download(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id, request)): Path<(String, IntegrationId, Uuid)>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    find(&mut tx, &slug, id).await?;
    let (request, body) = payloads::request(&mut tx, id, request).await?;
    let name = format!("attachment; filename=\"request-{}.txt\"", request.id);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, body).into_response())
}

/// Its beginning as text; JSON with a line for each value.
fn readable(body: &[u8]) -> String {
    let pretty = (body.len() <= SHOWN)
        .then(|| serde_json::from_slice::<serde_json::Value>(body).ok())
        .flatten()
        .and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned())
}

fn path(slug: &str) -> String {
    encoded(&format!("/settings/services/{slug}"))
}

fn place(slug: &str, integration: &Integration) -> String {
    format!("{}/integrations/{}/requests", path(slug), integration.id)
}

#[component]
fn Requests(slug: String, integration: Integration, requests: Vec<Request>, zone: Tz) -> impl IntoView {
    let here = place(&slug, &integration);
    let full = i64::try_from(requests.len()).is_ok_and(|count| count == PAGE);
    let older = requests.last().filter(|_| full).map(|last| {
        let href = format!("{here}?before={}", last.id);
        view! { <p><a href=href>"Older ones"</a></p> }
    });
    let none = requests.is_empty();
    let rows = requests
        .into_iter()
        .map(|request| {
            let href = format!("{here}/{}", request.id);
            view! {
                <Row>
                    <Cell label="When"><a href=href><TimeOf at=request.received_at zone /></a></Cell>
                    <Cell label="Bytes">{request.bytes}</Cell>
                    <Cell label="What became of it">{request.fault.unwrap_or_else(|| "handled".to_owned())}</Cell>
                </Row>
            }
        })
        .collect_view();
    let table = if none {
        view! { <EmptyState title="Nothing is kept of it">"Requests are kept for some days after they came."</EmptyState> }
            .into_any()
    } else {
        let headers = vec!["When", "Bytes", "What became of it"];
        view! { <DataTable caption="Requests that were taken" headers>{rows}</DataTable> }.into_any()
    };
    let under = "What it sent and was taken, exactly as it came.";
    view! {
        <Shell part=Part::Teams title=format!("Requests of {}", integration.name) under>
            <p><a href=path(&slug)>"Back to the service"</a></p>
            {table}
            {older}
        </Shell>
    }
}

#[component]
fn OneRequest(
    slug: String,
    integration: Integration,
    request: Request,
    text: String,
    zone: Tz,
) -> impl IntoView {
    let here = place(&slug, &integration);
    let file = format!("{here}/{}/body", request.id);
    let cut = usize::try_from(request.bytes).is_ok_and(|bytes| bytes > SHOWN);
    let cut = cut.then(|| view! { <p class="quiet">"Only its beginning is shown."</p> });
    let address = request
        .address
        .map(|address| view! { <p class="machine">{address}</p> });
    let fault = request.fault.map(|fault| {
        view! { <p class="quiet">"It could not be handled, and an incident says so: " {fault}</p> }
    });
    view! {
        <Shell part=Part::Teams title=format!("A request of {}", integration.name) under="Exactly as it came.">
            <p><a href=here>"All its requests"</a></p>
            <Section title="What it says">
                <p>
                    "It came at " <TimeOf at=request.received_at zone /> " and has " {request.bytes} " bytes. "
                    <a href=file>"Download it"</a>
                </p>
                {address}
                {fault}
                {cut}
                <pre class="paste machine card" tabindex="0">{text}</pre>
            </Section>
        </Shell>
    }
}
