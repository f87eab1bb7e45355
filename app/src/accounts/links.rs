//! Setting a password through a mailed link: of an invitation, or for a forgotten one.

use crate::answer::{Answered, redirect};
use crate::components::{Field, FieldKind, FormProblem, PageHead, Section, Submit};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::with_session;
use crate::visitor::Visitor;
use domain::people::Person;
use engine::mailed_links::{self, Purpose};
use engine::people::{passwords, sessions};
use engine::secrets::Secret;
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::marker::PhantomData;

/// What a link was mailed for.
pub trait Kind: Send + Sync + 'static {
    const PURPOSE: Purpose;
}

pub struct Invitation;

impl Kind for Invitation {
    const PURPOSE: Purpose = Purpose::Invitation;
}

pub struct PasswordReset;

impl Kind for PasswordReset {
    const PURPOSE: Purpose = Purpose::PasswordReset;
}

#[derive(Deserialize)]
#[serde(bound = "")]
pub struct LinkPage<K> {
    token: String,
    #[serde(skip)]
    kind: PhantomData<K>,
}

pub enum LinkView {
    /// Whose password it sets, and where to.
    Works {
        person: Person,
        action: String,
    },
    DoesNotWork(String),
}

impl<K: Kind> FormPage for LinkPage<K> {
    type Caller = Visitor;
    type View = (Purpose, LinkView);

    fn address(&self) -> String {
        match K::PURPOSE {
            Purpose::Invitation => format!("/invitations/{}", self.token),
            Purpose::PasswordReset => format!("/password/reset/{}", self.token),
        }
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<Self::View> {
        let view = match mailed_links::find(tx, K::PURPOSE, &here.page.token).await {
            Ok(person) => LinkView::Works {
                person,
                action: here.page.address(),
            },
            Err(error) if error.is_refusal() => LinkView::DoesNotWork(error.to_string()),
            Err(error) => return Err(error),
        };
        Ok((K::PURPOSE, view))
    }

    fn title((purpose, view): &Self::View) -> (String, Section) {
        let title = match (view, purpose) {
            (LinkView::DoesNotWork(_), _) => "The link does not work",
            (LinkView::Works { .. }, Purpose::Invitation) => "Welcome",
            (LinkView::Works { .. }, Purpose::PasswordReset) => "A new password",
        };
        (title.to_owned(), Section::Home)
    }

    fn show((purpose, view): Self::View, returned: Returned) -> impl IntoView {
        let body = match view {
            LinkView::Works { person, action } => {
                view! { <Choose purpose person action back=returned.of() /> }.into_any()
            }
            LinkView::DoesNotWork(sentence) => view! { <DoesNotWork purpose sentence /> }.into_any(),
        };
        view! { <div class="alone">{body}</div> }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    password: String,
}

/// Shows the form behind a link. Looking at it uses nothing up.
pub async fn show<K: Kind>(here: Here<LinkPage<K>>) -> Answered {
    let mut tx = here.by().read().await?;
    let found = mailed_links::find(&mut tx, K::PURPOSE, &here.page.token).await;
    drop(tx);
    match found {
        Ok(_) => here.show().await,
        Err(error) => here.lead(Err(error), Chosen::default()).await,
    }
}

/// Sets the password behind a link, and lets the person in.
pub async fn post<K: Kind>(here: Here<LinkPage<K>>, Form(chosen): Form<Chosen>) -> Answered {
    match use_link(&here, &chosen).await {
        Ok(secret) => Ok(with_session(redirect("/"), &secret, here.who.over_tls)),
        Err(error) => here.lead(Err(error), chosen).await,
    }
}

async fn use_link<K: Kind>(here: &Here<LinkPage<K>>, chosen: &Chosen) -> engine::Result<Secret> {
    let token = &here.page.token;
    let mut tx = here.by().read().await?;
    let person = mailed_links::find(&mut tx, K::PURPOSE, token).await?;
    drop(tx);
    let hashed = passwords::hash(&here.app.engine.context, &chosen.password, &person.email).await?;
    let visitor = &here.who;
    let address = visitor
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    transaction!(here.by(), |tx| {
        let person = mailed_links::use_up(tx, K::PURPOSE, token, &hashed).await?;
        sessions::start(tx, person.id, &visitor.user_agent, &address).await?
    })
}

#[component]
fn Choose(purpose: Purpose, person: Person, action: String, back: Back<Chosen>) -> impl IntoView {
    let (_, problem) = back.or(Chosen::default);
    let (title, under, words) = match purpose {
        Purpose::Invitation => (
            "Welcome",
            format!("{}, choose a password for {}.", person.name, person.email),
            "Set the password and come in",
        ),
        Purpose::PasswordReset => (
            "A new password",
            format!("For {}. All sessions of this account end.", person.email),
            "Set the password and log in",
        ),
    };
    view! {
        <PageHead title under=view! { {under} }.into_any() />
        <form class="form" method="post" action=action>
            <FormProblem problems=problem.of_all() />
            <Field
                name="password"
                label="Password"
                kind=FieldKind::Password
                required=true
                autofocus=true
                autocomplete="new-password"
                hint="At least 10 characters. Three or four words that nobody would guess are good."
                error=problem.beside("password")
            />
            <p class="buttons">
                <Submit>{words}</Submit>
            </p>
        </form>
    }
}

#[component]
fn DoesNotWork(purpose: Purpose, sentence: String) -> impl IntoView {
    let way_on = match purpose {
        Purpose::Invitation => view! {
            <p>"Did you set a password before? Then " <a href="/login">"log in"</a>
            ". Otherwise an administrator can invite you again."</p>
        }
        .into_any(),
        Purpose::PasswordReset => {
            view! { <p><a href="/password/forgotten">"Ask for a new link"</a></p> }.into_any()
        }
    };
    view! {
        <PageHead title="The link does not work" under=view! { {sentence} }.into_any() />
        {way_on}
    }
}
