//! The page of one incident: what is expected next, facts in one line, the timeline, and what stands beside it.

use super::alerts::{AlertsPart, LinkedAlerts};
use super::beside::Beside;
use super::facts::{FactsPart, InstantsPart};
use super::follow::FollowPart;
use super::links::LinkedPart;
use super::looks_like::LooksLikePart;
use super::next::{AskToResolve, NextPart};
use super::pages_sent::PagesPart;
use super::people::PeoplePart;
use super::reopen::AskToReopen;
use super::strip::Strip;
use super::tasks::{ActionItemsPart, AddTask, TasksPart};
use super::timeline::IncidentTimeline;
use super::update::UpdatePart;
use super::whom::{AskForHelp, Asked as AskedForHelp, HandoverPart};
use super::write::{Typed, WriteForm};
use crate::App;
use crate::address::{Path, Query};
use crate::answer::{Answered, Failure, Problem, problem_of, redirect, with_problem};
use crate::components::{
    ButtonKind, Field, FieldKind, FormDialog, FormProblem, Glyph, PageHead, Picture, PostButton, Problems,
    Section, SeverityBadge, StateBadge, Submit, severity_choices,
};
use crate::markdown;
use crate::render;
use crate::session::SignedIn;
use crate::zoned::Moment;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::Show;
use domain::people::Person;
use domain::teams::Service;
use engine::incidents::{self, Story};
use engine::learning::{self, LooksLike};
use engine::{Error, people, teams};
use islands::Ticker;
use leptos::prelude::*;
use serde::Deserialize;

/// What every part of the page is made from.
#[derive(Clone)]
pub struct Seen {
    pub story: Story,
    pub everybody: Vec<Person>,
    pub services: Vec<Service>,
    pub reader: PersonId,
    pub zone: Tz,
    pub now: DateTime<Utc>,
    pub may_act: bool,
    /// Whether the reader follows it.
    pub follows: bool,
    pub beside: Beside,
    /// Earlier ones, while it is open. Not live: looked up once a page.
    pub looks_like: Vec<LooksLike>,
    /// What of the timeline is shown.
    pub show: Show,
    pub returned: Returned,
}

/// What of the timeline is asked for.
#[derive(Clone, Copy, Debug)]
struct Part {
    from: Option<i64>,
    show: Show,
}

/// A form that was refused, with what was typed.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// The last part of the form's address.
    pub form: &'static str,
    pub typed: String,
    /// Of the form of an instant.
    pub moment: Option<(Correction, Moment)>,
    /// Of the form that writes into the timeline.
    pub written: Typed,
    /// Of the forms that ask for help.
    pub asked: AskedForHelp,
    pub problem: Problem,
}

impl Returned {
    pub fn problems(&self, form: &str) -> Problems {
        if self.form == form && !self.problem.sentence.is_empty() {
            Problems::whole(&self.problem.sentence)
        } else {
            Problems::default()
        }
    }

    pub fn typed(&self, form: &str) -> Option<String> {
        (self.form == form).then(|| self.typed.clone())
    }

    /// Whether what came back has no field that its sentence stands beside.
    pub fn is_of_a_verb(&self) -> bool {
        !self.form.is_empty()
            && ![
                "write",
                "instant",
                "title",
                "services",
                "links",
                "duplicate",
                "page",
                "handover",
                "task",
            ]
            .contains(&self.form)
    }
}

/// From which entry on the timeline is shown, or what of it; a word that is none of these means the newest of all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    show: String,
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Query(asked): Query<Asked>,
) -> Answered {
    let part = Part {
        from: asked.from.parse().ok(),
        show: asked.show.parse().unwrap_or(Show::All),
    };
    answer(&app, &who, number, part, StatusCode::OK, Returned::default()).await
}

/// Answers a verb: back to the page, or the page again with what was refused.
pub async fn after<T>(
    app: &App,
    who: &SignedIn,
    number: i64,
    outcome: engine::Result<T>,
    form: &'static str,
    typed: &str,
) -> Answered {
    match outcome {
        Ok(_) => Ok(redirect(&format!("/incidents/{number}#{}", region_of(form)))),
        Err(error) => {
            let returned = Returned {
                form,
                typed: typed.to_owned(),
                ..Returned::default()
            };
            came_back(app, who, number, error, returned).await
        }
    }
}

/// The page again, with what was refused.
pub async fn came_back(app: &App, who: &SignedIn, number: i64, error: Error, returned: Returned) -> Answered {
    let returned = Returned {
        problem: problem_of(error)?,
        ..returned
    };
    let all = Part {
        from: None,
        show: Show::All,
    };
    let problem = returned.problem.clone();
    let page = answer(app, who, number, all, StatusCode::UNPROCESSABLE_ENTITY, returned).await?;
    Ok(with_problem(page, problem))
}

