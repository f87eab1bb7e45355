//! Everybody who has an account, and inviting more.

use super::fields::{PersonFields, PersonForm};
use super::several::InviteSeveral;
use super::view::{PeoplePage, PeopleView};
use crate::answer::Answered;
use crate::components::{Badge, Cell, DataTable, FormProblem, PersonName, Row, Section as Bar, Submit};
use crate::form::{Form, word_or_none};
use crate::form_page::{FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::zoned::zone_words;
use domain::people::Role;
use engine::mailed_links::{self, Invited};
use engine::people::{self, Member};
use engine::{Tx, teams, transaction};
use leptos::prelude::*;

impl FormPage for PeoplePage {
    type Caller = SignedIn;
    type View = PeopleView;

    fn address(&self) -> String {
        "/settings/people".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PeopleView> {
        Ok(PeopleView {
            everybody: people::everybody(tx).await?,
            fresh: PersonForm {
                role: Role::Responder.to_string(),
                time_zone: here.who.person.time_zone.clone(),
                ..PersonForm::default()
            },
            teams: teams::all(tx).await?,
            zone: here.who.person.time_zone.clone(),
            may_administer: here.who.is_administrator(),
        })
    }

    fn title(_: &PeopleView) -> (String, Bar) {
        ("People".to_owned(), Bar::Settings)
    }

    fn show(view: PeopleView, returned: Returned) -> impl IntoView {
        view! { <People view returned /> }
    }
}

pub async fn show(here: Here<PeoplePage>) -> Answered {
    here.show().await
}

pub async fn invite(here: Here<PeoplePage>, Form(form): Form<PersonForm>) -> Answered {
    let done = async {
        let invited = Invited {
            name: form.name.clone(),
            email: form.email.clone(),
            role: word_or_none("role", &form.role)?,
            time_zone: form.time_zone.clone(),
        };
        transaction!(here.by(), |tx| {
            mailed_links::invite(tx, &here.who.person, &invited).await?
        })
    };
    here.after_at("invite", done.await, form).await
}

#[component]
fn People(view: PeopleView, returned: Returned) -> impl IntoView {
    let (typed, problem) = returned.of().or(|| view.fresh);
    let several = view.may_administer.then(|| {
        view! { <InviteSeveral teams=view.teams time_zone=view.zone back=returned.of() /> }
    });
    let rows = view
        .everybody
        .into_iter()
        .map(|Member { person, can_log_in }| {
            let state = match (person.deactivated_at, can_log_in) {
                (Some(_), _) => view! { <Badge>"deactivated"</Badge> }.into_any(),
                (None, false) => view! { <Badge>"invited"</Badge> }.into_any(),
                (None, true) => ().into_any(),
            };
            view! {
                <Row>
                    <Cell>
                        <a href=format!("/settings/people/{}", person.id)>
                            <PersonName id=person.id.0 name=person.name />
                        </a>
                        " "
                        {state}
                    </Cell>
                    <Cell label="E-mail address"><span class="long-word">{person.email}</span></Cell>
                    <Cell label="Role">{person.role.to_string()}</Cell>
                    <Cell label="Time zone"><span class="long-word">{zone_words(&person.time_zone)}</span></Cell>
                </Row>
            }
        })
        .collect_view();
    let invite = view.may_administer.then(|| {
        view! {
            <Section title="Invite somebody" id="invite">
                <form class="form measure" method="post" action="/settings/people">
                    <FormKey />
                    <FormProblem problems=problem.above() />
                    <PersonFields
                        typed
                        problem
                        email_hint="A link to set a password goes there. Pages go there too."
                    />
                    <p class="buttons">
                        <Submit>"Send the invitation"</Submit>
                    </p>
                </form>
            </Section>
        }
    });
    view! {
        <Shell part=Part::People title="People" under="Everybody who is logged in reads everything.">
            <DataTable caption="People" headers=vec!["Name", "E-mail address", "Role", "Time zone"]>
                {rows}
            </DataTable>
            {invite}
            {several}
        </Shell>
    }
}
