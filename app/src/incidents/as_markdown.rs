//! A timeline as Markdown and as plain text, to be copied into wherever else it is read.

use super::sentence::in_words;
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::TimeForm;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use chrono_tz::Tz;
use domain::incidents::timeline::{Entry, as_it_happened};
use domain::markdown::to_text;
use engine::incidents::{self, Story};

/// With Markdown's marks, or without any.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    Markdown,
    None,
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    as_text(&app, &who, number, Marks::Markdown).await
}

pub async fn show_plain(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    as_text(&app, &who, number, Marks::None).await
}

async fn as_text(app: &App, who: &SignedIn, number: i64, marks: Marks) -> Answered {
    let mut tx = app.by(who).read().await?;
    let story = incidents::read(&mut tx, number).await?;
    let text = written(story, who.zone(), marks);
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

fn written(story: Story, zone: Tz, marks: Marks) -> String {
    let incident = &story.incident;
    let (title, section) = match marks {
        Marks::Markdown => ("# ", "## "),
        Marks::None => ("", ""),
    };
    let mut text = format!(
        "{title}{} {}\n\n{}, {}. Times are in {zone}.\n",
        incident.label(),
        incident.title,
        incident.severity,
        incident.state.label().to_lowercase(),
    );
    let mut day = String::new();
    for entry in as_it_happened(story.timeline) {
        let its_day = entry
            .happened_at
            .with_timezone(&zone)
            .format("%A %-d %B %Y")
            .to_string();
        if its_day != day {
            text.push_str(&format!("\n{section}{its_day}\n\n"));
            day = its_day;
        }
        text.push_str(&line(&entry, zone, marks));
    }
    text
}

fn line(entry: &Entry, zone: Tz, marks: Marks) -> String {
    let at = TimeForm::Clock.format(entry.happened_at, zone);
    let at = match marks {
        Marks::Markdown => format!("- **{at}**"),
        Marks::None => at,
    };
    match (entry.event.written_text(), entry.event.wrote()) {
        (Some(text), Some(what)) => {
            let by = entry.actor_name.as_deref().unwrap_or("Kintsugi");
            let text = match marks {
                Marks::Markdown => text.trim().to_owned(),
                Marks::None => to_text(text),
            };
            // What was written stays within its point, however long it is.
            let text = text.replace('\n', "\n  ");
            format!("{at} {by}, {}:\n\n  {text}\n\n", what.label())
        }
        _ => format!("{at} {}\n", in_words(entry, zone)),
    }
}
