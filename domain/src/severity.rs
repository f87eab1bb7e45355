//! SEV1 (worst) to SEV5, and the words that alert sources use for them.

use serde::{Deserialize, Serialize};

/// How bad it is. The number is the one people say: `Severity::Sev1` is the worst.
/// Ordered by badness: `Sev1 > Sev5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    Sev1,
    Sev2,
    Sev3,
    Sev4,
    Sev5,
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4, Self::Sev5];

    /// 1 to 5.
    pub const fn number(self) -> i64 {
        self as i64 + 1
    }

    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.number() == number)
    }

    /// The word beside the number.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sev1 => "critical",
            Self::Sev2 => "major",
            Self::Sev3 => "moderate",
            Self::Sev4 => "minor",
            Self::Sev5 => "information",
        }
    }

    /// What a source's own word stands for; `None` for a word nobody has told us of.
    ///
    /// Prometheus users write critical, warning, info; PagerDuty's Events API critical, error, warning, info;
    /// Apprise failure, warning, success, info; others P1 … P5 or high, low.
    pub fn from_source_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "sev1" | "p1" | "1" | "critical" | "crit" | "emergency" | "fatal" | "page" | "disaster" => {
                Self::Sev1
            }
            "sev2" | "p2" | "2" | "error" | "err" | "high" | "major" | "failure" | "alert" => Self::Sev2,
            "sev3" | "p3" | "3" | "warning" | "warn" | "medium" | "moderate" | "average" => Self::Sev3,
            "sev4" | "p4" | "4" | "low" | "minor" | "notice" => Self::Sev4,
            "sev5" | "p5" | "5" | "info" | "information" | "informational" | "debug" | "none" | "success"
            | "ok" => Self::Sev5,
            _ => return None,
        })
    }

    /// Whether this is at least as bad as `other`: a page “from SEV3 up” asks `severity.at_least(Sev3)`.
    pub fn at_least(self, other: Self) -> bool {
        self >= other
    }
}

impl Ord for Severity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.number().cmp(&self.number())
    }
}

impl PartialOrd for Severity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SEV{}", self.number())
    }
}

impl std::str::FromStr for Severity {
    type Err = NoSuchSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.to_string().eq_ignore_ascii_case(text))
            .ok_or(NoSuchSeverity)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a severity is one of SEV1 to SEV5")]
pub struct NoSuchSeverity;

#[cfg(feature = "sqlx")]
mod column {
    use super::{NoSuchSeverity, Severity};

    impl<DB: sqlx::Database> sqlx::Type<DB> for Severity
    where
        i64: sqlx::Type<DB>,
    {
        fn type_info() -> DB::TypeInfo {
            <i64 as sqlx::Type<DB>>::type_info()
        }

        fn compatible(ty: &DB::TypeInfo) -> bool {
            <i64 as sqlx::Type<DB>>::compatible(ty)
        }
    }

    impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for Severity
    where
        i64: sqlx::Decode<'r, DB>,
    {
        fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
            let number = <i64 as sqlx::Decode<'r, DB>>::decode(value)?;
            Ok(Self::from_number(number).ok_or(NoSuchSeverity)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Severity::*;
    use super::*;

    #[test]
    fn sev1_is_worse_than_sev5() {
        assert!(Sev1 > Sev5);
        assert!(Sev2.at_least(Sev3));
        assert!(Sev3.at_least(Sev3));
        assert!(!Sev4.at_least(Sev3));
    }

    #[test]
    fn sources_words_are_read_without_regard_to_case() {
        for (word, severity) in [
            ("Critical", Some(Sev1)),
            ("warning", Some(Sev3)),
            ("P2", Some(Sev2)),
            ("purple", None),
        ] {
            assert_eq!(Severity::from_source_word(word), severity, "{word}");
        }
    }
}
