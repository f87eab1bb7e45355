//! After the form: the line that opens a test incident, and whether mail works.

use super::first::Steps;
use crate::App;
use crate::address::encoded;
use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, Fold, Notice, PageHead, Section as Bar, Tone};
use crate::notifications::mail::{HowMailIs, MailNow};
use crate::render;
use crate::session::SignedIn;
use crate::teams::one_time_secrets;
use crate::teams::set_up::SetUp;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::teams::{Integration, IntegrationKind, Service};
use engine::setup;
use engine::teams::{self, integrations};
use leptos::prelude::*;
use url::Url;

pub async fn show(State(app): State<App>, who: SignedIn, headers: HeaderMap) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut ways: Vec<(Integration, String)> = Vec::new();
    let mut service: Option<Service> = None;
    for (id, secret) in one_time_secrets::take(&headers) {
        let integration = integrations::find(&mut tx, id).await?;
        service = Some(teams::find_service(&mut tx, integration.service_id).await?);
        ways.push((integration, secret));
    }
    let arrived = setup::last_opened(&mut tx).await?;
    let mail = MailNow::read(&app, &who, &mut tx).await?;
    let mut frame = who.frame(&mut tx, "Ready", Bar::Home).await?;
    frame.refresh_seconds = mail.refresh_seconds();
    let base_url = app.engine.context.base_url.clone();
    let may_administer = who.is_administrator();
    Ok(render::page(StatusCode::OK, frame, move || {
        view! { <Page ways service arrived mail base_url may_administer /> }
    }))
}

#[component]
fn Page(
    ways: Vec<(Integration, String)>,
    service: Option<Service>,
    arrived: Option<(i64, String)>,
    mail: MailNow,
    base_url: Url,
    may_administer: bool,
) -> impl IntoView {
    let settings = service.as_ref().map_or("/settings/teams".to_owned(), |service| {
        encoded(&format!("/settings/services/{}", service.slug))
    });
    let gone = ways.is_empty().then(|| {
        let href = settings.clone();
        view! {
            <p>
                "The secrets were shown and are not kept. " <a href=href>"Make new ones"</a> " where the services are."
            </p>
        }
    });
    let lead = (!ways.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Worked lead="Copy what you need now: it is shown once.">
                "Only hashes are kept. New ones can be made at any time."
            </Notice>
        }
    });
    let ways = ways
        .into_iter()
        .map(|(integration, secret)| {
            let kind = integration.kind;
            let base_url = base_url.clone();
            let way = view! { <SetUp base_url kind secret /> };
            if kind == IntegrationKind::Json {
                way.into_any()
            } else {
                view! { <Fold label=kind.label()>{way}</Fold> }.into_any()
            }
        })
        .collect_view();
    view! {
        <div class="alone roomy">
            <PageHead title="Ready for the first alert" />
            <Steps now=1 />
            <section class="stack">
                <h2>"The first alert"</h2>
                {lead}
                {gone}
                {ways}
                <Arrived arrived />
            </section>
            <section class="stack">
                <h2>"Mail"</h2>
                <HowMailIs now=mail may_administer back="/setup/ready" />
            </section>
            <p class="buttons">
                <ButtonLink href="/" kind=ButtonKind::Primary>
                    "To the home page"
                </ButtonLink>
                <ButtonLink href=settings kind=ButtonKind::Plain>
                    "To the service"
                </ButtonLink>
            </p>
        </div>
    }
}

/// Whether it came; it changes by itself when it does.
#[component]
fn Arrived(arrived: Option<(i64, String)>) -> impl IntoView {
    let shown = match arrived {
        Some((number, title)) => view! {
            <Notice tone=Tone::Well lead="It arrived.">
                <a href=format!("/incidents/{number}")>{format!("INC-{number} ")} <bdi>{title}</bdi></a>
            </Notice>
        }
        .into_any(),
        None => view! { <Notice lead="Nothing has arrived yet.">"This turns green when it does." <noscript>" Load the page again to see."</noscript></Notice> }
            .into_any(),
    };
    view! { <div id="first-alert" data-fresh="">{shown}</div> }
}
