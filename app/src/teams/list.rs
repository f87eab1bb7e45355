//! All teams with what they run.

use crate::address::encoded;
use crate::answer::Answered;
use crate::components::{ButtonKind, EmptyState, Field, FormProblem, Section as Bar, Submit};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use domain::fields;
use domain::teams::{Service, Team};
use engine::{Tx, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewTeamForm {
    name: String,
}

/// A team with its services and the number of its members.
struct Row {
    team: Team,
    services: Vec<Service>,
    members: usize,
}

#[derive(Deserialize)]
pub struct TeamsPage {}

pub struct TeamsView {
    rows: Vec<Row>,
    may_administer: bool,
}

impl FormPage for TeamsPage {
    type Caller = SignedIn;
    type View = TeamsView;

    fn address(&self) -> String {
        "/settings/teams".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<TeamsView> {
        let services = teams::services(tx).await?;
        let members = teams::members::all(tx).await?;
        let rows = teams::all(tx).await?.into_iter().map(|team| Row {
            services: services
                .iter()
                .filter(|service| service.team_id == team.id)
                .cloned()
                .collect(),
            members: members.iter().filter(|(of, _)| *of == team.id).count(),
            team,
        });
        Ok(TeamsView {
            rows: rows.collect(),
            may_administer: here.who.is_administrator(),
        })
    }

    fn title(_: &TeamsView) -> (String, Bar) {
        ("Teams and services".to_owned(), Bar::Settings)
    }

    fn show(view: TeamsView, returned: Returned) -> impl IntoView {
        view! { <Teams view returned /> }
    }
}

pub async fn show(here: Here<TeamsPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<TeamsPage>, Form(form): Form<NewTeamForm>) -> Answered {
    let done = transaction!(here.by(), |tx| teams::create(tx, &form.name, &[]).await?);
    let to = done.map(|team| encoded(&format!("/settings/teams/{}", team.slug)));
    here.lead(to, form).await
}

#[component]
fn Teams(view: TeamsView, returned: Returned) -> impl IntoView {
    let none = view.rows.is_empty().then(|| {
        view! { <EmptyState title="No team yet">"A team runs services and has people who are paged for them."</EmptyState> }
    });
    let rows = view
        .rows
        .into_iter()
        .map(|row| view! { <TeamRow row /> })
        .collect_view();
    let make = view
        .may_administer
        .then(|| view! { <NewTeam back=returned.of() /> });
    view! {
        <Shell
            part=Part::Teams
            title="Teams and services"
            under="A team’s members and administrators change its services, schedules and policies."
        >
            {none}
            {rows}
            {make}
        </Shell>
    }
}

#[component]
fn TeamRow(row: Row) -> impl IntoView {
    let Row {
        team,
        services,
        members,
    } = row;
    let services = services
        .into_iter()
        .map(|service| {
            let href = encoded(&format!("/settings/services/{}", service.slug));
            view! {
                <li>
                    <a href=href>{service.name}</a>
                </li>
            }
        })
        .collect_view();
    let members = match members {
        1 => "1 member".to_owned(),
        members => format!("{members} members"),
    };
    view! {
        <section class="team-row">
            <h2>
                <a href=encoded(&format!("/settings/teams/{}", team.slug))>{team.name}</a>
            </h2>
            <p class="quiet small">{members}</p>
            <ul>{services}</ul>
        </section>
    }
}

#[component]
fn NewTeam(back: Back<NewTeamForm>) -> impl IntoView {
    let (typed, problem) = back.or(NewTeamForm::default);
    view! {
        <Section title="A new team">
            <form class="form inline measure" method="post" action="/settings/teams">
                <FormKey />
                <FormProblem problems=problem.above() />
                <Field of=fields::NAME label="Name" value=typed.name required=true error=problem.beside("name") />
                <Submit kind=ButtonKind::Normal>"Make the team"</Submit>
            </form>
        </Section>
    }
}
