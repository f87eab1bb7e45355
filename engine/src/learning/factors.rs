//! One factor: where it was met, what answers it; renamed, and merged with one that is the same.

use super::Refused;
use super::came_back::{Said, said_before};
use super::look::{Look, Naming, Which};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::postmortems::{FactorChange, lock_factors, record_factor, same_factor};
use chrono::{DateTime, Utc};
use domain::action_items::ActionState;
use domain::fields;
use domain::ids::{FactorId, IncidentId};
use domain::learning::Finding;
use domain::people::Permission;
use domain::postmortems::Factor;
use std::collections::BTreeMap;

/// All of a factor that people have written down.
#[derive(Clone, Debug)]
pub struct FactorPage {
    pub factor: Factor,
    /// The latest first.
    pub met: Vec<MetIn>,
    /// By number; also of documents that do not name it any more.
    pub answers: Vec<Answering>,
    /// Factors that are this one since somebody said so.
    pub merged: Vec<Factor>,
    /// What became of its name, the latest first.
    pub history: Vec<Became>,
}

/// An action item that answers it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Answering {
    pub number: i64,
    pub title: String,
    pub state: ActionState,
    /// Of its incident. INC-…
    pub incident: i64,
    /// The document does not name the factor any more.
    pub is_removed: bool,
}

/// Renamed, merged, or parted again.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Became {
    pub at: DateTime<Utc>,
    /// `None`: the program itself.
    pub who: Option<String>,
    /// What it is called now; another one's that was merged into it.
    pub name: String,
    pub what: String,
    pub was: Option<String>,
    pub became: Option<String>,
}

/// An incident in which it was named.
#[derive(Clone, Debug)]
pub struct MetIn {
    pub incident: IncidentId,
    pub number: i64,
    pub title: String,
    pub words: String,
    /// ACT-…
    pub answers: Vec<i64>,
    pub findings: Vec<Finding>,
    pub said: Option<Said>,
    /// What was said before, the latest first.
    pub said_before: Vec<Said>,
}

/// Reads one factor; of one that was merged, what it was merged into.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn factor(tx: &mut Tx, id: FactorId) -> Result<FactorPage> {
    let factor: Factor = sql(
        "SELECT f.id, f.name, f.created_at FROM factors o JOIN factors f ON f.id = COALESCE(o.merged_into, o.id) WHERE o.id = $1",
    )
    .bind(id)
    .one(tx, "factor")
    .await?;
    let merged = sql("SELECT id, name, created_at FROM factors WHERE merged_into = $1 ORDER BY name")
        .bind(factor.id)
        .all(tx)
        .await?;
    let words: Vec<(IncidentId, String)> = sql(
        "SELECT m.incident_id, n.words FROM postmortem_factors n JOIN factors o ON o.id = n.factor_id
         JOIN postmortems m ON m.id = n.postmortem_id WHERE COALESCE(o.merged_into, o.id) = $1 AND n.removed_at IS NULL",
    )
    .bind(factor.id)
    .all(tx)
    .await?;
    let look = Look::load_heard(tx, Which::Factor(factor.id)).await?;
    let mut namings: Vec<&Naming> = look.namings.iter().collect();
    namings.sort_by_key(|naming| std::cmp::Reverse((naming.met.began_at, naming.met.number)));
    let mut before = said_before(tx, None, Some(factor.id)).await?;
    let met = namings.into_iter().map(|naming| MetIn {
        said_before: before.remove(&(naming.incident, factor.id)).unwrap_or_default(),
        said: naming.said.clone(),
        incident: naming.incident,
        number: naming.met.number,
        title: naming.title.clone(),
        words: words
            .iter()
            .filter(|(incident, _)| *incident == naming.incident)
            .map(|(_, words)| words.clone())
            .collect::<Vec<_>>()
            .join("\n\n"),
        answers: naming.answers.iter().map(|answer| answer.number).collect(),
        findings: look.findings(naming, 0),
    });
    let met = met.collect();
    Ok(FactorPage {
        answers: answers(tx, factor.id).await?,
        history: history(tx, factor.id).await?,
        factor,
        met,
        merged,
    })
}

async fn answers(tx: &mut Tx, factor: FactorId) -> Result<Vec<Answering>> {
    sql(
        "SELECT a.number, a.title, a.state, i.number AS incident, n.removed_at IS NOT NULL AS is_removed
         FROM factors o CROSS JOIN postmortem_factors n CROSS JOIN action_items a CROSS JOIN incidents i
         WHERE n.factor_id = o.id AND a.named_factor_id = n.id AND i.id = a.incident_id AND {visible i} AND COALESCE(o.merged_into, o.id) = $1 ORDER BY a.number",
    )
    .bind(factor)
    .all(tx)
    .await
}

