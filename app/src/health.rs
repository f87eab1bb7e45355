//! `/settings/pager`: how the pager itself is doing, for administrators: whether it can do its work now, and how well it kept its promise.

use crate::App;
use crate::answer::Answered;
use crate::components::{Badge, Fact, Facts, FactsForm, Section as Bar, Shape, Tone};
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use domain::incidents::instants::spoken;
use domain::people::Permission;
use engine::health::{self, Readiness, Share, Shares};
use engine::people;
use leptos::prelude::*;

pub fn routes() -> Router<App> {
    Router::new().route("/settings/pager", get(show))
}

async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    people::authorize(&mut tx, &who.person, Permission::Administer).await?;
    let shares = health::shares(&mut tx).await?;
    let frame = who.frame(&mut tx, "The pager", Bar::Settings).await?;
    drop(tx);
    let now = health::readiness(&app.engine).await;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page now shares /> },
    ))
}

#[component]
fn Page(now: Readiness, shares: Shares) -> impl IntoView {
    let under = if now.is_ready() {
        "It can do its work."
    } else {
        "It cannot do its work; see below."
    };
    let (writes, works, waits) = (now.database.is_ok(), now.workers_alive(), outbox(&now));
    view! {
        <Shell part=Part::Pager title="The pager" under>
            <Section title="Now">
                <Facts form=FactsForm::Listed>
                    <Fact label="Database"><Well good=writes bad="cannot be written" /></Fact>
                    <Fact label="Workers"><Well good=works bad="one does not come round" /></Fact>
                    <Fact label="Outbox">{waits}</Fact>
                </Facts>
            </Section>
            <Section title="Kept, over the last 28 days">
                <Promise
                    label="Alerts accepted"
                    share=shares.alerts_accepted
                    none="No alert came in."
                    about="Requests of known integrations that were stored and handled, of all that arrived."
                />
                <Promise
                    label="First pages in time"
                    share=shares.first_pages_in_time
                    none="No page was sent to a mail server."
                    about="First pages of an incident that the mail server accepted within 10 s. Accepted is not delivered: whether a phone rang is more than we know."
                />
                <p class="quiet small">"The goal is 99.99 %: 9,999 of 10,000. The same numbers are in /metrics."</p>
            </Section>
        </Shell>
    }
}

fn outbox(now: &Readiness) -> String {
    match now.outbox.waiting {
        0 => "no mail waits".to_owned(),
        waiting => format!(
            "{waiting} {} for up to {}",
            if waiting == 1 { "mail waits" } else { "mails wait" },
            spoken(now.outbox.oldest_seconds)
        ),
    }
}

#[component]
fn Well(good: bool, bad: &'static str) -> impl IntoView {
    if good {
        view! { <Badge tone=Tone::Well shape=Some(Shape::Dot)>"well"</Badge> }
    } else {
        view! { <Badge tone=Tone::Broken shape=Some(Shape::Triangle)>{bad}</Badge> }
    }
}

#[component]
fn Promise(label: &'static str, share: Share, none: &'static str, about: &'static str) -> impl IntoView {
    let tone = if share.holds() { Tone::Plain } else { Tone::Broken };
    let words = match share.ratio() {
        None => none.to_owned(),
        // Never rounded up to a promise that was not kept.
        Some(ratio) => format!(
            "{} of {}, {:.2} %",
            share.good,
            share.all,
            (ratio * 10_000.0).floor() / 100.0
        ),
    };
    view! {
        <Facts form=FactsForm::Listed>
            <Fact label tone>{words}</Fact>
        </Facts>
        <p class="quiet small">{about}</p>
    }
}
