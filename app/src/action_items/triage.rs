//! Triage of a team's proposed action items: a line each, all of them in one form. What has an owner and a day is accepted, what is declined
//! says why, and what has neither is left for the next time.

use super::card::age;
use super::fields::read_day;
use crate::answer::{Answered, Problem};
use crate::components::{
    ButtonKind, ButtonLink, Card as Paper, Choice, EmptyState, Field, FieldKind, FormProblem, PageHead,
    Section, Submit,
};
use crate::form::{Form, word_or_none};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use chrono::{DateTime, Utc};
use domain::action_items::ActionState;
use domain::fields;
use domain::people::{Permission, Person};
use domain::teams::Team;
use engine::action_items::{self, Card, Refused, Triage};
use engine::{Error, Tx, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// What a line says that is declined.
pub(super) const DECLINE: &str = "decline";

#[derive(Deserialize)]
pub struct TriagePage {
    slug: String,
}

pub struct TriageView {
    team: Team,
    proposed: Vec<Card>,
    everybody: Vec<Person>,
    now: DateTime<Utc>,
}

/// A field of each line, in their order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TriageForm {
    number: Vec<i64>,
    owner: Vec<String>,
    due_on: Vec<String>,
    verdict: Vec<String>,
    reason: Vec<String>,
    /// The line that was refused.
    #[serde(skip)]
    refused: Option<i64>,
}

impl TriageForm {
    fn line(&self, number: i64) -> Option<Line> {
        let place = self.number.iter().position(|of| *of == number)?;
        let of = |all: &[String]| all.get(place).cloned().unwrap_or_default();
        Some(Line {
            owner: of(&self.owner),
            due_on: of(&self.due_on),
            verdict: of(&self.verdict),
            reason: of(&self.reason),
        })
    }

    fn decisions(&self) -> Result<Vec<(i64, Triage)>, Error> {
        let decision = |number: &i64| {
            let line = self.line(*number).unwrap_or_default();
            let decided = decided(&line.owner, &line.due_on, &line.verdict, &line.reason);
            let decided = decided.map_err(|error| error.of_line(*number))?;
            Ok((*number, decided))
        };
        self.number.iter().map(decision).collect()
    }
}

#[derive(Clone, Debug, Default)]
struct Line {
    owner: String,
    due_on: String,
    verdict: String,
    reason: String,
}

