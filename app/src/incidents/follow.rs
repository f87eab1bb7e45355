//! Following an incident: its status updates come by mail.

use super::view::{IncidentPage, Seen, after};
use crate::answer::Answered;
use crate::components::{AsidePart, ButtonKind, PostButton};
use crate::form_page::Here;
use engine::incidents;
use engine::transaction;
use leptos::prelude::*;

pub async fn follow(here: Here<IncidentPage>) -> Answered {
    follows(here, true).await
}

pub async fn follow_no_longer(here: Here<IncidentPage>) -> Answered {
    follows(here, false).await
}

async fn follows(here: Here<IncidentPage>, follows: bool) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| incidents::follow(tx, number, follows).await?);
    after(&here, done, "follow", "").await
}

/// For observers, too: they are those who wait.
#[component]
pub fn FollowPart(seen: Seen) -> impl IntoView {
    let address = format!("/incidents/{}/following", seen.story.incident.number);
    let part = if seen.reader.follows {
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
