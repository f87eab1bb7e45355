//! Each kind of event as a sentence: subject first, actor and time quiet.

mod phrases;

use crate::components::Marker;
use chrono_tz::Tz;
use domain::alerts::Status;
use domain::incidents::PageOutcome;
use domain::incidents::instants::spoken;
use domain::incidents::timeline::{Entry, Event};
use domain::words::listed;
use leptos::prelude::*;
use phrases::{acknowledged, alerts_in_words, because, moment, opened_by, was, was_mitigated, why};

/// The shape on the spine.
pub fn marker_of(event: &Event) -> Marker {
    match event {
        Event::AlertAdded { .. }
        | Event::MoreAlertsAdded { .. }
        | Event::AlertsLeftOut { .. }
        | Event::Paged { .. }
        | Event::Opened { .. }
        | Event::OpenedBare { .. }
        | Event::RequestRefused { .. }
        | Event::FiresAgain
        | Event::StillFires { .. }
        | Event::AcknowledgementOver { .. }
        | Event::PolicyChosenAnew { .. }
        | Event::RequestCut { .. }
        | Event::NobodyOnCall { .. }
        | Event::StepReachesNobody { .. }
        | Event::PolicyStuck { .. }
        | Event::PolicyRanOut
        | Event::PassedOn { .. }
        | Event::PagedByHand { .. }
        | Event::HandoverNotTaken { .. }
        | Event::NoPolicy => Marker::Diamond,
        Event::Mitigated | Event::Resolved { .. } | Event::PostmortemPublished | Event::AlertsQuiet => {
            Marker::Dot
        }
        Event::AlertChanged {
            status: Status::Resolved,
            ..
        } => Marker::Dot,
        Event::BelowPaging { .. }
        | Event::PageSettled { .. }
        | Event::Edited { .. }
        | Event::Redacted { .. }
        | Event::Pinned { .. }
        | Event::Unpinned { .. } => Marker::Dashed,
        Event::Decision { .. } => Marker::Square,
        Event::StatusUpdate { .. } => Marker::Bubble,
        _ => Marker::Ring,
    }
}

/// What a written entry is called.
pub fn written_kind(event: &Event) -> &'static str {
    match event {
        Event::Decision { .. } => "decision",
        Event::StatusUpdate { .. } => "status update",
        _ => "note",
    }
}

/// Lead, what stands out, and the quiet rest.
struct Told(String, String, String);

fn told(lead: impl Into<String>, strong: impl Into<String>, rest: impl Into<String>) -> Told {
    Told(lead.into(), strong.into(), rest.into())
}

