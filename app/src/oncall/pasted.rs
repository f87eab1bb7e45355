//! A table of turns that is pasted: first it is shown what would be arranged, then it is, or nothing of it.

use super::span::SpanRow;
use super::view::zone_of;
use crate::address::Path;
use crate::answer::{Answered, Problem};
use crate::components::{
    Ask, ButtonKind, Cell, DataTable, Field, FieldKind, Fold, FormProblem, Notice, Row, Section as Bar,
    Submit, TimeOf, Tone,
};
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::zoned::zone_choices;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::ids::{PastedId, PersonId, ScheduleId};
use domain::oncall::pasted::{self, PastedRow, Readers, gaps, hours, turns};
use domain::people::Person;
use domain::words::listed;
use engine::oncall::overrides::{self, Arranged};
use engine::oncall::pasted::Table;
use engine::oncall::schedules::{self, Named};
use engine::{Error, Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;

const EXAMPLE: &str = "Who;From;To\nAna Ruiz;2026-12-24 18:00;06:00\nBo Lind + Lea Lind;2026-12-25 06:00;8h";

#[derive(Deserialize)]
pub struct PastedPage {
    schedule: ScheduleId,
}

pub struct PastedView {
    named: Named,
    people: Vec<Person>,
    now: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PastedForm {
    table: String,
    zone: String,
}

impl PastedForm {
    fn read(&self) -> Result<Table, Error> {
        Ok(Table {
            text: self.table.clone(),
            zone: self.zone.parse().map_err(|_| Error::NotAChoice("zone"))?,
        })
    }
}

impl FormPage for PastedPage {
    type Caller = SignedIn;
    type View = PastedView;

    fn address(&self) -> String {
        format!("/settings/schedules/{}/pasted", self.schedule)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PastedView> {
        let id = here.page.schedule;
        overrides::authorize(tx, id, None).await?;
        Ok(PastedView {
            named: schedules::find(tx, id).await?,
            people: engine::oncall::pasted::people(tx).await?,
            now: tx.now(),
        })
    }

    fn title(view: &PastedView) -> (String, Bar) {
        (format!("Paste turns into {}", view.named.name), Bar::Settings)
    }

    fn show(view: PastedView, returned: Returned) -> impl IntoView {
        view! { <Paste view returned /> }
    }
}

pub async fn show(here: Here<PastedPage>) -> Answered {
    here.show().await
}

/// Shows what a table says; nothing is arranged.
pub async fn preview(here: Here<PastedPage>, Form(form): Form<PastedForm>) -> Answered {
    match form.read() {
        Ok(_) => here.draw(form).await,
        Err(error) => here.lead(Err(error), form).await,
    }
}

pub async fn arrange(here: Here<PastedPage>, Form(form): Form<PastedForm>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        let table = form.read()?;
        engine::oncall::pasted::arrange(tx, id, &table).await?
    });
    let to = format!("/settings/schedules/{id}#overrides");
    here.lead(done.map(|_| to), form).await
}

/// Which table of the schedule in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    pasted: PastedId,
}

pub async fn remove(here: Here<super::view::SchedulePage>, Path(which): Path<Which>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        engine::oncall::pasted::remove(tx, id, which.pasted).await?
    });
    let to = format!("/settings/schedules/{id}#overrides");
    here.lead_press(done.map(|()| to)).await
}

#[component]
fn Paste(view: PastedView, returned: Returned) -> impl IntoView {
    let PastedView { named, people, now } = view;
    let back = returned.of::<PastedForm>();
    let was_sent = back.is_open();
    let (typed, mut problem) = back.or(|| PastedForm {
        zone: named.time_zone.clone(),
        ..PastedForm::default()
    });
    let zone: Tz = typed.zone.parse().unwrap_or_else(|_| zone_of(&named));
    let by = Readers {
        people: &people,
        zone,
        now,
    };
    let read = was_sent.then(|| pasted::read(&typed.table, by));
    if let Some(Err(fault)) = &read {
        problem = Problem {
            field: Some("table".to_owned().into()),
            sentence: fault.to_string(),
        };
    }
    let at = format!("/settings/schedules/{}/pasted", named.id);
    let said = read
        .and_then(Result::ok)
        .map(|rows| view! { <Said at=at.clone() rows people typed=typed.clone() zone /> });
    let under = format!(
        "Turns of many people at once, for {}. Nothing is arranged before you have seen what the table says.",
        named.name
    );
    view! {
        <Shell part=Part::Schedules title="Paste a table of turns" under>
            <form class="form" method="post" action=format!("{at}/preview#said")>
                <FormProblem problems=problem.above() />
                <Field
                    name="table"
                    label="Table"
                    kind=FieldKind::Lines(10)
                    value=typed.table
                    required=true
                    hint="A row for each turn: who, from, to. Or days in the first row, times such as 06:00-14:00 in the first column and names in the cells. Copied from a spreadsheet, or with semicolons or commas."
                    placeholder=EXAMPLE
                    error=problem.beside("table")
                />
                <Field name="zone" label="Times are in" kind=FieldKind::Select(zone_choices()) value=zone.name() error=problem.beside("zone") />
                <p class="buttons"><Submit kind=ButtonKind::Normal>"Show what it says"</Submit></p>
            </form>
            {said}
        </Shell>
    }
}

