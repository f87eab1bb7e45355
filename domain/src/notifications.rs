//! What is told to people: why, how far it has come, and what goes first.

words! {
    /// Why somebody is told something.
    pub enum NotificationKind {
        Page = "page",
        Digest = "digest",
        TeamNotice = "team_notice",
        Invitation = "invitation",
        PasswordReset = "password_reset",
        Reminder = "reminder",
        /// Something that concerns a person, and that somebody else did.
        News = "news",
        /// Nobody waits for the answer to a page any more.
        LetGo = "let_go",
        /// A turn for the calendar that a person has.
        TurnInvitation = "turn_invitation",
        Test = "test",
    }
}

impl NotificationKind {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Page => "Page",
            Self::Digest => "List of pages",
            Self::TeamNotice => "Notice to the team",
            Self::Invitation => "Invitation",
            Self::PasswordReset => "Password reset",
            Self::Reminder => "Reminder",
            Self::News => "News",
            Self::LetGo => "You can sleep",
            Self::TurnInvitation => "Turn as an invitation",
            Self::Test => "Test",
        }
    }
}

words! {
    /// How far a notification has come.
    pub enum NotificationState {
        Waiting = "waiting",
        Sending = "sending",
        Sent = "sent",
        Failed = "failed",
        /// No mail server is set; it can be read in the browser.
        Kept = "kept",
    }
}

words! {
    /// By which way somebody is told.
    pub enum MethodKind {
        Mail = "mail",
    }
}

impl MethodKind {
    /// The ways by which everybody is told; nobody has others so far.
    pub const OF_EVERYBODY: Self = Self::Mail;
}

/// What goes first when more is due than can be sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Wakes somebody whom nobody paged in the last minutes, or is as bad as can be.
    FirstPage,
    Page,
    /// Stands for a page that nobody got.
    Notice,
    Other,
}

impl Urgency {
    /// The lower one goes first.
    pub const fn number(self) -> i64 {
        match self {
            Self::FirstPage => 0,
            Self::Page => 1,
            Self::Notice => 2,
            Self::Other => 3,
        }
    }
}
