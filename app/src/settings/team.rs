//! One team: its name, its members, its services.

use super::forms::{above, address};
use super::schedules::Rows;
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, FormDialog, FormProblem, PersonName, Section as Bar, Submit,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::PersonId;
use domain::people::{Permission, Person};
use domain::teams::{Service, Team};
use engine::teams::{self, members, services};
use engine::{Error, people, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
    drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["name"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    fn of(team: &Team) -> Self {
        Self {
            name: team.name.clone(),
            drawn: String::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Added {
    person: PersonId,
}

/// What came back with a problem.
#[derive(Clone, Debug, Default)]
struct Back {
    name: Option<String>,
    rename: Problem,
    service_name: String,
    service: Problem,
    member: Problem,
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(slug): Path<String>) -> Answered {
    answer(&app, &who, StatusCode::OK, &slug, Back::default()).await
}

pub async fn rename(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        sent::one_at_a_time(tx, &format!("team {}", team.id)).await?;
        let typed = merged(&typed, &Typed::of(&teams::find(tx, &slug).await?))?;
        teams::rename(tx, team.id, &typed.name).await?
    });
    match done {
        Ok(()) => Ok(to(&slug, "")),
        Err(error) => {
            let back = Back {
                rename: problem_of(error)?,
                name: Some(typed.name),
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, &slug, back).await
        }
    }
}

pub async fn add_member(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(added): Form<Added>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        members::add(tx, team.id, added.person).await?
    });
    match done {
        Ok(()) => Ok(to(&slug, "#members")),
        Err(error) => {
            let back = Back {
                member: problem_of(error)?,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, &slug, back).await
        }
    }
}

pub async fn remove_member(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, person)): Path<(String, PersonId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        members::remove(tx, team.id, person).await?
    })?;
    Ok(to(&slug, "#members"))
}

pub async fn add_service(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done: Result<Service, Error> = transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        services::create(tx, team.id, &services::Draft::named(&typed.name)).await?
    });
    match done {
        Ok(service) => Ok(see(&address(&format!("/settings/services/{}", service.slug)))),
        Err(error) => {
            let back = Back {
                service: problem_of(error)?,
                service_name: typed.name,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, &slug, back).await
        }
    }
}

fn to(slug: &str, region: &str) -> axum::response::Response {
    see(&address(&format!("/settings/teams/{slug}{region}")))
}

async fn answer(app: &App, who: &SignedIn, status: StatusCode, slug: &str, back: Back) -> Answered {
    let mut tx = app.by(who).read().await?;
    let team = teams::find(&mut tx, slug).await?;
    let members = members::of_team(&mut tx, team.id).await?;
    let others: Vec<Person> = people::active(&mut tx)
        .await?
        .into_iter()
        .filter(|person| members.iter().all(|member| member.id != person.id))
        .collect();
    let services = teams::services_of(&mut tx, team.id).await?;
    let may_change = who.may(&mut tx, Permission::ChangeTeam(team.id)).await?;
    let frame = who.frame(&mut tx, team.name.clone(), Bar::Settings).await?;
    Ok(render::page(status, frame, move || {
        view! { <Page team members others services back may_change /> }
    }))
}

#[component]
fn Page(
    team: Team,
    members: Vec<Person>,
    others: Vec<Person>,
    services: Vec<Service>,
    back: Back,
    may_change: bool,
) -> impl IntoView {
    let here = address(&format!("/settings/teams/{}", team.slug));
    let now = Typed::of(&team);
    let (title, name) = (team.name.clone(), back.name.unwrap_or(team.name));
    let rows = members
        .into_iter()
        .map(|member| {
            let remove = may_change.then(|| {
                view! {
                    <Ask
                        label="Remove"
                        about=member.name.clone()
                        kind=ButtonKind::Small
                        question=format!("Remove {} from the team?", member.name)
                        action=format!("{here}/members/{}/removal", member.id)
                        answer="Remove"
                    >
                        <p>"They can change nothing of the team any more. What pages them stays as it is."</p>
                    </Ask>
                }
            });
            view! {
                <li>
                    <PersonName id=member.id.0 name=member.name />
                    {remove}
                </li>
            }
        })
        .collect_view();
    let choices: Vec<Choice> = others
        .iter()
        .map(|person| Choice::new(person.id, format!("{}, {}", person.name, person.email)))
        .collect();
    let add = (may_change && !choices.is_empty()).then(|| {
        view! {
            <form class="form inline measure" method="post" action=format!("{here}/members")>
                <Field name="person" label="Add somebody" kind=FieldKind::Select(choices) error=back.member.beside("person") />
                <Submit kind=ButtonKind::Normal>"Add to the team"</Submit>
            </form>
        }
    });
    let listed = services
        .into_iter()
        .map(|service| {
            let pages = if service.policy_id.is_some() {
                format!("Pages from {} up.", service.page_from)
            } else {
                "Has no escalation policy, so it pages nobody.".to_owned()
            };
            let href = address(&format!("/settings/services/{}", service.slug));
            (href, service.name, pages)
        })
        .collect();
    let services_here = format!("{here}/services");
    let add_service = may_change.then(|| {
        view! {
            <FormDialog label="Add a service" in_place=true open=!back.service.sentence.is_empty()>
            <form class="form" method="post" action=services_here>
                <FormKey />
                <FormProblem problems=above(&back.service) />
                <Field
                    name="name"
                    id="service-name"
                    label="A new service"
                    value=back.service_name
                    required=true
                    error=back.service.beside("name")
                    hint="What people would say is broken: Checkout, Search, the warehouse printer."
                />
                <p class="buttons">
                    <Submit>"Add the service"</Submit>
                </p>
            </form>
            </FormDialog>
        }
    });
    let rename = may_change.then(|| {
        view! {
            <Section title="Name">
                <form class="form inline measure" method="post" action=here>
                    <DrawnFrom now />
                    <FormProblem problems=above(&back.rename) />
                    <Field
                        name="name"
                        id="team-name"
                        label="Name"
                        label_unseen=true
                        value=name
                        required=true
                        error=back.rename.beside("name")
                    />
                    <Submit kind=ButtonKind::Normal>"Rename"</Submit>
                </form>
            </Section>
        }
    });
    view! {
        <Shell part=Part::Teams title under="Its services, and the people who run them.">
            <Section title="Services">
                <div class="stack">
                    <Rows rows=listed />
                    <div class="measure">{add_service}</div>
                </div>
            </Section>
            <Section title="Members" id="members">
                <div class="stack">
                    <ul class="member-rows measure">{rows}</ul>
                    {add}
                </div>
            </Section>
            {rename}
        </Shell>
    }
}
