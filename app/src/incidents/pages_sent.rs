//! Pages that were sent, and what became of each.

use crate::components::{AsidePart, PersonName, TimeForm, TimeOf};
use chrono_tz::Tz;
use domain::incidents::PageOutcome;
use engine::incidents::{PageSent, Story};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn PagesPart(story: Arc<Story>, zone: Tz) -> impl IntoView {
    let none = story.pages.is_empty();
    let rows = story
        .pages
        .iter()
        .rev()
        .cloned()
        .map(|sent| view! { <PageRow sent zone /> })
        .collect_view();
    view! {
        <AsidePart title="Pages" id="pages">
            {none.then(|| view! { <p class="quiet">"Nobody was paged."</p> })}
            <ul class="rows">{rows}</ul>
        </AsidePart>
    }
}

#[component]
fn PageRow(sent: PageSent, zone: Tz) -> impl IntoView {
    let outcome = match sent.page.outcome {
        PageOutcome::Waiting => "on its way".to_owned(),
        PageOutcome::Accepted => "accepted by the mail server".to_owned(),
        PageOutcome::Gathered if sent.page.settled_at.is_none() => "waits, to be sent in a digest".to_owned(),
        PageOutcome::Gathered => "sent in a digest".to_owned(),
        PageOutcome::Refused => "refused by the mail server".to_owned(),
        PageOutcome::Kept => "not sent, kept here".to_owned(),
        PageOutcome::OnList => "not sent: they are awake, and see it on their list".to_owned(),
        PageOutcome::Dropped => "taken back before it was sent".to_owned(),
    };
    let said = sent
        .page
        .server_words
        .map(|words| view! { <br /><code class="small">{words}</code> });
    view! {
        <li>
            <PersonName id=sent.page.person_id.0 name=sent.name />
            " "
            <span class="quiet small">
                <TimeOf at=sent.page.created_at zone form=TimeForm::Clock />
                {if sent.page.step < 0 { format!(": {outcome}") } else { format!(", step {}: {outcome}", sent.page.step + 1) }}
                {said}
            </span>
        </li>
    }
}
