//! Numbers that lead to what they count.

use super::query::LearningQuery;
use domain::learning::{Figure, InWeek, OfReviewed, OfTook, OfWatched};
use leptos::prelude::*;
use std::sync::Arc;

/// The period and scope of what is behind a number.
#[derive(Clone)]
pub struct LeadsTo(Arc<LearningQuery>);

impl LeadsTo {
    pub fn of(query: &LearningQuery) -> Self {
        Self(Arc::new(query.clone()))
    }

    /// Of one team, one service.
    pub fn of_team(&self, slug: &str) -> Self {
        let team = slug.to_owned();
        Self(Arc::new(LearningQuery {
            team,
            ..(*self.0).clone()
        }))
    }

    pub fn of_service(&self, slug: &str) -> Self {
        let service = slug.to_owned();
        Self(Arc::new(LearningQuery {
            service,
            ..(*self.0).clone()
        }))
    }

    /// A number of so many; where it counts nothing it leads nowhere.
    pub fn number(&self, count: usize, figure: Figure) -> AnyView {
        if count == 0 {
            return view! { "0" }.into_any();
        }
        self.made_of(count.to_string(), figure)
    }

    /// What was made of so many: a median, a share.
    pub fn made_of(&self, words: String, figure: Figure) -> AnyView {
        let label = format!("{words}: {}", title(figure));
        view! { <a href=format!("/learning/behind/{figure}?{}", self.0.pairs().finish()) aria-label=label>{words}</a> }
            .into_any()
    }
}

/// What a number counts.
pub fn title(figure: Figure) -> String {
    match figure {
        Figure::Reviewed(of) => reviewed(of).to_owned(),
        Figure::Before(of) => format!("{}, in the period before", reviewed(of)),
        Figure::Said(None) => "Came back, and not looked at yet".to_owned(),
        Figure::Said(Some(verdict)) => format!("Came back: {}", verdict.label()),
        Figure::Due(None) => "Due in the period".to_owned(),
        Figure::Due(Some(kept)) => kept.label().to_owned(),
        Figure::Moved => "With a day that moved".to_owned(),
        Figure::Watched { with, of } => {
            let done = if with {
                "an action item was done"
            } else {
                "none was done"
            };
            match of {
                OfWatched::All => format!("Factors of which {done}"),
                OfWatched::CameBack => format!("Factors of which {done}, and that came back within 90 days"),
                OfWatched::NotLookedAt => {
                    format!("Factors of which {done}, that came back, and nobody has said how")
                }
            }
        }
        Figure::Step(step) => step.label().to_owned(),
        Figure::Took { to, is_known, of } => {
            let of = match of {
                OfTook::All => String::new(),
                OfTook::Severity(severity) => format!(", {severity}"),
                OfTook::Week(monday) => format!(", opened in the week from {}", monday.format("%-d %b %Y")),
            };
            let unknown = if is_known { "" } else { ", not known" };
            format!("{}{of}{unknown}", to.label())
        }
        Figure::Week(monday, what) => {
            let what = match what {
                InWeek::Incidents => "Incidents opened",
                InWeek::Alerts => "Alerts",
                InWeek::NightsWoken => "Nights woken",
            };
            format!("{what} in the week from {}", monday.format("%-d %b %Y"))
        }
        Figure::Hour(hour) => format!("Pages from {hour:02}:00 to {hour:02}:59"),
    }
}

const fn reviewed(of: OfReviewed) -> &'static str {
    match of {
        OfReviewed::All => "Reviewed incidents",
        OfReviewed::New => "Incidents with only new factors",
        OfReviewed::SameService => "Incidents that came back where they had been",
        OfReviewed::Elsewhere => "Incidents that came back elsewhere",
        OfReviewed::NotLookedAt => "Incidents that came back, and were not looked at yet",
    }
}
