//! Mails as Kintsugi wrote them: one's own, and all for administrators. Where no mail server is set this is where they are read.

pub mod mail;

use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    Badge, Cell, DataTable, EmptyState, Fact, Facts, FactsForm, PageHead, Paste, PostButton, Row, Section,
    TimeForm, TimeOf, Tone,
};
use crate::render;
use crate::session::SignedIn;
use crate::{App, demo};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono_tz::Tz;
use domain::ids::NotificationId;
use domain::notifications::{NotificationKind, NotificationState};
use domain::people::Role;
use engine::mailed_links;
use engine::notifications::{Notification, outbox};
use engine::transaction;
use leptos::prelude::*;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/mail", get(list))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/link", post(link))
        .route("/settings/mail", get(mail::show))
        .route("/settings/mail/test", post(mail::test))
}

async fn list(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let whose = (who.person.role != Role::Administrator).then_some(who.person.id);
    let mails = outbox::recent(&mut tx, whose, 200).await?;
    let frame = who.frame(&mut tx, "Mails", Section::Settings).await?;
    let zone = who.zone();
    let title = if whose.is_some() { "Mails to you" } else { "Mails" };
    let under = where_they_go(app.engine.context.mail.server_set, mails.is_empty());
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <PageHead title under=under.into_any() /> <Mails mails zone /> },
    ))
}

async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<NotificationId>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mail = outbox::read(&mut tx, id).await?;
    if mail.person_id != Some(who.person.id) && who.person.role != Role::Administrator {
        return Err(engine::Error::NotFound("mail").into());
    }
    let frame = who
        .frame(&mut tx, mail.subject.clone(), Section::Settings)
        .await?;
    let (zone, base) = (who.zone(), app.engine.context.link(""));
    let may_hand_on = who.person.role == Role::Administrator;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <OneMail mail zone base may_hand_on /> },
    ))
}

/// An invitation that nobody was sent, since no mail server is set: its link, once, for an administrator to hand on.
async fn link(State(app): State<App>, who: SignedIn, Path(id): Path<NotificationId>) -> Answered {
    let made = transaction!(app.by(&who), |tx| {
        let mail = outbox::read(tx, id).await?;
        (mailed_links::of_kept_invitation(tx, &mail).await?, mail.to_name)
    });
    let (url, name) = made?;
    let mut tx = app.by(&who).read().await?;
    let title = format!("The link for {name}");
    let frame = who.frame(&mut tx, title.clone(), Section::Settings).await?;
    let under = "Hand it on yourself: it is shown this once, and sets the first password.";
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <PageHead title under=under.into_any() /> <Paste text=url /> <p><a href="/mail">"All mails"</a></p> },
    ))
}

/// Where no mail server is set, that nobody gets these.
fn where_they_go(server_set: bool, none: bool) -> &'static str {
    if demo::is_shown() {
        "The demo sends no mail. What it would have sent is shown here."
    } else if server_set {
        "As they were written, with what became of them."
    } else if none {
        "No mail server is set, so mails will be shown here to be read."
    } else {
        "No mail server is set, so these went to nobody. They are shown here to be read."
    }
}

#[component]
fn Mails(mails: Vec<Notification>, zone: Tz) -> impl IntoView {
    if mails.is_empty() {
        return view! { <EmptyState title="No mails yet">"Pages, invitations and reminders appear here once they are written."</EmptyState> }.into_any();
    }
    let rows = mails
        .into_iter()
        .map(|mail| {
            view! {
                <Row>
                    <Cell><a href=format!("/mail/{}", mail.id)><bdi>{mail.subject}</bdi></a></Cell>
                    <Cell label="To">{mail.to_name}</Cell>
                    <Cell label="Written"><TimeOf at=mail.created_at zone form=TimeForm::Short /></Cell>
                    <Cell label="State"><Outcome state=mail.state /></Cell>
                </Row>
            }
        })
        .collect_view();
    view! { <DataTable caption="Mails" headers=vec!["Subject", "To", "Written", "State"]>{rows}</DataTable> }
        .into_any()
}

#[component]
fn Outcome(state: NotificationState) -> impl IntoView {
    let (tone, words) = match state {
        NotificationState::Waiting | NotificationState::Sending => (Tone::Worked, "waiting"),
        NotificationState::Sent => (Tone::Plain, "accepted by the mail server"),
        NotificationState::Failed => (Tone::Broken, "not sent"),
        NotificationState::Kept => (Tone::Plain, "not sent, kept here"),
    };
    view! { <Badge tone>{words}</Badge> }
}

#[component]
fn OneMail(mail: Notification, zone: Tz, base: String, may_hand_on: bool) -> impl IntoView {
    let hands_on =
        mail.kind == NotificationKind::Invitation && mail.state == NotificationState::Kept && may_hand_on;
    let over = view! { <span>{mail.kind.label()}</span> <Outcome state=mail.state /> };
    let said = mail
        .server_words
        .map(|words| view! { <Fact label="The mail server said"><code>{words}</code></Fact> });
    view! {
        <PageHead title=mail.subject over=over.into_any() />
        <Facts form=FactsForm::Listed>
            <Fact label="To">{format!("{} <{}>", mail.to_name, mail.to_address)}</Fact>
            <Fact label="Written"><TimeOf at=mail.created_at zone form=TimeForm::Short /></Fact>
            {(mail.attempts > 0).then(|| view! { <Fact label="Tries">{mail.attempts}</Fact> })}
            {said}
        </Facts>
        <div class="card mail-text">{linked(&mail.text_body, &base)}</div>
        {hands_on.then(|| view! { <p class="buttons"><PostButton action=format!("/mail/{}/link", mail.id)>"Show a link to hand on"</PostButton></p> })}
        <p><a href="/mail">"All mails"</a></p>
    }
}

/// The text with its addresses as links; those of this installation lead to where it is read, whatever it is called in mails.
fn linked(text: &str, base: &str) -> impl IntoView + use<> {
    let line = |line: &str| {
        let words = line.split_inclusive(' ').map(|word| {
            let bare = word.trim();
            if !bare.starts_with("http://") && !bare.starts_with("https://") {
                return word.to_owned().into_any();
            }
            let href = bare
                .strip_prefix(base)
                .filter(|path| path.starts_with('/'))
                .unwrap_or(bare)
                .to_owned();
            view! { <a href=href rel="noopener noreferrer">{bare.to_owned()}</a> " " }.into_any()
        });
        view! { <p>{words.collect_view()}</p> }
    };
    text.lines().map(line).collect_view()
}
