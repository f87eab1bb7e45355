//! The head's page: what came back in a period, and what is known and was not carried over. Never by person.

use super::findings::{Findings, SaidOfIt, ToDocument, item};
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    ButtonKind, Card, Choice, EmptyState, Field, FieldKind, PageHead, Section as Bar, Submit,
};
use crate::incidents::capital;
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::teams::Team;
use engine::learning::{self, Elsewhere, Met, Overview, Period, Row};
use engine::teams;
use leptos::prelude::*;
use serde::Deserialize;

/// Lengths of a period, in days.
const LENGTHS: [i64; 4] = [30, 90, 180, 365];
const USUAL: i64 = 90;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LearningQuery {
    /// Of [`LENGTHS`].
    days: Option<i64>,
    /// Its slug; empty: all.
    team: String,
}

impl LearningQuery {
    fn days(&self) -> i64 {
        self.days.filter(|days| LENGTHS.contains(days)).unwrap_or(USUAL)
    }
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<LearningQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let all_teams = teams::all(&mut tx).await?;
    let team = all_teams
        .iter()
        .find(|team| team.slug == asked.team)
        .map(|team| team.id);
    let until = tx.now();
    let period = Period {
        from: until - TimeDelta::days(asked.days()),
        until,
    };
    let seen = learning::overview(&mut tx, period, team).await?;
    let frame = who.frame(&mut tx, "What came back", Bar::Postmortems).await?;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page seen all_teams asked /> },
    ))
}

#[component]
fn Page(seen: Overview, all_teams: Vec<Team>, asked: LearningQuery) -> impl IntoView {
    let under = format!(
        "The last {} days, by the day on which a document was published.",
        asked.days()
    );
    view! {
        <PageHead title="What came back" under=view! { {under} }.into_any() />
        <div class="stack-loose">
            <Choose all_teams asked />
            <InOneSentence now=seen.met before=seen.met_before />
            <section aria-labelledby="came-back">
                <h2 id="came-back">"Met again"</h2>
                <CameBack rows=seen.rows />
            </section>
            <section aria-labelledby="not-carried-over">
                <h2 id="not-carried-over">"Known, and not carried over"</h2>
                <NotCarriedOver all=seen.elsewhere />
            </section>
            <section aria-labelledby="unknown">
                <h2 id="unknown">"What we do not know"</h2>
                <Unknown title="Documents that name no factor" rows=seen.without_factors row=|(number, title)| view! { <ToDocument number title /> }.into_any() />
                <Unknown title="Open action items that nobody owns" rows=seen.without_owner row=|(number, title)| view! { {item(number)} " " <bdi>{title}</bdi> }.into_any() />
            </section>
        </div>
    }
}

#[component]
fn Choose(all_teams: Vec<Team>, asked: LearningQuery) -> impl IntoView {
    let lengths: Vec<_> = LENGTHS
        .iter()
        .map(|days| Choice::new(days, format!("{days} days")))
        .collect();
    let all_teams: Vec<_> = std::iter::once(Choice::new("", "All teams"))
        .chain(
            all_teams
                .into_iter()
                .map(|team| Choice::new(team.slug, team.name)),
        )
        .collect();
    view! {
        <form class="form measure" method="get" action="/learning">
            <div class="form-row">
                <Field name="days" label="Period" kind=FieldKind::Select(lengths) value=asked.days().to_string() />
                <Field name="team" label="Team" kind=FieldKind::Select(all_teams) value=asked.team />
            </div>
            <p class="buttons"><Submit kind=ButtonKind::Normal>"Show"</Submit></p>
        </form>
    }
}

#[component]
fn InOneSentence(now: Met, before: Met) -> impl IntoView {
    view! {
        <div class="measure">
            <p><strong>{capital(&sentence(now))}</strong></p>
            <p class="quiet">{format!("In the period before: {}", sentence(before))}</p>
        </div>
    }
}

fn sentence(met: Met) -> String {
    let Met {
        reviewed,
        new,
        same_service,
        elsewhere,
    } = met;
    match reviewed {
        0 => "no incident was reviewed.".to_owned(),
        1 => format!(
            "Of 1 reviewed incident, {new} had only new factors, {same_service} came back where they had been, {elsewhere} came back elsewhere."
        ),
        _ => format!(
            "Of {reviewed} reviewed incidents, {new} had only new factors, {same_service} came back where they had been, {elsewhere} came back elsewhere."
        ),
    }
}

#[component]
fn CameBack(rows: Vec<Row>) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState title="Nothing was met again">
                "Factors that are named in the documents of incidents are held against those of earlier ones."
            </EmptyState>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <Card>
                    <h3><a href=format!("/learning/factors/{}", row.factor)>{row.name}</a></h3>
                    <p class="small quiet">
                        <ToDocument number=row.number title=row.title />
                        {format!(" · {}", row.services.join(", "))}
                    </p>
                    <Findings findings=row.findings />
                    <SaidOfIt said=row.said />
                </Card>
            }
        })
        .collect_view();
    view! { <div class="stack measure">{rows}</div> }.into_any()
}

#[component]
fn NotCarriedOver(all: Vec<Elsewhere>) -> impl IntoView {
    if all.is_empty() {
        return view! { <p class="quiet">"No factor is answered at one service and open at another."</p> }
            .into_any();
    }
    let all = all
        .into_iter()
        .map(|factor| {
            let answered = factor
                .answered
                .into_iter()
                .map(|(service, items)| {
                    let items = items
                        .into_iter()
                        .map(|number| view! { " " {item(number)} })
                        .collect_view();
                    view! { <li>{service} ":" {items}</li> }
                })
                .collect_view();
            view! {
                <Card>
                    <h3><a href=format!("/learning/factors/{}", factor.factor)>{factor.name}</a></h3>
                    <ul class="findings">{answered}</ul>
                    <p>{format!("Nothing yet at {}.", factor.missing.join(", "))}</p>
                </Card>
            }
        })
        .collect_view();
    view! { <div class="stack measure">{all}</div> }.into_any()
}

#[component]
fn Unknown(
    title: &'static str,
    rows: Vec<(i64, String)>,
    row: fn((i64, String)) -> AnyView,
) -> impl IntoView {
    let count = rows.len();
    let rows = rows
        .into_iter()
        .map(|about| view! { <li>{row(about)}</li> })
        .collect_view();
    view! {
        <h3>{format!("{title}: {count}")}</h3>
        <ul class="findings">{rows}</ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_how_many_came_back() {
        let met = Met {
            reviewed: 5,
            new: 2,
            same_service: 1,
            elsewhere: 1,
        };
        assert_eq!(
            sentence(met),
            "Of 5 reviewed incidents, 2 had only new factors, 1 came back where they had been, 1 came back elsewhere."
        );
        assert_eq!(sentence(Met::default()), "no incident was reviewed.");
    }
}