/// What a table says, row by row, and the button that arranges it where nothing is wrong.
#[component]
fn Said(at: String, rows: Vec<PastedRow>, people: Vec<Person>, typed: PastedForm, zone: Tz) -> impl IntoView {
    let at_fault = pasted::at_fault(&rows);
    let count = turns(&rows).len();
    let lines = rows
        .iter()
        .map(|row| {
            let names: Vec<String> = row.people.iter().map(|id| name_of(*id, &people)).collect();
            view! { <SaidRow row=row.clone() who=listed(&names) zone /> }
        })
        .collect_view();
    let arrange = if at_fault == 0 {
        let words = match count {
            1 => "Arrange this turn".to_owned(),
            count => format!("Arrange these {count} turns"),
        };
        view! {
            <form class="form" method="post" action=at>
                <FormKey />
                <input type="hidden" name="table" value=typed.table />
                <input type="hidden" name="zone" value=typed.zone />
                <p class="quiet">"Whoever it names has the pager in that time, whoever’s turn it is. Those whose turns change are told, each in one mail."</p>
                <p class="buttons"><Submit>{words}</Submit></p>
            </form>
        }
        .into_any()
    } else {
        let lead = format!("{}.", pasted::not_taken(at_fault));
        view! { <Notice tone=Tone::Broken lead>"What is wrong is shown beside it. Change it in the table above and have it shown again."</Notice> }.into_any()
    };
    view! {
        <Section title="What it says" id="said">
            <div class="stack">
                <DataTable caption="The turns of the table" headers=vec!["Row", "On call", "From", "To"]>{lines}</DataTable>
                <LeftOpen gaps=gaps(&rows) zone />
                <Hours hours=hours(&rows).into_iter().collect() people />
                {arrange}
            </div>
        </Section>
    }
}

#[component]
fn SaidRow(row: PastedRow, who: String, zone: Tz) -> impl IntoView {
    let faults: Vec<_> = row
        .faults
        .iter()
        .map(|fault| view! { <p class="field-error">{fault.to_string()}</p> })
        .collect();
    let said = (!row.faults.is_empty()).then(|| view! { <p class="quiet" dir="auto">{row.said}</p> });
    let time = move |at: Option<DateTime<Utc>>| at.map(|at| view! { <TimeOf at zone /> });
    view! {
        <Row>
            <Cell>{row.place}</Cell>
            <Cell label="On call">{who} {said} {faults}</Cell>
            <Cell label="From">{time(row.span.map(|(from, _)| from))}</Cell>
            <Cell label="To">{time(row.span.map(|(_, to)| to))}</Cell>
        </Row>
    }
}

/// Times between the turns; there the rotation counts.
#[component]
fn LeftOpen(gaps: Vec<(DateTime<Utc>, DateTime<Utc>)>, zone: Tz) -> impl IntoView {
    let rows = gaps
        .iter()
        .map(|(from, to)| view! { <li><TimeOf at=*from zone /> " to " <TimeOf at=*to zone /></li> })
        .collect_view();
    (!gaps.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Worked lead="The table leaves times open.">"Between its turns whoever the rotation names is on call."</Notice>
            <ul>{rows}</ul>
        }
    })
}

#[component]
fn Hours(hours: Vec<(PersonId, chrono::TimeDelta)>, people: Vec<Person>) -> impl IntoView {
    let words = |(id, time): &(PersonId, chrono::TimeDelta)| {
        let hours = time.num_minutes() as f64 / 60.0;
        format!("{} {} h", name_of(*id, &people), (hours * 10.0).round() / 10.0)
    };
    let all: Vec<String> = hours.iter().map(words).collect();
    (!all.is_empty()).then(|| view! { <p>"Hours of each: " {listed(&all)} "."</p> })
}

fn name_of(id: PersonId, people: &[Person]) -> String {
    let person = people.iter().find(|person| person.id == id);
    person.map(|person| person.name.clone()).unwrap_or_default()
}

/// What is left of one table among the overrides of a schedule.
#[component]
pub(super) fn PastedTurns(
    /// Those of the table, the next one first.
    arranged: Vec<Arranged>,
    /// Of each, in the same order.
    words: Vec<String>,
    zone: Tz,
    /// Where it is taken back, for who may.
    action: Option<String>,
) -> impl IntoView {
    // Those who are on call together have one turn.
    let turns: BTreeSet<_> = arranged
        .iter()
        .map(|arranged| (arranged.from_at, arranged.to_at))
        .collect();
    let title = match turns.len() {
        1 => "1 turn of a pasted table".to_owned(),
        count => format!("{count} turns of a pasted table"),
    };
    let from = arranged.iter().map(|arranged| arranged.from_at).min();
    let to = arranged.iter().map(|arranged| arranged.to_at).max();
    let rows = arranged
        .iter()
        .zip(words)
        .map(|(arranged, words)| {
            view! { <SpanRow words span=(arranged.from_at, arranged.to_at) zone end=None /> }
        })
        .collect_view();
    let end = action.map(|action| {
        view! {
            <Ask
                label="Cancel them"
                about=title.clone()
                kind=ButtonKind::Small
                question="Cancel all turns of this table?"
                action
                answer="Cancel them"
            >
                <p>"Whoever the rotation names is on call for what is not over yet."</p>
            </Ask>
        }
        .into_any()
    });
    let span = from.zip(to);
    span.map(|span| {
        view! {
            <SpanRow words=title span zone end>
                <Fold label="Which"><ul>{rows}</ul></Fold>
            </SpanRow>
        }
    })
}
