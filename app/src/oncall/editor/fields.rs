//! The fields of the editor, layer by layer.

use super::begins::Begins;
use super::typed::{MOMENTS, Typed, TypedLayer, TypedTurn, Window, Wrong, is_zone};
use super::yours::{Clock, Yours};
use crate::components::{Choice, Field, FieldKind, Fold, FormProblem, Problems, Submit};
use crate::sent::FormKey;
use crate::zoned::zone_choices;
use crate::zoned::zone_words;
use domain::fields;
use domain::oncall::Weekday;
use domain::people::Person;
use engine::oncall::edit::Drawn;
use leptos::prelude::*;

/// The form. `save` is where it is sent, `draw` where its other buttons draw it anew.
#[component]
pub(super) fn Fields(
    typed: Typed,
    people: Vec<Person>,
    teams: Vec<Choice>,
    patterns: Vec<Choice>,
    drawn: Option<Drawn>,
    wrong: Wrong,
    save: String,
    draw: String,
    clock: Clock,
) -> impl IntoView {
    let team = drawn.is_none().then(|| {
        view! { <FormKey /> <Field name="team" label="Team" kind=FieldKind::Select(teams) value=typed.team.clone() required=true error=wrong.beside("team") /> }
    });
    let schedule = drawn.as_ref().map(|drawn| drawn.named.id.to_string());
    let zone = if is_zone(&typed.time_zone) {
        zone_words(&typed.time_zone)
    } else {
        "the schedule".to_owned()
    };
    let count = typed.layers.len();
    let layers = (0..)
        .zip(typed.layers.clone())
        .map(|(place, layer)| view! { <LayerFields place layer people=people.clone() wrong=wrong.clone() draw=draw.clone() zone=zone.clone() of_schedule=typed.time_zone.clone() clock /> })
        .collect_view();
    let begins = drawn.map(|drawn| view! { <Begins typed=typed.clone() drawn wrong=wrong.clone() /> });
    let (is_new, draws) = (begins.is_none(), draw.clone());
    // Beside a field of a layer it stands there already.
    let stands_beside = ["layers[", "name", "time_zone", "team", "on"]
        .iter()
        .any(|field| wrong.field.starts_with(field));
    let problems = match (wrong.sentence.is_empty(), stands_beside) {
        (true, _) => Problems::default(),
        (false, true) => Problems::whole(format!("Nothing is saved yet. {}", wrong.sentence)),
        (false, false) => Problems::whole(&wrong.sentence),
    };
    let names = people
        .iter()
        .filter(|person| super::may_be_on_call(person))
        .map(|person| view! { <option value=person.name.clone()></option> })
        .collect_view();
    view! {
        <form id="rota" class="form" method="post" action=save data-draws=draws data-schedule=schedule.unwrap_or_default() data-keeps-itself="">
            // A key that sends the form draws it; what saves it is pressed.
            <Draw act="preview" draw=draw.clone() class="unseen" label="Show what it comes to" unreached=true />
            <input type="hidden" name="version" value=typed.version.clone() />
            <FormProblem problems />
            {team}
            <div class="form-row">
                <Field of=fields::NAME label="Name" value=typed.name.clone() placeholder="Payments, first line" error=wrong.beside("name") />
                <Field name="time_zone" label="Time zone of the schedule" kind=FieldKind::Select(zone_choices()) value=typed.time_zone.clone()
                    hint="Hand-offs stay at their time of day when the clocks change." error=wrong.beside("time_zone") />
            </div>
            <div class="policy-line">
                <Field name="pattern" label="Begin with a pattern" kind=FieldKind::Select(patterns) value=typed.pattern.clone()
                    hint="It takes the place of the layers below, with the same people." />
                <Draw act="pattern" draw=draw.clone() label="Use the pattern" />
            </div>
            <datalist id="rota-people">{names}</datalist>
            {layers}
            <p class="buttons">
                <Draw act="layer" draw=draw.clone() label=if count == 0 { "Add a layer" } else { "Add another layer" } />
            </p>
            {begins}
            <p class="buttons">
                <Submit>{if is_new { "Make the schedule" } else { "Save" }}</Submit>
                <Draw act="preview" draw label="Show what it comes to" />
            </p>
        </form>
    }
}