async fn history(tx: &mut Tx, factor: FactorId) -> Result<Vec<Became>> {
    sql(
        "SELECT c.at, p.name AS who, o.name, c.what, c.was, c.became FROM factor_changes c JOIN factors o ON o.id = c.factor_id
         LEFT JOIN people p ON p.id = c.actor_id
         WHERE COALESCE(o.merged_into, o.id) = $1 AND c.what IN ('renamed', 'merged', 'parted') ORDER BY c.at DESC, c.id DESC",
    )
    .bind(factor)
    .all(tx)
    .await
}

/// Gives a factor a better name, everywhere.
///
/// # Errors
/// [`Refused::NameTaken`], and those of a name.
pub async fn rename(tx: &mut Tx, id: FactorId, name: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let name = fields::FACTOR.read(name)?;
    lock_factors(tx).await?;
    let factor = factor(tx, id).await?.factor;
    if same_factor(tx, &name)
        .await?
        .is_some_and(|other| other != factor.id)
    {
        return Err(Refused::NameTaken.into());
    }
    if *factor.name == *name {
        return Ok(());
    }
    sql("UPDATE factors SET name = $2 WHERE id = $1")
        .bind(factor.id)
        .bind(&name)
        .run(tx)
        .await?;
    let change = FactorChange::Renamed {
        was: &factor.name,
        became: &name,
    };
    record_factor(tx, factor.id, None, change).await
}

/// Says that a factor is another one: it counts as that one wherever it was named, until [`part`].
///
/// # Errors
/// [`Refused::IntoItself`], [`Refused::IsMerged`], [`Error::NotFound`]
pub async fn merge(tx: &mut Tx, id: FactorId, into: FactorId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    if id == into {
        return Err(Refused::IntoItself.into());
    }
    lock_factors(tx).await?;
    let target: (FactorId, Option<FactorId>, String) =
        sql("SELECT id, merged_into, name FROM factors WHERE id = $1")
            .bind(into)
            .one(tx, "factor")
            .await?;
    if target.1.is_some() {
        return Err(Refused::IsMerged.into());
    }
    let (with,): (Option<FactorId>,) = sql("SELECT merged_with FROM factors WHERE id = $1")
        .bind(id)
        .one(tx, "factor")
        .await?;
    match with {
        None => {}
        Some(with) if with == into => return Ok(()),
        Some(_) => return Err(Refused::IsAnother.into()),
    }
    sql("UPDATE factors SET merged_with = $2 WHERE id = $1")
        .bind(id)
        .bind(into)
        .run(tx)
        .await?;
    follow_merges(tx).await?;
    record_factor(tx, id, None, FactorChange::Merged { into: &target.2 }).await
}

/// Takes a merge back: the factor is its own again, with what was merged into it before.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn part(tx: &mut Tx, id: FactorId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    lock_factors(tx).await?;
    let parted = sql("UPDATE factors SET merged_with = NULL WHERE id = $1 AND merged_with IS NOT NULL")
        .bind(id)
        .run(tx)
        .await?;
    if parted == 0 {
        return Ok(());
    }
    follow_merges(tx).await?;
    record_factor(tx, id, None, FactorChange::Parted).await
}

/// Writes down of each factor where its merges lead in the end, so that one look finds it.
async fn follow_merges(tx: &mut Tx) -> Result<()> {
    let merged: Vec<(FactorId, FactorId, Option<FactorId>)> =
        sql("SELECT id, merged_with, merged_into FROM factors WHERE merged_with IS NOT NULL")
            .all(tx)
            .await?;
    let next: BTreeMap<FactorId, FactorId> = merged.iter().map(|(id, with, _)| (*id, *with)).collect();
    for (id, with, was) in &merged {
        // A merge leads to a factor that is its own, so no chain goes round.
        let end = std::iter::successors(Some(*with), |at| next.get(at).copied()).last();
        if end != *was {
            sql("UPDATE factors SET merged_into = $2 WHERE id = $1")
                .bind(*id)
                .bind(end)
                .run(tx)
                .await?;
        }
    }
    sql("UPDATE factors SET merged_into = NULL WHERE merged_with IS NULL AND merged_into IS NOT NULL")
        .run(tx)
        .await
        .map(drop)
}
