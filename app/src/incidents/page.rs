//! The page of one incident: what is expected next, facts in one line, the timeline, and what stands beside it.

use super::alerts::{AlertsPart, LinkedAlerts};
use super::beside::Beside;
use super::correct::ServicesForm;
use super::facts::{FactsPart, InstantsPart};
use super::follow::FollowPart;
use super::links::LinkedPart;
use super::looks_like::LooksLikePart;
use super::next::{AskToResolve, NextPart};
use super::pages_sent::PagesPart;
use super::people::PeoplePart;
use super::reopen::AskToReopen;
use super::severity::ChangeSeverity;
use super::strip::Strip;
use super::tasks::{ActionItemsPart, AddTask, TasksPart};
use super::timeline::IncidentTimeline;
use super::update::UpdatePart;
use super::view::{IncidentPage, Part, Reader, Returned, Seen};
use super::whom::{AskForHelp, HandoverPart};
use super::write::WriteForm;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    Badge, ButtonKind, Field, FormDialog, FormProblem, Glyph, PageHead, Picture, PostButton, Section,
    SeverityBadge, StateBadge, Submit,
};
use crate::drawn::{DrawnFrom, with_names};
use crate::form_page::{self, FormPage, Here};
use crate::markdown;
use crate::session::SignedIn;
use crate::title_form::TitleForm;
use domain::fields;
use domain::incidents::timeline::Show;
use engine::{Tx, incidents, learning, people, teams};
use islands::Ticker;
use leptos::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// From which entry on the timeline is shown, or what of it; a word that is none of these means the newest of all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    show: String,
}

impl FormPage for IncidentPage {
    /// The timeline tells what was done.
    const SAYS_SAVED: bool = false;

    type Caller = SignedIn;
    type View = Seen;