impl Line {
    /// What stands there before anybody typed.
    fn of(card: &Card) -> Self {
        Self {
            owner: card.item.owner_id.map(|id| id.to_string()).unwrap_or_default(),
            due_on: card.item.due_on.map(|day| day.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// What is decided about an action item.
pub(super) fn decided(owner: &str, due_on: &str, verdict: &str, reason: &str) -> Result<Triage, Error> {
    match verdict {
        DECLINE => {
            let reason = reason.to_owned();
            return Ok(Triage::Decline { reason });
        }
        "" if reason.trim().is_empty() => {}
        "" => return Err(Refused::ReasonOfNothing.into()),
        _ => return Err(Error::NotAChoice("state")),
    }
    let due_on = match due_on.trim() {
        "" => None,
        day => Some(read_day(day).ok_or(Refused::BadDate)?),
    };
    let owner = word_or_none("owner", owner)?;
    Ok(Triage::Accept { owner, due_on })
}

pub(super) fn verdicts() -> Vec<Choice> {
    vec![
        Choice::new("", "accept, once it has a day"),
        Choice::new(DECLINE, "decline, with the reason"),
    ]
}

impl FormPage for TriagePage {
    type Caller = SignedIn;
    type View = TriageView;

    const IS_WIDE: bool = true;

    fn address(&self) -> String {
        format!("/teams/{}/backlog/triage", self.slug)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<TriageView> {
        let board = action_items::board(tx, &here.page.slug).await?;
        people::authorize(tx, &here.who.person, Permission::ChangeTeam(board.team.id)).await?;
        let cards = board.columns.into_iter().flat_map(|(_, cards)| cards);
        let mut proposed: Vec<Card> = cards
            .filter(|card| card.item.state == ActionState::Proposed)
            .collect();
        proposed.sort_by_key(|card| card.item.number);
        Ok(TriageView {
            team: board.team,
            proposed,
            everybody: people::active(tx).await?,
            now: here.app.engine.context.now(),
        })
    }

    fn title(view: &TriageView) -> (String, Section) {
        (format!("{}: triage", view.team.name), Section::Backlog)
    }

    fn show(view: TriageView, returned: Returned) -> impl IntoView {
        view! { <TriageList view returned /> }
    }
}

pub async fn show(here: Here<TriagePage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<TriagePage>, Form(form): Form<TriageForm>) -> Answered {
    let done: Result<(), Error> = transaction!(here.by(), |tx| {
        action_items::triage_several(tx, &here.page.slug, &form.decisions()?).await?;
    });
    let refused = done.as_ref().err().and_then(Error::line);
    let form = TriageForm { refused, ..form };
    here.after(done, form).await
}

#[component]
fn TriageList(view: TriageView, returned: Returned) -> impl IntoView {
    let board = format!("/teams/{}/backlog", view.team.slug);
    let over = view! { <a href=board.clone()>{format!("{} backlog", view.team.name)}</a> };
    let title = format!("{}: triage", view.team.name);
    if view.proposed.is_empty() {
        return view! {
            <PageHead title over=over.into_any() />
            <EmptyState title="Nothing waits for a decision">"What is proposed in incidents and postmortems appears here."</EmptyState>
        }
        .into_any();
    }
    let back = returned.of::<TriageForm>();
    let refused = back.typed.as_ref().and_then(|form| form.refused);
    let problem = back.problem;
    let above = if refused.is_some() {
        problem.above()
    } else {
        Problem::default().above()
    };
    let owners: Vec<Choice> = std::iter::once(Choice::new("", "Nobody yet"))
        .chain(
            view.everybody
                .into_iter()
                .map(|person| Choice::new(person.id, person.name)),
        )
        .collect();
    let lines = view
        .proposed
        .into_iter()
        .map(|card| {
            let number = card.item.number;
            let typed = back.typed.as_ref().and_then(|form| form.line(number));
            let line = typed.unwrap_or_else(|| Line::of(&card));
            let problem = match refused == Some(number) {
                true => problem.clone(),
                false => Problem::default(),
            };
            view! { <TriageLine card line problem owners=owners.clone() now=view.now /> }
        })
        .collect_view();
    let to = format!("{board}/triage");
    view! {
        <PageHead title over=over.into_any() under=view! { "A line with a day is accepted; the others wait." }.into_any() />
        <form class="form triage" method="post" action=to>
            <FormProblem problems=above />
            {lines}
            <p class="buttons">
                <Submit>"Save what is decided"</Submit>
                <ButtonLink href=board kind=ButtonKind::Plain>"Back to the board"</ButtonLink>
            </p>
        </form>
    }
    .into_any()
}

#[component]
fn TriageLine(
    card: Card,
    line: Line,
    problem: Problem,
    owners: Vec<Choice>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let number = card.item.number;
    let id = move |name: &str| format!("field-{name}-{number}");
    view! {
        <Paper class="triage-line" id=format!("act-{number}")>
            <div class="triage-what">
                <a class="promise-title" href=format!("/action-items/{number}")>{card.item.title}</a>
                <p class="small quiet">
                    {format!("ACT-{number}, INC-{} ", card.incident_number)} <bdi>{card.incident_title}</bdi>
                    {format!(", {}, {}", card.item.kind, age(card.item.created_at, now))}
                </p>
            </div>
            <input type="hidden" name="number" value=number.to_string() />
            <Field name="owner" label="Owner" kind=FieldKind::Select(owners) value=line.owner id=id("owner") error=problem.beside("owner") />
            <Field name="due_on" label="By" kind=FieldKind::Date value=line.due_on id=id("due") error=problem.beside("due_on") />
            <Field name="verdict" label="Then" kind=FieldKind::Select(verdicts()) value=line.verdict id=id("verdict") error=problem.beside("state") />
            <Field of=fields::WHY_DECLINED label="Why, when it is declined" value=line.reason id=id("reason") error=problem.beside("reason") />
        </Paper>
    }
}
