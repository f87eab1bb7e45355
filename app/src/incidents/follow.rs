//! Following an incident: its status updates come by mail.

use super::page::{Seen, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{AsidePart, ButtonKind, PostButton};
use crate::session::SignedIn;
use axum::extract::State;
use engine::incidents;
use engine::transaction;
use leptos::prelude::*;

pub async fn follow(app: State<App>, who: SignedIn, number: Path<i64>) -> Answered {
    follows(app, who, number, true).await
}

pub async fn follow_no_longer(app: State<App>, who: SignedIn, number: Path<i64>) -> Answered {
    follows(app, who, number, false).await
}

async fn follows(State(app): State<App>, who: SignedIn, Path(number): Path<i64>, follows: bool) -> Answered {
    let done = transaction!(app.by(&who), |tx| incidents::follow(tx, number, follows).await?);
    after(&app, &who, number, done, "follow", "").await
}

/// For observers, too: they are those who wait.
#[component]
pub fn FollowPart(seen: Seen) -> impl IntoView {
    let address = format!("/incidents/{}/following", seen.story.incident.number);
    let part = if seen.follows {
        view! {
            <p class="small">"You follow this incident: its status updates are mailed to you."</p>
            <PostButton action=format!("{address}/removal") kind=ButtonKind::Small>"Follow no longer"</PostButton>
        }
        .into_any()
    } else {
        view! {
            <p class="small quiet">"Its status updates can come to you by mail."</p>
            <PostButton action=address kind=ButtonKind::Small>"Follow"</PostButton>
        }
        .into_any()
    };
    view! { <AsidePart title="Status updates" id="follow">{part}</AsidePart> }
}
