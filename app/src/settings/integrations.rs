//! The ways in for alerts: made, shown once, replaced, revoked.

use super::forms::{above, address};
use super::once;
use super::service::{Back, came_back};
use super::set_up::SetUp;
use super::shell::Section;
use super::signing::Signing;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Badge, ButtonKind, Card, Cell, Choice, DataTable, EmptyState, Fact, Facts, FactsForm, Field, FieldKind,
    Fold, FormDialog, FormProblem, Notice, PostButton, Row, Submit, TimeOf, Tone,
};
use crate::form::{Form, word};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::visitor::Visitor;
use axum::extract::State;
use axum::response::Response;
use chrono_tz::Tz;
use domain::ids::IntegrationId;
use domain::teams::{Integration, IntegrationKind};
use engine::teams::integrations::{self, Shown};
use engine::{Error, Tx, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use url::Url;

/// How long the page after has to show a secret.
const SECONDS: i64 = 120;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    kind: String,
    name: String,
}

pub async fn create(
    State(app): State<App>,
    who: SignedIn,
    visitor: Visitor,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = async {
        let kind: IntegrationKind = word("kind", &typed.kind)?;
        transaction!(app.by(&who), |tx| {
            let service = teams::find_service_by_slug(tx, &slug).await?;
            integrations::create(tx, service.id, kind, &typed.name).await?
        })
    };
    match done.await {
        Ok((integration, secret)) => Ok(once::give(
            to(&slug),
            &path(&slug),
            &[(integration.id, &secret)],
            SECONDS,
            visitor.over_tls,
        )),
        Err(error) => {
            let back = Back {
                // Kinds are chosen beside each other, where no sentence stands.
                integration: Problem {
                    field: None,
                    ..problem_of(error)?
                },
                integration_name: typed.name,
                ..Back::default()
            };
            came_back(&app, &who, &slug, back).await
        }
    }
}

pub async fn replace(
    State(app): State<App>,
    who: SignedIn,
    visitor: Visitor,
    Path((slug, id)): Path<(String, IntegrationId)>,
) -> Answered {
    let secret = transaction!(app.by(&who), |tx| {
        find(tx, &slug, id).await?;
        integrations::replace(tx, id).await?
    })?;
    Ok(once::give(
        to(&slug),
        &path(&slug),
        &[(id, &secret)],
        SECONDS,
        visitor.over_tls,
    ))
}

pub async fn revoke(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id)): Path<(String, IntegrationId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| {
        find(tx, &slug, id).await?;
        integrations::revoke(tx, id).await?
    })?;
    Ok(to(&slug))
}

/// An integration of the service in the address.
pub(super) async fn find(tx: &mut Tx, slug: &str, id: IntegrationId) -> Result<Integration, Error> {
    let service = teams::find_service_by_slug(tx, slug).await?;
    let integration = integrations::find(tx, id).await?;
    if integration.service_id != service.id {
        return Err(Error::NotFound("integration"));
    }
    Ok(integration)
}

pub(super) fn path(slug: &str) -> String {
    address(&format!("/settings/services/{slug}"))
}

fn to(slug: &str) -> Response {
    see(&path(slug))
}

