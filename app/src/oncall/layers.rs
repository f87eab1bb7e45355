//! A rota in words, layer by layer.

use crate::components::{Cell, DataTable, Row};
use crate::zoned::zone_words;
use chrono::NaiveDateTime;
use domain::ids::PersonId;
use domain::oncall::{Counts, HandOffs, Layer, Restriction, Unit, Weekday};
use domain::words::listed;
use leptos::prelude::*;

/// What each layer says, the one that goes before the others first.
#[component]
pub(super) fn Layers(layers: Vec<Layer<PersonId>>, names: Vec<(PersonId, String)>) -> impl IntoView {
    let mut layers: Vec<(usize, Layer<PersonId>)> = layers
        .into_iter()
        .enumerate()
        .map(|(place, layer)| (layer.level.map_or(place, usize::from), layer))
        .collect();
    layers.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    let rows = layers
        .into_iter()
        .map(|(level, layer)| {
            let turns = layer
                .turns
                .iter()
                .map(|turn| turn_words(turn, &names))
                .map(|turn| view! { <li>{turn}</li> })
                .collect_view();
            let (hand_offs, windows) = (hand_off_words(&layer), window_words(&layer));
            view! {
                <Row>
                    <Cell>{format!("Level {level}")}</Cell>
                    <Cell label="Handed over">{hand_offs}</Cell>
                    <Cell label="In turn"><ol>{turns}</ol></Cell>
                    <Cell label="When">{windows}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <p class="quiet">"Those of one level have the pager together. A lower level has it where nobody of a higher one does."</p>
        <DataTable caption="What the rota says" headers=vec!["Layer", "Handed over", "In turn", "When"]>
            {rows}
        </DataTable>
    }
}

fn turn_words(turn: &[PersonId], names: &[(PersonId, String)]) -> String {
    let mut people: Vec<&str> = turn
        .iter()
        .filter_map(|id| names.iter().find(|(other, _)| other == id))
        .map(|(_, name)| name.as_str())
        .collect();
    people.sort_unstable();
    if people.is_empty() {
        "nobody".to_owned()
    } else {
        listed(&people)
    }
}

pub(super) fn hand_off_words(layer: &Layer<PersonId>) -> String {
    let time = layer.start.format("%H:%M");
    let words = match &layer.hand_offs {
        HandOffs::Every { unit, every: 1 } => match unit {
            Unit::Hour => "every hour".to_owned(),
            Unit::Day => format!("every day at {time}"),
            Unit::Week => format!("every {} at {time}", Weekday::of(layer.start.date()).label()),
            Unit::Month => format!("every month at {time}"),
        },
        HandOffs::Every { unit, every } => {
            let open = if layer.counts == Counts::Open && *unit == Unit::Day {
                "open "
            } else {
                ""
            };
            format!("every {every} {open}{unit}s at {time}")
        }
        HandOffs::Weekly { moments } => {
            let mut moments = moments.clone();
            moments.sort_unstable();
            let moments: Vec<String> = moments
                .iter()
                .map(|(day, time)| format!("{} {time}", day.label()))
                .collect();
            format!("every {}", listed(&moments))
        }
    };
    match layer.time_zone {
        Some(zone) => format!("{words}, in the time of {}", zone_words(zone.name())),
        None => words,
    }
}

fn window_words(layer: &Layer<PersonId>) -> String {
    let windows: Vec<String> = layer.restrictions.iter().map(Restriction::to_string).collect();
    let mut words = if windows.is_empty() {
        "always".to_owned()
    } else {
        windows.join("; ")
    };
    if layer.counts == Counts::Open && !windows.is_empty() {
        words.push_str("; only what is open uses up a turn");
    }
    let at = |time: NaiveDateTime| time.format("%-d %b %Y %H:%M").to_string();
    if let Some(from) = layer.effective_from {
        words.push_str(&format!("; from {}", at(from)));
    }
    if let Some(until) = layer.effective_until {
        words.push_str(&format!("; until {}", at(until)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::oncall::draft::ScheduleDraft;

    #[test]
    fn a_layer_is_told_in_words() {
        let person = PersonId(uuid::Uuid::nil());
        for (keys, hand_off, when) in [
            (r#""unit":"week","every":1"#, "every Monday at 09:00", "always"),
            (
                r#""unit":"day","every":3,"counts":"open","restrictions":[{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue"]}]"#,
                "every 3 open days at 09:00",
                "09:00 to 17:00 on Monday and Tuesday; only what is open uses up a turn",
            ),
            (
                r#""handoffs":[["fri","17:00"],["mon","09:00"]],"time_zone":"America/New_York","effective_until":"2027-01-01T00:00","restrictions":[{"kind":"weekly","from":["fri","17:00"],"to":["mon","09:00"]}]"#,
                "every Monday 09:00 and Friday 17:00, in the time of America/New York",
                "Friday 17:00 to Monday 09:00; until 1 Jan 2027 00:00",
            ),
        ] {
            let json = format!(
                r#"{{"time_zone":"UTC","layers":[{{"turns":[["ana"],[]],"start":"2026-03-02T09:00",{keys}}}]}}"#
            );
            let schedule = ScheduleDraft::read(json.as_bytes())
                .unwrap()
                .check(|_| Some(person))
                .unwrap();
            let layer = &schedule.layers[0];
            assert_eq!(
                (hand_off_words(layer).as_str(), window_words(layer).as_str()),
                (hand_off, when)
            );
            let names = [(person, "Ana".to_owned())];
            assert_eq!(
                layer
                    .turns
                    .iter()
                    .map(|turn| turn_words(turn, &names))
                    .collect::<Vec<_>>(),
                ["Ana", "nobody"]
            );
        }
    }
}
