//! The link in the mail of a turn that is offered. GET changes nothing, because mail scanners follow links.

use super::requests::Offer;
use super::view::sentence_of;
use crate::answer::Answered;
use crate::by_browser::ByBrowser;
use crate::components::Section;
use crate::form_page::{FormPage, Here, Returned};
use crate::visitor::Visitor;
use chrono::{DateTime, Utc};
use domain::people::Person;
use engine::oncall::requests::{self, Request};
use engine::oncall::untaken::{self, Asked};
use engine::{Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct OfferPage {
    token: String,
}

pub struct OfferView {
    request: Request,
    person: Person,
    asked: Vec<Asked>,
    here: String,
    now: DateTime<Utc>,
}

impl FormPage for OfferPage {
    type Caller = Visitor;
    type View = OfferView;

    const UNKNOWN: Option<&'static str> =
        Some("It may have been cut on its way. Log in and look at what is offered under On call.");

    fn address(&self) -> String {
        format!("/on-call/offers/{}", self.token)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<OfferView> {
        let (request, person) = requests::by_link(tx, &here.page.token).await?;
        Ok(OfferView {
            asked: untaken::asked(tx, request.id).await?,
            request,
            person,
            here: here.page.address(),
            now: tx.now(),
        })
    }

    fn title(_: &OfferView) -> (String, Section) {
        ("A turn is offered".to_owned(), Section::OnCall)
    }

    fn show(view: OfferView, returned: Returned) -> impl IntoView {
        let OfferView {
            request,
            person,
            asked,
            here,
            now,
        } = view;
        let zone = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let me = person.id;
        let action = person.deactivated_at.is_none().then_some(here);
        let has_declined = asked
            .iter()
            .any(|one| one.person == me && one.declined_at.is_some());
        let refusal = action
            .as_ref()
            .filter(|_| !has_declined)
            .map(|action| format!("{action}/refusal"));
        view! { <div class="alone"><Offer request asked me zone now action refusal withdrawal=None sentence=returned.said() /></div> }
    }
}

pub async fn show(here: Here<OfferPage>) -> Answered {
    here.show().await
}

pub async fn accept(here: Here<OfferPage>, _: ByBrowser) -> Answered {
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| requests::accept_by_link(tx, token).await?);
    here.say(done.map(sentence_of)).await
}

/// “I cannot”.
pub async fn decline(here: Here<OfferPage>, _: ByBrowser) -> Answered {
    let token = &here.page.token;
    let done = transaction!(here.by(), |tx| untaken::decline_by_link(tx, token).await?);
    here.say(done.map(|()| "Thank you: the team knows that you cannot."))
        .await
}