#[component]
pub(super) fn Integrations(
    slug: String,
    shown: Vec<Shown>,
    secrets: Vec<once::Shown>,
    base_url: Url,
    is_loopback: bool,
    zone: Tz,
    may_change: bool,
    name: String,
    problem: Problem,
    signing: Option<(IntegrationId, Problem)>,
) -> impl IntoView {
    let none = shown.is_empty().then(|| {
        view! { <EmptyState title="No alerts come in yet">"An integration gives a source its own address."</EmptyState> }
    });
    let loopback = (is_loopback && !shown.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Worked lead="These addresses work on this machine only.">
                "For sources elsewhere set base_url (KINTSUGI_BASE_URL) and listen."
            </Notice>
        }
    });
    let cards = shown
        .into_iter()
        .map(|shown| {
            let secret = secrets
                .iter()
                .find(|(id, _)| *id == shown.integration.id)
                .map(|(_, secret)| secret.clone());
            let signing = signing
                .iter()
                .find(|(id, _)| *id == shown.integration.id)
                .map(|(_, problem)| problem.clone())
                .unwrap_or_default();
            view! { <One slug=slug.clone() shown secret base_url=base_url.clone() zone may_change signing /> }
        })
        .collect_view();
    let mut kinds = IntegrationKind::ALL.to_vec();
    kinds.sort_by_key(|kind| kind.label());
    let kinds: Vec<Choice> = kinds
        .into_iter()
        .map(|kind| Choice::new(kind, kind.label()))
        .collect();
    let came_back = !problem.sentence.is_empty();
    let add = may_change.then(|| {
        view! {
            <FormDialog label="Add an integration" open=came_back in_place=true>
                <form class="form measure" method="post" action=format!("{}/integrations", path(&slug))>
                    <FormKey />
                    <FormProblem problems=above(&problem) />
                    <Field name="kind" label="What the source speaks" kind=FieldKind::Select(kinds) />
                    <Field
                        name="name"
                        id="integration-name"
                        label="Name"
                        value=name
                        hint="To tell it from others: Alertmanager in Lisbon. May be left empty."
                        error=problem.beside("name")
                    />
                    <p class="buttons">
                        <Submit>"Make its address"</Submit>
                    </p>
                </form>
            </FormDialog>
        }
    });
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
fn One(
    slug: String,
    shown: Shown,
    secret: Option<String>,
    base_url: Url,
    zone: Tz,
    may_change: bool,
    signing: Problem,
) -> impl IntoView {
    let Shown {
        integration,
        hint,
        replaced,
        used_after_their_end,
        last_received_at,
        is_signed,
        heartbeats,
        refusals,
    } = shown;
    let kind = integration.kind;
    let revoked = integration.revoked_at.is_some();
    let source = kind.source();
    let address = source.address(base_url.as_str(), &format!("…{hint}"));
    let masked = match source.secret_beside_the_address() {
        None => address,
        Some(name) => format!("{address} with {name} …{hint}"),
    };
    let how = match secret {
        Some(secret) => view! {
            <Notice tone=Tone::Worked lead="Copy this now: it is shown once.">
                "Only a hash of it is kept."
            </Notice>
            <SetUp base_url=base_url.clone() kind secret />
        }
        .into_any(),
        None => view! { <p class="machine">{masked}</p> }.into_any(),
    };
    let old = replaced
        .into_iter()
        .map(|(hint, until)| {
            view! {
                <p class="quiet">
                    "The one before, …" {hint} ", works until " <TimeOf at=until zone /> "."
                </p>
            }
        })
        .collect_view();
    let still_used = used_after_their_end
        .into_iter()
        .map(|used| {
            view! {
                <Notice lead=format!("The secret that ends in {} is still used.", used.hint)>
                    "It worked until " <TimeOf at=used.ended_at zone /> " and was used again at "
                    <TimeOf at=used.last_used_at zone /> ". Give its sender the new one."
                </Notice>
            }
        })
        .collect_view();
    let requests = format!("{}/integrations/{}/requests", path(&slug), integration.id);
    let requests =
        (may_change && last_received_at.is_some()).then(|| view! { " " <a href=requests>"What it sent"</a> });
    let last = match last_received_at {
        Some(at) => view! { "Last alert: " <TimeOf at zone /> "." }.into_any(),
        None => view! { "Nothing came in yet." }.into_any(),
    };
    let heartbeats = (!heartbeats.is_empty()).then(|| {
        let each = heartbeats.into_iter().map(|heartbeat| {
            view! {
                <Fact label=heartbeat.name>
                    "last heard " <TimeOf at=heartbeat.last_heard_at zone />
                </Fact>
            }
        });
        let each = each.collect_view();
        view! {
            <h4>"Heartbeats"</h4>
            <Facts form=FactsForm::Listed>{each}</Facts>
        }
    });
    let refused = (!refusals.is_empty()).then(|| {
        let count = refusals.len();
        let rows = refusals
            .into_iter()
            .map(|refusal| {
                view! {
                    <Row>
                        <Cell label="When">
                            <TimeOf at=refusal.at zone />
                        </Cell>
                        <Cell label="Status">{refusal.status}</Cell>
                        <Cell label="Why">{refusal.reason}</Cell>
                    </Row>
                }
            })
            .collect_view();
        let label = match count {
            1 => "1 request was refused".to_owned(),
            count => format!("{count} requests were refused"),
        };
        view! {
            <Fold label>
                <DataTable caption="Refused requests" headers=vec!["When", "Status", "Why"]>
                    {rows}
                </DataTable>
            </Fold>
        }
    });
    let here = format!("{}/integrations/{}", path(&slug), integration.id);
    let (replacement, revocation) = (format!("{here}/replacement"), format!("{here}/revocation"));
    let can_sign = source.signature.is_some() && !revoked;
    let signed = (can_sign && is_signed)
        .then(|| view! { <p class="quiet">"What comes without its signature is refused."</p> });
    let acts = (may_change && !revoked).then(|| {
        view! {
            <div class="dialog-row">
                {can_sign.then(|| view! { <Signing id=integration.id at=format!("{here}/signing") is_signed problem=signing /> })}
                <FormDialog label="Replace" kind=ButtonKind::Small in_place=true>
                    <p>"A new secret is made. The one you have works for another 24 hours."</p>
                    <PostButton action=replacement makes=true>"Make a new one"</PostButton>
                </FormDialog>
                <FormDialog label="Revoke" kind=ButtonKind::Small in_place=true>
                    <p>"From now on nothing that comes through it is taken. This cannot be undone."</p>
                    <PostButton action=revocation kind=ButtonKind::Danger>
                        "Revoke"
                    </PostButton>
                </FormDialog>
            </div>
        }
    });
    let state = revoked.then(|| view! { " " <Badge>"revoked"</Badge> });
    let speaks = (!kind.label().starts_with(&integration.name))
        .then(|| view! { " " <span class="quiet">{kind.label()}</span> });
    view! {
        <Card>
            <div class="stack-tight">
                <h3>{integration.name} {speaks} {state}</h3>
                {how}
                {old}
                {still_used}
                <p class="quiet">{last} {requests}</p>
                {signed}
                {heartbeats}
                {refused}
                {acts}
            </div>
        </Card>
    }
}
