//! All schedules, and what forms of on call share.

use crate::App;
use crate::answer::Answered;
use crate::components::{ButtonLink, Choice, EmptyState, Section as Bar};
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Rows, Shell};
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use engine::oncall::schedules;
use engine::{Error, Tx, people, teams};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let teams = teams::all(&mut tx).await?;
    let rows: Vec<(String, String, String)> = schedules::all(&mut tx)
        .await?
        .into_iter()
        .map(|named| {
            let team = teams.iter().find(|team| team.id == named.team_id);
            let under = format!(
                "{}, {}",
                team.map_or("", |team| team.name.as_str()),
                zone_words(&named.time_zone)
            );
            (format!("/settings/schedules/{}", named.id), named.name, under)
        })
        .collect();
    let frame = who.frame(&mut tx, "Schedules", Bar::Settings).await?;
    let may_act = who.may_act();
    Ok(render::page(StatusCode::OK, frame, move || {
        let none = rows.is_empty().then(|| {
            view! {
                <EmptyState title="No schedule yet">"A schedule says who has the pager, week by week."</EmptyState>
            }
        });
        let make = may_act.then(|| {
            view! {
                <p class="buttons">
                    <ButtonLink href="/settings/schedules/new">"Make a schedule"</ButtonLink>
                </p>
            }
        });
        view! {
            <Shell part=Part::Schedules title="Schedules" under="Who has the pager, and when it is handed over.">
                <div class="stack">{none} <Rows rows /> {make}</div>
            </Shell>
        }
    }))
}

/// The teams that this person may change.
pub(super) async fn teams_to_choose(tx: &mut Tx, who: &SignedIn) -> Result<Vec<Choice>, Error> {
    let ours = people::teams_of(tx, who.person.id).await?;
    let all = teams::all(tx).await?;
    Ok(all
        .into_iter()
        .filter(|team| who.is_administrator() || (who.may_act() && ours.contains(&team.id)))
        .map(|team| Choice::new(team.id, team.name))
        .collect())
}
