//! A way of telling somebody something.

use super::Notification;

/// One way, or a list of them that knows which a notification goes.
pub trait Method: Clone + Send + Sync + 'static {
    /// Tells it, and answers with what the other side said.
    fn send(&self, notification: &Notification) -> impl Future<Output = Answer> + Send;

    /// Ends conversations that nobody has used for a while.
    fn end_idle(&self) {}
}

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepted(String),
    /// It may be tried again: the other side is away, or what it says is about itself and us.
    NotNow(String),
    /// This recipient will not be taken, ever; or it is an address that is none.
    Never(String),
    /// As `Never`, and somebody else was refused just before, whose address this is: both are tried again, in case it was the
    /// other side's fault.
    Perhaps {
        words: String,
        before: String,
    },
}

impl Answer {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::NotNow(_) => "not_now",
            Self::Never(_) => "never",
            Self::Perhaps { .. } => "perhaps",
        }
    }
}
