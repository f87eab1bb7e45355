//! Turns as invitations: whether whoever reads is mailed theirs, for the calendar that they have.

use super::view::FeedsPage;
use crate::answer::Answered;
use crate::components::SwitchForm;
use crate::form::{Form, is_on};
use crate::form_page::Here;
use crate::settings::Section;
use engine::oncall::invitations;
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct InvitationsForm {
    /// `on` where they are mailed.
    sends: String,
}

pub async fn set(here: Here<FeedsPage>, Form(form): Form<InvitationsForm>) -> Answered {
    let done: engine::Result<()> = transaction!(here.by(), |tx| {
        let sends = is_on("sends", &form.sends)?;
        invitations::want(tx, sends).await?
    });
    here.after_at("invitations", done, form).await
}

#[component]
pub(super) fn Invitations(is_on: bool) -> impl IntoView {
    view! {
        <Section title="Turns as invitations" id="invitations">
            <SwitchForm
                action="/on-call/calendars/invitations"
                name="sends"
                label="Send my turns as invitations"
                is_on
                hint="A mail for each of your turns in the next four weeks, of all schedules, which your calendar takes up by itself, and another when the turn changes or is not yours any more. For calendars that read an address too seldom, as Google's does, twice a day."
            />
        </Section>
    }
}
