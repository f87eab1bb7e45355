//! Mail texts are files beside this module: subject and text in `NAME.txt` (the first line is the subject), HTML in `NAME.html`.

use crate::error::Result;
use minijinja::{AutoEscape, Environment, Value};
use std::sync::LazyLock;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(
            (concat!($name, ".txt"), include_str!(concat!("templates/", $name, ".txt"))),
            (concat!($name, ".html"), include_str!(concat!("templates/", $name, ".html"))),
        )+]
    };
}

static TEXTS: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut texts = Environment::new();
    texts.set_trim_blocks(true);
    texts.set_lstrip_blocks(true);
    texts.set_auto_escape_callback(|name| {
        if name.ends_with(".html") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    let files = files![
        "page",
        "page_list",
        "nobody_has_this",
        "nobody_on_call",
        "overdue",
        "refusals",
        "invitation",
        "password_reset",
        "test"
    ];
    for (name, text) in files
        .into_iter()
        .chain([("frame.html", include_str!("templates/frame.html"))])
    {
        texts
            .add_template(name, text)
            .expect("a template of our own is well formed");
    }
    texts
});

/// A mail's words.
pub(crate) struct Words {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Fills the template called `name`.
///
/// # Errors
/// [`crate::Error::MailText`]
pub(crate) fn fill(name: &str, values: Value) -> Result<Words> {
    let text = TEXTS.get_template(&format!("{name}.txt"))?.render(&values)?;
    let html = TEXTS.get_template(&format!("{name}.html"))?.render(&values)?;
    let (subject, text) = text.split_once('\n').unwrap_or((text.as_str(), ""));
    Ok(Words {
        subject: subject.trim().to_owned(),
        text: text.trim_start().to_owned(),
        html,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        assert!(TEXTS.templates().count() > 6);
    }

    #[test]
    fn what_an_alert_says_is_escaped_in_html() {
        let words = fill(
            "test",
            minijinja::context! { name => "<b>Ana</b>", base_url => "https://x.example" },
        )
        .unwrap();
        assert!(!words.html.contains("<b>Ana</b>"));
        assert!(words.text.contains("<b>Ana</b>"));
    }
}
