//! Turns that are offered: the page of a request, the link in its mail, and “away from … to …”.

use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, error_page, problem_of, redirect};
use crate::components::{
    ButtonKind, Fact, Facts, FactsForm, Field, FormProblem, Frame, PageHead, PostButton, Section, Submit,
    TimeOf,
};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::visitor::Visitor;
use crate::zoned::{Moment, MomentField, NotAMoment, zone_words};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{PersonId, RequestId};
use engine::oncall::Refused;
use engine::oncall::requests::{self, Accepted, Request};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<RequestId>) -> Answered {
    page(&app, &who, id, None).await
}

pub async fn accept(State(app): State<App>, who: SignedIn, Path(id): Path<RequestId>) -> Answered {
    let done = transaction!(app.by(&who), |tx| requests::accept(tx, id).await?);
    let sentence = match done {
        Ok(accepted) => sentence_of(accepted).to_owned(),
        Err(error) => problem_of(error)?.sentence,
    };
    page(&app, &who, id, Some(sentence)).await
}

pub async fn withdraw(State(app): State<App>, who: SignedIn, Path(id): Path<RequestId>) -> Answered {
    transaction!(app.by(&who), |tx| requests::withdraw(tx, id).await?)?;
    Ok(redirect(&format!("/on-call/requests/{id}")))
}

const fn sentence_of(accepted: Accepted) -> &'static str {
    match accepted {
        Accepted::Now => "The turn is yours. Whoever asked is told.",
        Accepted::TooLate => "It is too late: somebody else has taken it, it was taken back, or it is over.",
    }
}

async fn page(app: &App, who: &SignedIn, id: RequestId, sentence: Option<String>) -> Answered {
    let mut tx = app.by(who).read().await?;
    let request = requests::find(&mut tx, id).await?;
    let now = tx.now();
    let frame = who.frame(&mut tx, "A turn is offered", Section::OnCall).await?;
    let (me, zone, may_act) = (who.person.id, who.zone(), who.may_act());
    Ok(render::page(StatusCode::OK, frame, move || {
        let here = format!("/on-call/requests/{id}");
        let action = may_act.then(|| format!("{here}/acceptance"));
        let withdrawal = (request.asked_by == me).then(|| format!("{here}/withdrawal"));
        view! { <Offer request me zone now action withdrawal sentence /> }
    }))
}

/// The link in a mail. GET changes nothing, because mail scanners follow links.
pub async fn show_linked(State(app): State<App>, visitor: Visitor, Path(token): Path<String>) -> Answered {
    linked(&app, &visitor, &token, None).await
}

pub async fn accept_linked(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Answered {
    // Programs that follow links and send forms are told from people by what every browser says of a form.
    if !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site") {
        return Ok(error_page(
            StatusCode::FORBIDDEN,
            "Nothing was done",
            "This did not come from a button on the page of the link. Open the link in a browser and press the button there.",
        ));
    }
    let mut tx = app.engine.by(visitor.actor()).read().await?;
    let (request, person) = match requests::by_link(&mut tx, &token).await {
        Err(Error::NotFound(_)) => return Ok(unknown()),
        found => found?,
    };
    drop(tx);
    let acting = app.engine.by(visitor.by_link(person));
    let done = transaction!(acting, |tx| requests::accept(tx, request.id).await?);
    let sentence = match done {
        Ok(accepted) => sentence_of(accepted).to_owned(),
        Err(error) => problem_of(error)?.sentence,
    };
    linked(&app, &visitor, &token, Some(sentence)).await
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
    let now = tx.now();
    let zone: Tz = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let action = person
        .deactivated_at
        .is_none()
        .then(|| format!("/on-call/offers/{token}"));
    let me = person.id;
    Ok(render::page(
        StatusCode::OK,
        Frame::new("A turn is offered"),
        move || {
            view! { <div class="alone"><Offer request me zone now action withdrawal=None sentence /></div> }
        },
    ))
}

/// `action`: where it is accepted, `withdrawal`: where it is taken back, each for who may.
#[component]
fn Offer(
    request: Request,
    me: PersonId,
    zone: Tz,
    now: DateTime<Utc>,
    action: Option<String>,
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
            </Facts>
            {(!request.note.is_empty()).then(|| view! { <p>{request.note.clone()}</p> })}
            <p>{state}</p>
            <div class="thumb">{accept} {back}</div>
        </div>
    }
}