/// A button that draws the editor anew.
#[component]
fn Draw(
    #[prop(into)] act: String,
    draw: String,
    #[prop(into)] label: String,
    /// Heard after the label.
    #[prop(optional, into)]
    about: String,
    #[prop(default = "button small")] class: &'static str,
    #[prop(optional)] unreached: bool,
) -> impl IntoView {
    let id = (!unreached).then(|| format!("do-{}", act.replace(':', "-")));
    let about = (!about.is_empty()).then(|| view! { <span class="unseen">" " {about}</span> });
    view! {
        <button class=class name="do" value=act formaction=draw formnovalidate=true id=id tabindex=unreached.then_some("-1") aria-hidden=unreached.then_some("true")>
            {label} {about}
        </button>
    }
}

#[component]
fn LayerFields(
    place: usize,
    layer: TypedLayer,
    people: Vec<Person>,
    wrong: Wrong,
    draw: String,
    zone: String,
    of_schedule: String,
    clock: Clock,
) -> impl IntoView {
    let name = move |field: &str| format!("layers.{place}.{field}");
    let id = move |field: &str| format!("layer-{place}-{field}");
    let error = |field: &str| wrong.beside(&format!("layers[{place}].{field}"));
    let zone = if layer.time_zone.is_empty() {
        zone
    } else {
        zone_words(&layer.time_zone)
    };
    let last = layer.turns.len().saturating_sub(1);
    let turns = (0..)
        .zip(&layer.turns)
        .map(|(turn, of)| view! { <TurnRow place turn last of=of.clone() people=people.clone() draw=draw.clone() /> })
        .collect_view();
    let units = vec![
        Choice::new("hour", "hours"),
        Choice::new("day", "days"),
        Choice::new("week", "weeks"),
        Choice::new("month", "months"),
        Choice::new(MOMENTS, "at moments of the week"),
    ];
    let by_moments = layer.unit == MOMENTS;
    let every = (!by_moments).then(|| {
        view! { <Field name=name("every") id=id("every") label="A turn lasts" kind=FieldKind::Number { min: 1, max: 1000 } value=layer.every.clone() error=error("every") /> }
    });
    let moments =
        by_moments.then(|| view! { <Moments place moments=layer.moments.clone() error=error("handoffs") /> });
    let windows = (0..)
        .zip(&layer.windows)
        .map(|(window, of)| {
            let error = error(&format!("restrictions[{window}]"));
            let yours = clock.words(of, &layer, &of_schedule);
            view! { <WindowRow place window of=of.clone() error draw=draw.clone() yours /> }
        })
        .collect_view();
    let always = layer
        .windows
        .is_empty()
        .then(|| view! { <p class="quiet">"Around the clock."</p> });
    let title = format!("Layer {}", place + 1);
    view! {
        <fieldset class="field rota-layer">
            <legend class="field-label">{title.clone()} <span class="quiet">{format!(" · by the clock of {zone}")}</span></legend>
            <input type="hidden" name=name("id") value=layer.id.clone() />
            <input type="hidden" name=name("was") value=layer.was.clone() />
            <ol class="rota-turns">{turns}</ol>
            {error("turns").map(|sentence| view! { <p class="field-error">{sentence}</p> })}
            <div class="policy-line">
                <AddNames place value=layer.add.clone() error=error("add") />
                <Draw act=format!("preview:{place}") draw=draw.clone() label="Add" about=format!("to {title}") />
            </div>
            <div class="form-row">
                {every}
                <Field name=name("unit") id=id("unit") label=if by_moments { "Handed over" } else { "in" } kind=FieldKind::Select(units) value=layer.unit.clone() error=error("unit") />
                <Field name=name("start") id=id("start") label="The first turn begins" kind=FieldKind::Moment value=layer.start.clone()
                    hint=format!("By the clock of {zone}.") error=error("start") />
            </div>
            {moments}
            <fieldset class="field">
                <legend class="field-label">"When it has the pager"</legend>
                {always}
                {windows}
                <p class="buttons">
                    <Draw act=format!("hours:{place}") draw=draw.clone() label="Add hours of days" about=format!("to {title}") />
                    <Draw act=format!("stretch:{place}") draw=draw.clone() label="Add a stretch of the week" about=format!("to {title}") />
                </p>
            </fieldset>
            <More place layer=layer.clone() wrong=wrong.clone() />
            <p class="buttons"><Draw act=format!("unlayer:{place}") draw label="Remove this layer" /></p>
        </fieldset>
    }
}

