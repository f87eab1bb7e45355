//! The head's page: what came back in a period, what was promised, where it waits, how long incidents took. Never by person.

use super::findings::{Findings, SaidOfIt, ToDocument, item};
use super::lookalikes::Lookalikes;
use super::promises::{PromisesPart, WaitsPart, WithAndWithout};
use super::times::TimesPart;
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
use domain::people::Permission;
use domain::teams::{Service, Team};
use engine::learning::{self, Elsewhere, Met, Overview, Period, Promises, Row, Scope, Times, Waits};
use engine::{Tx, teams};
use leptos::prelude::*;
use serde::Deserialize;
use url::form_urlencoded;

/// Lengths of a period, in days.
const LENGTHS: [i64; 4] = [30, 90, 180, 365];
const USUAL: i64 = 90;
/// So many factors that came back have a card, and incidents without a document a line, unless all are asked for.
const MOST_ROWS: usize = 100;
const MOST_WITHOUT: usize = 50;
const ALL: usize = 1_000_000;
/// So many action items of a service are named that answer a factor there.
const NEWEST: usize = 5;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LearningQuery {
    /// Of [`LENGTHS`].
    days: Option<i64>,
    /// Its slug; empty: all.
    team: String,
    service: String,
    /// Any word: what is else cut stands whole.
    all: String,
}

impl LearningQuery {
    fn days(&self) -> i64 {
        self.days.filter(|days| LENGTHS.contains(days)).unwrap_or(USUAL)
    }

    /// The same figures as a file.
    fn file(&self) -> String {
        format!("/learning.csv?{}", self.pairs().finish())
    }

    /// The same page with nothing cut.
    fn whole(&self) -> String {
        format!("/learning?{}", self.pairs().append_pair("all", "1").finish())
    }

    fn pairs(&self) -> form_urlencoded::Serializer<'static, String> {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs
            .append_pair("days", &self.days().to_string())
            .append_pair("team", &self.team)
            .append_pair("service", &self.service);
        pairs
    }

    /// So many of a long list stand on the page.
    const fn most(&self, usual: usize) -> usize {
        if self.all.is_empty() { usual } else { ALL }
    }
}

/// All figures of a period.
pub(super) struct Seen {
    pub overview: Overview,
    pub promises: Promises,
    pub waits: Waits,
    pub times: Times,
    teams: Vec<Team>,
    services: Vec<Service>,
    may_change: bool,
}

pub(super) async fn read(tx: &mut Tx, query: &LearningQuery) -> engine::Result<Seen> {
    let teams = teams::all(tx).await?;
    let services = teams::services(tx).await?;
    let team = teams.iter().find(|team| team.slug == query.team);
    let service = services.iter().find(|service| service.slug == query.service);
    let scope = Scope {
        team: team.map(|team| team.id),
        service: service.map(|service| service.id),
    };
    let until = tx.now();
    let period = Period {
        from: until - TimeDelta::days(query.days()),
        until,
    };
    Ok(Seen {
        overview: learning::overview(tx, period, scope).await?,
        promises: learning::promises(tx, period, scope).await?,
        waits: learning::waits(tx, period, scope, query.most(MOST_WITHOUT)).await?,
        times: learning::times(tx, period, scope).await?,
        teams,
        services,
        may_change: tx.authorize(Permission::WritePostmortem).await.is_ok(),
    })
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(query): Query<LearningQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let seen = read(&mut tx, &query).await?;
    let frame = who.frame(&mut tx, "What came back", Bar::Postmortems).await?;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page seen query /> },
    ))
}

