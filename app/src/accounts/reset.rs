//! Setting a new password through a mailed link.

use super::door::{Chosen, show_link, use_link};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::visitor::Visitor;
use axum::extract::State;
use engine::mailed_links::Purpose;

pub async fn show(State(app): State<App>, Path(token): Path<String>) -> Answered {
    show_link(&app, Purpose::PasswordReset, &token).await
}

pub async fn post(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Answered {
    use_link(&app, &visitor, Purpose::PasswordReset, &token, &chosen).await
}
