//! Turns that are offered: the page of a request, and the link in its mail.

use super::untaken::{Give, WhoWasAsked, others};
use super::view::{RequestPage, sentence_of};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, error_page, problem_of};
use crate::by_browser::ByBrowser;
use crate::components::{
    ButtonKind, Fact, Facts, FactsForm, FormProblem, Frame, PageHead, PostButton, Section, TimeOf,
};
use crate::form_page::{FormPage, Here, Returned};
use crate::render;
use crate::session::SignedIn;
use crate::visitor::Visitor;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{PersonId, RequestId};
use domain::people::{Permission, Person};
use engine::oncall::requests::{self, Request};
use engine::oncall::untaken::{self, Asked};
use engine::{Acting, Error, Tx, people, transaction};
use leptos::prelude::*;

pub struct RequestView {
    request: Request,
    sentence: Option<String>,
    me: PersonId,
    zone: Tz,
    now: DateTime<Utc>,
    may_act: bool,
    asked: Vec<Asked>,
    /// Whom it can be given to, for who may.
    others: Option<Vec<Person>>,
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
            request,
            sentence: here.page.sentence.clone(),
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
            sentence,
            me,
            zone,
            now,
            may_act,
            asked,
            others,
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
        let withdrawal = (request.asked_by == me).then(|| format!("{here}/withdrawal"));
        view! {
            <FormProblem problems=returned.of_press().above() />
            <Offer request asked me zone now action refusal withdrawal sentence />
            {give}
        }
    }
}

pub async fn show(here: Here<RequestPage>) -> Answered {
    here.show().await
}

pub async fn accept(mut here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| requests::accept(tx, id).await?);
    match done {
        Ok(accepted) => {
            here.page.sentence = Some(sentence_of(accepted).to_owned());
            here.show().await
        }
        Err(error) => here.after_press::<()>(Err(error)).await,
    }
}

pub async fn withdraw(here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| requests::withdraw(tx, id).await?);
    here.after_press(done).await
}

/// The link in a mail. GET changes nothing, because mail scanners follow links.
pub async fn show_linked(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Answered {
    linked(&app, &visitor, &token, None).await
}

pub async fn accept_linked(
    State(app): State<App>,
    visitor: Visitor,
    _: ByBrowser,
    Path(token): Path<String>,
) -> Answered {
    let Some((request, acting)) = acting_by(&app, &visitor, &token).await? else {
        return Ok(unknown());
    };
    let done = transaction!(acting, |tx| requests::accept(tx, request).await?);
    after_linked(&app, &visitor, &token, done.map(sentence_of)).await
}

/// “I cannot”, from the page of the link.
pub async fn decline_linked(
    State(app): State<App>,
    visitor: Visitor,
    _: ByBrowser,
    Path(token): Path<String>,
) -> Answered {
    let Some((request, acting)) = acting_by(&app, &visitor, &token).await? else {
        return Ok(unknown());
    };
    let done = transaction!(acting, |tx| untaken::decline(tx, request).await?);
    let done = done.map(|()| "Thank you: the team knows that you cannot.");
    after_linked(&app, &visitor, &token, done).await
}

/// The page of the link says what became of a press.
async fn after_linked(
    app: &App,
    visitor: &Visitor,
    token: &str,
    done: engine::Result<&'static str>,
) -> Answered {
    let sentence = match done {
        Ok(sentence) => sentence.to_owned(),
        Err(error) => problem_of(error)?.sentence,
    };
    linked(app, visitor, token, Some(sentence)).await
}

/// The request of a link, and whose link it is, as whoever acts; nothing where it is not known.
async fn acting_by(app: &App, visitor: &Visitor, token: &str) -> Result<Option<(RequestId, Acting)>, Error> {
    let mut tx = app.engine.by(visitor.actor()).read().await?;
    match requests::by_link(&mut tx, token).await {
        Err(Error::NotFound(_)) => Ok(None),
        found => {
            let (request, person) = found?;
            Ok(Some((request.id, app.engine.by(visitor.by_link(person)))))
        }
    }
}

fn unknown() -> Response {
    error_page(
        StatusCode::NOT_FOUND,
        "This link is not known here",
        "It may have been cut on its way. Log in and look at what is offered under On call.",
    )
}

async fn linked(app: &App, visitor: &Visitor, token: &str, sentence: Option<String>) -> Answered {
    let mut tx = app.engine.by(visitor.actor()).read().await?;
    let (request, person) = match requests::by_link(&mut tx, token).await {
        Err(Error::NotFound(_)) => return Ok(unknown()),
        found => found?,
    };
    let asked = untaken::asked(&mut tx, request.id).await?;
    let now = tx.now();
    let zone: Tz = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let action = person
        .deactivated_at
        .is_none()
        .then(|| format!("/on-call/offers/{token}"));
    let me = person.id;
    let has_declined = asked
        .iter()
        .any(|one| one.person == me && one.declined_at.is_some());
    let refusal = action
        .as_ref()
        .filter(|_| !has_declined)
        .map(|action| format!("{action}/refusal"));
    Ok(render::page(
        StatusCode::OK,
        Frame::new("A turn is offered"),
        move || {
            view! { <div class="alone"><Offer request asked me zone now action refusal withdrawal=None sentence /></div> }
        },
    ))
}

/// Where it is accepted (`action`), declined (`refusal`) and taken back, each for who may.
#[component]
fn Offer(
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
        ("withdrawn", _) => "It was taken back.".to_owned(),
        _ if !is_open => "It is over, and nobody took it.".to_owned(),
        _ => "Nobody has taken it yet.".to_owned(),
    };
    let title = match request.instead() {
        Some(_) => format!("{} asks to swap a turn", request.asked_by_name),
        None => format!("{} asks for somebody to take a turn", request.asked_by_name),
    };
    let instead = request.instead().map(|(from, to)| {
        view! { <Fact label="They take instead"><TimeOf at=from zone /> " to " <TimeOf at=to zone /></Fact> }
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
        view! { <PostButton action>"Take the request back"</PostButton> }
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