/// What a form changed: the browser scrolls there, and Tab goes on from there.
fn region_of(form: &str) -> &'static str {
    match form {
        "write" => "write",
        "roles" => "people",
        "instant" => "instants",
        "follow" => "follow",
        "tick" => "tasks",
        _ => "head",
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    number: i64,
    part: Part,
    status: StatusCode,
    returned: Returned,
) -> Result<Response, Failure> {
    let mut tx = app.by(who).read().await?;
    let story = match part.show {
        Show::All => incidents::read_from(&mut tx, number, part.from).await?,
        show => incidents::read_shown(&mut tx, number, show).await?,
    };
    let follows = incidents::is_followed(&mut tx, story.incident.id, who.person.id).await?;
    let seen = Seen {
        looks_like: learning::looks_like(&mut tx, &story.incident).await?,
        beside: Beside::read(&mut tx, story.incident.id).await?,
        story,
        follows,
        show: part.show,
        everybody: people::active(&mut tx).await?,
        services: teams::services(&mut tx).await?,
        reader: who.person.id,
        zone: who.zone(),
        now: app.engine.context.now(),
        may_act: who.may_act(),
        returned,
    };
    let title = format!("{} {}", seen.story.incident.label(), seen.story.incident.title);
    let mut frame = who.frame(&mut tx, title, Section::Incidents).await?;
    frame.wide = true;
    Ok(render::page(
        status,
        frame,
        move || view! { <IncidentPage seen /> },
    ))
}

#[component]
fn IncidentPage(seen: Seen) -> impl IntoView {
    markdown::name_people(&seen.everybody);
    let incident = seen.story.incident.clone();
    let (returned, story) = (seen.returned.clone(), seen.story.clone());
    view! {
        <article class=if seen.is_settling() { "incident settling" } else { "incident" }>
            <HeadPart seen=seen.clone() />
            <Refusal returned=seen.returned.clone() />
            <NextPart seen=seen.clone() />
            <HandoverPart seen=seen.clone() />
            <UpdatePart seen=seen.clone() />
            <Strip seen=seen.clone() />
            <div class="incident-columns">
                <section class="incident-facts" aria-label="Facts"><FactsPart seen=seen.clone() /></section>
                <section class="incident-timeline" aria-labelledby="timeline-title">
                    <h2 class="unseen" id="timeline-title">"Timeline"</h2>
                    <div class="on-a-phone">
                        <LinkedAlerts alerts=seen.story.alerts.clone() count=seen.story.alert_count zone=seen.zone is_open=incident.state.is_open() />
                    </div>
                    {seen.may_act.then(|| view! { <WriteForm number=incident.number returned=returned.clone() /> })}
                    <IncidentTimeline incident=incident.clone() entries=story.timeline show=seen.show zone=seen.zone now=seen.now />
                </section>
                <aside class="incident-around" aria-label="Alerts and people">
                    <AlertsPart story=seen.story.clone() zone=seen.zone />
                    <LooksLikePart all=seen.looks_like.clone() zone=seen.zone />
                    <PeoplePart seen=seen.clone() />
                    <TasksPart seen=seen.clone() />
                    <AddTask seen=seen.clone() />
                    <PagesPart story=seen.story.clone() zone=seen.zone />
                    <FollowPart seen=seen.clone() />
                </aside>
                <section class="incident-changes" aria-label="Key times and changes">
                    <InstantsPart seen=seen.clone() />
                    <ActionItemsPart seen=seen.clone() />
                    <LinkedPart seen=seen.clone() />
                    <MorePart seen=seen.clone() />
                </section>
            </div>
            <Ticker now=seen.now.timestamp() />
        </article>
    }
}

/// What was refused of a form that has no field to stand beside.
#[component]
fn Refusal(returned: Returned) -> impl IntoView {
    returned
        .is_of_a_verb()
        .then(|| view! { <FormProblem problems=returned.problems(returned.form) /> })
}

/// Number, severity, state, title and the verbs. Live: its id is replaced when the incident changes.
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
        <span>{place}</span>
    };
    view! {
        <div id="head">
            <PageHead title=incident.title over=over.into_any() actions=view! { {seen.may_act.then(|| view! { <Verbs seen=seen.clone() /> })} }.into_any() />
        </div>
    }
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
    view! { <div class="verbs" id="verbs" popover="auto">{verbs}</div> }
}

#[component]
fn ChangeSeverity(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let severities = severity_choices();
    view! {
        <FormDialog label="Severity" title="How bad is it?" group="verbs">
            <form class="form" method="post" action=format!("/incidents/{number}/severity")>
                <Field name="severity" label="Severity" kind=FieldKind::Select(severities) value=seen.story.incident.severity.to_string() />
                <Submit>"Change severity"</Submit>
            </form>
        </FormDialog>
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
    let (title_problem, services_problem) = (
        seen.returned.problems("title"),
        seen.returned.problems("services"),
    );
    seen.may_act.then(|| {
        view! {
            <section class="aside-part">
                <h2>"More"</h2>
                <FormDialog label="Change the title" kind=ButtonKind::Small in_place=true open=!title_problem.is_empty()>
                    <form class="form" method="post" action=format!("/incidents/{number}/title")>
                        <Field name="title" label="Title" value=title error=title_problem.whole.clone() required=true id="field-new-title" />
                        <Submit>"Save the title"</Submit>
                    </form>
                </FormDialog>
                " "
                <FormDialog label="Change services" kind=ButtonKind::Small in_place=true open=!services_problem.is_empty()>
                    <form class="form" method="post" action=format!("/incidents/{number}/services")>
                        <super::open::ServiceChecks services=seen.services chosen error=services_problem.whole.clone() />
                        <Submit>"Save the services"</Submit>
                    </form>
                </FormDialog>
            </section>
        }
    })
}
