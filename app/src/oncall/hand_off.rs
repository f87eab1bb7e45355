//! The link in the mail of a turn that begins: what is open, what was left, and “I can be reached”. GET changes nothing, because mail
//! scanners follow links.

use crate::address::Path;
use crate::answer::Answered;
use crate::by_browser::ByBrowser;
use crate::components::{
    ButtonKind, Fact, Facts, FactsForm, PageHead, PostButton, Section, SeverityBadge, StateBadge, TimeOf,
};
use crate::form_page::{FormPage, Here, Returned};
use crate::visitor::Visitor;
use domain::words::listed;
use engine::hand_offs::{self, Around, HandOff, Told};
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct HandOffPage {
    token: String,
}

pub struct HandOffView {
    hand_off: HandOff,
    around: Around,
    here: String,
    is_over: bool,
}

impl FormPage for HandOffPage {
    type Caller = Visitor;
    type View = HandOffView;

    const UNKNOWN: Option<&'static str> =
        Some("It may have been cut on its way. Log in and look who is on call.");

    fn address(&self) -> String {
        format!("/on-call/hand-offs/{}", self.token)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<HandOffView> {
        let hand_off = hand_offs::by_link(tx, &here.page.token).await?;
        tx.acts_for(hand_off.person.clone());
        let (schedule, turn) = (hand_off.schedule.id, hand_off.from);
        Ok(HandOffView {
            around: hand_offs::around(tx, schedule, turn, hand_off.person.id).await?,
            here: here.page.address(),
            is_over: hand_off.to <= tx.now(),
            hand_off,
        })
    }

    fn title(view: &HandOffView) -> (String, Section) {
        let schedule = &view.hand_off.schedule.name;
        (format!("On call for {schedule}"), Section::OnCall)
    }

    fn show(view: HandOffView, returned: Returned) -> impl IntoView {
        view! { <div class="alone"><Begins view sentence=returned.said() /></div> }
    }
}

pub async fn show(here: Here<HandOffPage>) -> Answered {
    here.show().await
}

/// “I can be reached.”
pub async fn reached(here: Here<HandOffPage>, _: ByBrowser) -> Answered {
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| hand_offs::can_be_reached(tx, token).await?);
    here.say(done.map(|_| "Thank you. Pages come to you.")).await
}

/// Which incident of the turn before.
#[derive(Debug, Deserialize)]
pub struct Which {
    number: i64,
}

pub async fn take_over(
    here: Here<HandOffPage>,
    Path(Which { number }): Path<Which>,
    _: ByBrowser,
) -> Answered {
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| {
        hand_offs::take_over_by_link(tx, token, number).await?
    });
    here.say(done.map(|_| format!("You have INC-{number}."))).await
}

#[component]
fn Begins(view: HandOffView, sentence: Option<String>) -> impl IntoView {
    let HandOffView {
        hand_off,
        around,
        here,
        is_over,
    } = view;
    let zone = hand_off.person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let title = format!("You are on call for {}", hand_off.schedule.name);
    let before: Vec<&str> = around.before.iter().map(|(_, name)| name.as_str()).collect();
    let before = (!before.is_empty()).then(|| {
        let words = listed(&before);
        view! { <Fact label="Before you">{words}</Fact> }
    });
    let is_reached = hand_off.reached_at.is_some();
    let sentence = sentence.or_else(|| {
        let said = if is_over {
            "This turn is over."
        } else {
            "You have said that you can be reached."
        };
        (is_over || is_reached).then(|| said.to_owned())
    });
    let rows = around
        .open
        .iter()
        .map(|told| view! { <Open told=told.clone() is_left=around.is_left(told) && !is_over here=here.clone() /> })
        .collect_view();
    let none = around
        .open
        .is_empty()
        .then(|| view! { <p class="quiet">"Nothing is open."</p> });
    let more = (around.more_open > 0)
        .then(|| view! { <p class="quiet">{format!("And {} more.", around.more_open)}</p> });
    let note = around.note.clone().map(|note| {
        view! {
            <section class="stack-tight">
                <h2>"Left for you"</h2>
                <p class="pre-line" dir="auto">{note.text}</p>
                <p class="quiet small">{note.person} ", " <TimeOf at=note.written_at zone /></p>
            </section>
        }
    });
    view! {
        <PageHead title />
        <div class="stack measure">
            {sentence.map(|sentence| view! { <p role="status"><strong>{sentence}</strong></p> })}
            <Facts form=FactsForm::Listed>
                <Fact label="Since"><TimeOf at=hand_off.from zone /></Fact>
                <Fact label="Until"><TimeOf at=hand_off.to zone /></Fact>
                {before}
            </Facts>
            {(!is_over && !is_reached).then(|| view! {
                <div class="thumb"><PostButton action=here.clone() kind=ButtonKind::Primary>"I can be reached"</PostButton></div>
            })}
            {note}
            <section class="stack-tight">
                <h2>"Open now"</h2>
                {none}
                <ul class="rows">{rows}</ul>
                {more}
            </section>
            <Last around />
        </div>
    }
}

/// `is_left`: whoever has it goes off call.
#[component]
fn Open(told: Told, is_left: bool, here: String) -> impl IntoView {
    let Told { incident, held_by } = told;
    let held = match held_by {
        Some((_, name)) => format!("{name} is the responder."),
        None => "Nobody is the responder.".to_owned(),
    };
    let action = format!("{here}/incidents/{}", incident.number);
    view! {
        <li class="stack-tight">
            <span>
                <SeverityBadge severity=incident.severity short=true />
                " " <a href=format!("/incidents/{}", incident.number)>{incident.label()} " " <bdi>{incident.title.clone()}</bdi></a>
                " " <StateBadge state=incident.state />
            </span>
            <span class="quiet small">{held}</span>
            {is_left.then(|| view! { <PostButton action kind=ButtonKind::Small label=format!("Take {} over", incident.label())>"Take it over"</PostButton> })}
        </li>
    }
}

/// What paged somebody in the turn before.
#[component]
fn Last(around: Around) -> impl IntoView {
    (around.paged > 0).then(|| {
        let title = match around.paged {
            1 => "1 incident in the turn before".to_owned(),
            paged => format!("{paged} incidents in the turn before"),
        };
        let rows = around
            .last
            .into_iter()
            .map(|incident| {
                view! {
                    <li>
                        <SeverityBadge severity=incident.severity short=true />
                        " " <a href=format!("/incidents/{}", incident.number)>{incident.label()} " " <bdi>{incident.title.clone()}</bdi></a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="stack-tight">
                <h2>{title}</h2>
                <ul class="rows">{rows}</ul>
            </section>
        }
    })
}