    fn address(&self) -> String {
        format!("/incidents/{}", self.number)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<Seen> {
        let IncidentPage { number, part } = here.page;
        let story = match part.show {
            Show::All => incidents::read_from(tx, number, part.from).await?,
            show => incidents::read_shown(tx, number, show).await?,
        };
        let beside = Beside::read(tx, story.incident.id).await?;
        let (person, may_act) = (&here.who.person, here.who.may_act());
        let follows = incidents::is_followed(tx, story.incident.id, person.id).await?;
        let reader = Reader::of(person, may_act, &story, &beside).following(follows);
        Ok(Seen {
            looks_like: learning::looks_like(tx, &story.incident).await?.into(),
            beside: Arc::new(beside),
            story: Arc::new(story),
            reader,
            show: part.show,
            everybody: people::active(tx).await?.into(),
            services: teams::services(tx).await?.into(),
            now: here.app.engine.context.now(),
            returned: Arc::default(),
        })
    }

    fn title(seen: &Seen) -> (String, Section) {
        let incident = &seen.story.incident;
        (
            format!("{} {}", incident.label(), incident.title),
            Section::Incidents,
        )
    }

    const IS_WIDE: bool = true;

    fn show(seen: Seen, returned: form_page::Returned) -> impl IntoView {
        let back = returned.of::<Returned>();
        let returned = Returned {
            problem: back.problem,
            ..back.typed.unwrap_or_default()
        };
        let seen = Seen {
            returned: Arc::new(returned),
            ..seen
        };
        view! { <OneIncident seen /> }
    }
}

pub async fn show(mut here: Here<IncidentPage>, Query(asked): Query<Asked>) -> Answered {
    here.page.part = Part {
        from: asked.from.parse().ok(),
        show: asked.show.parse().unwrap_or(Show::All),
    };
    here.show().await
}

#[component]
fn OneIncident(seen: Seen) -> impl IntoView {
    markdown::name_people(&seen.everybody);
    let incident = seen.story.incident.clone();
    view! {
        <article class=if seen.is_settling() { "incident settling" } else { "incident" }>
            <div class="incident-head">
                <HeadPart seen=seen.clone() />
                <Refusal seen=seen.clone() />
                <NextPart seen=seen.clone() />
                <VerbsPart seen=seen.clone() />
            </div>
            <HandoverPart seen=seen.clone() />
            <UpdatePart seen=seen.clone() />
            <Strip seen=seen.clone() />
            <div class="incident-columns">
                <section class="incident-timeline" aria-labelledby="timeline-title">
                    <h2 class="unseen" id="timeline-title">"Timeline"</h2>
                    <div class="on-a-phone">
                        <LinkedAlerts alerts=seen.story.alerts.clone() count=seen.story.alert_count zone=seen.reader.zone is_open=incident.state.is_open() />
                    </div>
                    {seen.reader.may_act.then(|| view! { <WriteForm number=incident.number returned=seen.returned.clone() /> })}
                    <IncidentTimeline incident=incident.clone() entries=seen.story.timeline.clone() show=seen.show zone=seen.reader.zone now=seen.now />
                </section>
                <aside class="incident-around" aria-label="Alerts and people">
                    <AlertsPart story=seen.story.clone() zone=seen.reader.zone />
                    <LooksLikePart all=seen.looks_like.clone() zone=seen.reader.zone />
                    <PeoplePart seen=seen.clone() />
                    <TasksPart seen=seen.clone() />
                    <AddTask seen=seen.clone() />
                    <PagesPart story=seen.story.clone() zone=seen.reader.zone />
                    <FollowPart seen=seen.clone() />
                </aside>
                // Last, though it stands at the left where there is room: on a phone its forms are at the foot, for the keyboard as well.
                <div class="incident-left">
                    <section class="incident-facts" aria-label="Facts"><FactsPart seen=seen.clone() /></section>
                    <section class="incident-changes" aria-label="Key times and changes">
                        <InstantsPart seen=seen.clone() />
                        <ActionItemsPart seen=seen.clone() />
                        <LinkedPart seen=seen.clone() />
                        <MorePart seen=seen.clone() />
                    </section>
                </div>
            </div>
            <Ticker now=seen.now.timestamp() />
        </article>
    }
}

/// What was refused of a form that has no field to stand beside, or that is not shown any more.
#[component]
fn Refusal(seen: Seen) -> impl IntoView {
    let returned = seen.returned.clone();
    let is_gone = returned.asks_for_help() && !seen.story.incident.state.is_open();
    (returned.is_of_a_verb() || is_gone)
        .then(|| view! { <FormProblem problems=returned.problems(returned.form) /> })
}

/// Number, severity, state and title. Live: its id is replaced when the incident changes.
#[component]
pub fn HeadPart(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    let services: Vec<_> = seen
        .story
        .services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    let place = format!("{} · {}", services.join(", "), seen.story.team.name);
    let over = view! {
        <span class="number">{incident.label()}</span>
        <SeverityBadge severity=incident.severity />
        <StateBadge state=incident.state />
        {incident.is_drill.then(|| view! { <Badge>"Drill"</Badge> })}
        <span>{place}</span>
    };
    view! {
        <div id="head">
            <PageHead title=incident.title over=over.into_any() />
        </div>
    }
}

/// All verbs. They stand beside the title and yet behind the one that is next, so that a keyboard comes to that one first.
#[component]
pub fn VerbsPart(seen: Seen) -> impl IntoView {
    view! { <div id="actions">{seen.reader.may_act.then(|| view! { <Verbs seen /> })}</div> }
}

/// All that can be done. On a phone it rises from below when “More” is pressed, which needs no script.
#[component]
fn Verbs(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let state = seen.story.incident.state;
    let to = move |thing: &str| format!("/incidents/{number}/{thing}");
    let triggered = state == domain::incidents::State::Triggered;
    let mitigated = state == domain::incidents::State::Mitigated;
    let drawn = seen.drawn();
    let came_back = seen.returned.form == "severity" || seen.returned.asks_for_help();
    let verbs = if state.is_open() {
        view! {
            {triggered.then(|| view! { <PostButton action=to("escalation") fields=drawn.clone()><Glyph of=Picture::Escalate />"Escalate now"</PostButton> })}
            <AskForHelp seen=seen.clone() />
            <ChangeSeverity seen=seen.clone() />
            {if mitigated {
                view! { <PostButton action=to("mitigation/removal") fields=drawn><Glyph of=Picture::Reopen />"Not mitigated"</PostButton> }
            } else {
                view! { <PostButton action=to("mitigation") fields=drawn><Glyph of=Picture::Mitigate />"Mark mitigated"</PostButton> }
            }}
            <AskToResolve seen glyph=Some(Picture::Resolve) group=Some("verbs") />
        }
        .into_any()
    } else {
        view! {
            <AskToReopen seen=seen.clone() />
            <ChangeSeverity seen />
        }
        .into_any()
    };
    // On a phone they are hidden until somebody asks for them; what was refused is seen all the same.
    let class = if came_back { "verbs came-back" } else { "verbs" };
    view! { <div class=class id="verbs" popover="auto">{verbs}</div> }
}

/// A drill counts in no figure unless asked for.
#[component]
fn SayDrill(number: i64, is_drill: bool) -> impl IntoView {
    let (label, becomes) = if is_drill {
        ("It is no drill", "off")
    } else {
        ("It is a drill or a test", "on")
    };
    view! {
        <form method="post" action=format!("/incidents/{number}/drill")>
            <input type="hidden" name="is_drill" value=becomes />
            <Submit kind=ButtonKind::Small>{label}</Submit>
        </form>
    }
}

/// Corrections that are seldom needed.
#[component]
fn MorePart(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let chosen: Vec<_> = seen
        .story
        .services
        .iter()
        .map(|service| service.id.to_string())
        .collect();
    let title = seen
        .returned
        .typed("title")
        .unwrap_or_else(|| seen.story.incident.title.clone());
    let named = TitleForm::of(&seen.story.incident.title);
    let about = ServicesForm::of(seen.story.services.iter().map(|service| service.id));
    let names = seen
        .services
        .iter()
        .map(|service| (service.id.to_string(), &*service.name));
    let title_problem = seen.returned.problems("title").whole;
    let services_problem = seen.returned.problems("services").whole;
    let services_problem = services_problem.map(|sentence| with_names(&sentence, names));
    let is_drill = seen.story.incident.is_drill;
    seen.reader.may_act.then(|| {
        view! {
            <section class="aside-part">
                <h2>"More"</h2>
                <FormDialog label="Change the title" kind=ButtonKind::Small in_place=true open=title_problem.is_some()>
                    <form class="form" method="post" action=format!("/incidents/{number}/title")>
                        <DrawnFrom now=named />
                        <Field of=fields::INCIDENT_TITLE label="Title" value=title error=title_problem required=true id="field-new-title" />
                        <Submit>"Save the title"</Submit>
                    </form>
                </FormDialog>
                " "
                <FormDialog label="Change services" kind=ButtonKind::Small in_place=true open=services_problem.is_some()>
                    <form class="form" method="post" action=format!("/incidents/{number}/services")>
                        <DrawnFrom now=about />
                        <super::open::ServiceChecks services=seen.services.to_vec() chosen error=services_problem />
                        <Submit>"Save the services"</Submit>
                    </form>
                </FormDialog>
                " "
                <SayDrill number is_drill />
            </section>
        }
    })
}
