//! Whether mail works: the server, a test, and what did not go out.

use crate::answer::{Answered, redirect};
use crate::components::{
    ButtonKind, Cell, DataTable, Fact, Facts, FactsForm, Notice, Paste, PostButton, Row, Section as Bar,
    TimeOf, Tone,
};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::{App, demo};
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::notifications::{NotificationKind, NotificationState};
use engine::messages::notices;
use engine::notifications::outbox::{self, Notification};
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestMailForm {
    /// Where the button stood.
    back: String,
}

/// What there is to know about mail.
#[derive(Clone)]
pub(crate) struct MailNow {
    pub server_set: bool,
    pub from: String,
    pub base_url: String,
    pub is_loopback: bool,
    /// The reader's last test mails.
    pub tests: Vec<Notification>,
    pub zone: Tz,
}

impl MailNow {
    pub async fn read(app: &App, who: &SignedIn, tx: &mut Tx) -> engine::Result<Self> {
        let mut tests = outbox::recent(tx, Some(who.person.id), 20).await?;
        tests.retain(|mail| mail.kind == NotificationKind::Test);
        tests.truncate(3);
        Ok(Self {
            server_set: tx.context.mail.server_set,
            from: tx.context.mail.mailbox.to_string(),
            base_url: tx.context.base_url.as_str().trim_end_matches('/').to_owned(),
            is_loopback: app.installation.base_url_is_loopback,
            tests,
            zone: who.zone(),
        })
    }

    /// A page that shows a test on its way looks again soon.
    pub fn refresh_seconds(&self) -> Option<u32> {
        let under_way = |mail: &Notification| {
            matches!(
                mail.state,
                NotificationState::Waiting | NotificationState::Sending
            )
        };
        self.tests.iter().any(under_way).then_some(3)
    }
}

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let now = MailNow::read(&app, &who, &mut tx).await?;
    let not_sent = outbox::not_sent(&mut tx).await?;
    let mut frame = who.frame(&mut tx, "Mail", Bar::Settings).await?;
    frame.refresh_seconds = now.refresh_seconds();
    let may_administer = who.is_administrator();
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page now not_sent may_administer /> },
    ))
}

pub async fn test(State(app): State<App>, who: SignedIn, Form(asked): Form<TestMailForm>) -> Answered {
    transaction!(app.by(&who), |tx| notices::test(tx, &who.person).await?)?;
    Ok(redirect(if asked.back == "/setup/ready" {
        "/setup/ready"
    } else {
        "/settings/mail"
    }))
}

#[component]
fn Page(now: MailNow, not_sent: Vec<Notification>, may_administer: bool) -> impl IntoView {
    let zone = now.zone;
    let waiting = (!not_sent.is_empty()).then(|| {
        let rows = not_sent
            .into_iter()
            .map(|mail| {
                view! {
                    <Row>
                        <Cell label="When">
                            <TimeOf at=mail.created_at zone />
                        </Cell>
                        <Cell label="To">{mail.to_address}</Cell>
                        <Cell label="Subject">{mail.subject}</Cell>
                        <Cell label="What the mail server said">{mail.server_words.unwrap_or_default()}</Cell>
                    </Row>
                }
            })
            .collect_view();
        view! {
            <Section title="What did not go out">
                <DataTable
                    caption="Mails that did not go out"
                    headers=vec!["When", "To", "Subject", "What the mail server said"]
                >
                    {rows}
                </DataTable>
            </Section>
        }
    });
    let under = if demo::is_shown() {
        "The demo sends no mail."
    } else if now.server_set {
        "A mail server is set."
    } else {
        "No mail server is set, so nobody is woken."
    };
    view! {
        <Shell part=Part::Mail title="Mail" under>
            <HowMailIs now may_administer back="/settings/mail" />
            {waiting}
        </Shell>
    }
}

/// Where mail comes from, where its links lead, and the button that tries it.
#[component]
pub(crate) fn HowMailIs(now: MailNow, may_administer: bool, back: &'static str) -> impl IntoView {
    let zone = now.zone;
    let loopback = now.is_loopback.then(|| {
        view! {
            <Notice tone=Tone::Broken lead="Only this machine can open these links.">
                "Set base_url (KINTSUGI_BASE_URL) to an address that phones reach, and restart."
            </Notice>
        }
    });
    let no_server = (!now.server_set).then(|| {
        view! {
            <div class="stack-tight">
                <p>
                    "Mails are kept and can be read " <a href="/mail">"in the browser"</a>
                    ". To send them, start "
                    {demo::is_shown().then_some("your own ")}
                    "Kintsugi with a mail server, for example:"
                </p>
                <Paste text="KINTSUGI_SMTP_URL=smtps://user:password@mail.example.com\nKINTSUGI_MAIL_FROM='Kintsugi <kintsugi@example.com>'" />
            </div>
        }
    });
    let tests: Vec<_> = now
        .tests
        .into_iter()
        .map(|mail| {
            let words = match mail.state {
                NotificationState::Waiting | NotificationState::Sending => "on its way".to_owned(),
                NotificationState::Sent => "taken by the mail server".to_owned(),
                NotificationState::Failed => "refused".to_owned(),
                NotificationState::Kept => "not sent, kept here".to_owned(),
            };
            let said = mail.server_words.map(|said| view! { " " <span class="machine">{said}</span> });
            view! {
                <li>
                    "The test of " <TimeOf at=mail.created_at zone /> " to " {mail.to_address} ": " {words} {said}
                </li>
            }
        })
        .collect();
    let button = may_administer.then(|| {
        let fields = vec![("back", back.to_owned())];
        view! {
            <PostButton action="/settings/mail/test" kind=ButtonKind::Normal fields>
                "Send me a test"
            </PostButton>
        }
    });
    view! {
        <div class="stack">
            <Facts form=FactsForm::Listed>
                <Fact label="Mails come from">{now.from}</Fact>
                <Fact label="Links in mails begin with">
                    <span class="machine">{now.base_url}</span>
                </Fact>
            </Facts>
            {loopback}
            {no_server}
            {button}
            <ul class="stack-tight">{tests}</ul>
        </div>
    }
}
