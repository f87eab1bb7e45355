//! What islands ask the server, as server functions. Who answers stands behind [`Answers`]: this crate knows no engine.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// How many incidents are open and what needs seeing to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub open: i64,
    /// The address of the icon that says so.
    pub icon: String,
    /// Names the last page to whoever asks, and says it; empty without one.
    pub page: String,
    pub words: String,
    /// What stands on top of every page now, as HTML.
    pub banners: String,
}

/// Who answers, for whoever asked: given as context to each question.
#[cfg(feature = "ssr")]
pub trait Answers: Send + Sync {
    fn markdown_preview(&self, text: String) -> Answer<'_, String>;
    fn find(&self, words: String) -> Answer<'_, String>;
    fn open(&self) -> Answer<'_, Open>;
    fn schedule_preview(&self, schedule: String, fields: String) -> Answer<'_, String>;
}

#[cfg(feature = "ssr")]
pub type Answer<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, ServerFnError>> + Send + 'a>>;

#[cfg(feature = "ssr")]
fn answers() -> Result<std::sync::Arc<dyn Answers>, ServerFnError> {
    use_context().ok_or_else(|| ServerFnError::new("nobody answers"))
}

/// A text in Markdown as sanitised HTML.
///
/// # Errors
/// It is too long, nobody is signed in, or the server is away.
#[server(name = MarkdownPreview, prefix = "/ask", endpoint = "markdown-preview")]
pub async fn markdown_preview(#[server(default)] text: String) -> Result<String, ServerFnError> {
    answers()?.markdown_preview(text).await
}

/// What holds these words, or what to begin with, as the palette's options in HTML.
///
/// # Errors
/// Nobody is signed in, or the server is away.
#[server(name = Find, prefix = "/ask", endpoint = "find", input = GetUrl)]
pub async fn find(#[server(default)] q: String) -> Result<String, ServerFnError> {
    answers()?.find(q).await
}

/// What is open now. No use of the session: who has left the desk is logged out all the same.
///
/// # Errors
/// Nobody is signed in, or the server is away.
#[server(name = OpenAsked, prefix = "/ask", endpoint = "open", input = GetUrl)]
pub async fn open() -> Result<Open, ServerFnError> {
    answers()?.open().await
}

/// What a schedule comes to as it is typed, as HTML. `schedule` is the id of the one that is changed, or empty; `fields` are those of
/// its editor as a form sends them. `public/rota.js` asks it.
///
/// # Errors
/// It may not be changed by whoever asks, nobody is signed in, or the server is away.
#[server(name = SchedulePreview, prefix = "/ask", endpoint = "schedule-preview")]
pub async fn schedule_preview(
    #[server(default)] schedule: String,
    #[server(default)] fields: String,
) -> Result<String, ServerFnError> {
    answers()?.schedule_preview(schedule, fields).await
}
