//! Home: is anything on fire, am I on call, what waits for me?

use crate::App;
use crate::answer::Answered;
use crate::components::{AsidePart, EmptyState, Notice, PageHead, Section, TimeForm, TimeOf, Tone};
use crate::incidents::IncidentRow;
use crate::render;
use crate::session::SignedIn;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono_tz::Tz;
use domain::incidents::Incident;
use engine::actions::{self, Card};
use engine::incidents::{self, Filter, Listed};
use engine::oncall::overview::{Mine, overview};
use engine::paging::{self, PageToMe};
use engine::postmortems::{self, Listed as Postmortem};
use islands::Ticker;
use leptos::prelude::*;

pub fn routes() -> Router<App> {
    Router::new().route("/", get(show))
}

async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.engine.read().await?;
    let open = incidents::list(
        &mut tx,
        &Filter {
            open_only: true,
            ..Filter::default()
        },
    )
    .await?;
    let nobody = incidents::nobody_has(&mut tx).await?;
    let mine = overview(&mut tx, who.person.id).await?.mine;
    let promises = actions::open_of_person(&mut tx, who.person.id).await?;
    let reviews = postmortems::to_review(&mut tx).await?;
    let pages = paging::to_person(&mut tx, who.person.id, 8).await?;
    let frame = who.frame(&mut tx, "Home", Section::Home).await?;
    let (now, zone) = (app.engine.context.now(), who.zone());
    Ok(render::page(StatusCode::OK, frame, move || {
        let lead = match open.len() {
            0 => "Nothing is broken that we know of".to_owned(),
            1 => "1 incident is open".to_owned(),
            open => format!("{open} incidents are open"),
        };
        view! {
            <PageHead title=lead />
            <NobodyHas nobody />
            <div class="with-aside">
                <section aria-label="Open incidents"><OpenNow open now zone /></section>
                <aside aria-label="You">
                    <MyShifts mine zone />
                    <MyPages pages zone />
                    <ToReview reviews />
                    <MyPromises promises />
                </aside>
            </div>
            <Ticker now=now.timestamp() />
        }
    }))
}

#[component]
fn NobodyHas(nobody: Vec<Incident>) -> impl IntoView {
    nobody
        .into_iter()
        .map(|incident| {
            let link = view! { <a class="button" href=format!("/incidents/{}", incident.number)>"Look at it"</a> };
            let lead = format!("Nobody has {} {}.", incident.label(), incident.title);
            view! { <Notice tone=Tone::Broken lead actions=link.into_any()>"There is nobody left to page. Whoever sees this can take it."</Notice> }
        })
        .collect_view()
}

#[component]
fn OpenNow(open: Vec<Listed>, now: chrono::DateTime<chrono::Utc>, zone: Tz) -> impl IntoView {
    if open.is_empty() {
        return view! {
            <EmptyState title="Quiet">
                "When an alert comes in or somebody opens an incident, it stands here. " <a href="/incidents?state=resolved">"What is over"</a>
            </EmptyState>
        }
        .into_any();
    }
    let rows = open
        .into_iter()
        .map(|row| view! { <IncidentRow row now zone /> })
        .collect_view();
    view! { <ul class="incident-list">{rows}</ul> }.into_any()
}

#[component]
fn MyShifts(mine: Vec<Mine>, zone: Tz) -> impl IntoView {
    let none = mine.is_empty();
    let rows = mine.into_iter().take(4).map(move |shift| {
        let until =
            (!shift.open_ended).then(|| view! { " until " <TimeOf at=shift.to zone form=TimeForm::Short /> });
        let when = if shift.is_now {
            view! { <strong>"You have the pager"</strong> {until} }.into_any()
        } else {
            view! { "From " <TimeOf at=shift.from zone form=TimeForm::Short /> {until} }.into_any()
        };
        view! { <li>{when} <br /><span class="quiet small">{shift.schedule.name}</span></li> }
    });
    view! {
        <AsidePart title="On call">
            {none.then(|| view! { <p class="quiet">"You are not on call in the next four weeks."</p> })}
            <ul class="rows">{rows.collect_view()}</ul>
            <p class="small"><a href="/on-call">"Who is on call"</a></p>
        </AsidePart>
    }
}

#[component]
fn MyPages(pages: Vec<PageToMe>, zone: Tz) -> impl IntoView {
    let none = pages.is_empty();
    let rows = pages.into_iter().map(move |page| {
        view! {
            <li>
                <a href=format!("/incidents/{}", page.number)>{format!("INC-{} ", page.number)}<bdi>{page.title}</bdi></a>
                <br />
                <span class="quiet small"><TimeOf at=page.created_at zone form=TimeForm::Short /></span>
            </li>
        }
    });
    view! {
        <AsidePart title="Pages to you">
            {none.then(|| view! { <p class="quiet">"None in the last week."</p> })}
            <ul class="rows">{rows.collect_view()}</ul>
            <p class="small"><a href="/mail">"Mails to you"</a></p>
        </AsidePart>
    }
}

#[component]
fn ToReview(reviews: Vec<Postmortem>) -> impl IntoView {
    (!reviews.is_empty()).then(|| {
        let rows = reviews
            .into_iter()
            .map(|row| {
                view! { <li><a href=format!("/incidents/{}/postmortem", row.number)>{row.title}</a> " " <span class="quiet small">{row.team}</span></li> }
            })
            .collect_view();
        view! { <AsidePart title="Postmortems to review"><ul class="rows">{rows}</ul></AsidePart> }
    })
}

#[component]
fn MyPromises(promises: Vec<Card>) -> impl IntoView {
    let none = promises.is_empty();
    let rows = promises
        .into_iter()
        .take(6)
        .map(|card| {
            let due = card
                .item
                .due_on
                .map(|due| format!("due {}", due.format("%-d %b %Y")));
            view! {
                <li>
                    <a href=format!("/action-items/{}", card.item.number)>{card.item.title}</a>
                    <br />
                    <span class="quiet small">{format!("INC-{} ", card.incident_number)} {due}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <AsidePart title="What you promised">
            {none.then(|| view! { <p class="quiet">"No open action item names you."</p> })}
            <ul class="rows">{rows}</ul>
        </AsidePart>
    }
}
