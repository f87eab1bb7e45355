//! The head's page: what came back in a period, what was promised, where it waits, how long incidents took. Never by person.

use super::findings::{Findings, SaidOfIt, ToDocument, day, item};
use super::lookalikes::Lookalikes;
use super::number::LeadsTo;
use super::promises::{PromisesPart, WaitsPart, WithAndWithout};
use super::query::{LENGTHS, LearningQuery, in_words, named, narrowed};
use super::times::{Groups, TimesPart};
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    ButtonKind, ButtonLink, Card, Choice, EmptyState, Fact, Facts, Field, FieldKind, PageHead,
    Section as Bar, Submit, Tab,
};
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::learning::{By, Figure, OfReviewed, Verdict};
use domain::people::Permission;
use domain::teams::{Service, Team};
use engine::learning::{self, Elsewhere, Group, Met, Overview, Period, Promises, Row, Scope, Times, Waits};
use engine::{Tx, teams};
use leptos::prelude::*;

/// So many factors that came back have a card, and incidents without a document a line, unless all are asked for.
const MOST_ROWS: usize = 100;
const MOST_WITHOUT: usize = 50;
/// So many action items of a service are named that answer a factor there.
const NEWEST: usize = 5;

/// All figures of a period.
pub(super) struct Seen {
    pub period: Period,
    pub scope: Scope,
    pub overview: Overview,
    pub promises: Promises,
    pub waits: Waits,
    pub times: Times,
    teams: Vec<Team>,
    services: Vec<Service>,
    may_change: bool,
}

impl Seen {
    pub fn name_of(&self, group: Group) -> String {
        Groups::of(&self.teams, &self.services).name(group)
    }

    /// The team and the service that were chosen.
    pub fn chosen(&self) -> (Option<&Team>, Option<&Service>) {
        named(self.scope, &self.teams, &self.services)
    }
}

pub(super) async fn read(tx: &mut Tx, query: &LearningQuery) -> engine::Result<Seen> {
    let teams = teams::all(tx).await?;
    let services = teams::services(tx).await?;
    let (period, scope) = narrowed(tx, query, &teams, &services)?;
    Ok(Seen {
        period,
        scope,
        overview: learning::overview(tx, period, scope).await?,
        promises: learning::promises(tx, period, scope).await?,
        waits: learning::waits(tx, period, scope, query.most(MOST_WITHOUT)).await?,
        times: learning::times(tx, period, scope, query.by()).await?,
        teams,
        services,
        may_change: tx.authorize(Permission::WritePostmortem).await.is_ok(),
    })
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(query): Query<LearningQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let seen = read(&mut tx, &query).await?;
    let zone = who.zone();
    let frame = who.frame(&mut tx, "What came back", Bar::Postmortems).await?;
    Ok(render::page(
        StatusCode::OK,
        frame,
        move || view! { <Page seen query zone /> },
    ))
}

