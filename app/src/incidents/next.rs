//! The one sentence at the top: what is expected next, with the button for it.

use super::view::Seen;
use crate::components::{Ask, ButtonKind, ButtonLink, Notice, Picture, PostButton, Tone};
use domain::incidents::IncidentRole;
use domain::incidents::next::Next;
use domain::words::listed;
use engine::incidents::Here;
use leptos::prelude::*;

#[component]
pub fn NextPart(seen: Seen) -> impl IntoView {
    let next = seen.story.next();
    let (tone, lead, rest) = words(&seen, next);
    let actions = view! {
        <NextVerb seen=seen.clone() />
        {seen.reader.may_act.then(|| view! { <OnAPhone seen=seen.clone() /> })}
    };
    view! {
        <div id="next" class="next">
            <Notice tone lead actions=actions.into_any()>{rest}</Notice>
        </div>
    }
}

/// The one button for it.
#[component]
pub fn NextVerb(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let next = seen.story.next();
    let to = |thing: &str| format!("/incidents/{number}/{thing}");
    let act = |label: &'static str, thing: &str| {
        let fields = match next {
            Next::TakeCommand => seen.drawn_of_role(IncidentRole::Commander),
            _ => seen.drawn(),
        };
        view! { <PostButton action=to(thing) kind=ButtonKind::Primary fields>{label}</PostButton> }.into_any()
    };
    match next {
        _ if !seen.reader.may_act && !matches!(next, Next::ReadPostmortem) => None,
        Next::NobodyHasThis | Next::Acknowledge => Some(act("Acknowledge", "acknowledgement")),
        Next::ResolveQuiet | Next::Resolve => Some(view! { <AskToResolve seen=seen.clone() kind=ButtonKind::Primary /> }.into_any()),
        Next::TakeCommand => Some(act("Take command", "roles/commander")),
        Next::Mitigate => Some(act("Mark mitigated", "mitigation")),
        Next::WritePostmortem => Some(act("Write the postmortem", "postmortem")),
        Next::ReadPostmortem => Some(view! { <ButtonLink href=to("postmortem") kind=ButtonKind::Primary>"Open the postmortem"</ButtonLink> }.into_any()),
    }
}

/// Nothing tells a person by chance that it is over.
#[component]
pub fn AskToResolve(
    seen: Seen,
    #[prop(optional)] kind: ButtonKind,
    #[prop(default = None)] glyph: Option<Picture>,
    #[prop(default = None)] group: Option<&'static str>,
) -> impl IntoView {
    let action = format!("/incidents/{}/resolution", seen.story.incident.number);
    let firing = match seen.story.alert_count.not_over {
        0 => "No alert fires.".to_owned(),
        1 => "1 alert still fires: when its source tells of it again, it opens a new incident.".to_owned(),
        firing => {
            format!(
                "{firing} alerts still fire: when their source tells of them again, they open a new incident."
            )
        }
    };
    view! {
        <Ask label="Resolve" question="Is it over?" kind glyph group action fields=seen.drawn() answer="Resolve it">
            <p>{firing} " Nobody is paged for it any more."</p>
        </Ask>
    }
}

/// Beside the one button under the thumb: page who is next, and all else.
#[component]
fn OnAPhone(seen: Seen) -> impl IntoView {
    let incident = &seen.story.incident;
    let number = incident.number;
    let triggered = incident.state == domain::incidents::State::Triggered;
    let page = page_the_next(&seen);
    view! {
        {triggered.then(|| view! {
            <div class="on-a-phone"><PostButton action=format!("/incidents/{number}/escalation") fields=seen.drawn()>{page}</PostButton></div>
        })}
        <button class="button on-a-phone" type="button" popovertarget="verbs">"More"</button>
    }
}

/// Names whoever the press wakes; several by their first names, since a telephone is narrow.
fn page_the_next(seen: &Seen) -> String {
    let names = seen.paged_next();
    let first = |name: &&str| name.split_whitespace().next().unwrap_or_default().to_owned();
    let who = match names.as_slice() {
        [] => return "Page the next".to_owned(),
        [one] => (*one).to_owned(),
        [one, other] => listed(&[first(one), first(other)]),
        [one, others @ ..] => format!("{} and {} others", first(one), others.len()),
    };
    format!("Page {who} (next)")
}

fn words(seen: &Seen, next: Next) -> (Tone, &'static str, String) {
    let story = &seen.story;
    match next {
        Next::NobodyHasThis => (
            Tone::Broken,
            "Nobody has this.",
            "The policy has run out; the team and the administrators were mailed. Whoever sees this can take it.".to_owned(),
        ),
        Next::Acknowledge => {
            let headline = match story.acknowledged_in_part().is_empty() {
                true => "Nobody has acknowledged yet.",
                false => "Not all have acknowledged yet.",
            };
            (Tone::Broken, headline, waiting_for(seen))
        }
        Next::ResolveQuiet => (
            Tone::Mended,
            "All alerts are resolved.",
            (if story.roles.is_empty() {
                "The service leaves it to a person to say that it is over. Nobody further is paged unless it fires again."
            } else {
                "It waits for a person, because somebody holds a role here. Is it over?"
            })
            .to_owned(),
        ),
        Next::TakeCommand => (
            Tone::Worked,
            "Nobody is incident commander yet.",
            "Somebody who leads lets the others mend.".to_owned(),
        ),
        Next::Mitigate => (
            Tone::Worked,
            "Being worked on.",
            "Say so when nobody feels it any more, even if the work goes on.".to_owned(),
        ),
        Next::Resolve => (Tone::Mended, "Nobody feels it any more.", "Resolve it when nothing is left to do.".to_owned()),
        Next::WritePostmortem => (
            Tone::Mended,
            "It is over.",
            "What did it teach? The postmortem comes half written: timeline, durations, people and alerts are in it.".to_owned(),
        ),
        Next::ReadPostmortem if story.incident.resolved_at.is_some() => {
            (Tone::Mended, "It is over.", "What it taught is in the postmortem.".to_owned())
        }
        Next::ReadPostmortem => (Tone::Mended, "There is a postmortem.", String::new()),
    }
}

/// Who was paged; the facts say who is next.
fn waiting_for(seen: &Seen) -> String {
    let names = seen.story.paged();
    let paged = if names.is_empty() {
        "Nobody was paged".to_owned()
    } else {
        format!("Paged: {}", names.join(", "))
    };
    match seen.story.paging {
        Here::NotStarted if names.is_empty() => format!(
            "{paged}: it is below the severity that the service pages from, or the service has no policy."
        ),
        _ => match seen.story.acknowledged_in_part() {
            have if have.is_empty() => format!("{paged}."),
            have => format!(
                "{paged}. {} acknowledged; the others have to as well.",
                listed(&have)
            ),
        },
    }
}