/// When somebody is away.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Away {
    from: String,
    from_zone: String,
    from_which: String,
    to: String,
    to_zone: String,
    to_which: String,
    note: String,
}

impl Away {
    fn moment(&self, is_end: bool, zone: Tz) -> Moment {
        let (at, said, which) = if is_end {
            (&self.to, &self.to_zone, &self.to_which)
        } else {
            (&self.from, &self.from_zone, &self.from_which)
        };
        Moment {
            at: at.clone(),
            zone: if said.is_empty() {
                zone.name().to_owned()
            } else {
                said.clone()
            },
            which: which.clone(),
            ..Moment::default()
        }
    }

    fn read(&self, zone: Tz) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
        let read = |field, moment: Moment| {
            let at = moment.read(zone).and_then(|at| at.ok_or(NotAMoment::Unreadable));
            at.map_err(|wrong| Refused::NotAMoment {
                field,
                sentence: wrong.to_string(),
            })
        };
        Ok((
            read("from", self.moment(false, zone))?,
            read("to", self.moment(true, zone))?,
        ))
    }
}

pub async fn show_away(State(app): State<App>, who: SignedIn) -> Answered {
    away_page(&app, &who, StatusCode::OK, Away::default(), Problem::default()).await
}

pub async fn away(State(app): State<App>, who: SignedIn, Form(typed): Form<Away>) -> Answered {
    let zone = who.zone();
    let done = transaction!(app.by(&who), |tx| {
        let span = typed.read(zone)?;
        requests::away(tx, span, &typed.note).await?
    });
    match done {
        Ok(_) => Ok(redirect("/on-call/away")),
        Err(error) => {
            let problem = problem_of(error)?;
            away_page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await
        }
    }
}

async fn away_page(app: &App, who: &SignedIn, status: StatusCode, typed: Away, problem: Problem) -> Answered {
    let mut tx = app.by(who).read().await?;
    let mine = requests::open_of(&mut tx, who.person.id).await?;
    let offered = requests::offered_to(&mut tx, who.person.id).await?;
    let frame = who
        .frame(&mut tx, "Away, and what is offered", Section::OnCall)
        .await?;
    let zone = who.zone();
    Ok(render::page(status, frame, move || {
        let (from, to) = (typed.moment(false, zone), typed.moment(true, zone));
        view! {
            <PageHead title="Away" under=view! { {format!("Times are in {}.", zone_words(zone.name()))} }.into_any() />
            <div class="stack-loose measure">
                <form class="form" method="post" action="/on-call/away">
                    <FormKey />
                    <FormProblem problems=problem.above() />
                    <p>"For each of your turns in that time your team is asked by mail. The first who accepts has it."</p>
                    <div class="form-row">
                        <MomentField name="from" label="Away from" moment=from required=true error=problem.beside("from") />
                        <MomentField name="to" label="to" moment=to required=true error=problem.beside("to") />
                    </div>
                    <Field name="note" label="What you want to say" value=typed.note error=problem.beside("whom") />
                    <p class="buttons"><Submit>"Ask for each of my turns"</Submit></p>
                </form>
                <Requests title="Asked for, and not taken yet" none="You ask for nothing." requests=mine zone />
                <Requests title="Offered to you" none="Nothing is offered to you." requests=offered zone />
            </div>
        }
    }))
}

#[component]
fn Requests(title: &'static str, none: &'static str, requests: Vec<Request>, zone: Tz) -> impl IntoView {
    let empty = requests.is_empty().then(|| view! { <p class="quiet">{none}</p> });
    let rows = requests
        .into_iter()
        .map(|request| {
            view! {
                <li>
                    <a href=format!("/on-call/requests/{}", request.id)>{request.schedule_name.clone()}</a>
                    <p>{request.asked_by_name.clone()} ", " <TimeOf at=request.from_at zone /> " to " <TimeOf at=request.to_at zone /></p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="stack-tight">
            <h2>{title}</h2>
            {empty}
            <ul class="settings-rows">{rows}</ul>
        </section>
    }
}
