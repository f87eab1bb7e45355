//! The numbers of the head's page by name, so that each leads to what it counts.

use super::{Kept, Verdict};
use crate::Severity;
use chrono::NaiveDate;
use std::fmt;
use std::str::FromStr;

words! {
    /// Which of the incidents that were reviewed. One that came back at the same service and elsewhere counts for the same service.
    pub enum OfReviewed {
        All = "all",
        /// All of its factors were met for the first time.
        New = "new",
        SameService = "same_service",
        Elsewhere = "elsewhere",
        /// It came back, and of at least one of its factors nobody has said yet how.
        NotLookedAt = "not_looked_at",
    }
}

words! {
    /// A step from resolved to verified.
    pub enum Step {
        Started = "started",
        Review = "review",
        Published = "published",
        Accepted = "accepted",
        Done = "done",
        Verified = "verified",
    }
}

words! {
    /// What of an incident is timed.
    pub enum TimeTo {
        Detect = "detect",
        Acknowledge = "acknowledge",
        Mitigate = "mitigate",
        Resolve = "resolve",
    }
}

words! {
    /// What the times of incidents are told apart by.
    pub enum By {
        Severity = "severity",
        Team = "team",
        Service = "service",
        /// In which it was opened.
        Week = "week",
    }
}

words! {
    /// What is counted week by week.
    pub enum InWeek {
        Incidents = "incidents",
        Alerts = "alerts",
        NightsWoken = "nights_woken",
    }
}

words! {
    /// Which of the factors that are watched.
    pub enum OfWatched {
        All = "all",
        CameBack = "came_back",
        NotLookedAt = "not_looked_at",
    }
}

impl Step {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Started => "Resolved to document started",
            Self::Review => "Started to review",
            Self::Published => "Review to published",
            Self::Accepted => "Promised to accepted",
            Self::Done => "Accepted to done",
            Self::Verified => "Done to verified",
        }
    }

    /// Of an action item; the others are of documents.
    pub const fn is_of_items(self) -> bool {
        matches!(self, Self::Accepted | Self::Done | Self::Verified)
    }
}

impl TimeTo {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Detect => "To detect",
            Self::Acknowledge => "To acknowledge",
            Self::Mitigate => "To mitigate",
            Self::Resolve => "To resolve",
        }
    }

    /// From when is counted.
    pub const fn from(self) -> &'static str {
        match self {
            Self::Detect => "from impact start",
            _ => "from impact start, else detection, else opening",
        }
    }
}

impl By {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Severity => "Severity",
            Self::Team => "Team",
            Self::Service => "Service",
            Self::Week => "Week from",
        }
    }
}

impl InWeek {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Incidents => "Incidents",
            Self::Alerts => "Alerts",
            Self::NightsWoken => "Nights woken",
        }
    }
}

/// Which of the incidents that were opened in a period. Those of a team or a service are those of that scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfTook {
    All,
    Severity(Severity),
    /// From this Monday on, UTC.
    Week(NaiveDate),
}

