//! A timeline as Markdown, to be copied into wherever else it is read.

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
use engine::incidents::{self, Story};

pub async fn show(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let story = incidents::read(&mut tx, number).await?;
    let text = written(story, who.zone());
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

fn written(story: Story, zone: Tz) -> String {
    let incident = &story.incident;
    let mut text = format!(
        "# {} {}\n\n{}, {}. Times are in {zone}.\n",
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
            text.push_str(&format!("\n## {its_day}\n\n"));
            day = its_day;
        }
        text.push_str(&line(&entry, zone));
    }
    text
}

fn line(entry: &Entry, zone: Tz) -> String {
    let at = TimeForm::Clock.format(entry.happened_at, zone);
    match (entry.event.written_text(), entry.event.wrote()) {
        (Some(text), Some(what)) => {
            let by = entry.actor_name.as_deref().unwrap_or("Kintsugi");
            // What was written stays within its point, however long it is.
            let text = text.trim().replace('\n', "\n  ");
            format!("- **{at}** {by}, {}:\n\n  {text}\n\n", what.label())
        }
        _ => format!("- **{at}** {}\n", in_words(entry, zone)),
    }
}
