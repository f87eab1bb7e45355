//! An incident as a picture: states as the seam, and under it alerts, pages and what people did, all on one axis.
//! Places are shares of the whole, 0 to 1. Each lane is a row of its own, so that it keeps its type size at any width.

use super::seam::{Phase, SeamPart, crack};
use leptos::prelude::*;

/// A moment on the seam, said in words.
#[derive(Clone, Debug, PartialEq)]
pub struct SeamPoint {
    pub at: f64,
    pub time: String,
    pub words: String,
    pub phase: Phase,
}

/// One row under the seam.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    pub name: String,
    pub spans: Vec<Span>,
    pub marks: Vec<Mark>,
}

/// What lasted: an alert from its start to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub from: f64,
    pub to: f64,
    pub words: String,
}

/// What happened at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub at: f64,
    pub words: String,
    /// The entry of the timeline that tells it.
    pub href: String,
    pub phase: Phase,
}

/// Spans that one lane shows beneath each other; further ones lie over the last.
const MOST_ROWS: usize = 5;
const SPAN_HEIGHT: usize = 9;
/// The seam, seen from the foot of its lane: words are piled up over it, and a phone leaves them out.
const LINE: i32 = -14;

#[component]
pub fn IncidentFigure(
    parts: Vec<SeamPart>,
    points: Vec<SeamPoint>,
    lanes: Vec<Lane>,
    /// Places and words of the axis.
    ticks: Vec<(f64, String)>,
) -> impl IntoView {
    let moments = points
        .iter()
        .map(|point| view! { <li><span class="quiet">{point.time.clone()}</span> " " {point.words.clone()}</li> })
        .collect_view();
    let lanes = lanes
        .into_iter()
        .filter(|lane| !lane.spans.is_empty() || !lane.marks.is_empty())
        .map(|lane| view! { <LaneRow lane ticks=ticks.clone() /> })
        .collect_view();
    view! {
        <div class="incident-figure">
            <div class="figure-lane">
                <span class="figure-name">"States"</span>
                <States parts points ticks=ticks.clone() />
            </div>
            {lanes}
            <div class="figure-lane figure-axis" aria-hidden="true">
                <span class="figure-name"></span>
                <Axis ticks />
            </div>
            <ol class="figure-moments">{moments}</ol>
        </div>
    }
}

#[component]
fn States(parts: Vec<SeamPart>, points: Vec<SeamPoint>, ticks: Vec<(f64, String)>) -> impl IntoView {
    let total: f64 = parts
        .iter()
        .map(|part| part.weight)
        .sum::<f64>()
        .max(f64::MIN_POSITIVE);
    let label = points
        .iter()
        .map(|point| format!("{} {}", point.time, point.words))
        .collect::<Vec<_>>()
        .join("; ");
    let rows = rows_of(&points);
    let above = rows.iter().flatten().copied().max().unwrap_or(0) as i32 + 1;
    let height = above * 30 + 22;
    let mut at = 0.0;
    let seam = parts
        .into_iter()
        .map(|part| {
            let from = at;
            at += part.weight / total;
            let path = if part.phase == Phase::Mended {
                crack(0.0, 100.0)
            } else {
                "M0 5H100".to_owned()
            };
            view! {
                <svg x=percent(from) y=(LINE - 5).to_string() width=percent(at - from) height="10" viewBox="0 0 100 10" preserveAspectRatio="none">
                    <path class=part.phase.seam_class() d=path></path>
                </svg>
            }
        })
        .collect_view();
    // All stems first, so that none runs over the words of another.
    let stems = points
        .iter()
        .zip(&rows)
        .filter_map(|(point, row)| Some(view! { <Stem at=point.at base=base_of((*row)?) /> }))
        .collect_view();
    let points = points
        .into_iter()
        .zip(rows)
        .map(|(point, row)| view! { <Point point row /> })
        .collect_view();
    view! {
        <svg class="seam-figure" width="100%" height=height.to_string() role="img" aria-label=label>
            <Grid ticks />
            <svg y="100%" width="100%" height="1">{stems} {seam} {points}</svg>
        </svg>
    }
}

/// Where the words of this row stand.
const fn base_of(row: usize) -> i32 {
    LINE - 12 - 30 * row as i32
}

#[component]
fn Stem(at: f64, base: i32) -> impl IntoView {
    let x = percent(at);
    view! { <line class="seam-stem" x1=x.clone() x2=x y1=(base + 3).to_string() y2=LINE.to_string()></line> }
}

