//! Why a request got no 2xx, and which status its sender understands.

use super::Malformed;
use http::StatusCode;

/// Why a request got no 2xx.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "The secret is not known here. It may have been replaced or revoked: look at the service's integrations."
    )]
    UnknownSecret,
    #[error("No secret came with it. The page of its service shows where it goes.")]
    NoSecret,
    #[error(
        "It is not signed with this integration's signing secret, or it was signed more than five minutes ago."
    )]
    WrongSignature,
    #[error("{0}.")]
    Malformed(#[from] Malformed),
    #[error("The body is longer than 16 MiB. Send fewer alerts at once.")]
    TooLarge,
    /// Its sender, or the way to us, may be faster the next time.
    #[error("The body did not arrive within ten seconds. Send it again.")]
    TooSlow,
    #[error("The connection ended before the body did.")]
    Broken,
    #[error("Bodies with a Content-Encoding are not taken. Send it plain.")]
    Encoded,
    #[error("{0} is not taken. Send JSON in UTF-8 with Content-Type: application/json.")]
    WrongType(String),
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

/// It is not in the database; the source should send it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("The alert could not be stored just now. Send it again.")]
    NotStored,
    #[error("This integration sends more than can be handled just now. Send it again in a moment.")]
    TooManyWaiting,
}

/// What a sender does with an answer that asks for the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// It waits at 429 and 408, too, as curl does.
    WhenAsked,
    /// It waits at 429, as PagerDuty's clients do.
    WhenThrottled,
    /// It sends again what gets a 5xx and drops all else, as Alertmanager and Grafana do.
    ServerFaultsOnly,
}

impl Refusal {
    pub const fn status(&self, repeats: Repeats) -> StatusCode {
        match self {
            Self::UnknownSecret | Self::NoSecret | Self::WrongSignature => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) | Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoded | Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow if matches!(repeats, Repeats::WhenAsked) => StatusCode::REQUEST_TIMEOUT,
            Self::NotTaken(NotTaken::TooManyWaiting) if !matches!(repeats, Repeats::ServerFaultsOnly) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::TooSlow | Self::NotTaken(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the sender is asked for the same again, so that nothing is lost yet.
    pub const fn asks_for_it_again(&self) -> bool {
        matches!(self, Self::TooSlow | Self::NotTaken(_))
    }

    pub const fn leaves_some_unread(&self) -> bool {
        matches!(
            self,
            Self::UnknownSecret | Self::NoSecret | Self::TooLarge | Self::TooSlow
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_for_the_same_again_understands_it() {
        use Repeats::{ServerFaultsOnly, WhenAsked, WhenThrottled};
        for (refusal, repeats, status) in [
            (Refusal::TooSlow, WhenAsked, 408),
            (Refusal::TooSlow, WhenThrottled, 503),
            (Refusal::TooSlow, ServerFaultsOnly, 503),
            (NotTaken::TooManyWaiting.into(), WhenAsked, 429),
            (NotTaken::TooManyWaiting.into(), WhenThrottled, 429),
            (NotTaken::TooManyWaiting.into(), ServerFaultsOnly, 503),
            (NotTaken::NotStored.into(), WhenAsked, 503),
        ] {
            assert!(refusal.asks_for_it_again());
            assert_eq!(refusal.status(repeats), status, "{refusal} {repeats:?}");
        }
    }
}
