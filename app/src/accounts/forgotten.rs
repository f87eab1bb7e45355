//! Asking for a link that sets a new password. The answer is the same whether there is such an account or not.

use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, Field, FieldKind, FormProblem, PageHead, Section, Submit};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::visitor::Visitor;
use engine::mailed_links;
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ForgottenForm {
    email: String,
}

#[derive(Deserialize)]
pub struct ForgottenPage {
    /// A link was asked for a moment ago.
    #[serde(skip)]
    is_asked: bool,
}

pub enum ForgottenView {
    Form,
    LookIntoYourMailbox { server_set: bool },
}

impl FormPage for ForgottenPage {
    type Caller = Visitor;
    type View = ForgottenView;

    fn address(&self) -> String {
        "/password/forgotten".to_owned()
    }

    async fn load(here: &Here<Self>, _: &mut Tx) -> engine::Result<ForgottenView> {
        Ok(match here.page.is_asked {
            true => ForgottenView::LookIntoYourMailbox {
                server_set: here.app.engine.context.mail.server_set,
            },
            false => ForgottenView::Form,
        })
    }

    fn title(view: &ForgottenView) -> (String, Section) {
        let title = match view {
            ForgottenView::Form => "Forgotten password",
            ForgottenView::LookIntoYourMailbox { .. } => "Look into your mailbox",
        };
        (title.to_owned(), Section::Home)
    }

    fn show(view: ForgottenView, returned: Returned) -> impl IntoView {
        let body = match view {
            ForgottenView::Form => view! { <Ask back=returned.of() /> }.into_any(),
            ForgottenView::LookIntoYourMailbox { server_set } => view! { <Asked server_set /> }.into_any(),
        };
        view! { <div class="alone">{body}</div> }
    }
}

pub async fn show(here: Here<ForgottenPage>) -> Answered {
    here.show().await
}

pub async fn post(mut here: Here<ForgottenPage>, Form(typed): Form<ForgottenForm>) -> Answered {
    let done = transaction!(here.by(), |tx| mailed_links::ask_for_reset(tx, &typed.email)
        .await?);
    match done {
        Ok(()) => {
            here.page.is_asked = true;
            here.show().await
        }
        Err(error) => here.lead(Err(error), typed).await,
    }
}

#[component]
fn Ask(back: Back<ForgottenForm>) -> impl IntoView {
    let (typed, problem) = back.or(ForgottenForm::default);
    view! {
        <PageHead
            title="Forgotten password"
            under=view! { "A link to set a new one comes by mail. It works for two hours." }.into_any()
        />
        <form class="form" method="post" action="/password/forgotten">
            <FormProblem problems=problem.above() />
            <Field
                name="email"
                label="E-mail address"
                kind=FieldKind::Email
                value=typed.email
                required=true
                autofocus=true
                autocomplete="username"
                error=problem.beside("email")
            />
            <p class="buttons">
                <Submit>"Send the link"</Submit>
                <ButtonLink href="/login" kind=ButtonKind::Plain>
                    "Back"
                </ButtonLink>
            </p>
        </form>
    }
}

/// The same whether there is such an account or not.
#[component]
fn Asked(server_set: bool) -> impl IntoView {
    let no_server = (!server_set).then(|| {
        view! {
            <p>
                "No mail server is set here, so the mail is kept. An administrator who is logged in finds it among the kept mails."
            </p>
        }
    });
    view! {
        <PageHead
            title="Look into your mailbox"
            under=view! { "If there is an account with this address, a link is on its way." }.into_any()
        />
        {no_server}
        <p>
            <a href="/login">"Back to the log-in"</a>
        </p>
    }
}
