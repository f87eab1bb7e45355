//! Light, dark, or as the system says.

use super::COOKIE_SECONDS;
use crate::accounts::next_path;
use crate::answer::redirect;
use crate::form::Form;
use crate::session::with_cookie;
use crate::visitor::Visitor;
use axum::response::Response;
use serde::Deserialize;

pub(super) const COOKIE: &str = "kintsugi_theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub(super) fn of(word: Option<&str>) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| Some(theme.word()) == word)
            .unwrap_or_default()
    }

    /// As the cookie, the form and the style sheet name it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::System => "Light or dark, as the system says",
            Self::Light => "Always light",
            Self::Dark => "Always dark",
        }
    }

    /// What the browser is told before the style sheet is there, so that nothing flashes.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    theme: String,
    back: String,
}

/// `POST /theme`, from every page and by everybody.
pub async fn post(visitor: Visitor, Form(chosen): Form<Chosen>) -> Response {
    let theme = Theme::of(Some(&chosen.theme));
    let response = redirect(next_path(&chosen.back));
    with_cookie(
        response,
        COOKIE,
        theme.word(),
        "/",
        COOKIE_SECONDS,
        visitor.over_tls,
    )
}