#[component]
fn Point(point: SeamPoint, row: Option<usize>) -> impl IntoView {
    let anchor = anchor(point.at);
    let x = percent(point.at);
    let title = format!("{} {}", point.time, point.words);
    let words = row.map(|row| {
        let base = base_of(row);
        view! {
            <text class="seam-time" x=x.clone() y=(base - 13).to_string() text-anchor=anchor>{point.time}</text>
            <text x=x.clone() y=base.to_string() text-anchor=anchor>{point.words}</text>
        }
    });
    view! {
        {words}
        <circle class=format!("seam-point {}", point.phase.seam_class()) cx=x.clone() cy=LINE.to_string() r="5">
            <title>{title}</title>
        </circle>
    }
}

#[component]
fn LaneRow(lane: Lane, ticks: Vec<(f64, String)>) -> impl IntoView {
    let rows = lane.spans.len().clamp(1, MOST_ROWS);
    let height = if lane.spans.is_empty() {
        24
    } else {
        rows * SPAN_HEIGHT + 10
    };
    let label = lane
        .spans
        .iter()
        .map(|span| span.words.clone())
        .chain(lane.marks.iter().map(|mark| mark.words.clone()))
        .collect::<Vec<_>>()
        .join("; ");
    let spans = lane
        .spans
        .into_iter()
        .enumerate()
        .map(|(n, span)| {
            let y = (5 + n.min(MOST_ROWS - 1) * SPAN_HEIGHT).to_string();
            let width = percent((span.to - span.from).max(0.006));
            view! { <rect class="figure-span" x=percent(span.from) y=y width=width height="6" rx="3"><title>{span.words}</title></rect> }
        })
        .collect_view();
    let marks = lane
        .marks
        .into_iter()
        .map(|mark| view! { <MarkShape mark /> })
        .collect_view();
    view! {
        <div class="figure-lane">
            <span class="figure-name">{lane.name.clone()}</span>
            <svg width="100%" height=height.to_string() role="group" aria-label=format!("{}: {label}", lane.name)>
                <Grid ticks />
                {spans}
                {marks}
            </svg>
        </div>
    }
}

/// A mark leads to its entry. The Tab key passes by: the entries themselves stand in the timeline below.
#[component]
fn MarkShape(mark: Mark) -> impl IntoView {
    let label = mark.words.clone();
    view! {
        <a href=mark.href tabindex="-1" aria-label=label>
            <svg x=percent(mark.at) y="12" width="1" height="1" class="figure-mark">
                <path class=mark.phase.seam_class() d="M0-5.5 5.5 0 0 5.5-5.5 0Z"><title>{mark.words}</title></path>
            </svg>
        </a>
    }
}

#[component]
fn Grid(ticks: Vec<(f64, String)>) -> impl IntoView {
    ticks
        .into_iter()
        .map(|(at, _)| view! { <line class="figure-tick" x1=percent(at) x2=percent(at) y1="0" y2="100%"></line> })
        .collect_view()
}

#[component]
fn Axis(ticks: Vec<(f64, String)>) -> impl IntoView {
    let words = ticks
        .into_iter()
        .map(|(at, words)| view! { <text class="seam-time" x=percent(at) y="13" text-anchor="middle">{words}</text> })
        .collect_view();
    view! { <svg width="100%" height="18">{words}</svg> }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0)
}

fn anchor(at: f64) -> &'static str {
    match at {
        at if at < 0.08 => "start",
        at if at > 0.92 => "end",
        _ => "middle",
    }
}

/// The row over the line that each point's words stand in, 0 next to it; `None` where none is free: its title still says it.
fn rows_of(points: &[SeamPoint]) -> Vec<Option<usize>> {
    // The figure is about 540 px wide beside its names; a letter of its small type about 6.
    const LETTER: f64 = 6.3 / 540.0;
    let mut taken = [f64::NEG_INFINITY; 3];
    points
        .iter()
        .map(|point| {
            let width = point.words.chars().count().max(5) as f64 * LETTER;
            let from = match anchor(point.at) {
                "start" => point.at,
                "end" => point.at - width,
                _ => point.at - width / 2.0,
            };
            let row = taken.iter().position(|end| *end < from)?;
            taken[row] = from + width + LETTER;
            Some(row)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_neighbours_do_not_touch() {
        let point = |at, words: &str| SeamPoint {
            at,
            time: "02:41".to_owned(),
            words: words.to_owned(),
            phase: Phase::Worked,
        };
        let close = ["opened", "acknowledged", "mitigated", "resolved"];
        let points: Vec<_> = close
            .iter()
            .enumerate()
            .map(|(n, words)| point(0.3 + n as f64 * 0.01, words))
            .collect();
        assert_eq!(rows_of(&points), [Some(0), Some(1), Some(2), None]);
        assert_eq!(
            rows_of(&[point(0.1, "opened"), point(0.9, "resolved")]),
            [Some(0), Some(0)]
        );
    }
}
