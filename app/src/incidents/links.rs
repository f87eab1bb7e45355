//! Other incidents that this one has to do with.

use super::view::{IncidentPage, Returned, Seen, came_back, lead_to};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    AsidePart, Ask, ButtonKind, Choice, Field, FieldKind, FormDialog, StateBadge, Submit,
};
use crate::form::{Form, word};
use crate::form_page::Here;
use domain::incidents::verb::Verb;
use domain::incidents::{LinkKind, Relation};
use engine::incidents::{self, LinkedTo, Refused};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    other: String,
    kind: String,
    /// What the button of a duplicate was drawn from: it ends this incident.
    drawn: String,
}

impl LinkForm {
    /// The number in “INC-12”, “12” or an address that ends so.
    fn number(&self) -> engine::Result<i64> {
        let typed = self.other.trim().to_uppercase();
        let number = typed.rsplit(['-', '/', '#']).next().unwrap_or_default();
        let number = number.trim().parse().map_err(|_| Refused::NoSuchNumber)?;
        Ok(number)
    }
}

/// A number that nobody has is a slip of whoever typed it, not a page that is missing.
fn slipped(error: engine::Error) -> engine::Error {
    match error {
        engine::Error::NotFound("incident") => Refused::NoSuchNumber.into(),
        other => other,
    }
}

pub async fn link(here: Here<IncidentPage>, Form(typed): Form<LinkForm>) -> Answered {
    let number = here.page.number;
    let done = async {
        let (other, kind): (i64, LinkKind) = (typed.number()?, word("kind", &typed.kind)?);
        transaction!(here.by(), |tx| match kind {
            LinkKind::DuplicateOf => {
                let drawn = serde_json::from_str(&typed.drawn).ok();
                incidents::must_fit(tx, number, Verb::Resolve, drawn).await?;
                incidents::mark_duplicate(tx, number, other).await?
            }
            kind => incidents::link(tx, number, other, kind).await?,
        })
    };
    let Err(error) = done.await else {
        return lead_to(&here, "linked").await;
    };
    let form = if typed.kind == LinkKind::DuplicateOf.as_str() {
        "duplicate"
    } else {
        "links"
    };
    let returned = Returned {
        form,
        typed: typed.other,
        ..Returned::default()
    };
    came_back(&here, slipped(error), returned).await
}

/// Which of its links.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    relation: Relation,
    other: i64,
}

pub async fn unlink(here: Here<IncidentPage>, Path(Which { relation, other }): Path<Which>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::unlink(tx, number, other, relation).await?
    });
    match done {
        Ok(()) => lead_to(&here, "linked").await,
        Err(error) => {
            let returned = Returned {
                form: "unlink",
                ..Returned::default()
            };
            came_back(&here, error, returned).await
        }
    }
}

#[component]
pub fn LinkedPart(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let none = seen.story.linked.is_empty();
    let rows = seen
        .story
        .linked
        .iter()
        .cloned()
        .map(|linked| view! { <LinkedRow number linked may_act=seen.reader.may_act /> })
        .collect_view();
    view! {
        <AsidePart title="Linked incidents" id="linked">
            {none.then(|| view! { <p class="quiet">"None so far."</p> })}
            <ul class="rows">{rows}</ul>
            {seen.reader.may_act.then(|| view! { <div class="buttons"><LinkIncident seen=seen.clone() /> " " <MarkDuplicate seen=seen.clone() /></div> })}
        </AsidePart>
    }
}

#[component]
fn LinkedRow(number: i64, linked: LinkedTo, may_act: bool) -> impl IntoView {
    let LinkedTo {
        relation,
        number: other,
        title,
        state,
    } = linked;
    // What joined another stays there; the link says so.
    let may_remove = may_act && !matches!(relation, Relation::DuplicateOf | Relation::HasDuplicate);
    let removal = format!("/incidents/{number}/links/{relation}/{other}/removal");
    view! {
        <li>
            <span class="quiet small">{relation.label()}</span>
            " "
            <a href=format!("/incidents/{other}")>{format!("INC-{other}")} " " <bdi>{title}</bdi></a>
            " "
            <StateBadge state />
            {may_remove.then(|| view! {
                " "
                <Ask label="Remove" about=format!("the link to INC-{other}") kind=ButtonKind::Small question="Remove this link?" action=removal answer="Remove it" in_place=true>
                    <p>"Both incidents stay as they are."</p>
                </Ask>
            })}
        </li>
    }
}

#[component]
fn LinkIncident(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let came_back = seen.returned.form == "links";
    let error = came_back.then(|| seen.returned.problem.sentence.clone());
    let kinds = vec![
        Choice::new(LinkKind::Related, "It is related to"),
        Choice::new(LinkKind::CausedBy, "It was caused by"),
    ];
    view! {
        <FormDialog label="Link an incident" kind=ButtonKind::Small in_place=true open=came_back>
            <form class="form" method="post" action=format!("/incidents/{number}/links")>
                <Field name="kind" label="What has it to do with it?" kind=FieldKind::Select(kinds) id="field-link-kind" />
                <Field name="other" label="The other incident" value=seen.returned.typed("links").unwrap_or_default() error placeholder="INC-12" required=true id="field-link-other" />
                <Submit>"Link"</Submit>
            </form>
        </FormDialog>
    }
}

#[component]
fn MarkDuplicate(seen: Seen) -> impl IntoView {
    let number = seen.story.incident.number;
    let came_back = seen.returned.form == "duplicate";
    let error = came_back.then(|| seen.returned.problem.sentence.clone());
    view! {
        <Ask
            label="Mark as a duplicate"
            kind=ButtonKind::Small
            question="Is it the same as another incident?"
            action=format!("/incidents/{number}/links")
            fields=[seen.drawn(), vec![("kind", LinkKind::DuplicateOf.to_string())]].concat()
            answer="Mark as a duplicate"
            in_place=true
            open=came_back
        >
            <p>"Its alerts and pages join the other, and this one is resolved. Nobody further is paged for it here."</p>
            <Field name="other" label="The other incident" value=seen.returned.typed("duplicate").unwrap_or_default() error placeholder="INC-12" required=true id="field-duplicate-of" />
        </Ask>
    }
}
