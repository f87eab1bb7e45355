//! A form for nothing but a title: of an incident, or of its document.

use crate::drawn::Drawn;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TitleForm {
    pub title: String,
    pub drawn: String,
}

impl TitleForm {
    pub fn of(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }
}

impl Drawn for TitleForm {
    const FIELDS: &'static [&'static str] = &["title"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}
