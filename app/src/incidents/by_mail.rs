//! The link in a page's mail: what is broken and who is next, and two buttons that need no log-in: acknowledge, and “I cannot”. GET and
//! HEAD change nothing, because mail scanners follow links.

use super::alerts::LinkedAlerts;
use crate::answer::Answered;
use crate::by_browser::ByBrowser;
use crate::components::{
    ButtonKind, Duration, Fact, Facts, FactsForm, PageHead, PostButton, Section, SeverityBadge, StateBadge,
    TickingSince, TimeForm, TimeOf,
};
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::visitor::Visitor;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::escalation::Place;
use domain::ids::PersonId;
use domain::incidents::State as IncidentState;
use domain::words::listed;
use engine::incidents::{self, Acknowledged, AroundLink, Linked, NextPaged, PassedOn};
use engine::messages::pages::who_is_paged;
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct LinkPage {
    token: String,
}

pub struct LinkView {
    linked: Linked,
    around: AroundLink,
    token: String,
    now: DateTime<Utc>,
}

impl FormPage for LinkPage {
    type Caller = Visitor;
    type View = LinkView;

    const UNKNOWN: Option<&'static str> =
        Some("It may have been cut on its way. Open the incident from the list and acknowledge it there.");

    fn address(&self) -> String {
        format!("/acknowledge/{}", self.token)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<LinkView> {
        let linked = incidents::read_link(tx, &here.page.token).await?;
        tx.acts_for(linked.person.clone());
        Ok(LinkView {
            around: incidents::around_link(tx, &linked).await?,
            linked,
            token: here.page.token.clone(),
            now: tx.now(),
        })
    }

    fn title(view: &LinkView) -> (String, Section) {
        let incident = &view.linked.incident;
        (
            format!("{} {}", incident.label(), incident.title),
            Section::Incidents,
        )
    }

    fn show(view: LinkView, returned: Returned) -> impl IntoView {
        view! { <ByMail view sentence=returned.said() /> }
    }
}

pub async fn show(here: Here<LinkPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<LinkPage>, _: ByBrowser) -> Answered {
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| incidents::acknowledge_by_link(tx, token).await?);
    here.say(done.map(|(_, outcome)| acknowledged(outcome))).await
}

fn acknowledged(outcome: Option<Acknowledged>) -> String {
    match outcome {
        Some(Acknowledged::Now) => "You have it. Nobody further is paged.".to_owned(),
        Some(Acknowledged::Again) => "You still have it. Nobody is paged.".to_owned(),
        Some(Acknowledged::InPart { waits_for }) => format!(
            "You have acknowledged. It waits for {} as well; until then others may be paged.",
            listed(&waits_for)
        ),
        Some(Acknowledged::Already { .. }) => {
            "It was acknowledged before. Nobody further is paged.".to_owned()
        }
        None => "It is resolved already. There is nothing left to acknowledge.".to_owned(),
    }
}

/// Where the policy stood on the page that was pressed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stood {
    round: Option<i64>,
    step: Option<i64>,
}

/// “I cannot: page the next.”
pub async fn pass_on(here: Here<LinkPage>, _: ByBrowser, Form(stood): Form<Stood>) -> Answered {
    let seen = stood.round.zip(stood.step);
    let seen = seen.map(|(round, step)| Place { round, step });
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| incidents::pass_on_by_link(tx, token, seen)
        .await?);
    let said = |outcome| match outcome {
        PassedOn::Now => "The next are paged. You can sleep.",
        PassedOn::Before => "The policy has gone on already. Look who is next.",
        PassedOn::NotNeeded => "Nobody needs to be asked any more.",
    };
    here.say(done.map(|(_, outcome)| said(outcome))).await
}

