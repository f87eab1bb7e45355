//! What can go wrong, each with a sentence that a person can act on.

use domain::fields::Unfit;
use futures::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a part of the engine did not do what was asked: a sentence on what a person can do.
pub trait Refusal: std::error::Error + Any + Send + Sync {
    /// The form field that the sentence belongs beside, where it belongs to one.
    fn field(&self) -> Option<&'static str>;
}

/// What somebody wrote does not fit its field.
impl Refusal for Unfit {
    fn field(&self) -> Option<&'static str> {
        Some(self.of().name)
    }
}

impl<R: Refusal> From<R> for Error {
    fn from(refusal: R) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 404
    #[error("There is no such {0} here.")]
    NotFound(&'static str),
    /// 403
    #[error("{0}")]
    NotAllowed(NotAllowed),
    /// 422: what was asked for does not fit, or not now.
    #[error("{0}")]
    Refused(Box<dyn Refusal>),
    /// 500
    #[error("The password could not be worked on: {0}")]
    Password(String),
    #[error("database_url must be sqlite://PATH or postgres://…")]
    DatabaseAddress,
    #[error("The folder {} for the database cannot be made: {source}", folder.display())]
    DatabaseFolder { folder: PathBuf, source: std::io::Error },
    /// 500 or 503
    #[error("The database did not answer as it should: {0}")]
    Database(sqlx::Error),
    /// 422: a word that is none of the list.
    #[error("That cannot be chosen here. Choose one of the list.")]
    NotAChoice(&'static str),
    /// 422: what a form was drawn from is not what stands there now.
    #[error(
        "Somebody else changed this meanwhile: it is {now} now. Yours is kept here; saving again puts it in its place."
    )]
    ChangedMeanwhile { field: &'static str, now: String },
    /// 422: one line of a form with several was refused, and so all of them are as they were.
    #[error("{refused}")]
    OfLine { number: i64, refused: Box<Error> },
    /// 422: it names something that is not there.
    #[error("Something that was chosen is not there any more. Load the page again and choose anew.")]
    ChosenIsGone,
    #[error(
        "The database was made by a newer Kintsugi than this one. Start the newer one, or restore the copy that was made before it was brought up to date."
    )]
    NewerDatabase,
    #[error(
        "The database was made before the first release, and its tables cannot be brought up to date. Let database_url name a new one, and start with “kintsugi init”."
    )]
    TooOldDatabase,
    #[error(
        "Bringing the database up to date would have left rows of {0} without what they refer to; nothing was changed."
    )]
    BrokenReferences(String),
    #[error(
        "The database has to be brought up to date, and another program holds it: {0}. Stop that one, or start again when it is done."
    )]
    BeingMigrated(sqlx::Error),
    #[error("{} cannot be written before the database is brought up to date: {source}", file.display())]
    NoCopyBefore { file: PathBuf, source: std::io::Error },
    #[error("The database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// 500
    #[error("This needs {0}, which was not looked up: something is wrong within Kintsugi itself.")]
    NotLookedUp(&'static str),
    #[error("A mail could not be written: {0}")]
    MailText(#[from] minijinja::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let names_what_is_gone = error
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation);
        if names_what_is_gone {
            tracing::warn!(%error, "a row names one that is not there");
            return Self::ChosenIsGone;
        }
        Self::Database(error)
    }
}

impl Error {
    /// Two transactions met; running the later one again can succeed.
    pub fn is_worth_repeating(&self) -> bool {
        matches!(self, Self::Database(error) if crate::db::is_conflict(error))
    }

    /// The database cannot work just now; nothing is wrong with what was asked of it.
    pub(crate) fn is_the_databases(&self) -> bool {
        matches!(self, Self::Database(error) if crate::db::is_unable(error))
    }

    /// The database was waited for already, for as long as a sender waits.
    pub(crate) fn has_waited(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        let waited = crate::db::is_held(error) || matches!(error, sqlx::Error::PoolTimedOut);
        waited && self.is_the_databases() && !self.is_worth_repeating()
    }

    /// Whether the person who asked can mend it by asking differently (422).
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::ChosenIsGone
                | Self::NotAChoice(_)
                | Self::ChangedMeanwhile { .. }
                | Self::OfLine { .. }
        )
    }

    /// A refusal belongs to the line of this number; other errors stay what they are.
    #[must_use]
    pub fn of_line(self, number: i64) -> Self {
        if self.is_refusal() {
            let refused = Box::new(self);
            Self::OfLine { number, refused }
        } else {
            self
        }
    }

    /// The number of the line that was refused, where a form has several.
    pub fn line(&self) -> Option<i64> {
        match self {
            Self::OfLine { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// Why it was refused, where this part of the engine said so.
    pub fn refused<R: Refusal>(&self) -> Option<&R> {
        match self {
            Self::Refused(refusal) => (refusal.as_ref() as &dyn Any).downcast_ref(),
            Self::OfLine { refused, .. } => refused.refused(),
            _ => None,
        }
    }

    /// The form field that the sentence belongs beside, where it belongs to one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => refusal.field(),
            Self::NotAChoice(field) | Self::ChangedMeanwhile { field, .. } => Some(field),
            Self::OfLine { refused, .. } => refused.field(),
            _ => None,
        }
    }
}

/// Does what may meet a fault of our own, a panic too, and says in words which one. So one incident's trouble need not become that of
/// the others.
///
/// # Errors
/// [`Error::Database`] where the database cannot work just now, or the transaction met another one: that is no fault of `work`.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<Result<T, String>> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Err(error)) if error.is_worth_repeating() || error.is_the_databases() => Err(error),
        Ok(done) => Ok(done.map_err(|error| error.to_string())),
        Err(panic) => Ok(Err(words_of(&panic))),
    }
}

/// What a panic said.
pub(crate) fn words_of(panic: &Box<dyn Any + Send>) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "a fault without words".to_owned())
}

/// Who may do what one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error("Observers read along. An administrator can make you a responder.")]
    ObserversRead,
    #[error("This belongs to a team: its members and administrators can change it.")]
    TeamOnly,
    #[error("Administrators can change this.")]
    AdministratorsOnly,
    #[error("Log in to change this.")]
    LoggedInOnly,
}
