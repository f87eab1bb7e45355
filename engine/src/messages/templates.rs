//! Mail texts are files beside this module: subject and text in `NAME.txt` (the first line is the subject), HTML in `NAME.html`.

use crate::error::Result;
use crate::notifications::Words;
use domain::references::{Piece, pieces};
use minijinja::{AutoEscape, Environment, HtmlEscape, Value};
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
    texts.add_filter("linked", linked);
    let files = files![
        "page",
        "digest",
        "became_worse",
        "notice_digest",
        "nobody_has_this",
        "nobody_on_call",
        "one_more_alert",
        "action_items_due",
        "team_monday",
        "role_given",
        "yours_again",
        "action_item_given",
        "came_back",
        "review_waits",
        "shifts_changed",
        "turn_offered",
        "turn_asked_for",
        "turn_untaken",
        "not_ready",
        "not_reached",
        "calendar_fails",
        "shadowed",
        "let_go",
        "mentioned",
        "status_update",
        "news_list",
        "update_due",
        "still_yours",
        "shift_ahead",
        "shift_begins",
        "turn_invited",
        "turn_cancelled",
        "refusals",
        "invitation",
        "password_reset",
        "test"
    ];
    for (name, text) in files.into_iter().chain([
        ("frame.html", include_str!("templates/frame.html")),
        ("parts.html", include_str!("templates/parts.html")),
        ("list.html", include_str!("templates/list.html")),
        ("news.html", include_str!("templates/news.html")),
    ]) {
        texts
            .add_template(name, text)
            .expect("a template of our own is well formed");
    }
    texts
});

/// A text with its addresses as links, for HTML.
fn linked(text: &str) -> Value {
    let pieces = pieces(text).into_iter().map(|piece| match piece {
        Piece::Url(url) => format!(
            "<a class=\"link\" href=\"{}\" style=\"color:#1f5f91\">{}</a>",
            HtmlEscape(url),
            HtmlEscape(url)
        ),
        other => HtmlEscape(other.text()).to_string(),
    });
    Value::from_safe_string(pieces.collect())
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
        calendar: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_can_be_filled() {
        let line = minijinja::context! {
            severity => "SEV2", label => "INC-7", title => "Search <slow>", services => "Search", for_how_long => "2 min",
            acknowledge_url => "https://x.example/a", incident_url => "https://x.example/i", url => "https://x.example/u",
            words => "nobody has it", due => "4 Dec 2026", incident => "INC-7",
        };
        let values = minijinja::context! {
            subject => "[SEV2] INC-7 Slow", name => "Ana", by => "Bo", url => "https://x.example/u", base_url => "https://x.example", schedules => "Primary",
            reason => "not JSON", count => 2, lines => vec![line.clone(), line.clone()], severity => "SEV2",
            severity_word => "major", label => "INC-7", title => "Search <slow>", services => "Search",
            since => "Mon 2 Mar 10:00", for_how_long => "2 min", others => vec!["Bo"], why => "You are on call.", unanswered => "If nobody acknowledges by 23:40, Bo is paged.", worst => "[SEV2] INC-7 Search <slow>", how_many => "2 alerts are firing", holder => "Bo",
            alert => "<slow>", link => "https://x.example/g", alerts => vec![minijinja::context! { title => "p99 > 4 s", status => "firing", words => vec!["<slow>"] }],
            role => "Scribe", what_they_do => "You keep the log.", item => "ACT-3", item_title => "Test <slow>", due => "4 Dec 2026",
            postmortem => "What we learned of <slow>", what => "Bo is the responder", words => "See <slow>", next_due => "Mon 2 Mar 10:00", story => "Bo has INC-7.", schedule => "Primary",
            gained => vec!["Sat 7 Mar, 09:00"], lost => vec!["Sun 8 Mar, 09:00"], more_gained => 2, more_lost => 0, off_url => "https://x.example/s",
            more_alerts => 3, acknowledge_url => "https://x.example/a", incident_url => "https://x.example/i",
            due_today => vec![line.clone()], late_ones => vec![line.clone(), line.clone()], names => "Search <slow>", late => 2, unowned => 1,
            teams => vec![minijinja::context! {
                name => "Search <slow>", url => "https://x.example/t", open => 3, fresh => vec![1], done => vec![2, 3],
                parts => vec![minijinja::context! { title => "Late: 2", lines => vec![line] }],
            }],
            until => "Mon 2 Mar, 10:00", from => "Mon 2 Mar, 10:00", before => "Bo", in_hours => "12 hours", note => "Look at <slow>", note_by => "Bo",
            open => vec![minijinja::context! { label => "INC-7", severity => "SEV2", title => "Search <slow>", held_by => "Bo", url => "https://x.example/i" }],
            last => vec![minijinja::context! { label => "INC-6", severity => "SEV2", title => "Search <slow>", url => "https://x.example/i" }],
            more_open => 1, paged_last => 3, reached_url => "https://x.example/r", turn_url => "https://x.example/t", changes => vec!["Its end was Sun 8 Mar, <slow>"],
            calendar => "calendar.example.com", on_call_url => "https://x.example/o", list_url => "https://x.example/l", awake_url => "https://x.example/w",
        };
        let names: Vec<String> = TEXTS.templates().map(|(name, _)| name.to_owned()).collect();
        for name in names.iter().filter_map(|name| name.strip_suffix(".txt")) {
            let words = fill(name, values.clone()).unwrap();
            assert!(!words.subject.is_empty() && !words.text.is_empty(), "{name}");
            assert!(words.html.contains("<h1"), "{name} has a heading");
            assert!(!words.html.contains("&lt;h1"), "{name} escapes its own parts");
            assert!(!words.html.contains("<slow>"), "{name} escapes what came in");
        }
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
