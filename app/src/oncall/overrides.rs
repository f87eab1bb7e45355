//! Overrides of a schedule: for a while somebody else has the pager, or nobody, whoever's turn it is.

use super::layers::hand_off_words;
use super::pasted::PastedTurns;
use super::span::{SpanFields, SpanRow, TypedSpan};
use super::view::{Reader, SchedulePage, may_be_on_call, zone_of};
use crate::address::Path;
use crate::answer::{Answered, Problem};
use crate::components::{Ask, ButtonKind, Choice, Field, FieldKind, FormProblem, Submit};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, FormPage, Here};
use crate::sent::FormKey;
use crate::settings::Section;
use crate::zoned::zone_words;
use chrono_tz::Tz;
use domain::ids::{LayerId, OverrideId, PersonId};
use domain::oncall::{Change, Fault, Layer};
use domain::people::Person;
use engine::oncall::Refused;
use engine::oncall::overrides::{self, Arranged, Draft};
use engine::oncall::schedules::{self, Named};
use engine::{Error, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Instead of a person: a gap that is meant.
const NOBODY: &str = "nobody";

/// How somebody comes in.
const INSTEAD: &str = "instead";
const AS_WELL: &str = "as_well";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OverrideForm {
    person: String,
    how: String,
    layer: String,
    #[serde(flatten)]
    span: TypedSpan,
}

impl OverrideForm {
    /// Times are read by the clock in the schedule's zone.
    fn read(&self, zone: Tz) -> Result<Draft, Error> {
        let no_person = |_| Refused::Schedule {
            field: "person",
            fault: Fault::NoPerson,
        };
        let change = match (self.person.as_str(), self.how.as_str()) {
            (NOBODY, _) => Change::Nobody,
            (person, INSTEAD | "") => Change::Cover {
                person: person.parse().map_err(no_person)?,
            },
            (person, AS_WELL) => Change::Add {
                person: person.parse().map_err(no_person)?,
            },
            _ => return Err(Error::NotAChoice("how")),
        };
        let layer = word_or_none::<LayerId>("layer", &self.layer)?;
        let (from, to) = self.span.read(zone)?;
        Ok(Draft {
            change,
            layer,
            from,
            to,
        })
    }
}

pub async fn post(here: Here<SchedulePage>, Form(form): Form<OverrideForm>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        let named = schedules::find(tx, id).await?;
        let read = form.read(zone_of(&named));
        let draft = match read {
            Ok(draft) => draft,
            Err(wrong) => {
                // Whoever may not arrange any is told that first.
                overrides::authorize(tx, id, None).await?;
                Err(wrong)?
            }
        };
        overrides::add(tx, id, &draft).await?
    });
    here.after_at("overrides", done, form).await
}

/// Which override of the schedule in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    r#override: OverrideId,
}

pub async fn remove(here: Here<SchedulePage>, Path(which): Path<Which>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        overrides::cancel(tx, id, which.r#override).await?
    });
    let to = format!("{}#overrides", here.page.address());
    here.lead_press(done.map(|()| to)).await
}

/// Those to come, and the form that arranges one.
#[component]
pub(super) fn Overrides(
    named: Named,
    /// Those that count, with their ids.
    layers: Vec<(LayerId, Layer<PersonId>)>,
    people: Vec<Person>,
    arranged: Vec<Arranged>,
    back: Back<OverrideForm>,
    reader: Reader,
) -> impl IntoView {
    let (typed, problem) = back.or(OverrideForm::default);
    let zone = zone_of(&named);
    let here = format!("/settings/schedules/{}/overrides", named.id);
    let layers = layer_choices(&layers);
    let may_take_back = |arranged: &Arranged| reader.may_change || arranged.created_by == Some(reader.id);
    let (pasted, single): (Vec<_>, Vec<_>) = arranged
        .into_iter()
        .partition(|arranged| arranged.pasted_id.is_some());
    let rows = single
        .into_iter()
        .map(|arranged| {
            let action = may_take_back(&arranged).then(|| format!("{here}/{}/removal", arranged.id));
            let words = words_of(&arranged, &people, &layers);
            view! { <OverrideRow words arranged zone action /> }
        })
        .collect_view();
    let mut tables: BTreeMap<_, Vec<Arranged>> = BTreeMap::new();
    for arranged in pasted {
        tables.entry(arranged.pasted_id).or_default().push(arranged);
    }
    let tables = tables
        .into_iter()
        .filter_map(|(id, arranged)| {
            let action = format!("/settings/schedules/{}/pasted/{}/removal", named.id, id?);
            let action = arranged.iter().all(may_take_back).then_some(action);
            let words = arranged
                .iter()
                .map(|arranged| words_of(arranged, &people, &layers))
                .collect();
            Some(view! { <PastedTurns arranged words zone action /> })
        })
        .collect_view();
    let paste = reader.may_change.then(|| {
        let href = format!("/settings/schedules/{}/pasted", named.id);
        view! { <p><a href=href>"Paste a table of turns"</a>", for many people at once."</p> }
    });
    let arrange = reader.may_arrange.then(
        || view! { <Arrange named=named.clone() layers people action=here typed problem gives_own_turn=!reader.may_change /> },
    );
    view! {
        <Section title="Overrides" id="overrides">
            <div class="stack">
                <p class="quiet">{format!("For a while somebody else has the pager, or nobody, whoever’s turn it is. Times are those of {}.", zone_words(&named.time_zone))}</p>
                <ul class="member-rows measure">{rows} {tables}</ul>
                {arrange}
                {paste}
            </div>
        </Section>
    }
}

