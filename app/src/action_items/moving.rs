//! The form on each card of a board: to another column, which gives it the state that the column stands for.

use super::query::BoardQuery;
use crate::components::{ButtonKind, Choice, Field, FieldKind, FormDialog, Submit};
use crate::render::fragment;
use domain::action_items::Column;
use engine::action_items::{Card, Spot};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use std::sync::Arc;

/// Stands where a card's number will; of those characters that nobody types.
const NUMBER: &str = "\u{e000}";

/// The form of any card of a board as text, made once: they differ by the card's number and by what is chosen, and on a board of
/// hundreds they would cost more than all else.
#[derive(Clone)]
pub struct Moving(Arc<str>);

impl Moving {
    /// `query`: what is asked of the board, so that one stays where one was.
    pub fn between(columns: &[Column], query: &BoardQuery) -> Self {
        let (columns, back) = (columns.to_vec(), query.written());
        Self(fragment(move || view! { <MoveForm columns back /> }).into())
    }

    pub fn for_card(&self, card: &Card) -> InertElement {
        let text = self.0.replace(NUMBER, &card.item.number.to_string());
        let option = format!("value=\"{}\"", card.item.column_id);
        InertElement::new(text.replacen(&option, &format!("{option} selected"), 1))
    }
}

#[component]
fn MoveForm(columns: Vec<Column>, back: String) -> impl IntoView {
    let columns = columns
        .into_iter()
        .map(|column| Choice::new(column.id, column.name))
        .collect();
    view! {
        <FormDialog label="Move" about=format!("ACT-{NUMBER}") kind=ButtonKind::Small in_place=true>
            <form class="form inline" method="post" action=format!("/action-items/{NUMBER}/column")>
                <input type="hidden" name="back" value=back />
                <Field name="column" label="Column" kind=FieldKind::Select(columns) id=format!("field-column-{NUMBER}") />
                <Field name="spot" label="Place" kind=FieldKind::Select(spots()) id=format!("field-spot-{NUMBER}") />
                <Submit kind=ButtonKind::Small>"Move"</Submit>
            </form>
        </FormDialog>
    }
}

/// Places in a column, as the form says them.
pub(super) const SPOTS: [(&str, &str, Spot); 4] = [
    ("last", "at the end", Spot::Last),
    ("first", "at the top", Spot::First),
    ("up", "one higher", Spot::Up),
    ("down", "one lower", Spot::Down),
];

fn spots() -> Vec<Choice> {
    let spots = SPOTS.iter();
    spots
        .map(|(value, label, _)| Choice::new(*value, *label))
        .collect()
}
