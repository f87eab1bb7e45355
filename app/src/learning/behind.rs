//! What a number of the head's page counts, one by one.

use super::findings::item;
use super::number::title;
use super::query::{LearningQuery, chosen};
use crate::App;
use crate::address::{Path, Query};
use crate::answer::Answered;
use crate::components::{PageHead, Section as Bar, TimeForm, TimeOf};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::incidents::instants::spoken;
use domain::learning::{Figure, InWeek};
use engine::learning::{self, Behind, Counted, Note, Of};
use leptos::prelude::*;

/// So many stand on one page.
const PER_PAGE: usize = 200;

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(figure): Path<Figure>,
    Query(query): Query<LearningQuery>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let (period, scope, under) = chosen(&mut tx, &query).await?;
    let behind = learning::behind(&mut tx, period, scope, figure, query.skip, PER_PAGE).await?;
    let zone = who.zone();
    let frame = who.frame(&mut tx, title(figure), Bar::Postmortems).await?;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page behind figure query under zone /> },
    ))
}

#[component]
fn Page(behind: Behind, figure: Figure, query: LearningQuery, under: String, zone: Tz) -> impl IntoView {
    let back = query.page();
    let title = format!("{}: {}", title(figure), behind.count);
    let shown = query.skip + behind.shown.len();
    let more = (shown < behind.rows).then(|| {
        let left = behind.rows - shown;
        view! { <p><a href=query.behind_after(figure, shown)>{format!("The next of {left} more")}</a></p> }
    });
    let rows = behind
        .shown
        .into_iter()
        .map(|counted| view! { <Line counted zone /> })
        .collect_view();
    let over = view! { <a href=back>"What came back"</a> }.into_any();
    view! {
        <PageHead title over under=view! { {under} }.into_any() />
        <div class="stack measure">
            <Explained figure />
            <ul class="findings">{rows}</ul>
            {more}
        </div>
    }
}

/// Where a line is not one of what is counted.
#[component]
fn Explained(figure: Figure) -> impl IntoView {
    let words = match figure {
        Figure::Week(_, InWeek::NightsWoken) => {
            "A night counts once for each person, however many of these incidents paged them in it."
        }
        Figure::Hour(_) => "By the clock of whoever got the page.",
        Figure::Watched { .. } => "Over all time, not only the period.",
        _ => return None,
    };
    Some(view! { <p class="quiet">{words}</p> })
}

#[component]
fn Line(counted: Counted, zone: Tz) -> impl IntoView {
    let Counted {
        of,
        number,
        title,
        note,
    } = counted;
    let link = match of {
        Of::Incident => {
            view! { <a href=format!("/incidents/{number}")>{format!("INC-{number}")}</a> }.into_any()
        }
        Of::Postmortem => {
            view! { <a href=format!("/incidents/{number}/postmortem")>{format!("INC-{number}")}</a> }
                .into_any()
        }
        Of::ActionItem => item(number).into_any(),
    };
    view! { <li>{link} " " <bdi>{title}</bdi> <Beside note zone /></li> }
}

#[component]
fn Beside(note: Note, zone: Tz) -> impl IntoView {
    let times = |count: usize, one: &str, many: &str| match count {
        1 => format!(", {one}"),
        _ => format!(", {count} {many}"),
    };
    let words = match note {
        Note::Nothing => return ().into_any(),
        Note::Opened(at) => {
            return view! { <span class="quiet">", opened " <TimeOf at zone form=TimeForm::Day /></span> }
                .into_any();
        }
        Note::Factor { id, name } => {
            return view! { ": " <a href=format!("/learning/factors/{id}")>{name}</a> }.into_any();
        }
        Note::Took(seconds) => format!(", {}", spoken(seconds)),
        Note::FirstDue { day, moved } => {
            let moved = match moved {
                0 => String::new(),
                moved => times(moved, "moved once", "times moved"),
            };
            format!(", first due {}{moved}", day.format("%-d %b %Y"))
        }
        Note::Alerts(count) => times(count, "1 alert", "alerts"),
        Note::Nights(count) => times(count, "in 1 night", "nights of people"),
        Note::Pages(count) => times(count, "1 page", "pages"),
    };
    view! { <span class="quiet">{words}</span> }.into_any()
}
