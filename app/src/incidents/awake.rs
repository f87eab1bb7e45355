//! “I am awake”: the press, and the list that grows meanwhile.

use crate::answer::Answered;
use crate::components::{
    ButtonKind, EmptyState, FormProblem, Notice, PageHead, PostButton, Section, SeverityBadge, StateBadge,
    TimeForm, TimeOf, Tone,
};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use chrono_tz::Tz;
use domain::incidents::{Incident, State as IncidentState};
use engine::incidents::{self, Awake};
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct AwakePage {}

pub struct AwakeView {
    came: Vec<Incident>,
    awake: Option<Awake>,
    zone: Tz,
}

impl FormPage for AwakePage {
    type Caller = SignedIn;
    type View = AwakeView;

    fn address(&self) -> String {
        "/awake".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<AwakeView> {
        let me = here.who.person.id;
        let awake = incidents::awake(tx, me).await?;
        Ok(AwakeView {
            came: match awake {
                Some(awake) => incidents::came_for(tx, me, awake).await?,
                None => incidents::waiting_for(tx, me).await?,
            },
            awake,
            zone: here.who.zone(),
        })
    }

    fn title(_: &AwakeView) -> (String, Section) {
        ("What comes for you".to_owned(), Section::Incidents)
    }

    fn show(view: AwakeView, returned: Returned) -> impl IntoView {
        let AwakeView { came, awake, zone } = view;
        // Its two presses stand in one place, and each undoes the other.
        view! {
            <div class="alone roomy settling">
                <PageHead title="What comes for you" />
                <FormProblem problems=returned.of_press().above() />
                <div id="awake" class="stack" data-fresh=""><Came came awake zone /></div>
            </div>
        }
    }
}

pub async fn show(here: Here<AwakePage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<AwakePage>) -> Answered {
    let done = transaction!(here.by(), |tx| incidents::i_am_awake(tx).await?);
    here.after_press(done).await
}

pub async fn removal(here: Here<AwakePage>) -> Answered {
    let done = transaction!(here.by(), |tx| incidents::i_am_asleep(tx).await?);
    here.after_press(done).await
}

#[component]
fn Came(came: Vec<Incident>, awake: Option<Awake>, zone: Tz) -> impl IntoView {
    let waits = came
        .iter()
        .filter(|incident| incident.state == IncidentState::Triggered)
        .count();
    let none = came.is_empty();
    let rows = came
        .into_iter()
        .map(|incident| {
            view! {
                <li class="spread">
                    <span>
                        <SeverityBadge severity=incident.severity short=true />
                        " " <a href=format!("/incidents/{}", incident.number)>{incident.label()} " " <bdi>{incident.title.clone()}</bdi></a>
                    </span>
                    <StateBadge state=incident.state />
                </li>
            }
        })
        .collect_view();
    view! {
        <IsAwake waits awake zone />
        {none.then(|| view! { <EmptyState title="Nothing comes for you">"When you are paged for an incident, it appears here until it is over."</EmptyState> })}
        <ul class="rows">{rows}</ul>
    }
}

/// Whether the reader is awake, and the press for it.
#[component]
fn IsAwake(waits: usize, awake: Option<Awake>, zone: Tz) -> impl IntoView {
    let press = match waits {
        0 => "I am awake".to_owned(),
        1 => "I am awake: take it".to_owned(),
        waits => format!("I am awake: take all {waits}"),
    };
    match awake {
        Some(awake) => {
            let again = (waits > 0)
                .then(|| view! { <PostButton action="/awake" kind=ButtonKind::Primary>{press}</PostButton> });
            let actions =
                view! { {again} <PostButton action="/awake/removal">"Page me as ever"</PostButton> };
            view! {
                <Notice tone=Tone::Worked lead="You are awake." actions=actions.into_any()>
                    "Until " <TimeOf at=awake.until zone form=TimeForm::Clock />
                    " what comes for you appears here and is not sent. SEV1 and what people ask you for come all the same; whoever is next is paged if you do not acknowledge."
                </Notice>
            }
            .into_any()
        }
        None => {
            let tone = if waits > 0 { Tone::Broken } else { Tone::Plain };
            let actions = view! { <PostButton action="/awake" kind=ButtonKind::Primary>{press}</PostButton> };
            view! {
                <Notice tone lead=pages_you(waits) actions=actions.into_any()>
                    "One press takes all that pages you. For 15 minutes what else comes for you appears on this list and is not sent; SEV1 comes all the same."
                </Notice>
            }
            .into_any()
        }
    }
}

fn pages_you(waits: usize) -> String {
    match waits {
        0 => "Nothing pages you.".to_owned(),
        1 => "1 incident pages you.".to_owned(),
        waits => format!("{waits} incidents page you."),
    }
}

/// On home: what pages the reader, and whether they said to be awake.
#[component]
pub fn PagesYou(waits: usize, awake: Option<Awake>, zone: Tz) -> impl IntoView {
    let shown = match awake {
        Some(awake) => {
            let actions = view! { <a class="button" href="/awake">"Show the list"</a> };
            Some(
                view! {
                    <Notice tone=Tone::Worked lead="You are awake." actions=actions.into_any()>
                        "What comes for you until " <TimeOf at=awake.until zone form=TimeForm::Clock /> " appears on one list: "
                        {if waits == 0 { "nothing waits there.".to_owned() } else { format!("{waits} that nobody has.") }}
                    </Notice>
                }
                .into_any(),
            )
        }
        None if waits > 1 => Some(view! { <IsAwake waits awake zone /> }.into_any()),
        None => None,
    };
    view! { <div id="pages-you" data-fresh="">{shown}</div> }
}
