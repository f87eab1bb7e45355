//! How alerts come in to a service: integrations are made, shown once, replaced, revoked.

use super::integration_card::IntegrationCard;
use super::one_time_secrets;
use super::signing::SigningForm;
use super::view::{IntegrationsView, ServicePage, Which, find};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    Choice, EmptyState, Field, FieldKind, FormDialog, FormProblem, Notice, Submit, Tone,
};
use crate::form::{Form, word};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::settings::Section;
use crate::visitor::Visitor;
use domain::fields;
use domain::ids::IntegrationId;
use domain::teams::IntegrationKind;
use engine::secrets::Secret;
use engine::teams::integrations;
use engine::{Result, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::any::Any;

/// How long the page after has to show a secret.
const SECONDS: i64 = 120;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewIntegrationForm {
    kind: String,
    name: String,
}

pub async fn create(
    here: Here<ServicePage>,
    visitor: Visitor,
    Form(form): Form<NewIntegrationForm>,
) -> Answered {
    let done = async {
        let kind: IntegrationKind = word("kind", &form.kind)?;
        transaction!(here.by(), |tx| {
            let service = teams::find_service_by_slug(tx, &here.page.slug).await?;
            let (integration, secret) = integrations::create(tx, service.id, kind, &form.name).await?;
            (integration.id, secret)
        })
    };
    let done = done.await;
    shown_once(&here, &visitor, done, form).await
}

pub async fn replace(here: Here<ServicePage>, visitor: Visitor, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        find(tx, &here.page.slug, which.integration).await?;
        (
            which.integration,
            integrations::replace(tx, which.integration).await?,
        )
    });
    shown_once(&here, &visitor, done, which).await
}

/// Back to the page, which shows the secret.
async fn shown_once(
    here: &Here<ServicePage>,
    visitor: &Visitor,
    done: Result<(IntegrationId, Secret)>,
    form: impl Any + Send + Sync,
) -> Answered {
    let (done, made) = match done {
        Ok(made) => (Ok(()), Some(made)),
        Err(error) => (Err(error), None),
    };
    let response = here.after(done, form).await?;
    Ok(match made {
        Some((id, secret)) => {
            let (path, secrets) = (here.page.address(), [(id, &secret)]);
            one_time_secrets::give(response, &path, &secrets, SECONDS, visitor.over_tls)
        }
        None => response,
    })
}

pub async fn revoke(here: Here<ServicePage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        find(tx, &here.page.slug, which.integration).await?;
        integrations::revoke(tx, which.integration).await?
    });
    here.after(done, which).await
}

#[component]
pub(super) fn Integrations(view: IntegrationsView, returned: Returned) -> impl IntoView {
    let none = view.shown.is_empty().then(|| {
        view! { <EmptyState title="No alerts come in yet">"An integration gives a source its own address."</EmptyState> }
    });
    let loopback = (view.is_loopback && !view.shown.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Worked lead="These addresses work on this machine only.">
                "For sources elsewhere set base_url (KINTSUGI_BASE_URL) and listen."
            </Notice>
        }
    });
    let add = view
        .may_change
        .then(|| view! { <AddIntegration at=view.at.clone() back=returned.of() /> });
    let secret_of = |id: IntegrationId| {
        let mut secrets = view.secrets.iter();
        secrets
            .find(|(of, _)| *of == id)
            .map(|(_, secret)| secret.clone())
    };
    let cards = view
        .shown
        .into_iter()
        .map(|shown| {
            let id = shown.integration.id;
            let signing = returned.of_this(|form: &SigningForm| form.is_of(id));
            let refused = returned.of_this(|which: &Which| which.integration == id).problem;
            view! {
                <FormProblem problems=refused.above() />
                <IntegrationCard
                    at=format!("{}/{id}", view.at)
                    shown
                    secret=secret_of(id)
                    base_url=view.base_url.clone()
                    zone=view.zone
                    may_change=view.may_change
                    signing
                />
            }
        })
        .collect_view();
    view! {
        <Section title="How alerts come in" id="integrations">
            <div class="stack">
                {none}
                {loopback}
                {cards}
                {add}
            </div>
        </Section>
    }
}

#[component]
fn AddIntegration(#[prop(into)] at: String, back: Back<NewIntegrationForm>) -> impl IntoView {
    let mut kinds = IntegrationKind::ALL.to_vec();
    kinds.sort_by_key(|kind| kind.label());
    let kinds: Vec<Choice> = kinds
        .into_iter()
        .map(|kind| Choice::new(kind, kind.label()))
        .collect();
    let open = back.is_open();
    let (typed, problem) = back.or(NewIntegrationForm::default);
    view! {
        <FormDialog label="Add an integration" open in_place=true>
            <form class="form measure" method="post" action=at>
                <FormKey />
                <FormProblem problems=problem.above() />
                <Field
                    name="kind"
                    label="What the source speaks"
                    kind=FieldKind::Select(kinds)
                    value=typed.kind
                    error=problem.beside("kind")
                />
                <Field
                    of=fields::NAME
                    id="integration-name"
                    label="Name"
                    value=typed.name
                    hint="To tell it from others: Alertmanager in Lisbon. May be left empty."
                    error=problem.beside("name")
                />
                <p class="buttons">
                    <Submit>"Make its address"</Submit>
                </p>
            </form>
        </FormDialog>
    }
}
