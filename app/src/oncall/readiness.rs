//! What stands in the way of on call in the next two weeks, team by team.

use crate::App;
use crate::answer::Answered;
use crate::components::{EmptyState, PageHead, Section};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use engine::oncall::readiness::{self, Concern};
use engine::teams;
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut concerns = readiness::concerns(&mut tx).await?;
    let teams = teams::all(&mut tx).await?.into_iter();
    let words = |concern: &Concern| (concern.is_meant(), concern.words(who.zone().name()));
    let found: Vec<(String, Vec<(bool, String)>)> = teams
        .filter_map(|team| {
            let mut lines: Vec<_> = concerns.remove(&team.id)?.iter().map(words).collect();
            // What is meant is no concern, and stands below them.
            lines.sort_by_key(|(is_meant, _)| *is_meant);
            Some((team.name, lines))
        })
        .collect();
    let frame = who.frame(&mut tx, "Readiness", Section::OnCall).await?;
    Ok(render::page(StatusCode::OK, frame, move || {
        let none = found.is_empty().then(|| {
            view! { <EmptyState title="Nothing was found">"No gap, nobody on call twice or while they are away, and everybody can be woken."</EmptyState> }
        });
        let teams = found
            .into_iter()
            .map(|(team, lines)| {
                let lines = lines
                    .into_iter()
                    .map(|(is_meant, line)| view! { <li class=is_meant.then_some("quiet")>{line}</li> })
                    .collect_view();
                view! {
                    <section class="stack-tight">
                        <h2>{team}</h2>
                        <ul>{lines}</ul>
                    </section>
                }
            })
            .collect_view();
        view! {
            <PageHead title="Readiness" under=view! { "What stands in the way of on call in the next two weeks." }.into_any() />
            <div class="stack-loose measure">{none} {teams}</div>
        }
    }))
}
