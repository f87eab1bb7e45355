//! The forms on each card of a board: to another column, into another state.

use crate::components::{ButtonKind, Choice, Field, FieldKind, FormDialog, Submit};
use crate::render::fragment;
use domain::action_items::{ActionState, Column};
use engine::action_items::Card;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use std::sync::Arc;

/// Stands where a card's number will; of those characters that nobody types.
const NUMBER: &str = "\u{e000}";

/// The forms of any card of a board as text, made once: they differ by the card's number and by what is chosen, and on a board of
/// hundreds they would cost more than all else.
#[derive(Clone)]
pub struct Moving(Arc<str>);

impl Moving {
    pub fn between(columns: &[Column]) -> Self {
        let columns = columns.to_vec();
        Self(fragment(move || view! { <Forms columns /> }).into())
    }

    pub fn for_card(&self, card: &Card) -> InertElement {
        let mut text = self.0.replace(NUMBER, &card.item.number.to_string());
        for chosen in [card.item.column_id.to_string(), card.item.state.to_string()] {
            let option = format!("value=\"{chosen}\"");
            text = text.replacen(&option, &format!("{option} selected"), 1);
        }
        InertElement::new(text)
    }
}

#[component]
fn Forms(columns: Vec<Column>) -> impl IntoView {
    let columns = columns
        .into_iter()
        .map(|column| Choice::new(column.id, column.name))
        .collect();
    let states = ActionState::ALL
        .iter()
        .filter(|state| **state != ActionState::Declined)
        .map(|state| Choice::new(state, state.as_str()))
        .collect();
    view! {
        <FormDialog label="Move" about=format!("ACT-{NUMBER}") kind=ButtonKind::Small in_place=true>
            <form class="form inline" method="post" action=format!("/action-items/{NUMBER}/column")>
                <Field name="column" label="Column" kind=FieldKind::Select(columns) id=format!("field-column-{NUMBER}") />
                <Submit kind=ButtonKind::Small>"Move"</Submit>
            </form>
            <form class="form inline" method="post" action=format!("/action-items/{NUMBER}/state")>
                <Field name="state" label="State" kind=FieldKind::Select(states) id=format!("field-state-{NUMBER}") />
                <Submit kind=ButtonKind::Small>"Set"</Submit>
            </form>
        </FormDialog>
    }
}
