//! The page of a postmortem: loading it. Its forms are beside what they change.

use super::document::DocumentPage;
use super::view::{PostmortemPage, PostmortemView};
use crate::answer::Answered;
use crate::components::Section as Part;
use crate::form_page::{FormPage, Here, Returned};
use crate::markdown;
use crate::session::SignedIn;
use engine::postmortems;
use engine::{Tx, learning, people, teams};
use leptos::prelude::*;
use std::sync::Arc;

impl FormPage for PostmortemPage {
    type Caller = SignedIn;
    type View = PostmortemView;

    fn address(&self) -> String {
        format!("/incidents/{}/postmortem", self.number)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PostmortemView> {
        let number = here.page.number;
        let document = postmortems::read(tx, number).await?;
        Ok(PostmortemView {
            number,
            came_back: learning::of_incident(tx, document.story.incident.id).await?,
            suggestions: learning::suggestions(tx, document.story.incident.id).await?,
            document,
            everybody: people::active(tx).await?,
            teams: teams::all(tx).await?,
            zone: here.who.zone(),
            now: here.app.engine.context.now(),
            may_write: here.who.may_act(),
            returned: Returned::default(),
        })
    }

    fn title(view: &PostmortemView) -> (String, Part) {
        let title = &view.document.postmortem.title;
        (
            format!("Postmortem of INC-{}: {title}", view.number),
            Part::Postmortems,
        )
    }

    fn next(view: &PostmortemView) -> Option<&'static str> {
        view.may_write.then_some("state")
    }

    fn show(view: PostmortemView, returned: Returned) -> impl IntoView {
        markdown::name_people(&view.everybody);
        let view = Arc::new(PostmortemView { returned, ..view });
        view! { <DocumentPage view /> }
    }
}

pub async fn show(here: Here<PostmortemPage>) -> Answered {
    here.show().await
}
