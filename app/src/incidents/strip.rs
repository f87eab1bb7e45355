//! The strip that stays while one scrolls: which incident, how bad, who has it, and the next verb.

use super::next::NextVerb;
use super::view::Seen;
use crate::components::{SeverityBadge, StateBadge, TickingSince};
use domain::incidents::State;
use leptos::prelude::*;

#[component]
pub fn Strip(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    let responder = match &seen.story.has_it {
        Some(holder) if incident.state != State::Triggered => holder.name.clone(),
        _ => "nobody yet".to_owned(),
    };
    let since = incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at);
    let is_open = incident.state.is_open();
    let now = seen.now;
    view! {
        <div class="strip" id="strip" role="group" aria-label=format!("{} in short", incident.label())>
            <div class="strip-inside">
                <a class="number" href="#head">{incident.label()}</a>
                <SeverityBadge severity=incident.severity short=true />
                <StateBadge state=incident.state />
                {is_open.then(|| view! { <TickingSince since now /> })}
                <span class="strip-responder"><span class="quiet">"Responder "</span>{responder}</span>
                <NextVerb seen />
            </div>
        </div>
    }
}
