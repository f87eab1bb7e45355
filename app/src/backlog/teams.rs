//! The way to a team's board, and what I promised.

use super::card::PromiseCard;
use crate::App;
use crate::answer::Answered;
use crate::components::{EmptyState, PageHead, Section};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use engine::{actions, teams};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.engine.read().await?;
    let teams = teams::all(&mut tx).await?;
    let mine = actions::open_of_person(&mut tx, who.person.id).await?;
    let frame = who.frame(&mut tx, "Backlog", Section::Backlog).await?;
    let (now, zone) = (app.engine.context.now(), who.zone());
    Ok(render::page(StatusCode::OK, frame, move || {
        let none = mine.is_empty();
        let boards = teams
            .into_iter()
            .map(|team| view! { <li><a href=format!("/teams/{}/backlog", team.slug)>{team.name}</a></li> })
            .collect_view();
        let cards = mine
            .into_iter()
            .map(|card| view! { <PromiseCard card now zone /> })
            .collect_view();
        view! {
            <PageHead title="Backlog" />
            <section class="part"><h2>"Boards"</h2><ul class="rows">{boards}</ul></section>
            <section class="part">
                <h2>"What you promised"</h2>
                {none.then(|| view! { <EmptyState title="Nothing open">"Action items that name you as their owner stand here."</EmptyState> })}
                <div class="stack measure">{cards}</div>
            </section>
        }
    }))
}