/// What few layers say.
#[component]
fn More(place: usize, layer: TypedLayer, wrong: Wrong) -> impl IntoView {
    let name = move |field: &str| format!("layers.{place}.{field}");
    let id = move |field: &str| format!("layer-{place}-{field}");
    let error = move |field: &str| wrong.beside(&format!("layers[{place}].{field}"));
    let is_said =
        layer.counts_open || !layer.time_zone.is_empty() || !layer.from.is_empty() || !layer.until.is_empty();
    let is_wrong = [
        "counts",
        "level",
        "time_zone",
        "effective_from",
        "effective_until",
    ]
    .iter()
    .any(|field| error(field).is_some());
    let zones = std::iter::once(Choice::new("", "That of the schedule"))
        .chain(zone_choices())
        .collect();
    view! {
        <Fold label="Level, zone, from when to when" open=is_said || is_wrong>
            <div class="stack">
                <Field name=name("level") id=id("level") label="Level" kind=FieldKind::Number { min: 0, max: 99 } value=layer.level class="narrow"
                    hint="Layers of one level have the pager together. A higher level goes before lower ones." error=error("level") />
                <Field name=name("time_zone") id=id("time_zone") label="Time zone of this layer" kind=FieldKind::Select(zones) value=layer.time_zone error=error("time_zone") />
                <Field name=name("counts") id=id("counts") label="Only days on which it has the pager use up a turn" kind=FieldKind::Check
                    value=if layer.counts_open { "on" } else { "" } error=error("counts") />
                <div class="form-row">
                    <Field name=name("from") id=id("from") label="Counts from" kind=FieldKind::Moment value=layer.from error=error("effective_from") />
                    <Field name=name("until") id=id("until") label="Counts until" kind=FieldKind::Moment value=layer.until error=error("effective_until") />
                </div>
            </div>
        </Fold>
    }
}

/// A name among those of the list.
#[component]
fn AddNames(place: usize, value: String, error: Option<String>) -> impl IntoView {
    let (id, wrong) = (format!("layer-{place}-add"), error.is_some().then_some("true"));
    let described = format!("{id}-hint {id}-error");
    let error =
        error.map(|sentence| view! { <p class="field-error" id=format!("{id}-error")>{sentence}</p> });
    view! {
        <div class="field">
            <label for=id.clone()>"Add by name"</label>
            <input class="control" type="text" list="rota-people" id=id.clone() name=format!("layers.{place}.add") value=value autocomplete="off"
                aria-invalid=wrong aria-describedby=described />
            <p class="field-hint" id=format!("{id}-hint")>"Several with commas; two at once as Ana + Bo; “nobody” for a turn of nobody."</p>
            {error}
        </div>
    }
}

