//! One team: its name, its members, its services.

use crate::address::{Path, encoded};
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, FormDialog, FormProblem, PersonName, Section as Bar, Submit,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::oncall::Untaken;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Rows, Section, Shell};
use chrono_tz::Tz;
use domain::fields;
use domain::ids::{PersonId, TeamId};
use domain::people::{Permission, Person};
use domain::teams::{Service, Team};
use engine::oncall::calendar;
use engine::oncall::requests::Request;
use engine::oncall::untaken;
use engine::teams::{self, members, services};
use engine::{Error, Tx, people, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TeamNameForm {
    name: String,
    drawn: String,
}

impl Drawn for TeamNameForm {
    const FIELDS: &'static [&'static str] = &["name"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl TeamNameForm {
    fn of(team: &Team) -> Self {
        Self {
            name: team.name.clone(),
            drawn: String::new(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct MemberForm {
    person: PersonId,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewServiceForm {
    name: String,
}

#[derive(Deserialize)]
pub struct TeamPage {
    slug: String,
}

pub struct TeamView {
    team: Team,
    members: Vec<Person>,
    others: Vec<Person>,
    services: Vec<Service>,
    /// Address, name and who has the pager now.
    schedules: Vec<(String, String, String)>,
    untaken: Vec<Request>,
    zone: Tz,
    may_change: bool,
}

impl TeamView {
    fn to(&self, thing: &str) -> String {
        encoded(&format!("/settings/teams/{}{thing}", self.team.slug))
    }
}

impl FormPage for TeamPage {
    type Caller = SignedIn;
    type View = TeamView;

    fn address(&self) -> String {
        encoded(&format!("/settings/teams/{}", self.slug))
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<TeamView> {
        let team = teams::find(tx, &here.page.slug).await?;
        let members = members::of_team(tx, team.id).await?;
        let mut others = people::active(tx).await?;
        others.retain(|person| members.iter().all(|member| member.id != person.id));
        Ok(TeamView {
            members,
            others,
            services: teams::services_of(tx, team.id).await?,
            schedules: schedules_of(tx, team.id).await?,
            untaken: untaken::of_team(tx, team.id).await?,
            zone: here.who.zone(),
            may_change: here.who.may(tx, Permission::ChangeTeam(team.id)).await?,
            team,
        })
    }

    fn title(view: &TeamView) -> (String, Bar) {
        (view.team.name.clone(), Bar::Settings)
    }

    fn show(view: TeamView, returned: Returned) -> impl IntoView {
        view! { <OneTeam view returned /> }
    }
}

async fn schedules_of(tx: &mut Tx, team: TeamId) -> engine::Result<Vec<(String, String, String)>> {
    let turns = calendar::running(tx, calendar::Of::Team(team)).await?;
    let rows = turns.into_iter().map(|turn| {
        let names: Vec<&str> = turn.people.iter().map(|person| person.name.as_str()).collect();
        let who = if names.is_empty() {
            "Nobody".to_owned()
        } else {
            names.join(", ")
        };
        (
            format!("/settings/schedules/{}", turn.schedule.id),
            turn.schedule.name,
            format!("{who} has the pager now."),
        )
    });
    Ok(rows.collect())
}

pub async fn show(here: Here<TeamPage>) -> Answered {
    here.show().await
}

pub async fn rename(here: Here<TeamPage>, Form(form): Form<TeamNameForm>) -> Answered {
    let slug = &here.page.slug;
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, slug).await?;
        sent::one_at_a_time(tx, &format!("team {}", team.id)).await?;
        let form = merged(&form, &TeamNameForm::of(&teams::find(tx, slug).await?))?;
        teams::rename(tx, team.id, &form.name).await?
    });
    here.after(done, form).await
}

pub async fn add_member(here: Here<TeamPage>, Form(form): Form<MemberForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        members::add(tx, team.id, form.person).await?
    });
    here.after_at("members", done, form).await
}

/// Who of the team in the address.
#[derive(Clone, Deserialize)]
pub struct Member {
    person: PersonId,
}

pub async fn remove_member(here: Here<TeamPage>, Path(member): Path<Member>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        members::remove(tx, team.id, member.person).await?
    });
    here.after_at("members", done, member).await
}

pub async fn add_service(here: Here<TeamPage>, Form(form): Form<NewServiceForm>) -> Answered {
    let done: Result<Service, Error> = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        services::create(tx, team.id, &services::Draft::named(&form.name)).await?
    });
    let to = done.map(|service| encoded(&format!("/settings/services/{}", service.slug)));
    here.lead(to, form).await
}