/// An entry as a plain sentence.
pub fn in_words(entry: &Entry, zone: Tz) -> String {
    let by = entry.actor_name.as_deref().unwrap_or("Kintsugi");
    let Told(lead, strong, rest) = tell(&entry.event, by, zone);
    let parts = [lead, strong, rest];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

/// `outcome`: what became of the page that it tells of.
#[component]
pub fn Sentence(entry: Entry, #[prop(default = None)] outcome: Option<Event>, zone: Tz) -> impl IntoView {
    let by = entry.actor_name.clone().unwrap_or_else(|| "Kintsugi".to_owned());
    let Told(lead, strong, rest) = tell(&entry.event, &by, zone);
    let outcome = outcome.map(|outcome| {
        let Told(_, _, words) = settled(&outcome);
        view! { <span class="quiet">{format!("; {words}")}</span> }
    });
    let of_entry = entry
        .event
        .changes_entry()
        .map(|seq| view! { " " <a class="small" href=format!("#entry-{seq}")>"that entry"</a> });
    let link = match &entry.event {
        Event::AlertAdded { link: Some(link), .. } => Some(link.clone()),
        _ => None,
    };
    view! {
        {lead}
        " "
        <strong><bdi>{strong}</bdi></strong>
        " "
        <span class="quiet">{rest}</span>
        {outcome}
        {of_entry}
        {link.map(|link| view! { " " <a class="small" href=link rel="noopener noreferrer nofollow">"open in source"</a> })}
    }
}

fn tell(event: &Event, by: &str, zone: Tz) -> Told {
    match event {
        Event::Opened { noticed_by, severity } => {
            told("Opened as", severity.to_string(), opened_by(*noticed_by, by))
        }
        Event::OpenedBare { reason } => told(
            "Opened bare:",
            "an alert could not be handled",
            format!("Its raw form is kept. {reason}"),
        ),
        Event::RequestRefused { reason } => told(
            "A request was refused:",
            "it may be an alert",
            format!("The service's page shows what its source was answered. {reason}"),
        ),
        Event::RequestCut { read } => told(
            "A request was longer than 16 MiB:",
            format!("{read} alerts"),
            "were read, and the rest is not known. Look at the source",
        ),
        Event::AlertAdded { title, severity, .. } => told("Alert", title, format!("is firing, {severity}")),
        Event::AlertChanged { title, status, .. } => told("Alert", title, format!("is {status}")),
        Event::AlertNoted { title, text, .. } => told("Of", title, format!("its source says: {text}")),
        Event::MoreAlertsAdded { count } => told("And", format!("{count} more alerts"), "came with it"),
        Event::AlertsLeftOut { count } => {
            told("The source left out", format!("{count} alerts"), "of this group")
        }
        Event::FiresAgain => told(
            "",
            "It fires again:",
            "whoever had it is paged first, then the policy",
        ),
        Event::StillFires { seconds } => told(
            "",
            "It still fires,",
            format!(
                "{} after it was acknowledged: whoever has it is reminded, then the policy goes on",
                spoken(*seconds)
            ),
        ),
        Event::AlertsQuiet => told(
            "",
            "All alerts are resolved:",
            "nobody further is paged, and it waits for a person",
        ),
        Event::Paged { name, reason, .. } => told("Paged", name, why(*reason)),
        Event::PageSettled { .. } => settled(event),
        Event::NobodyOnCall { schedule } => told(
            "Nobody is on call on",
            schedule,
            "the next step was paged at once",
        ),
        Event::StepReachesNobody { step } => told(
            "Nobody is left in",
            format!("step {}", step + 1),
            "of the escalation policy; the next one was paged at once",
        ),
        Event::PolicyStuck { reason } => told(
            "",
            "The policy could not go on:",
            format!("it is tried again each minute; the team was mailed. {reason}"),
        ),
        Event::PolicyRanOut => told(
            "",
            "The policy has run out:",
            "nobody is left to page; the team was mailed",
        ),
        Event::NoPolicy => told(
            "",
            "Nobody could be paged:",
            "the service has no escalation policy; its team was mailed",
        ),
        Event::BelowPaging { page_from } => told(
            "Nobody was paged:",
            format!("the service pages from {page_from} up"),
            "",
        ),
        Event::Acknowledged { via } => told("", by, acknowledged(*via)),
        Event::AcknowledgedInPart { via, waits_for } => told(
            "",
            by,
            format!(
                "{}; it waits for {} as well",
                acknowledged(*via),
                listed(waits_for)
            ),
        ),
        Event::AcknowledgedAgain { .. } => told("", by, "still has it"),
        Event::AcknowledgementOver { seconds } => told(
            "",
            format!("It was acknowledged {} ago:", spoken(*seconds)),
            "whoever has it is paged first, then the policy begins anew",
        ),
        Event::PolicyChosenAnew { policy } => told("As bad as it is now, it pages by", policy, ""),
        Event::Escalated { by_hand: true, step } => told("", by, format!("escalated to step {}", step + 1)),
        Event::PassedOn { step } => told("", by, format!("cannot take it: step {} is paged", step + 1)),
        Event::Escalated { by_hand: false, step } => {
            told("Nobody answered:", format!("step {}", step + 1), "is next")
        }
        Event::HolderLeft { name } => told(
            "",
            name,
            "had it and is not active any more: somebody else has to take it",
        ),
        Event::SeverityChanged { from, to } => told(
            format!(
                "Severity {} from {from} to",
                if to > from { "raised" } else { "lowered" }
            ),
            to.to_string(),
            format!("by {by}"),
        ),
        Event::RoleTaken { role, name, .. } if name == by => {
            told("", name, format!("is {}", role.label().to_lowercase()))
        }
        Event::RoleTaken { role, name, .. } => told(
            "",
            name,
            format!("is {}, asked by {by}", role.label().to_lowercase()),
        ),
        Event::RoleLeft { role, name, .. } => {
            told("", name, format!("is no longer {}", role.label().to_lowercase()))
        }
        Event::Note { text } | Event::Decision { text } | Event::StatusUpdate { text, .. } => {
            told("", by, text.clone())
        }
        Event::TextRedacted {
            what,
            why,
            by: redactor,
        } => told(
            format!("A {} by", what.label()),
            by,
            format!("was redacted by {redactor}: {why}"),
        ),
        Event::Edited { .. } => told("", by, "changed what they wrote:"),
        Event::Redacted { why, .. } => told("", by, format!("redacted a text ({why}):")),
        Event::Pinned { .. } => told("", by, "pinned"),
        Event::Unpinned { .. } => told("", by, "unpinned"),
        Event::Mitigated => told("", by, "marked it mitigated"),
        Event::Resolved { by_alerts: true } => told("Resolved:", "the last alert is resolved", ""),
        Event::Resolved { by_alerts: false } => told("", by, "resolved it"),
        Event::MitigationTakenBack { before } => told(
            "",
            by,
            format!("took “mitigated” back{}", was_mitigated(*before, zone)),
        ),
        Event::Reopened { reason, before } => {
            let why = reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let before = before.as_ref().map(|ended| was(ended, zone)).unwrap_or_default();
            told("", by, format!("reopened it{why}{before}"))
        }
        Event::OutOfOrder { earlier, later } => told(
            "",
            format!("“{later}” lies before “{earlier}”:"),
            "a clock was off; correct one of the two",
        ),
        Event::TitleChanged { from, to } => told("Now called", to, format!("by {by}; before: {from}")),
        Event::DrillSaid { is_drill: true } => told("", by, "said that this is a drill or a test"),
        Event::DrillSaid { is_drill: false } => told("", by, "said that this is no drill"),
        Event::ServicesChanged { names } => told("It is about", names.join(", "), format!("says {by}")),
        Event::InstantCorrected { instant, from, to } => told(
            format!("{instant} corrected to"),
            moment(*to, zone),
            format!("by {by}; before: {}", moment(*from, zone)),
        ),
        Event::ActionItemAdded { number, title } => {
            told(format!("Action item ACT-{number}"), title, format!("by {by}"))
        }
        Event::TaskAdded { title } => told("Task:", title, format!("added by {by}")),
        Event::TaskDone { title } => told("Done:", title, format!("says {by}")),
        Event::TaskOpenAgain { title } => told("Not done yet:", title, format!("says {by}")),
        Event::PagedByHand { whom, why } => told(format!("{by} asked for"), whom, because(why)),
        Event::HandoverAsked { whom, why } => told(
            format!("{by} hands it over to"),
            whom,
            format!("and keeps it until they accept{}", because(why)),
        ),
        Event::HandoverAccepted { from } => told("", by, format!("took it over from {from}")),
        Event::HandoverTakenBack => told("", by, "keeps it; nobody is asked to take it over any more"),
        Event::HandoverNotTaken {
            whom,
            mitigated_before,
        } => told(
            "Nobody took it over:",
            whom,
            format!("the policy starts{}", was_mitigated(*mitigated_before, zone)),
        ),
        Event::EnteredAfterwards => told("", by, "entered it afterwards; nobody was paged"),
        Event::Linked { how, number, title } => told(
            "",
            format!("{} INC-{number}", capital(how.label())),
            format!("{title}, says {by}"),
        ),
        Event::Unlinked { how, number, title } => told(
            format!("Not {} any more:", how.label()),
            format!("INC-{number}"),
            format!("{title}, says {by}"),
        ),
        Event::DuplicateOf { number, title } => told(
            "A duplicate of",
            format!("INC-{number} {title}"),
            format!("says {by}; alerts and pages go on there"),
        ),
        Event::TookOver {
            number,
            title,
            alerts,
        } => told(
            "Took over",
            format!("INC-{number} {title}"),
            format!("a duplicate with {}, says {by}", alerts_in_words(*alerts)),
        ),
        Event::PostmortemStarted => told("", by, "started the postmortem"),
        Event::PostmortemPublished => told("", by, "published the postmortem"),
    }
}

/// Words as a sentence begins.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

fn settled(event: &Event) -> Told {
    let Event::PageSettled {
        name,
        outcome,
        server_words,
        seconds,
        ..
    } = event
    else {
        return told("", "", "");
    };
    let said = server_words
        .as_deref()
        .map(|words| format!(": {words}"))
        .unwrap_or_default();
    match outcome {
        PageOutcome::Accepted => told(
            "The mail server took the page to",
            name,
            format!("after {}{said}", spoken(*seconds)),
        ),
        _ => told(
            "The mail server refused the page to",
            name,
            said.trim_start_matches(": "),
        ),
    }
}
