//! All escalation policies, and making one.

use super::editor::Asked;
use super::policy::{Steps, targets};
use super::policy_form::PolicyForm;
use super::schedules::teams_to_choose;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    ButtonLink, Choice, EmptyState, Field, FieldKind, FormProblem, Section as Bar, Submit,
};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Rows, Shell};
use domain::ids::{PolicyId, TeamId};
use domain::people::Permission;
use engine::oncall::policies::{self, Named};
use engine::{Error, Tx, people, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct PoliciesPage {}

pub struct PoliciesView {
    /// Address, name and team.
    rows: Vec<(String, String, String)>,
    may_act: bool,
}

impl FormPage for PoliciesPage {
    type Caller = SignedIn;
    type View = PoliciesView;

    fn address(&self) -> String {
        "/settings/policies".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PoliciesView> {
        let teams = teams::all(tx).await?;
        let all = policies::all(tx).await?.into_iter();
        let row = |named: Named| {
            let team = teams.iter().find(|team| team.id == named.team_id);
            let under = team.map(|team| team.name.clone()).unwrap_or_default();
            (format!("/settings/policies/{}", named.id), named.name, under)
        };
        Ok(PoliciesView {
            rows: all.map(row).collect(),
            may_act: here.who.may_act(),
        })
    }

    fn title(_: &PoliciesView) -> (String, Bar) {
        ("Escalation policies".to_owned(), Bar::Settings)
    }

    fn show(view: PoliciesView, _: Returned) -> impl IntoView {
        view! { <Policies view /> }
    }
}

pub async fn show(here: Here<PoliciesPage>) -> Answered {
    here.show().await
}

#[component]
fn Policies(view: PoliciesView) -> impl IntoView {
    let none = view.rows.is_empty().then(|| {
        view! {
            <EmptyState title="No policy yet">
                "A policy says who is paged first, and who is next if nobody answers."
            </EmptyState>
        }
    });
    let make = view.may_act.then(|| {
        view! {
            <p class="buttons">
                <ButtonLink href="/settings/policies/new">"Make a policy"</ButtonLink>
            </p>
        }
    });
    view! {
        <Shell
            part=Part::Policies
            title="Escalation policies"
            under="Who is paged first, and who is next if nobody answers."
        >
            <div class="stack">{none} <Rows rows=view.rows /> {make}</div>
        </Shell>
    }
}

/// The page on which one is made.
#[derive(Deserialize)]
pub struct NewPolicyPage {
    /// The slug of the team that it is for.
    #[serde(skip)]
    team: String,
}

pub struct NewPolicyView {
    teams: Vec<Choice>,
    targets: Vec<Choice>,
    /// The team that was asked for.
    team: Option<TeamId>,
}

impl FormPage for NewPolicyPage {
    type Caller = SignedIn;
    type View = NewPolicyView;

    fn address(&self) -> String {
        "/settings/policies/new".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<NewPolicyView> {
        // Others than the team's are refused when they choose it; who only reads along need not fill anything in.
        people::authorize(tx, &here.who.person, Permission::ActOnIncident).await?;
        let team = teams::all(tx)
            .await?
            .into_iter()
            .find(|team| team.slug == here.page.team);
        Ok(NewPolicyView {
            teams: teams_to_choose(tx, &here.who).await?,
            targets: targets(tx).await?,
            team: team.map(|team| team.id),
        })
    }

    fn title(_: &NewPolicyView) -> (String, Bar) {
        ("A new policy".to_owned(), Bar::Settings)
    }

    fn show(view: NewPolicyView, returned: Returned) -> impl IntoView {
        view! { <NewPolicy view back=returned.of() /> }
    }
}

pub async fn blank(mut here: Here<NewPolicyPage>, Query(asked): Query<Asked>) -> Answered {
    here.page.team = asked.team;
    here.show().await
}

pub async fn post(here: Here<NewPolicyPage>, Form(form): Form<PolicyForm>) -> Answered {
    let done = make(&here, &form).await;
    here.lead(done.map(|id| format!("/settings/policies/{id}")), form)
        .await
}

async fn make(here: &Here<NewPolicyPage>, form: &PolicyForm) -> Result<PolicyId, Error> {
    let team: TeamId = form.team.parse().map_err(|_| Error::NotFound("team"))?;
    let policy = form.policy()?;
    transaction!(here.by(), |tx| {
        policies::create(tx, team, &form.name, &policy).await?
    })
}

#[component]
fn NewPolicy(view: NewPolicyView, back: Back<PolicyForm>) -> impl IntoView {
    let (typed, problem) = back.or(|| PolicyForm {
        team: view.team.map(|team| team.to_string()).unwrap_or_default(),
        repeats: "2".to_owned(),
        ..PolicyForm::default()
    });
    let team = typed.team.clone();
    view! {
        <Shell part=Part::Policies title="A new policy" under="Step by step, until somebody acknowledges.">
            <form class="form measure" method="post" action="/settings/policies">
                <FormKey />
                <FormProblem problems=problem.above() />
                <Field name="team" label="Team" kind=FieldKind::Select(view.teams) value=team required=true />
                <Steps typed targets=view.targets problem />
                <p class="buttons">
                    <Submit>"Make the policy"</Submit>
                </p>
            </form>
        </Shell>
    }
}
