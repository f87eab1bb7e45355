//! Windows by the clock of whoever reads, beside each of them.

use super::typed::{Typed, TypedLayer, Window};
use crate::zoned::zone_words;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::oncall::{Elsewhere, wall};
use leptos::prelude::*;

/// Whoever reads: their zone, and the moment.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub zone: Tz,
    pub now: DateTime<Utc>,
}

impl Clock {
    /// What a window of a layer is by this clock, where it reads something else in the year to come. A window or a zone that cannot be
    /// read says so itself.
    pub fn words(self, window: &Window, layer: &TypedLayer, of_schedule: &str) -> Option<String> {
        let zone = match layer.time_zone.as_str() {
            "" => of_schedule,
            own => own,
        };
        let zone: Tz = zone.parse().ok()?;
        let today = wall::reading(zone, self.now).date();
        let said = said(&window.restriction()?.elsewhere(zone, self.zone, today))?;
        Some(format!(
            "By your clock, {}: {said}.",
            zone_words(self.zone.name())
        ))
    }
}

/// What holds now, then what else comes, with its days.
fn said(read: &[Elsewhere]) -> Option<String> {
    let first = read.first()?;
    let day = |date: NaiveDate| date.format("%-d %b");
    let mut others: Vec<(&str, Vec<String>)> = Vec::new();
    for (place, one) in read
        .iter()
        .enumerate()
        .filter(|(_, one)| one.words != first.words)
    {
        let days = match read.get(place + 1) {
            Some(next) => format!("from {} until {}", day(one.since), day(next.since)),
            None => format!("from {} on", day(one.since)),
        };
        match others.iter_mut().find(|(words, _)| *words == one.words) {
            Some((_, before)) => before.push(days),
            None => others.push((one.words.as_str(), vec![days])),
        }
    }
    let others = others.into_iter();
    let others = others.map(|(words, days)| format!("{words} {}", days.join(" and ")));
    let all: Vec<String> = std::iter::once(first.words.clone()).chain(others).collect();
    Some(all.join("; "))
}

/// Stands beside the window, so that `public/rota.js` finds it when the window becomes another one.
#[component]
pub(super) fn Yours(layer: usize, window: usize, words: Option<String>) -> impl IntoView {
    let hidden = words.is_none();
    view! { <p class="quiet small rota-yours" id=format!("layer-{layer}-window-{window}-yours") hidden=hidden>{words}</p> }
}

/// Those of all windows, for the script to put into their places.
#[component]
pub(super) fn AllYours(typed: Typed, clock: Clock) -> impl IntoView {
    let mut all = Vec::new();
    for (place, layer) in typed.layers.iter().enumerate() {
        for (window, of) in layer.windows.iter().enumerate() {
            let words = clock.words(of, layer, &typed.time_zone);
            all.push(view! { <Yours layer=place window words /> });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_said_once_with_all_its_days() {
        let read = |all: &[(&str, &str)]| -> Vec<Elsewhere> {
            let all = all.iter();
            all.map(|(since, words)| Elsewhere {
                since: since.parse().unwrap(),
                words: (*words).to_owned(),
            })
            .collect()
        };
        for (all, words) in [
            (&[][..], None),
            (&[("2026-03-02", "day")], Some("day")),
            (
                &[("2026-03-02", "day"), ("2026-03-29", "later")],
                Some("day; later from 29 Mar on"),
            ),
            (
                &[
                    ("2026-03-02", "day"),
                    ("2026-03-08", "later"),
                    ("2026-03-29", "day"),
                    ("2026-10-25", "later"),
                    ("2026-11-01", "day"),
                ],
                Some("day; later from 8 Mar until 29 Mar and from 25 Oct until 1 Nov"),
            ),
        ] {
            assert_eq!(said(&read(all)).as_deref(), words);
        }
    }
}