#[component]
fn OneTeam(view: TeamView, returned: Returned) -> impl IntoView {
    let may_change = view.may_change;
    let (rename_at, services_at, members_at) = (view.to(""), view.to("/services"), view.to("/members"));
    let holidays = view.to("/holidays");
    let rename = may_change
        .then(|| view! { <Rename at=rename_at now=TeamNameForm::of(&view.team) back=returned.of() /> });
    let add_service = may_change.then(|| view! { <AddService at=services_at back=returned.of() /> });
    let add_member = (may_change && !view.others.is_empty())
        .then(|| view! { <AddMember at=members_at.clone() others=view.others back=returned.of() /> });
    let refused = returned.of::<Member>().problem;
    let calendar = encoded(&format!("/on-call/calendar?team={}", view.team.slug));
    let load = encoded(&format!("/teams/{}/load", view.team.slug));
    let members = view
        .members
        .into_iter()
        .map(|member| view! { <MemberRow member at=members_at.clone() may_change /> })
        .collect_view();
    view! {
        <Shell part=Part::Teams title=view.team.name under="Its services, and the people who run them.">
            <Untaken requests=view.untaken zone=view.zone />
            <Section title="Services">
                <div class="stack">
                    <Services services=view.services />
                    <div class="measure">{add_service}</div>
                </div>
            </Section>
            <Section title="Schedules">
                <div class="stack">
                    <Rows rows=view.schedules />
                    <p><a href=calendar>"The calendar of all of them"</a> " · " <a href=load>"How on call is shared out"</a> " · " <a href=holidays>"Holidays"</a></p>
                </div>
            </Section>
            <Section title="Members" id="members">
                <div class="stack">
                    <FormProblem problems=refused.above() />
                    <ul class="member-rows measure">{members}</ul>
                    {add_member}
                </div>
            </Section>
            {rename}
        </Shell>
    }
}

#[component]
fn Services(services: Vec<Service>) -> impl IntoView {
    let rows = services
        .into_iter()
        .map(|service| {
            let pages = if service.policy_id.is_some() {
                format!("Pages from {} up.", service.page_from)
            } else {
                "Has no escalation policy, so it pages nobody.".to_owned()
            };
            let href = encoded(&format!("/settings/services/{}", service.slug));
            (href, service.name, pages)
        })
        .collect();
    view! { <Rows rows /> }
}

#[component]
fn AddService(#[prop(into)] at: String, back: Back<NewServiceForm>) -> impl IntoView {
    let open = back.is_open();
    let (typed, problem) = back.or(NewServiceForm::default);
    view! {
        <FormDialog label="Add a service" in_place=true open>
            <form class="form" method="post" action=at>
                <FormKey />
                <FormProblem problems=problem.above() />
                <Field
                    of=fields::NAME
                    id="service-name"
                    label="A new service"
                    value=typed.name
                    required=true
                    error=problem.beside("name")
                    hint="What people would say is broken: Checkout, Search, the warehouse printer."
                />
                <p class="buttons">
                    <Submit>"Add the service"</Submit>
                </p>
            </form>
        </FormDialog>
    }
}

#[component]
fn MemberRow(member: Person, #[prop(into)] at: String, may_change: bool) -> impl IntoView {
    let remove = may_change.then(|| {
        view! {
            <Ask
                label="Remove"
                about=member.name.clone()
                kind=ButtonKind::Small
                question=format!("Remove {} from the team?", member.name)
                action=format!("{at}/{}/removal", member.id)
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
}

#[component]
fn AddMember(#[prop(into)] at: String, others: Vec<Person>, back: Back<MemberForm>) -> impl IntoView {
    let problem = back.problem;
    let choices: Vec<Choice> = others
        .iter()
        .map(|person| Choice::new(person.id, format!("{}, {}", person.name, person.email)))
        .collect();
    let value = back.typed.map(|typed| typed.person.to_string());
    view! {
        <form class="form inline measure" method="post" action=at>
            <FormProblem problems=problem.above() />
            <Field
                name="person"
                label="Add somebody"
                kind=FieldKind::Select(choices)
                value=value.unwrap_or_default()
                error=problem.beside("person")
            />
            <Submit kind=ButtonKind::Normal>"Add to the team"</Submit>
        </form>
    }
}

#[component]
fn Rename(#[prop(into)] at: String, now: TeamNameForm, back: Back<TeamNameForm>) -> impl IntoView {
    let (typed, problem) = back.or(|| now.clone());
    view! {
        <Section title="Name">
            <form class="form inline measure" method="post" action=at>
                <DrawnFrom now />
                <FormProblem problems=problem.above() />
                <Field
                    of=fields::NAME
                    id="team-name"
                    label="Name"
                    label_unseen=true
                    value=typed.name
                    required=true
                    error=problem.beside("name")
                />
                <Submit kind=ButtonKind::Normal>"Rename"</Submit>
            </form>
        </Section>
    }
}
