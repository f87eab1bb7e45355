//! All postmortems.

use crate::App;
use crate::answer::Answered;
use crate::components::{
    Badge, DataTable, EmptyState, PageHead, Section, SeverityBadge, TimeForm, TimeOf, Tone,
};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::postmortems::{PostmortemState, Section as Part};
use engine::postmortems::{self, Listed};
use leptos::prelude::*;

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.engine.read().await?;
    let rows = postmortems::list(&mut tx).await?;
    let frame = who.frame(&mut tx, "Postmortems", Section::Postmortems).await?;
    let zone = who.zone();
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <PageHead title="Postmortems" /> <Postmortems rows zone /> },
    ))
}

#[component]
fn Postmortems(rows: Vec<Listed>, zone: Tz) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState title="No postmortem yet">
                "When an incident is resolved, one click on its page makes the document, half written."
            </EmptyState>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| view! { <PostmortemRow row zone /> })
        .collect_view();
    view! { <DataTable caption="Postmortems" headers=vec!["Postmortem", "Severity", "Team", "State", "Written", "Begun"]>{rows}</DataTable> }.into_any()
}

#[component]
fn PostmortemRow(row: Listed, zone: Tz) -> impl IntoView {
    let tone = match row.state {
        PostmortemState::Draft => Tone::Plain,
        PostmortemState::InReview => Tone::Worked,
        PostmortemState::Published => Tone::Mended,
    };
    view! {
        <tr>
            <td><a href=format!("/incidents/{}/postmortem", row.number)>{row.title}</a> <br /><span class="quiet small">{format!("INC-{}", row.number)}</span></td>
            <td><SeverityBadge severity=row.severity short=true /></td>
            <td>{row.team}</td>
            <td><Badge tone>{row.state.label()}</Badge></td>
            <td>{format!("{} of {}", row.written, Part::ALL.len())}</td>
            <td><TimeOf at=row.created_at zone form=TimeForm::Day /></td>
        </tr>
    }
}