#[component]
fn Page(seen: Seen, query: LearningQuery) -> impl IntoView {
    let under = format!(
        "The last {} days, by the day on which a document was published.",
        query.days()
    );
    let (file, whole, most) = (query.file(), query.whole(), query.most(MOST_ROWS));
    let Overview {
        met,
        met_before,
        rows,
        elsewhere,
        with,
        without,
        without_factors,
        without_owner,
        lookalikes,
    } = seen.overview;
    view! {
        <PageHead title="What came back" under=view! { {under} }.into_any() />
        <div class="stack-loose">
            <Choose teams=seen.teams services=seen.services query />
            <InOneSentence now=met before=met_before />
            <section aria-labelledby="came-back">
                <h2 id="came-back">"Met again"</h2>
                <CameBack rows most whole=whole.clone() />
            </section>
            <section aria-labelledby="not-carried-over">
                <h2 id="not-carried-over">"Known, and not carried over"</h2>
                <NotCarriedOver all=elsewhere />
            </section>
            <PromisesPart promises=seen.promises />
            <WithAndWithout with without />
            <WaitsPart waits=seen.waits whole />
            <section aria-labelledby="unknown">
                <h2 id="unknown">"What we do not know"</h2>
                <Unknown title="Documents that name no factor" rows=without_factors row=|(number, title)| view! { <ToFactors number title /> }.into_any() />
                <Lookalikes all=lookalikes may=seen.may_change />
                <Unknown title="Open action items that nobody owns" rows=without_owner row=|(number, title)| view! { {item(number)} " " <bdi>{title}</bdi> }.into_any() />
            </section>
            <TimesPart times=seen.times />
            <p class="on-screen"><a href=file>"All figures as CSV"</a></p>
        </div>
    }
}

#[component]
fn Choose(teams: Vec<Team>, services: Vec<Service>, query: LearningQuery) -> impl IntoView {
    let lengths: Vec<_> = LENGTHS
        .iter()
        .map(|days| Choice::new(days, format!("{days} days")))
        .collect();
    let teams: Vec<_> = std::iter::once(Choice::new("", "All teams"))
        .chain(teams.into_iter().map(|team| Choice::new(team.slug, team.name)))
        .collect();
    let services: Vec<_> = std::iter::once(Choice::new("", "All services"))
        .chain(
            services
                .into_iter()
                .map(|service| Choice::new(service.slug, service.name)),
        )
        .collect();
    view! {
        <form class="form measure" method="get" action="/learning">
            <div class="form-row">
                <Field name="days" label="Period" kind=FieldKind::Select(lengths) value=query.days().to_string() />
                <Field name="team" label="Team" kind=FieldKind::Select(teams) value=query.team />
                <Field name="service" label="Service" kind=FieldKind::Select(services) value=query.service />
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
fn CameBack(rows: Vec<Row>, most: usize, whole: String) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState title="Nothing was met again">
                "Factors that are named in the documents of incidents are held against those of earlier ones."
            </EmptyState>
        }
        .into_any();
    }
    let count = rows.len();
    let more = (count > most)
        .then(|| view! { <p><a href=format!("{whole}#came-back")>{format!("All {count}")}</a></p> });
    let rows = rows
        .into_iter()
        .take(most)
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
    view! { <div class="stack measure">{rows} {more}</div> }.into_any()
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
                    let more = items.len().saturating_sub(NEWEST);
                    let more = (more > 0).then(|| format!(" and {more} before these"));
                    let items = items
                        .into_iter()
                        .rev()
                        .take(NEWEST)
                        .map(|number| view! { " " {item(number)} })
                        .collect_view();
                    view! { <li>{service} ":" {items} {more}</li> }
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

/// A line each, so that they can be gone through quickly.
#[component]
fn ToFactors(number: i64, title: String) -> impl IntoView {
    view! { <ToDocument number title /> " " <a class="small" href=format!("/incidents/{number}/postmortem#contributing_factors")>{format!("Name the factors of INC-{number}")}</a> }
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
    fn what_is_cut_stands_whole_behind_a_link() {
        let query = LearningQuery {
            days: Some(365),
            team: "payments".to_owned(),
            ..LearningQuery::default()
        };
        assert_eq!(query.whole(), "/learning?days=365&team=payments&service=&all=1");
        let whole = LearningQuery {
            all: "1".to_owned(),
            ..query.clone()
        };
        assert_eq!((query.most(50), whole.most(50)), (50, ALL));
    }

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