#[component]
fn ByMail(view: LinkView, sentence: Option<String>) -> impl IntoView {
    let LinkView {
        linked,
        around,
        token,
        now,
    } = view;
    let incident = linked.incident;
    let zone = linked.person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let since = incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at);
    let waiting = incident.state == IncidentState::Triggered;
    let handover = around.handover.filter(|_| !waiting);
    // What its buttons mean has just changed.
    let is_answer = sentence.is_some();
    let held_until = around
        .held_until
        .filter(|_| sentence.is_none() && handover.is_none());
    let sentence = sentence.or_else(|| stands(incident.state, handover.is_some(), held_until.is_some()));
    let over = view! {
        <span>{incident.label()}</span>
        <SeverityBadge severity=incident.severity />
        <StateBadge state=incident.state />
    };
    let services: Vec<String> = around.services.into_iter().map(|service| service.name).collect();
    let paged = around.paged.join(", ");
    let reader = linked.person.id;
    let next = around.next.filter(|_| waiting);
    let stood = next.as_ref().map(|next| next.place);
    let is_open = incident.state.is_open();
    view! {
        <div class=if is_answer { "alone by-mail settling" } else { "alone by-mail" }>
            <PageHead title=incident.title.clone() over=over.into_any() />
            {sentence.map(|sentence| view! { <p role="status"><strong>{sentence}</strong></p> })}
            <Facts form=FactsForm::Listed>
                <Fact label="Service">{services.join(", ")}</Fact>
                <Fact label="Since"><TimeOf at=since zone form=TimeForm::Short /></Fact>
                <Fact label="Broken for">
                    {match incident.resolved_at {
                        Some(end) => view! { <Duration seconds=(end - since).num_seconds() /> }.into_any(),
                        None => view! { <TickingSince since now /> }.into_any(),
                    }}
                </Fact>
                {(!paged.is_empty()).then(|| view! { <Fact label="Paged">{paged}</Fact> })}
            </Facts>
            {next.map(|next| view! { <WhoIsNext next reader zone /> })}
            <LinkedAlerts alerts=around.alerts count=around.alert_count zone is_open />
            <div class="thumb">
                {handover.map(|handover| view! {
                    <p>{format!("{} asks you to take it over, and keeps it until you do.", handover.from_name)}</p>
                    <PostButton action=format!("/acknowledge/{token}") kind=ButtonKind::Primary>"Take it over"</PostButton>
                })}
                {held_until.map(|until| view! {
                    <p>"You have it. Unless you say that you still do, you are paged again at " <TimeOf at=until zone form=TimeForm::Short /> "."</p>
                    <PostButton action=format!("/acknowledge/{token}") kind=ButtonKind::Primary>"I still have it"</PostButton>
                })}
                {waiting.then(|| view! {
                    <PostButton action=format!("/acknowledge/{token}") kind=ButtonKind::Primary>"Acknowledge"</PostButton>
                    <PostButton action=format!("/acknowledge/{token}/passing-on") fields=fields_of(stood)>"I cannot: page the next"</PostButton>
                })}
                <a href=format!("/incidents/{}", incident.number)>"Open the incident"</a>
            </div>
        </div>
    }
}

/// Where there is nothing to answer, how it stands.
fn stands(state: IncidentState, asks_to_take_over: bool, is_mine: bool) -> Option<String> {
    match state {
        IncidentState::Triggered => None,
        IncidentState::Resolved => {
            Some("It is resolved already. There is nothing left to acknowledge.".to_owned())
        }
        _ if asks_to_take_over || is_mine => None,
        _ => Some("Somebody has it already.".to_owned()),
    }
}

fn fields_of(stood: Option<Place>) -> Vec<(&'static str, String)> {
    let fields = stood.map(|place| {
        vec![
            ("round", place.round.to_string()),
            ("step", place.step.to_string()),
        ]
    });
    fields.unwrap_or_default()
}

#[component]
fn WhoIsNext(next: NextPaged, reader: PersonId, zone: Tz) -> impl IntoView {
    let what = if next.people.is_empty() {
        "the team is told that nobody has it: nobody is left to page.".to_owned()
    } else {
        format!("{}.", who_is_paged(&next.people, reader))
    };
    let by = next
        .at
        .map(|at| view! { " by " <TimeOf at zone form=TimeForm::Clock /> });
    view! { <p>"If nobody acknowledges" {by} ", " {what}</p> }
}