#[component]
fn TurnRow(
    place: usize,
    turn: usize,
    last: usize,
    of: TypedTurn,
    people: Vec<Person>,
    draw: String,
) -> impl IntoView {
    let mut names: Vec<String> = of
        .people
        .iter()
        .filter_map(|id| people.iter().find(|person| person.id.to_string() == *id))
        .map(|person| match person.deactivated_at {
            Some(_) => format!("{} (deactivated)", person.name),
            None => person.name.clone(),
        })
        .collect();
    names.sort();
    let who = if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(" and ")
    };
    let button = |word: &str, label: &str| {
        let (act, about) = (format!("{word}:{place}:{turn}"), who.clone());
        view! { <Draw act draw=draw.clone() label=label.to_owned() about /> }
    };
    let up = (turn > 0).then(|| button("up", "Up"));
    let down = (turn < last).then(|| button("down", "Down"));
    let out = button("out", "Remove");
    view! {
        <li>
            <input class="control rota-place" type="number" min="1" max="1000" name=format!("layers.{place}.turns.{turn}.place")
                value=(turn + 1).to_string() aria-label=format!("Place of {who}") id=format!("layer-{place}-turn-{turn}") />
            <input type="hidden" name=format!("layers.{place}.turns.{turn}.people") value=of.people.join(" ") />
            <span class="rota-who">{who}</span>
            <span class="rota-moves">{up} {down} {out}</span>
        </li>
    }
}

fn weekdays() -> Vec<Choice> {
    Weekday::ALL
        .iter()
        .map(|day| Choice::new(day, day.label()))
        .collect()
}

/// One more than there are, to be filled in.
#[component]
fn Moments(place: usize, moments: Vec<(String, String)>, error: Option<String>) -> impl IntoView {
    let days: Vec<Choice> = std::iter::once(Choice::new("", "No further one"))
        .chain(weekdays())
        .collect();
    let blank = (String::new(), "09:00".to_owned());
    let rows = (0..)
        .zip(moments.into_iter().chain([blank]))
        .map(|(moment, (day, time))| {
            let id = format!("layer-{place}-moment-{moment}");
            let name = |field: &str| format!("layers.{place}.moments.{moment}.{field}");
            view! {
                <div class="form-row">
                    <Field name=name("day") id=format!("{id}-day") label="On" kind=FieldKind::Select(days.clone()) value=day />
                    <Field name=name("time") id=format!("{id}-time") label="at" kind=FieldKind::Clock value=time />
                </div>
            }
        })
        .collect_view();
    view! {
        {rows}
        {error.map(|sentence| view! { <p class="field-error">{sentence}</p> })}
    }
}

#[component]
fn WindowRow(
    place: usize,
    window: usize,
    of: Window,
    error: Option<String>,
    draw: String,
    yours: Option<String>,
) -> impl IntoView {
    let id = |field: &str| format!("layer-{place}-window-{window}-{field}");
    let name = |field: &str| format!("layers.{place}.windows.{window}.{field}");
    let clock = |field: &str, label: &'static str, value: String| {
        view! { <Field name=name(field) id=id(field) label kind=FieldKind::Clock value /> }
    };
    let day = |field: &str, label: &'static str, value: String| {
        view! { <Field name=name(field) id=id(field) label kind=FieldKind::Select(weekdays()) value /> }
    };
    let kind = if of.of_week { "weekly" } else { "daily" };
    let fields = if of.of_week {
        view! {
            <div class="form-row">
                {day("from_day", "From", of.from_day)} {clock("from", "at", of.from)} {day("to_day", "to", of.to_day)} {clock("to", "at", of.to)}
            </div>
        }
        .into_any()
    } else {
        let checks = Weekday::ALL
            .iter()
            .map(|day| {
                let (value, checked) = (day.to_string(), of.days.contains(&day.to_string()));
                view! { <label><input type="checkbox" name=name("days") value=value checked=checked /> {&day.label()[..3]}</label> }
            })
            .collect_view();
        view! {
            <div class="form-row">{clock("from", "From", of.from)} {clock("to", "to", of.to)}</div>
            <div class="choices" role="group" aria-label="On these days">{checks}</div>
        }
        .into_any()
    };
    let error = error.map(|sentence| view! { <p class="field-error">{sentence}</p> });
    view! {
        <div class="rota-window">
            <input type="hidden" name=name("kind") value=kind />
            {fields}
            {error}
            <Yours layer=place window words=yours />
            <Draw act=format!("unwindow:{place}:{window}") draw label="Remove" about="these hours" />
        </div>
    }
}
