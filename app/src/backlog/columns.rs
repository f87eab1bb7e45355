//! Columns of a board.

use super::board::answer;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::drawn::{Drawn, merged};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action_items::Column;
use domain::ids::ColumnId;
use engine::action_items::{self, Refused};
use engine::{sent, teams, transaction};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub name: String,
    pub limit: String,
    drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["name", "limit"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    pub fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            limit: column
                .card_limit
                .map_or_else(String::new, |limit| limit.to_string()),
            drawn: String::new(),
        }
    }

    fn limit(&self) -> Result<Option<i64>, Refused> {
        match self.limit.trim() {
            "" => Ok(None),
            limit => limit.parse().map(Some).map_err(|_| Refused::BadLimit),
        }
    }
}

/// What of the board's forms came back with a problem.
#[derive(Clone, Debug, Default)]
pub struct Back {
    /// The column that was to be changed; none is a new one.
    pub column: Option<ColumnId>,
    pub typed: Typed,
    pub problem: Problem,
}

pub async fn add(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        action_items::add_column(tx, team.id, &typed.name, typed.limit()?).await?
    });
    back(&app, &who, &slug, None, typed, done).await
}

pub async fn change(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, column)): Path<(String, ColumnId)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let team = teams::find(tx, &slug).await?;
        sent::one_at_a_time(tx, &format!("column {column}")).await?;
        let typed = merged(
            &typed,
            &Typed::of(&action_items::column(tx, team.id, column).await?),
        )?;
        action_items::change_column(tx, team.id, column, &typed.name, typed.limit()?).await?
    });
    back(&app, &who, &slug, Some(column), typed, done).await
}

async fn back(
    app: &App,
    who: &SignedIn,
    slug: &str,
    column: Option<ColumnId>,
    typed: Typed,
    done: engine::Result<()>,
) -> Answered {
    match done {
        Ok(()) => Ok(see(&format!("/teams/{slug}/backlog"))),
        Err(error) => {
            let back = Back {
                column,
                typed,
                problem: problem_of(error)?,
            };
            answer(app, who, slug, StatusCode::UNPROCESSABLE_ENTITY, back).await
        }
    }
}
