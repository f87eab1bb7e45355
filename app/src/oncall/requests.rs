//! Turns that are offered: the page of a request.

use super::covers::{CancelCover, may_be_cancelled};
use super::untaken::{Give, WhoWasAsked, others};
use super::view::{RequestPage, sentence_of};
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Fact, Facts, FactsForm, PageHead, PostButton, Section, TimeForm, TimeOf,
};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::zoned::zone_words;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::people::{Permission, Person};
use engine::oncall::requests::{self, Request};
use engine::oncall::untaken::{self, Asked};
use engine::{Tx, people, transaction};
use leptos::prelude::*;

pub struct RequestView {
    request: Request,
    me: PersonId,
    zone: Tz,
    now: DateTime<Utc>,
    may_act: bool,
    asked: Vec<Asked>,
    /// Whom it can be given to, for who may.
    others: Option<Vec<Person>>,
    /// It was taken, and the reader may cancel that.
    may_cancel: bool,
}

impl FormPage for RequestPage {
    type Caller = SignedIn;
    type View = RequestView;

    fn address(&self) -> String {
        format!("/on-call/requests/{}", self.request)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<RequestView> {
        let request = requests::find(tx, here.page.request).await?;
        let may_give = request.is_open(tx.now())
            && request.instead().is_none()
            && here.who.may(tx, Permission::ChangeTeam(request.team_id)).await?;
        Ok(RequestView {
            others: match may_give {
                true => Some(others(people::active(tx).await?, request.asked_by)),
                false => None,
            },
            asked: untaken::asked(tx, request.id).await?,
            may_cancel: may_be_cancelled(&here.who, tx, &request).await?,
            request,
            me: here.who.person.id,
            zone: here.who.zone(),
            now: tx.now(),
            may_act: here.who.may_act(),
        })
    }

    fn title(_: &RequestView) -> (String, Section) {
        ("A turn is offered".to_owned(), Section::OnCall)
    }

    fn show(view: RequestView, returned: Returned) -> impl IntoView {
        let RequestView {
            request,
            me,
            zone,
            now,
            may_act,
            asked,
            others,
            may_cancel,
        } = view;
        let here = format!("/on-call/requests/{}", request.id);
        let action = may_act.then(|| format!("{here}/acceptance"));
        let was_asked = asked
            .iter()
            .any(|one| one.person == me && one.declined_at.is_none());
        let refusal = (may_act && was_asked).then(|| format!("{here}/refusal"));
        let give = others.map(|others| {
            view! { <Give action=format!("{here}/assignment") others back=returned.of() /> }
        });
        let withdrawal = request.is_of(me).then(|| format!("{here}/withdrawal"));
        let cancel = may_cancel.then(|| view! { <CancelCover request=request.clone() /> });
        view! {
            <Offer request asked me zone now action refusal withdrawal sentence=returned.said() />
            {give}
            {cancel}
        }
    }
}

pub async fn show(here: Here<RequestPage>) -> Answered {
    here.show().await
}

pub async fn accept(here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| requests::accept(tx, id).await?);
    here.say(done.map(sentence_of)).await
}

pub async fn withdraw(here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| requests::withdraw(tx, id).await?);
    here.after_press(done).await
}

/// Who had taken it, and who took that back and when.
fn cancelled(request: &Request, taken_by: Option<&str>, zone: Tz) -> String {
    let when = request.cancelled_at.map_or_else(String::new, |at| {
        format!(" on {}", TimeForm::Short.format(at, zone))
    });
    let taken_by = taken_by.unwrap_or("Somebody");
    match request.cancelled_by_name.as_deref() {
        Some(by) if by == taken_by => format!("{taken_by} had taken it, and cancelled that{when}."),
        Some(by) => format!("{taken_by} had taken it, and {by} cancelled that{when}."),
        None => format!("{taken_by} had taken it, and that was cancelled{when}."),
    }
}

/// Where it is accepted (`action`), declined (`refusal`) and taken back, each for who may.
#[component]
pub(super) fn Offer(
    request: Request,
    asked: Vec<Asked>,
    me: PersonId,
    zone: Tz,
    now: DateTime<Utc>,
    action: Option<String>,
    refusal: Option<String>,
    withdrawal: Option<String>,
    sentence: Option<String>,
) -> impl IntoView {
    let is_open = request.is_open(now);
    let state = match (request.state.as_str(), &request.taken_by_name) {
        ("taken", Some(name)) => format!("{name} has taken it."),
        ("withdrawn", _) => "It was cancelled.".to_owned(),
        ("cancelled", taken_by) => cancelled(&request, taken_by.as_deref(), zone),
        _ if !is_open => "It is over, and nobody took it.".to_owned(),
        _ => "Nobody has taken it yet.".to_owned(),
    };
    let whose = &request.asked_by_name;
    let title = match (request.instead(), &request.entered_by_name) {
        (Some(_), None) => format!("{whose} asks to swap a turn"),
        (None, None) => format!("{whose} asks for somebody to take a turn"),
        (Some(_), Some(by)) => format!("{by} asks to swap {whose}’s turn"),
        (None, Some(by)) => format!("{by} asks for somebody to take {whose}’s turn"),
    };
    let takes = match request.entered_by {
        Some(_) => format!("{whose} takes instead"),
        None => "They take instead".to_owned(),
    };
    let instead = request.instead().map(|(from, to)| {
        view! { <Fact label=takes><TimeOf at=from zone /> " to " <TimeOf at=to zone /></Fact> }
    });
    let accept = action
        .filter(|_| is_open && request.asked_by != me)
        .map(|action| {
            view! { <PostButton action kind=ButtonKind::Primary>"I take it"</PostButton> }
        });
    let decline = refusal
        .filter(|_| is_open && request.asked_by != me)
        .map(|action| view! { <PostButton action>"I cannot"</PostButton> });
    let back = withdrawal.filter(|_| is_open).map(|action| {
        view! {
            <Ask label="Cancel the request" question="Ask nobody any more?" action answer="Cancel it" in_place=true>
                <p>"The turn stays with whoever has it."</p>
            </Ask>
        }
    });
    view! {
        <PageHead title under=view! { {format!("Times are in {}.", zone_words(zone.name()))} }.into_any() />
        <div class="stack measure">
            {sentence.map(|sentence| view! { <p role="status"><strong>{sentence}</strong></p> })}
            <Facts form=FactsForm::Listed>
                <Fact label="Schedule">{request.schedule_name.clone()}</Fact>
                <Fact label="The turn"><TimeOf at=request.from_at zone /> " to " <TimeOf at=request.to_at zone /></Fact>
                {instead}
                {is_open.then(|| view! { <WhoWasAsked asked /> })}
            </Facts>
            {(!request.note.is_empty()).then(|| view! { <p>{request.note.clone()}</p> })}
            <p>{state}</p>
            <div class="thumb buttons">{accept} {decline} {back}</div>
        </div>
    }
}
