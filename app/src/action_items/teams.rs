//! The teams' backlogs at a glance, and what I promised.

use super::card::{PromiseCard, age};
use crate::App;
use crate::answer::Answered;
use crate::components::{Card as Paper, EmptyState, PageHead, Phase, Section};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engine::action_items::{self, Card, Health};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let (now, zone) = (app.engine.context.now(), who.zone());
    let teams = action_items::health(&mut tx, now.with_timezone(&zone).date_naive()).await?;
    let mine = action_items::open_of_person(&mut tx, who.person.id).await?;
    let frame = who.frame(&mut tx, "Backlog", Section::Backlog).await?;
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <PageHead title="Backlog" under=view! { "What the teams promised to change, so that it does not break again." }.into_any() />
            <Teams teams now />
            <Mine mine now zone />
        }
    }))
}

#[component]
fn Teams(teams: Vec<Health>, now: DateTime<Utc>) -> impl IntoView {
    let cards = teams
        .into_iter()
        .map(|team| view! { <TeamCard team now /> })
        .collect_view();
    view! { <section class="backlog-teams cards" aria-label="Teams">{cards}</section> }
}

#[component]
fn TeamCard(team: Health, now: DateTime<Utc>) -> impl IntoView {
    let edge = if team.overdue > 0 {
        Some(Phase::Broken)
    } else {
        (team.open == 0 && team.kept > 0).then_some(Phase::Mended)
    };
    let oldest = team
        .oldest
        .map(|at| view! { <li>"The oldest is " {age(at, now)}</li> });
    let overdue = (team.overdue > 0)
        .then(|| view! { <li class="late"><strong>{format!("{} overdue", team.overdue)}</strong></li> });
    let unowned =
        (team.unowned > 0).then(|| view! { <li>{format!("{} that nobody owns yet", team.unowned)}</li> });
    let kept = (team.kept > 0).then(|| view! { <li class="gold">{format!("{} kept", team.kept)}</li> });
    let open = match team.open {
        0 => "Nothing open".to_owned(),
        open => format!("{open} open"),
    };
    view! {
        <Paper edge class="team-card">
            <h2><a href=format!("/teams/{}/backlog", team.slug)>{team.team}</a></h2>
            <ul class="small quiet"><li>{open}</li>{overdue}{unowned}{oldest}{kept}</ul>
        </Paper>
    }
}

#[component]
fn Mine(mine: Vec<Card>, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let none = mine.is_empty();
    let cards = mine
        .into_iter()
        .map(|card| view! { <PromiseCard card now zone /> })
        .collect_view();
    view! {
        <section class="part">
            <h2>"Your action items"</h2>
            {none.then(|| view! { <EmptyState title="Nothing open">"Action items that name you as their owner appear here."</EmptyState> })}
            <div class="cards">{cards}</div>
        </section>
    }
}
