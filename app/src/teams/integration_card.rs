//! One integration: its address, what came through it, and what can be done with it.

use super::set_up::SetUp;
use super::signing::{Signing, SigningForm};
use crate::components::{
    Badge, ButtonKind, Card, Cell, DataTable, Fact, Facts, FactsForm, Fold, FormDialog, Notice, PostButton,
    Row, TimeOf, Tone,
};
use crate::form_page::Back;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::teams::{Integration, IntegrationKind};
use engine::teams::integrations::{Heartbeat, Shown, StillUsed};
use engine::teams::refusals::Refusal;
use leptos::prelude::*;
use url::Url;

/// `at`: its address.
#[component]
pub(super) fn IntegrationCard(
    #[prop(into)] at: String,
    shown: Shown,
    secret: Option<String>,
    base_url: Url,
    zone: Tz,
    may_change: bool,
    signing: Back<SigningForm>,
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
    let requests = (may_change && last_received_at.is_some())
        .then(|| view! { " " <a href=format!("{at}/requests")>"What it sent"</a> });
    let last = match last_received_at {
        Some(at) => view! { "Last alert: " <TimeOf at zone /> "." }.into_any(),
        None => view! { "Nothing came in yet." }.into_any(),
    };
    let signed = (is_signed && !revoked && kind.source().signature.is_some())
        .then(|| view! { <p class="quiet">"What comes without its signature is refused."</p> });
    let acts = (may_change && !revoked).then(|| {
        view! { <IntegrationVerbs at integration=integration.clone() is_signed signing /> }
    });
    let state = revoked.then(|| view! { " " <Badge>"revoked"</Badge> });
    let speaks = (!kind.label().starts_with(&integration.name))
        .then(|| view! { " " <span class="quiet">{kind.label()}</span> });
    view! {
        <Card>
            <div class="stack-tight">
                <h3>{integration.name} {speaks} {state}</h3>
                <WayIn kind secret hint base_url />
                <OldSecrets replaced used_after_their_end zone />
                <p class="quiet">{last} {requests}</p>
                {signed}
                <Heartbeats heartbeats zone />
                <Refusals refusals zone />
                {acts}
            </div>
        </Card>
    }
}

/// Its set-up with the secret, for the one time that it is shown; afterwards its address with the secret's last letters.
#[component]
fn WayIn(kind: IntegrationKind, secret: Option<String>, hint: String, base_url: Url) -> impl IntoView {
    if let Some(secret) = secret {
        return view! {
            <Notice tone=Tone::Worked lead="Copy this now: it is shown once.">
                "Only a hash of it is kept."
            </Notice>
            <SetUp base_url kind secret />
        }
        .into_any();
    }
    let source = kind.source();
    let address = source.address(base_url.as_str(), &format!("…{hint}"));
    let masked = match source.secret_beside_the_address() {
        None => address,
        Some(name) => format!("{address} with {name} …{hint}"),
    };
    view! { <p class="machine">{masked}</p> }.into_any()
}

/// Secrets before the one that it has now.
#[component]
fn OldSecrets(
    replaced: Vec<(String, DateTime<Utc>)>,
    used_after_their_end: Vec<StillUsed>,
    zone: Tz,
) -> impl IntoView {
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
    view! { {old} {still_used} }
}

#[component]
fn Heartbeats(heartbeats: Vec<Heartbeat>, zone: Tz) -> impl IntoView {
    (!heartbeats.is_empty()).then(|| {
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
    })
}

#[component]
fn Refusals(refusals: Vec<Refusal>, zone: Tz) -> impl IntoView {
    (!refusals.is_empty()).then(|| {
        let label = match refusals.len() {
            1 => "1 request was refused".to_owned(),
            count => format!("{count} requests were refused"),
        };
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
        view! {
            <Fold label>
                <DataTable caption="Refused requests" headers=vec!["When", "Status", "Why"]>
                    {rows}
                </DataTable>
            </Fold>
        }
    })
}

#[component]
fn IntegrationVerbs(
    #[prop(into)] at: String,
    integration: Integration,
    is_signed: bool,
    signing: Back<SigningForm>,
) -> impl IntoView {
    let (replacement, revocation) = (format!("{at}/replacement"), format!("{at}/revocation"));
    let signs = integration.kind.source().signature.is_some();
    let signing = signs.then(|| {
        view! { <Signing id=integration.id at=format!("{at}/signing") is_signed back=signing /> }
    });
    view! {
        <div class="dialog-row">
            {signing}
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
}
