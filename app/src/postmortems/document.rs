//! The document: reads like an article, prints like one.

use super::action_items::ActionsPart;
use super::factors::FactorsPart;
use super::facts::FactsBox;
use super::figure::Figure;
use super::from_the_log::{Decisions, LogTimeline, PeopleByRole, StatusUpdates, TheAlerts};
use super::page::Seen;
use super::sections::{SectionPart, WaitingTexts};
use super::state::StatePart;
use crate::components::{Badge, PageHead, SeverityBadge, Tone};
use domain::postmortems::{PostmortemState, Section};
use leptos::prelude::*;

#[component]
pub fn DocumentPage(seen: Seen) -> impl IntoView {
    let document = seen.document.clone();
    view! {
        <div class="article">
            <Contents seen=seen.clone() />
            <article>
                <Head seen=seen.clone() />
                <FactsBox seen=seen.clone() />
                <Figure story=document.story.clone() zone=seen.zone />
                <Sections seen=seen.clone() />
                <PeopleByRole story=document.story.clone() />
                <TheAlerts story=document.story.clone() zone=seen.zone />
                <StatusUpdates story=document.story.clone() zone=seen.zone />
                <Decisions story=document.story.clone() zone=seen.zone />
                <LogTimeline story=document.story zone=seen.zone now=seen.now />
            </article>
            <div class="article-aside">
                <StatePart seen=seen.clone() />
                <WaitingTexts seen />
            </div>
        </div>
    }
}

#[component]
fn Head(seen: Seen) -> impl IntoView {
    let severity = seen.document.story.incident.severity;
    let postmortem = seen.document.postmortem;
    let tone = match postmortem.state {
        PostmortemState::Draft => Tone::Plain,
        PostmortemState::InReview => Tone::Worked,
        PostmortemState::Published => Tone::Mended,
    };
    let over = view! {
        <span>"Postmortem of " <a href=format!("/incidents/{}", seen.number)>{format!("INC-{}", seen.number)}</a></span>
        <SeverityBadge severity />
        <Badge tone>{postmortem.state.label()}</Badge>
    };
    view! { <PageHead title=postmortem.title over=over.into_any() /> }
}

/// The sections, and how much is written.
#[component]
fn Contents(seen: Seen) -> impl IntoView {
    let (written, all) = seen.document.written();
    let rows = seen
        .document
        .sections
        .iter()
        .map(|text| {
            let class = seen.document.is_written(text).then_some("written");
            view! { <li class=class><a href=format!("#{}", text.section)>{text.section.title()}</a></li> }
        })
        .collect_view();
    view! {
        <nav class="contents" aria-label="Sections of this postmortem">
            <ol>{rows}</ol>
            <p class="quiet small">{format!("{written} of {all} sections written")}</p>
        </nav>
    }
}

#[component]
fn Sections(seen: Seen) -> impl IntoView {
    seen.document
        .sections
        .clone()
        .into_iter()
        .map(|text| {
            let rows = match text.section {
                Section::ContributingFactors => view! { <FactorsPart seen=seen.clone() /> }.into_any(),
                Section::ActionItems => view! { <ActionsPart seen=seen.clone() /> }.into_any(),
                _ => ().into_any(),
            };
            view! { <SectionPart seen=seen.clone() text>{rows}</SectionPart> }
        })
        .collect_view()
}
