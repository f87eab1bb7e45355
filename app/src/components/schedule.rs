//! A schedule: one row says what counts, the rows below say why. Bars are placed by shares of the whole, 0 to 1.

use leptos::prelude::*;
use uuid::Uuid;

use super::avatar::hue;

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
    let rows = rows
        .into_iter()
        .map(|row| {
            let lines = days
                .iter()
                .map(|(at, _)| view! { <line class="day-line" x1=percent(*at) x2=percent(*at) y1="0" y2="56"></line> })
                .collect_view();
            let now = now.map(|at| view! { <line class="now-line" x1=percent(at) x2=percent(at) y1="0" y2="56"></line> });
            let bars = row.bars.into_iter().map(|bar| view! { <Bar bar /> }).collect_view();
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

#[component]
fn Bar(bar: ShiftBar) -> impl IntoView {
    let (class, name) = match bar.who {
        Some((id, name)) => (hue(id), name),
        None => ("gap", "nobody".to_owned()),
    };
    let width = (bar.to - bar.from).max(0.0);
    let words = bar.words.clone();
    // The nested picture clips its words, so that a short shift does not write over its neighbour.
    view! {
        <svg class=class x=percent(bar.from) y="0" width=percent(width) height="56" role="img" aria-label=words>
            <title>{bar.words}</title>
            <rect x="1" y="7" width="100%" height="42" rx="5"></rect>
            <text x="9" y="32">
                {name}
            </text>
        </svg>
    }
}
