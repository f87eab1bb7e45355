//! Who leads, who speaks, who writes.

use super::view::Seen;
use crate::components::{
    AsidePart, ButtonKind, Choice, Field, FieldKind, FormDialog, HiddenFields, PersonName, PostButton, Submit,
};
use domain::incidents::IncidentRole;
use domain::people::Role;
use leptos::prelude::*;

#[component]
pub fn PeoplePart(seen: Seen) -> impl IntoView {
    let rows = IncidentRole::ALL
        .iter()
        .map(|role| view! { <RoleRow seen=seen.clone() role=*role /> })
        .collect_view();
    let may_ask = seen.reader.may_act && seen.story.incident.state.is_open();
    view! {
        <AsidePart title="People" id="people">
            <ul class="roles">{rows}</ul>
            {may_ask.then(|| view! { <AskSomeone seen /> })}
        </AsidePart>
    }
}

#[component]
fn RoleRow(seen: Seen, role: IncidentRole) -> impl IntoView {
    let number = seen.story.incident.number;
    let may_change = seen.reader.may_act && seen.story.incident.state.is_open();
    let held = seen.story.holder(role).cloned();
    let drawn = seen.drawn_of_role(role);
    let who = match held {
        Some(held) => {
            let mine = seen.reader.is(held.person_id);
            let leave = format!("/incidents/{number}/roles/{role}/removal");
            view! {
                <span class="row-value">
                    <PersonName id=held.person_id.0 name=held.name />
                    {(may_change && mine).then(|| view! { <PostButton action=leave kind=ButtonKind::Small fields=drawn.clone() label=format!("Leave the role {}", role.label())>"Leave"</PostButton> })}
                </span>
            }
            .into_any()
        }
        None if may_change => {
            let take = format!("/incidents/{number}/roles/{role}");
            view! { <PostButton action=take kind=ButtonKind::Small fields=drawn label=format!("Take it: {}", role.label())>"Take it"</PostButton> }.into_any()
        }
        None => view! { <span class="quiet">"open"</span> }.into_any(),
    };
    view! { <li class="role"><span class="role-name">{role.label()}</span> {who}</li> }
}

/// Gives a role to somebody else.
#[component]
fn AskSomeone(seen: Seen) -> impl IntoView {
    let people: Vec<_> = seen
        .everybody
        .iter()
        .filter(|person| person.role != Role::Observer)
        .map(|person| Choice::new(person.id, person.name.clone()))
        .collect();
    let number = seen.story.incident.number;
    let forms = IncidentRole::ALL
        .iter()
        .map(|role| {
            // Whoever holds it stands first, so that nothing is given by a slip.
            let mut people = people.clone();
            let held = seen.story.holder(*role).map(|held| held.person_id.to_string());
            let held = held.filter(|id| people.iter().any(|person| person.value == *id));
            if held.is_none() {
                people.insert(0, Choice::new("", "Choose"));
            }
            view! {
                <form class="form inline" method="post" action=format!("/incidents/{number}/roles/{role}")>
                    <HiddenFields fields=seen.drawn_of_role(*role) />
                    <Field name="person" label=role.label() kind=FieldKind::Select(people) value=held.unwrap_or_default() id=format!("field-give-{role}") />
                    <Submit kind=ButtonKind::Small>"Give"</Submit>
                </form>
            }
        })
        .collect_view();
    view! {
        <FormDialog label="Give a role" kind=ButtonKind::Small in_place=true>
            {forms}
            <p class="small quiet">"Whoever is to lead is asked first: it stays with whoever has it until they accept."</p>
        </FormDialog>
    }
}