/// A number of the head's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Reviewed(OfReviewed),
    /// The same, in the period before.
    Before(OfReviewed),
    /// Factors that came back, by what a person says of it.
    Said(Option<Verdict>),
    /// Action items that were first due in the period; all of them, or those of which this became.
    Due(Option<Kept>),
    /// Those with a day that moved.
    Moved,
    /// Factors that are watched.
    Watched {
        with: bool,
        of: OfWatched,
    },
    Step(Step),
    /// Incidents by how long they took, or of which that is not known.
    Took {
        to: TimeTo,
        is_known: bool,
        of: OfTook,
    },
    /// In the week that began on this Monday, UTC.
    Week(NaiveDate, InWeek),
    /// Pages in this hour, on the clock of whoever got them.
    Hour(u32),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reviewed(of) => write!(f, "reviewed.{of}"),
            Self::Before(of) => write!(f, "before.{of}"),
            Self::Said(None) => f.write_str("said.nothing"),
            Self::Said(Some(verdict)) => write!(f, "said.{verdict}"),
            Self::Due(None) => f.write_str("due"),
            Self::Due(Some(kept)) => write!(f, "due.{kept}"),
            Self::Moved => f.write_str("due.moved"),
            Self::Watched { with, of } => write!(f, "{}.{of}", if *with { "with" } else { "without" }),
            Self::Step(step) => write!(f, "step.{step}"),
            Self::Took { to, is_known, of } => {
                write!(f, "took.{to}.{}", if *is_known { "known" } else { "unknown" })?;
                match of {
                    OfTook::All => Ok(()),
                    OfTook::Severity(severity) => write!(f, ".{}", severity.number()),
                    OfTook::Week(monday) => write!(f, ".{monday}"),
                }
            }
            Self::Week(monday, what) => write!(f, "week.{monday}.{what}"),
            Self::Hour(hour) => write!(f, "hour.{hour}"),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Figure {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// No number of the head's page has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("No figure has this name.")]
pub struct UnknownFigure;

impl FromStr for Figure {
    type Err = UnknownFigure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn word<T: FromStr>(text: &str) -> Result<T, UnknownFigure> {
            text.parse().map_err(|_| UnknownFigure)
        }
        let parts: Vec<&str> = text.split('.').collect();
        Ok(match parts[..] {
            ["reviewed", of] => Self::Reviewed(word(of)?),
            ["before", of] => Self::Before(word(of)?),
            ["said", "nothing"] => Self::Said(None),
            ["said", verdict] => Self::Said(Some(word(verdict)?)),
            ["due"] => Self::Due(None),
            ["due", "moved"] => Self::Moved,
            ["due", kept] => Self::Due(Some(word(kept)?)),
            [which @ ("with" | "without"), of] => Self::Watched {
                with: which == "with",
                of: word(of)?,
            },
            ["step", step] => Self::Step(word(step)?),
            ["took", to, known @ ("known" | "unknown"), ref of @ ..] => Self::Took {
                to: word(to)?,
                is_known: known == "known",
                of: match of {
                    [] => OfTook::All,
                    [text] => match text.parse() {
                        Ok(number) => OfTook::Severity(Severity::from_number(number).ok_or(UnknownFigure)?),
                        Err(_) => OfTook::Week(word(text)?),
                    },
                    _ => return Err(UnknownFigure),
                },
            },
            ["week", monday, what] => Self::Week(word(monday)?, word(what)?),
            ["hour", hour] => Self::Hour(word(hour).ok().filter(|hour| *hour < 24).ok_or(UnknownFigure)?),
            _ => return Err(UnknownFigure),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_its_name() {
        for (name, figure) in [
            ("reviewed.all", Figure::Reviewed(OfReviewed::All)),
            ("reviewed.same_service", Figure::Reviewed(OfReviewed::SameService)),
            ("before.not_looked_at", Figure::Before(OfReviewed::NotLookedAt)),
            ("said.nothing", Figure::Said(None)),
            ("said.did_not_hold", Figure::Said(Some(Verdict::DidNotHold))),
            ("due", Figure::Due(None)),
            ("due.on_time", Figure::Due(Some(Kept::OnTime))),
            ("due.moved", Figure::Moved),
            (
                "without.came_back",
                Figure::Watched {
                    with: false,
                    of: OfWatched::CameBack,
                },
            ),
            ("step.accepted", Figure::Step(Step::Accepted)),
            (
                "took.mitigate.unknown.1",
                Figure::Took {
                    to: TimeTo::Mitigate,
                    is_known: false,
                    of: OfTook::Severity(Severity::Sev1),
                },
            ),
            (
                "took.detect.known",
                Figure::Took {
                    to: TimeTo::Detect,
                    is_known: true,
                    of: OfTook::All,
                },
            ),
            (
                "took.resolve.known.2026-03-02",
                Figure::Took {
                    to: TimeTo::Resolve,
                    is_known: true,
                    of: OfTook::Week(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()),
                },
            ),
            (
                "week.2026-03-02.alerts",
                Figure::Week(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(), InWeek::Alerts),
            ),
            ("hour.23", Figure::Hour(23)),
        ] {
            assert_eq!((name.parse(), figure.to_string().as_str()), (Ok(figure), name));
        }
    }

    #[test]
    fn what_has_no_figure_is_refused() {
        for name in [
            "",
            "reviewed.",
            "reviewed.new.new",
            "hour.24",
            "hour.-1",
            "week.2026-02-30.alerts",
            "took.mitigate",
            "took.mitigate.known.6",
            "took.mitigate.known.soon",
            "took.mitigate.known.1.2",
            "with.",
            "within.all",
        ] {
            assert_eq!(name.parse::<Figure>(), Err(UnknownFigure), "{name}");
        }
    }
}
