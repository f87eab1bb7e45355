//! Durations as dots on one line: where most lie, and how far the slowest are. The table beside says the same in numbers.

use domain::incidents::instants::spoken;
use domain::learning::Spread;
use leptos::prelude::*;

/// So many dots are drawn; of more, every so many-th.
const MOST_DOTS: usize = 200;
/// Of the picture, in its own units.
const WIDTH: f64 = 320.0;
const MIDDLE: f64 = 12.0;

/// Where a duration lies between nothing and `longest`, 0 to 1. Half of the line is for the shortest tenth, since most take little.
fn place(seconds: i64, longest: i64) -> f64 {
    if longest <= 0 {
        return 0.0;
    }
    (seconds as f64 / longest as f64).max(0.0).sqrt()
}

/// `longest`: what the end of the line stands for, so that lines beneath each other can be compared.
#[component]
pub fn Dots(spread: Spread, longest: i64, #[prop(into)] about: String) -> impl IntoView {
    let Some(median) = spread.median() else {
        return view! { <span class="quiet small">"none"</span> }.into_any();
    };
    let every = spread.seconds.len().div_ceil(MOST_DOTS).max(1);
    let x = |seconds: i64| 6.0 + place(seconds, longest) * (WIDTH - 12.0);
    let dots = spread
        .seconds
        .iter()
        .step_by(every)
        .map(|seconds| view! { <circle class="dot" cx=x(*seconds) cy=MIDDLE r="3" /> })
        .collect_view();
    let label = format!(
        "{about}: half within {}, the slowest {}",
        spoken(median),
        spoken(spread.longest().unwrap_or(median))
    );
    view! {
        <svg class="dots" viewBox="0 0 320 24" role="img" aria-label=label>
            <line class="dots-line" x1="6" x2="314" y1=MIDDLE y2=MIDDLE />
            {dots}
            <line class="dots-median" x1=x(median) x2=x(median) y1="3" y2="21" />
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn short_durations_are_told_apart() {
        for (seconds, longest, expected) in [(0, 100, 0.0), (25, 100, 0.5), (100, 100, 1.0), (5, 0, 0.0)] {
            assert!(
                (place(seconds, longest) - expected).abs() < 1e-9,
                "{seconds} of {longest}"
            );
        }
    }
}
