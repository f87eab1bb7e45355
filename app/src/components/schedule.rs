//! A schedule: one row says what counts, the rows below say why. Bars are placed by shares of the whole, 0 to 1.

use super::avatar::{HUES, hue};
use domain::people::initials;
use leptos::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Who has the pager from … to; nobody is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftBar {
    pub from: f64,
    pub to: f64,
    /// Id and name; `None` where nobody is on call.
    pub who: Option<(Uuid, String)>,
    /// For the pointer, and for those who do not see the bar: “Lena, Mon 16 Nov 09:00 to Mon 23 Nov 09:00”.
    pub words: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleRow {
    pub name: String,
    pub hint: String,
    pub bars: Vec<ShiftBar>,
}

/// `days` are the places and names of day borders; `now` where now is, if it is in sight.
#[component]
pub fn ScheduleBoard(
    #[prop(into)] label: String,
    days: Vec<(f64, String)>,
    now: Option<f64>,
    rows: Vec<ScheduleRow>,
) -> impl IntoView {
    let caption = label.clone();
    // A name so near the end would be cut.
    let head = days
        .iter()
        .filter(|(at, _)| *at < 0.94)
        .map(|(at, name)| view! { <text class="day-name" x=percent(*at) dx="6" y="20">{name.clone()}</text> })
        .collect_view();
    let hues = hues_apart(&rows);
    let rows = rows
        .into_iter()
        .map(|row| {
            let lines = days
                .iter()
                .map(|(at, _)| view! { <line class="day-line" x1=percent(*at) x2=percent(*at) y1="0" y2="56"></line> })
                .collect_view();
            let now = now.map(|at| view! { <line class="now-line" x1=percent(at) x2=percent(at) y1="0" y2="56"></line> });
            let bars = row
                .bars
                .into_iter()
                .map(|bar| {
                    let class = bar.who.as_ref().map_or("gap", |(id, _)| hues.get(id).copied().unwrap_or(hue(*id)));
                    view! { <Bar bar class /> }
                })
                .collect_view();
            view! {
                <div class="schedule-row">
                    <div class="schedule-name">
                        <strong>{row.name}</strong>
                        <br />
                        <span class="quiet">{row.hint}</span>
                    </div>
                    <svg width="100%" height="56" role="group">
                        {lines}
                        {bars}
                        {now}
                    </svg>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="schedule" role="region" aria-label=label tabindex="0">
            <div class="schedule-grid">
                <div class="schedule-row">
                    <div class="schedule-name quiet">{caption}</div>
                    <svg width="100%" height="32" aria-hidden="true">
                        {head}
                    </svg>
                </div>
                {rows}
            </div>
        </div>
    }
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share.clamp(0.0, 1.0) * 100.0)
}

/// Everybody's hue, but another one for who would look like a neighbour in a row.
fn hues_apart(rows: &[ScheduleRow]) -> BTreeMap<Uuid, &'static str> {
    let person = |bar: &ShiftBar| bar.who.as_ref().map(|(id, _)| *id);
    let pairs: Vec<(Uuid, Uuid)> = rows
        .iter()
        .flat_map(|row| row.bars.windows(2))
        .filter_map(|pair| Some((person(&pair[0])?, person(&pair[1])?)))
        .filter(|(one, other)| one != other)
        .collect();
    let mut hues = BTreeMap::new();
    for id in rows.iter().flat_map(|row| row.bars.iter().filter_map(person)) {
        if hues.contains_key(&id) {
            continue;
        }
        let beside: Vec<&str> = pairs
            .iter()
            .filter_map(|(one, other)| match id {
                id if id == *one => hues.get(other),
                id if id == *other => hues.get(one),
                _ => None,
            })
            .copied()
            .collect();
        let own = std::iter::once(hue(id)).chain(HUES);
        let apart = own.into_iter().find(|hue| !beside.contains(hue));
        hues.insert(id, apart.unwrap_or(hue(id)));
    }
    hues
}

#[component]
fn Bar(bar: ShiftBar, class: &'static str) -> impl IntoView {
    let short = bar
        .who
        .as_ref()
        .map(|(_, name)| view! { <span class="bar-short">{initials(name)}</span> });
    let name = bar.who.map_or_else(|| "nobody".to_owned(), |(_, name)| name);
    let width = (bar.to - bar.from).max(0.0);
    let words = bar.words.clone();
    // Words of a picture are cut in a letter; those of HTML end in dots, or give way to initials.
    view! {
        <svg class=class x=percent(bar.from) y="0" width=percent(width) height="56" role="img" aria-label=words>
            <title>{bar.words}</title>
            <rect x="1" y="7" width="100%" height="42" rx="5"></rect>
            <foreignObject x="0" y="7" width="100%" height="42">
                <div class="bar-name">
                    <span class="bar-whole">{name}</span>
                    {short}
                </div>
            </foreignObject>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ids: &[u128]) -> ScheduleRow {
        let bars = ids.iter().map(|id| ShiftBar {
            from: 0.0,
            to: 1.0,
            who: Some((Uuid::from_u128(*id), String::new())),
            words: String::new(),
        });
        ScheduleRow {
            name: String::new(),
            hint: String::new(),
            bars: bars.collect(),
        }
    }

    #[test]
    fn neighbours_are_told_apart_and_one_person_stays_one() {
        // Five people more than there are hues: some would look alike.
        let ids: Vec<u128> = (0..10).collect();
        let rows = [row(&ids), row(&[0, 2, 4, 0])];
        let hues = hues_apart(&rows);
        for pair in rows.iter().flat_map(|row| row.bars.windows(2)) {
            let [one, other] = [0, 1].map(|n| hues[&pair[n].who.as_ref().unwrap().0]);
            assert_ne!(one, other);
        }
        assert_eq!(
            hues_apart(&[row(&[7])])[&Uuid::from_u128(7)],
            hue(Uuid::from_u128(7))
        );
    }
}
