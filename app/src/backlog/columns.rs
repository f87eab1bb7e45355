//! Columns of a board.

use super::board::answer;
use crate::App;
use crate::answer::{Answered, problem_of, see};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ids::ColumnId;
use domain::people::Deed;
use engine::actions::{self, Refused};
use engine::{people, teams, transaction};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
    limit: String,
}

impl Typed {
    fn limit(&self) -> Result<Option<i64>, Refused> {
        match self.limit.trim() {
            "" => Ok(None),
            limit => limit.parse().map(Some).map_err(|_| Refused::BadLimit),
        }
    }
}

pub async fn add(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.engine, |tx| {
        let team = teams::find(tx, &slug).await?;
        people::may(tx, &who.person, Deed::ChangeTeam(team.id)).await?;
        actions::add_column(tx, team.id, &typed.name, typed.limit()?).await?
    });
    back(&app, &who, &slug, done).await
}

pub async fn change(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, column)): Path<(String, ColumnId)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.engine, |tx| {
        let team = teams::find(tx, &slug).await?;
        people::may(tx, &who.person, Deed::ChangeTeam(team.id)).await?;
        actions::change_column(tx, team.id, column, &typed.name, typed.limit()?).await?
    });
    back(&app, &who, &slug, done).await
}

async fn back(app: &App, who: &SignedIn, slug: &str, done: engine::Result<()>) -> Answered {
    match done {
        Ok(()) => Ok(see(&format!("/teams/{slug}/backlog"))),
        Err(error) => {
            answer(
                app,
                who,
                slug,
                StatusCode::UNPROCESSABLE_ENTITY,
                problem_of(error)?,
            )
            .await
        }
    }
}
