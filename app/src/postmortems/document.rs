//! The document: reads like an article, prints like one.

use super::action_items::ActionsPart;
use super::factors::FactorsPart;
use super::facts::FactsBox;
use super::figure::Figure;
use super::from_the_log::{Decisions, LogTimeline, PeopleByRole, StatusUpdates, TheAlerts};
use super::sections::{SectionPart, WaitingTexts};
use super::state::StatePart;
use super::view::View;
use crate::components::{Badge, PageHead, SeverityBadge, Tone};
use domain::postmortems::{PostmortemState, SectionKind};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn DocumentPage(view: View) -> impl IntoView {
    view! {
        <div class="article">
            <Contents view=Arc::clone(&view) />
            <article>
                <Head view=Arc::clone(&view) />
                <FactsBox view=Arc::clone(&view) />
                <Figure view=Arc::clone(&view) />
                <Sections view=Arc::clone(&view) />
                <PeopleByRole view=Arc::clone(&view) />
                <TheAlerts view=Arc::clone(&view) />
                <StatusUpdates view=Arc::clone(&view) />
                <Decisions view=Arc::clone(&view) />
                <LogTimeline view=Arc::clone(&view) />
            </article>
            <div class="article-aside">
                <StatePart view=Arc::clone(&view) />
                <WaitingTexts view />
            </div>
        </div>
    }
}

#[component]
fn Head(view: View) -> impl IntoView {
    let severity = view.document.story.incident.severity;
    let postmortem = view.document.postmortem.clone();
    let tone = match postmortem.state {
        PostmortemState::Draft => Tone::Plain,
        PostmortemState::InReview => Tone::Worked,
        PostmortemState::Published => Tone::Mended,
    };
    let over = view! {
        <span>"Postmortem of " <a href=format!("/incidents/{}", view.number)>{format!("INC-{}", view.number)}</a></span>
        <SeverityBadge severity />
        <Badge tone>{postmortem.state.label()}</Badge>
    };
    view! { <PageHead title=postmortem.title over=over.into_any() /> }
}

/// The sections, and how much is written.
#[component]
fn Contents(view: View) -> impl IntoView {
    let (written, all) = view.document.written();
    let rows = view
        .document
        .sections
        .iter()
        .map(|section| {
            let class = view.document.is_written(section).then_some("written");
            view! { <li class=class><a href=format!("#{}", section.name)>{section.title.clone()}</a></li> }
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
fn Sections(view: View) -> impl IntoView {
    view.document
        .sections
        .clone()
        .into_iter()
        .map(|section| {
            let rows = match section.kind {
                SectionKind::ContributingFactors => {
                    view! { <FactorsPart view=Arc::clone(&view) /> }.into_any()
                }
                SectionKind::ActionItems => view! { <ActionsPart view=Arc::clone(&view) /> }.into_any(),
                SectionKind::Summary | SectionKind::Text => ().into_any(),
            };
            view! { <SectionPart view=Arc::clone(&view) section>{rows}</SectionPart> }
        })
        .collect_view()
}