/// Layers to choose from; with one there is nothing to choose.
fn layer_choices(layers: &[(LayerId, Layer<PersonId>)]) -> Vec<Choice> {
    if layers.len() < 2 {
        return Vec::new();
    }
    let choices = (1..)
        .zip(layers)
        .map(|(number, (id, layer))| Choice::new(id, format!("Layer {number}, {}", hand_off_words(layer))));
    std::iter::once(Choice::new("", "The whole schedule"))
        .chain(choices)
        .collect()
}

/// “Bo”, “Bo as well”, “nobody, as planned”, and the layer where it is of one.
fn words_of(arranged: &Arranged, people: &[Person], layers: &[Choice]) -> String {
    let name = |id: &PersonId| {
        let person = people.iter().find(|person| person.id == *id);
        person.map(|person| person.name.clone()).unwrap_or_default()
    };
    let who = match &arranged.change {
        Change::Cover { person } => name(person),
        Change::Add { person } => format!("{} as well", name(person)),
        Change::Remove { person } => format!("without {}", name(person)),
        Change::Replace { person, with } => format!("{} instead of {}", name(with), name(person)),
        Change::Nobody => "nobody, as planned".to_owned(),
    };
    let layer = arranged.layer_id.map(|id| id.to_string());
    let layer = layer.and_then(|id| layers.iter().find(|choice| choice.value == id));
    match layer {
        Some(layer) => format!("{who} ({})", layer.label),
        None => who,
    }
}

/// `action`: where it is cancelled, for who may.
#[component]
fn OverrideRow(words: String, arranged: Arranged, zone: Tz, action: Option<String>) -> impl IntoView {
    let end = action.map(|action| {
        view! {
            <Ask
                label="Cancel override"
                about=words.clone()
                kind=ButtonKind::Small
                question="Cancel this override?"
                action
                answer="Cancel it"
            >
                <p>"Whoever the rotation names is on call for that time."</p>
            </Ask>
        }
        .into_any()
    });
    view! { <SpanRow words span=(arranged.from_at, arranged.to_at) zone end /> }
}

#[component]
fn Arrange(
    named: Named,
    layers: Vec<Choice>,
    people: Vec<Person>,
    action: String,
    typed: OverrideForm,
    problem: Problem,
    gives_own_turn: bool,
) -> impl IntoView {
    let zone = zone_of(&named);
    let nobody = (!gives_own_turn).then(|| Choice::new(NOBODY, "Nobody: a gap that is meant"));
    let who: Vec<Choice> = people
        .iter()
        .filter(|person| may_be_on_call(person))
        .map(|person| Choice::new(person.id, person.name.clone()))
        .chain(nobody)
        .collect();
    let more = (!gives_own_turn).then(|| {
        let how = vec![
            Choice::new(INSTEAD, "Instead of whoever it would be"),
            Choice::new(AS_WELL, "Together with whoever it would be"),
        ];
        let layer = (!layers.is_empty()).then(|| {
            view! { <Field name="layer" label="Of" kind=FieldKind::Select(layers) value=typed.layer error=problem.beside("layer") /> }
        });
        view! {
            <div class="form-row">
                <Field name="how" label="How" kind=FieldKind::Select(how) value=typed.how />
                {layer}
            </div>
        }
    });
    view! {
        <form class="form measure" method="post" action=action>
            <FormKey />
            <FormProblem problems=problem.above() />
            {gives_own_turn.then(|| view! { <p class="quiet">"You are in no team of this schedule: give your own turn away, or a part of it."</p> })}
            <Field
                name="person"
                label="Who has the pager"
                kind=FieldKind::Select(who)
                value=typed.person
                error=problem.beside("person")
            />
            {more}
            <SpanFields
                typed=typed.span
                zone
                problem=problem.clone()
                hint=format!("In the time of {}. One that has begun holds from now on.", zone_words(&named.time_zone))
            />
            <p class="buttons">
                <Submit kind=ButtonKind::Normal>"Arrange the override"</Submit>
            </p>
        </form>
    }
}
