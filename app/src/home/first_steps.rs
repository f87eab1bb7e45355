//! What a new house wants before its first real incident, with what is done ticked off.

use crate::components::{Icon, Shape};
use engine::setup::{FirstSteps, TEST_TITLE};
use leptos::prelude::*;
use url::form_urlencoded::byte_serialize;

#[component]
pub fn BeforeTheFirst(steps: FirstSteps) -> impl IntoView {
    let service = steps.service.map_or("/settings/teams".to_owned(), |slug| {
        format!("/settings/services/{slug}")
    });
    let schedule = steps.schedule.map_or("/settings/schedules".to_owned(), |id| {
        format!("/settings/schedules/{id}")
    });
    let title: String = byte_serialize(TEST_TITLE.as_bytes()).collect();
    view! {
        <section class="part">
            <h2>"Before the first real incident"</h2>
            <ol class="first-steps">
                <Step done=steps.mail_set href="/settings/mail" title="Connect a mail server">
                    "Until a mail server is set, nobody is woken."
                </Step>
                <Step done=steps.tried href=format!("/incidents/new?title={title}") title="Open a test incident">
                    "See what a page looks like while nothing is broken."
                </Step>
                <Step done=steps.source_connected href=service title="Connect an alert source">
                    "Alertmanager, whatever speaks PagerDuty’s Events API v2, or a line of curl."
                </Step>
                <Step done=steps.invited href="/settings/people#invite" title="Invite people">
                    "Those who share the pager, and those who read along."
                </Step>
                <Step done=steps.shared href=schedule title="Share the pager">
                    "So far one person has it every week."
                </Step>
            </ol>
        </section>
    }
}

#[component]
fn Step(done: bool, #[prop(into)] href: String, title: &'static str, children: Children) -> impl IntoView {
    if done {
        return view! {
            <li class="first-step done">
                <span class="first-step-mark"><Icon shape=Shape::Check /></span>
                <span>{title} <span class="unseen">": done"</span></span>
            </li>
        }
        .into_any();
    }
    view! {
        <li class="first-step">
            <span class="first-step-mark"></span>
            <span>
                <a class="waiting-title" href=href>{title}</a>
                <br />
                <span class="quiet small">{children()}</span>
            </span>
        </li>
    }
    .into_any()
}
