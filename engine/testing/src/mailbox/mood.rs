//! How the mail server answers.

use std::time::Duration;

/// How the server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Takes,
    /// 451 to everything.
    Later,
    /// 550 to recipients whose address holds the text.
    Refuses(String),
    /// This answer at this step, to everybody.
    Says(Step, &'static str),
    /// 530 to every mail: somebody has to log in first.
    WantsLogIn,
    /// Accepts the mail and drops the connection before it says so.
    DropsAfterData,
    /// Accepts the mail and never says so.
    FallsSilentAfterData,
    /// Accepts the mail and thinks for so long before it says so.
    PausesAfterData(Duration),
    /// The same for recipients whose address holds the text.
    DawdlesFor(String, Duration),
    /// Thinks for so long before each answer, the greeting too.
    ThinksBeforeEach(Duration),
    /// Never answers from this step on.
    SilentAt(Step),
}

/// What a client waits for an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Connecting,
    Ehlo,
    Mail,
    Recipient,
    Data,
}

impl Mood {
    /// What comes before the answer at this step.
    pub(super) async fn before(&self, step: Step) {
        match self {
            Self::ThinksBeforeEach(span) => pause(*span).await,
            Self::SilentAt(silent) if *silent == step => std::future::pending().await,
            _ => {}
        }
    }

    /// What it says at this step whatever is asked.
    pub(super) fn says(&self, step: Step) -> Option<String> {
        match self {
            Self::Says(at, words) if *at == step => Some((*words).to_owned()),
            _ => None,
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a mail server of real time, for programs of real time"
)]
pub(super) async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}