#[component]
fn Page(seen: Seen, query: LearningQuery, zone: Tz) -> impl IntoView {
    let (from, until) = (day(seen.period.from, zone), day(seen.period.until, zone));
    // The form that chooses is not printed.
    let chosen = in_words(&query, seen.scope, &seen.teams, &seen.services);
    let under = format!("{chosen}. From {from} to {until}, by the day on which a document was published.");
    let unnamed = query.without_factors();
    let (file, whole, most) = (query.file(), query.whole(), query.most(MOST_ROWS));
    let to = LeadsTo::of(&query);
    let groups = Groups::of(&seen.teams, &seen.services);
    let by = query.by();
    let tab = |other: &By| Tab {
        href: query.told_apart_by(*other),
        label: format!("By {other}"),
        count: None,
        current: *other == by,
    };
    let tabs: Vec<Tab> = By::ALL.iter().map(tab).collect();
    let Overview {
        met,
        met_before,
        said,
        rows,
        elsewhere,
        with,
        without,
        without_factors,
        without_owner,
        lookalikes,
    } = seen.overview;
    let go_through = (!without_factors.is_empty() && seen.may_change)
        .then(|| view! { <p><ButtonLink href=unnamed kind=ButtonKind::Small>"Go through them, a line each"</ButtonLink></p> });
    view! {
        <PageHead title="What came back" under=view! { {under} }.into_any() />
        <div class="stack-loose">
            <Choose teams=seen.teams services=seen.services query />
            <div class="measure">
                <p><strong><Sentence met to=to.clone() figure=Figure::Reviewed /></strong></p>
                <p class="quiet">"In the period before: " <Sentence met=met_before to=to.clone() figure=Figure::Before /></p>
            </div>
            <section aria-labelledby="came-back">
                <h2 id="came-back">"Met again"</h2>
                <div class="stack">
                    <SaidOfThem said to=to.clone() />
                    <CameBack rows most whole=whole.clone() zone />
                </div>
            </section>
            <section aria-labelledby="not-carried-over">
                <h2 id="not-carried-over">"Known, and not carried over"</h2>
                <NotCarriedOver all=elsewhere />
            </section>
            <PromisesPart promises=seen.promises to=to.clone() />
            <WithAndWithout with without to=to.clone() />
            <WaitsPart waits=seen.waits whole to=to.clone() />
            <section aria-labelledby="unknown">
                <h2 id="unknown">"What we do not know"</h2>
                <Unknown title="Documents that name no factor" rows=without_factors row=|(number, title)| view! { <ToDocument number title /> }.into_any() />
                {go_through}
                <Lookalikes all=lookalikes may=seen.may_change />
                <Unknown title="Open action items that nobody owns" rows=without_owner row=|(number, title)| view! { {item(number)} " " <bdi>{title}</bdi> }.into_any() />
            </section>
            <TimesPart times=seen.times to groups by tabs />
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
            <input type="hidden" name="by" value=query.by.clone() />
            <div class="form-row">
                <Field name="days" label="Period" kind=FieldKind::Select(lengths) value=query.days().to_string() />
                <Field name="team" label="Team" kind=FieldKind::Select(teams) value=query.team.clone() />
                <Field name="service" label="Service" kind=FieldKind::Select(services) value=query.service.clone() />
            </div>
            <Field name="drills" label="Drills and tests, too" kind=FieldKind::Check value=query.drills />
            <p class="buttons"><Submit kind=ButtonKind::Normal>"Show"</Submit></p>
        </form>
    }
}

#[component]
fn Sentence(met: Met, to: LeadsTo, figure: fn(OfReviewed) -> Figure) -> impl IntoView {
    if met.reviewed == 0 {
        return view! { "No incident was reviewed." }.into_any();
    }
    let number = |count, of| to.number(count, figure(of));
    let incidents = if met.reviewed == 1 {
        "incident"
    } else {
        "incidents"
    };
    let not_looked_at = (met.not_looked_at > 0).then(|| {
        let verb = if met.not_looked_at == 1 { " was" } else { " were" };
        view! { " Of those that came back, " {number(met.not_looked_at, OfReviewed::NotLookedAt)} {verb} " not looked at yet." }
    });
    view! {
        "Of " {number(met.reviewed, OfReviewed::All)} " reviewed " {incidents} ", "
        {number(met.new, OfReviewed::New)} " had only new factors, "
        {number(met.same_service, OfReviewed::SameService)} " came back where they had been, "
        {number(met.elsewhere, OfReviewed::Elsewhere)} " came back elsewhere."
        {not_looked_at}
    }
    .into_any()
}

#[component]
fn SaidOfThem(said: Vec<(Option<Verdict>, usize)>, to: LeadsTo) -> impl IntoView {
    (said.iter().any(|(_, count)| *count > 0)).then(|| {
        let facts = said
            .into_iter()
            .map(|(verdict, count)| {
                let label = verdict.map_or("Not looked at yet", Verdict::label);
                let number = to.number(count, Figure::Said(verdict));
                view! { <Fact label>{number}</Fact> }
            })
            .collect_view();
        view! { <Facts>{facts}</Facts> }
    })
}

#[component]
fn CameBack(rows: Vec<Row>, most: usize, whole: String, zone: Tz) -> impl IntoView {
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
                    <Findings findings=row.findings zone />
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
