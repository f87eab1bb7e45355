//! Inviting several people at once, into a team.

use super::fields::roles;
use super::view::PeoplePage;
use crate::answer::Answered;
use crate::components::{Choice, Field, FieldKind, Fold, FormProblem, Submit};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, Here};
use crate::sent::FormKey;
use crate::zoned::zone_choices;
use domain::people::Role;
use domain::teams::Team;
use engine::mailed_links::{self, Several};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeveralForm {
    people: String,
    role: String,
    time_zone: String,
    team: String,
}

pub async fn post(here: Here<PeoplePage>, Form(form): Form<SeveralForm>) -> Answered {
    let done = async {
        let several = Several {
            people: form.people.clone(),
            role: word_or_none("role", &form.role)?,
            time_zone: form.time_zone.clone(),
            team: word_or_none("team", &form.team)?,
        };
        transaction!(here.by(), |tx| {
            mailed_links::invite_several(tx, &here.who.person, &several).await?
        })
    };
    here.after_at("several", done.await, form).await
}

#[component]
pub(super) fn InviteSeveral(
    teams: Vec<Team>,
    #[prop(into)] time_zone: String,
    back: Back<SeveralForm>,
) -> impl IntoView {
    let open = back.is_open();
    let (typed, problem) = back.or(|| SeveralForm {
        role: Role::Responder.to_string(),
        time_zone,
        ..SeveralForm::default()
    });
    let teams: Vec<_> = std::iter::once(Choice::new("", "No team yet"))
        .chain(teams.into_iter().map(|team| Choice::new(team.id, team.name)))
        .collect();
    view! {
        <div id="several">
            <Fold label="Invite several" open>
                <form class="form measure" method="post" action="/settings/people/several">
                    <FormKey />
                    <FormProblem problems=problem.above() />
                    <Field
                        name="people"
                        label="Their addresses"
                        kind=FieldKind::Lines(4)
                        value=typed.people
                        required=true
                        hint="A line each: “lena@example.com” or “Lena Meyer <lena@example.com>”. A link to set a password goes there."
                        error=problem.beside("people")
                    />
                    <Field name="team" label="Team" kind=FieldKind::Select(teams) value=typed.team error=problem.beside("team") id="field-several-team" />
                    <Field name="role" label="Role" kind=FieldKind::Select(roles()) value=typed.role error=problem.beside("role") id="field-several-role" />
                    <Field name="time_zone" label="Time zone" kind=FieldKind::Select(zone_choices()) value=typed.time_zone error=problem.beside("time_zone") id="field-several-zone" />
                    <p class="buttons"><Submit>"Send the invitations"</Submit></p>
                </form>
            </Fold>
        </div>
    }
}
