//! The seam: one line through an incident's life, red while it is broken and nobody has it, blue while people work on it,
//! gold from the moment it is mended. The one ornament.

use domain::incidents::State;
use leptos::prelude::*;

/// A stretch of an incident's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before anything broke: a change, a deploy.
    Before,
    Broken,
    Worked,
    Mended,
}

impl Phase {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Broken => "broken",
            Self::Worked => "worked",
            Self::Mended => "mended",
        }
    }

    /// As a sentence says it to those who do not see the colour.
    const fn spoken(self) -> &'static str {
        match self {
            Self::Before => "before it",
            Self::Broken => "nobody had it",
            Self::Worked => "worked on",
            Self::Mended => "mended",
        }
    }

    pub(super) const fn seam_class(self) -> &'static str {
        match self {
            Self::Before => "seam-before",
            Self::Broken => "seam-broken",
            Self::Worked => "seam-worked",
            Self::Mended => "seam-mended",
        }
    }
}

impl From<State> for Phase {
    fn from(state: State) -> Self {
        match state {
            State::Triggered => Self::Broken,
            State::Acknowledged => Self::Worked,
            State::Mitigated | State::Resolved => Self::Mended,
        }
    }
}

/// What a colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    /// Broken or late.
    Broken,
    /// Being worked on.
    Worked,
    /// Mended, a promise kept. Never alarm, never decoration.
    Mended,
    /// A service that is well.
    Well,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Broken => "tone-broken",
            Self::Worked => "tone-worked",
            Self::Mended => "tone-mended",
            Self::Well => "tone-well",
        }
    }
}

impl From<Phase> for Tone {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Before => Self::Plain,
            Phase::Broken => Self::Broken,
            Phase::Worked => Self::Worked,
            Phase::Mended => Self::Mended,
        }
    }
}

/// One stretch of a short seam; `weight` in any unit, for example seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeamPart {
    pub phase: Phase,
    pub weight: f64,
}

/// The short bar of an incident in a list. The gold part carries the crack it mended.
#[component]
pub fn Seam(parts: Vec<SeamPart>) -> impl IntoView {
    let parts: Vec<_> = parts.into_iter().filter(|part| part.weight > 0.0).collect();
    let total: f64 = parts.iter().map(|part| part.weight).sum();
    // A stretch that was short is still seen.
    let least = total * 0.06;
    let stretched: f64 = parts.iter().map(|part| part.weight.max(least)).sum();
    let label = parts
        .iter()
        .map(|part| part.phase.spoken())
        .collect::<Vec<_>>()
        .join(", then ");
    let mut at = 0.0;
    let lines = parts
        .into_iter()
        .map(|part| {
            let from = at;
            at += part.weight.max(least) / stretched * 100.0;
            let path = if part.phase == Phase::Mended {
                crack(from, at)
            } else {
                format!("M{from:.1} 5H{at:.1}")
            };
            view! { <path class=part.phase.seam_class() d=path></path> }
        })
        .collect_view();
    view! {
        <svg class="seam seam-short" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=label>
            {lines}
        </svg>
    }
}

pub(super) fn crack(from: f64, to: f64) -> String {
    let width = to - from;
    if width < 12.0 {
        return format!("M{from:.1} 5H{to:.1}");
    }
    let along = |share: f64| from + width * share;
    format!(
        "M{from:.1} 5H{:.1}L{:.1} 2.5L{:.1} 7.5L{:.1} 4.5L{to:.1} 5",
        along(0.35),
        along(0.5),
        along(0.62),
        along(0.74),
    )
}

/// How much of a whole: sections written, age against a promise. `label` says it in words.
#[component]
pub fn Meter(share: f64, #[prop(into)] label: String, #[prop(optional)] tone: Tone) -> impl IntoView {
    let width = format!("{:.1}%", share.clamp(0.0, 1.0) * 100.0);
    view! {
        <svg class=format!("meter {}", tone.class()) width="100%" height="4" role="img" aria-label=label>
            <rect class="meter-ground" width="100%" height="4" rx="2"></rect>
            <rect class="meter-part" width=width height="4" rx="2"></rect>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crack_stays_within_its_stretch() {
        assert_eq!(crack(0.0, 10.0), "M0.0 5H10.0");
        assert!(crack(50.0, 100.0).starts_with("M50.0 5H67.5L75.0"));
    }
}
