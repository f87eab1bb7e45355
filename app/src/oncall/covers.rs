//! Cancel cover: a turn that somebody took goes back to whose it was.

use super::view::RequestPage;
use crate::answer::Answered;
use crate::components::Ask;
use crate::form_page::Here;
use crate::session::SignedIn;
use engine::oncall::covers;
use engine::oncall::requests::Request;
use engine::{Tx, transaction};
use leptos::prelude::*;

pub async fn cancel(here: Here<RequestPage>) -> Answered {
    let id = here.page.request;
    let done = transaction!(here.by(), |tx| covers::cancel(tx, id).await?);
    here.after_press(done).await
}

/// What was taken and can be cancelled by whoever reads.
pub(super) async fn may_be_cancelled(who: &SignedIn, tx: &mut Tx, request: &Request) -> engine::Result<bool> {
    Ok(covers::is_to_come(tx, request).await?
        && who.may(tx, covers::permission(request, who.person.id)).await?)
}

#[component]
pub(super) fn CancelCover(request: Request) -> impl IntoView {
    let taken_by = request.taken_by_name.clone().unwrap_or_default();
    let (label, question, what) = match request.instead() {
        Some(_) => (
            "Cancel swap",
            "Cancel the swap?",
            format!(
                "{} and {taken_by} have their own turns again, as far as these are to come.",
                request.asked_by_name
            ),
        ),
        None => (
            "Cancel cover",
            "Cancel the cover?",
            format!(
                "What is to come of the turn is {}’s again, and not {taken_by}’s.",
                request.asked_by_name
            ),
        ),
    };
    let action = format!("/on-call/requests/{}/cover/removal", request.id);
    view! {
        <Ask label about=request.asked_by_name question action answer="Cancel it" in_place=true>
            <p>{what} " Whoever did not cancel it is told."</p>
        </Ask>
    }
}
