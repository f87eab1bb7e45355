//! Home: is anything on fire, am I on call, what waits for me?

mod first_steps;
mod refused;
mod waiting;
mod you;

use crate::App;
use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, PageHead, Section};
use crate::incidents::{IncidentRow, PagesYou};
use crate::oncall::Untaken;
use crate::render;
use crate::session::SignedIn;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::Incident;
use engine::action_items::{self, Card};
use engine::alerts::{self, RefusedLately};
use engine::incidents::{self, Awake, Listed, OpenCount};
use engine::oncall::Overview;
use engine::oncall::overview::overview;
use engine::oncall::requests::Request;
use engine::oncall::untaken;
use engine::paging::{self, PageToMe};
use engine::postmortems::{self, Listed as Postmortem};
use engine::setup::{self, FirstSteps};
use first_steps::BeforeTheFirst;
use islands::Ticker;
use leptos::prelude::*;
use refused::RefusedRequests;
use waiting::{MyPromises, ToReview};
use you::{MyPages, MyShifts, OnCallNow};

/// Open incidents that are shown at once.
const SHOWN: i64 = 50;

pub fn routes() -> Router<App> {
    Router::new().route("/", get(show))
}

/// What the page is made from.
struct Seen {
    /// The worst of those that are open.
    open: Vec<Listed>,
    count: OpenCount,
    nobody: Vec<Incident>,
    oncall: Overview,
    promises: Vec<Card>,
    reviews: Vec<Postmortem>,
    pages: Vec<PageToMe>,
    /// How many incidents page the reader, and whether they are awake.
    waits: usize,
    awake: Option<Awake>,
    refused: Vec<RefusedLately>,
    /// Turns of others in the reader's teams.
    untaken: Vec<Request>,
    now: DateTime<Utc>,
    zone: Tz,
    may_open: bool,
    /// For administrators of a new house.
    first_steps: Option<FirstSteps>,
}

async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let first_steps = match who.is_administrator() {
        true => setup::first_steps(&mut tx).await?,
        false => None,
    };
    let seen = Seen {
        first_steps,
        open: incidents::worst_open(&mut tx, SHOWN).await?,
        count: incidents::count_open(&mut tx).await?,
        nobody: incidents::nobody_has(&mut tx).await?,
        oncall: overview(&mut tx, who.person.id).await?,
        promises: action_items::open_of_person(&mut tx, who.person.id).await?,
        reviews: postmortems::to_review(&mut tx).await?,
        pages: paging::to_person(&mut tx, who.person.id, 5).await?,
        waits: incidents::waiting_for(&mut tx, who.person.id).await?.len(),
        awake: incidents::awake(&mut tx, who.person.id).await?,
        refused: alerts::refused_lately(&mut tx).await?,
        untaken: untaken::for_person(&mut tx, &who.person).await?,
        now: app.engine.context.now(),
        zone: who.zone(),
        may_open: who.may_act(),
    };
    let frame = who.frame(&mut tx, "Home", Section::Home).await?;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Home seen /> },
    ))
}

#[component]
fn Home(seen: Seen) -> impl IntoView {
    let (now, zone) = (seen.now, seen.zone);
    let title = match seen.count.open {
        0 => "Nothing is broken that we know of".to_owned(),
        1 => "1 incident is open".to_owned(),
        open => format!("{open} incidents are open"),
    };
    let actions = seen
        .may_open
        .then(|| view! { <ButtonLink href="/incidents/new" kind=ButtonKind::Normal>"Open an incident"</ButtonLink> });
    let untouched = seen.first_steps.as_ref().is_some_and(|steps| !steps.tried);
    let first_steps = seen.first_steps.map(|steps| view! { <BeforeTheFirst steps /> });
    view! {
        <div class="home">
            <div id="home-head" data-fresh=""><PageHead title under=in_words(seen.count).into_any() actions=actions.into_any() /></div>
            <PagesYou waits=seen.waits awake=seen.awake zone />
            <div class="with-aside">
                <div>
                    <div id="open-now" data-fresh=""><OpenNow open=seen.open count=seen.count.open nobody=seen.nobody untouched now zone /></div>
                    <RefusedRequests refused=seen.refused zone />
                    <Untaken requests=seen.untaken zone />
                    {first_steps}
                    <MyPromises promises=seen.promises now zone />
                    <ToReview reviews=seen.reviews now />
                </div>
                <aside aria-label="You and the pager">
                    <MyShifts mine=seen.oncall.mine.clone() zone />
                    <OnCallNow schedules=seen.oncall.schedules zone />
                    <div id="my-pages" data-fresh=""><MyPages pages=seen.pages zone /></div>
                </aside>
            </div>
            <Ticker now=now.timestamp() />
        </div>
    }
}

/// How many nobody has, are worked on, and are mended but not over.
fn in_words(count: OpenCount) -> String {
    if count.open == 0 {
        return "When an alert comes in or somebody opens an incident, it appears here.".to_owned();
    }
    let part = |count: i64, words: &str| (count > 0).then(|| format!("{count} {words}"));
    [
        part(count.unacknowledged, "that nobody has acknowledged"),
        part(
            count.open - count.unacknowledged - count.mitigated,
            "being worked on",
        ),
        part(count.mitigated, "mitigated"),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
        + "."
}

#[component]
fn OpenNow(
    open: Vec<Listed>,
    /// How many there are, of which the worst are shown.
    count: i64,
    nobody: Vec<Incident>,
    untouched: bool,
    now: DateTime<Utc>,
    zone: Tz,
) -> impl IntoView {
    if open.is_empty() {
        let past = if untouched {
            view! { "Nothing has happened here yet." }.into_any()
        } else {
            view! { <a href="/incidents?state=resolved">"Resolved incidents"</a> }.into_any()
        };
        return view! {
            <section class="calm" aria-label="Open incidents">
                <Whole />
                <p>{past}</p>
            </section>
        }
        .into_any();
    }
    let rows = open
        .into_iter()
        .map(|row| {
            let nobody_left = nobody
                .iter()
                .any(|incident| incident.number == row.incident.number);
            view! { <IncidentRow row now zone nobody_left /> }
        })
        .collect_view();
    let more = (count > SHOWN).then(|| {
        let words = format!("All {count} open incidents; here are the worst {SHOWN}");
        view! { <p class="buttons"><ButtonLink href="/incidents?state=open">{words}</ButtonLink></p> }
    });
    view! { <section aria-label="Open incidents"><ul class="incident-list">{rows}</ul>{more}</section> }
        .into_any()
}

/// The bowl, whole again: its seam is all that is left of what broke.
#[component]
fn Whole() -> impl IntoView {
    view! {
        <svg class="whole" viewBox="0 0 120 72" width="120" height="72" fill="none" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path class="bowl" d="M8 14h104c0 26-18 46-46 48H54C26 60 8 40 8 14Z"></path>
            <path class="bowl" d="M46 68h28"></path>
            <path class="gold-seam" d="m70 14-8 13 11 9-9 10 4 16"></path>
            <path class="gold-seam" d="m62 27-18 8-12-3-11 8"></path>
            <path class="gold-seam" d="m73 36 16-2 8 6"></path>
        </svg>
    }
}
