//! Contributing factors: rows from a list that the organisation grows, with words of their own in each postmortem.

use super::{Refused, find};
use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use domain::ids::{FactorId, IncidentId, NamedFactorId};
use domain::people::Permission;
use domain::postmortems::{Factor, NamedFactor};

/// All factors that were ever named, by name.
pub async fn known_factors(tx: &mut Tx) -> Result<Vec<Factor>> {
    sql("SELECT id, name, created_at FROM factors ORDER BY name")
        .all(tx)
        .await
}

/// Names a factor in a postmortem; a name that is new joins the organisation's list. Naming it twice changes its words.
///
/// # Errors
/// [`Refused::NoFactor`], [`Refused::FactorTooLong`]
pub async fn name_factor(tx: &mut Tx, number: i64, name: &str, words: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => return Err(Refused::NoFactor.into()),
        1..=120 => {}
        _ => return Err(Refused::FactorTooLong.into()),
    }
    let words = checked_words(words)?;
    let postmortem = find(tx, number).await?;
    let factor = factor_named(tx, &name).await?;
    let id: NamedFactorId = tx.new_id();
    sql(
        "INSERT INTO postmortem_factors (id, postmortem_id, factor_id, words, position)
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) FROM postmortem_factors WHERE postmortem_id = $2))
         ON CONFLICT (postmortem_id, factor_id) DO UPDATE SET words = excluded.words",
    )
    .bind(id)
    .bind(postmortem.id)
    .bind(factor)
    .bind(words)
    .run(tx)
    .await?;
    Ok(())
}

/// The factor of this name, in whatever case, made where there is none. One at a time: what case is, the databases do not agree on
/// beyond ASCII, so that no index decides.
async fn factor_named(tx: &mut Tx, name: &str) -> Result<FactorId> {
    dialect::lock_word(tx, "factors").await?;
    let folded = name.to_lowercase();
    let known = known_factors(tx).await?;
    if let Some(factor) = known.iter().find(|factor| factor.name.to_lowercase() == folded) {
        return Ok(factor.id);
    }
    let id: FactorId = tx.new_id();
    let now = tx.now();
    sql("INSERT INTO factors (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(name)
        .bind(now)
        .run(tx)
        .await?;
    Ok(id)
}

/// Longest words about a factor, in characters.
const MOST_WORDS: usize = 20_000;

fn checked_words(words: &str) -> Result<&str> {
    let words = words.trim();
    if words.chars().count() > MOST_WORDS {
        return Err(Refused::WordsTooLong.into());
    }
    Ok(words)
}

/// Changes what is said about a factor here.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn change_factor(tx: &mut Tx, number: i64, id: NamedFactorId, words: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let words = checked_words(words)?;
    let postmortem = find(tx, number).await?;
    sql("UPDATE postmortem_factors SET words = $3 WHERE id = $1 AND postmortem_id = $2")
        .bind(id)
        .bind(postmortem.id)
        .bind(words)
        .run(tx)
        .await?;
    Ok(())
}

/// Takes a factor out of a postmortem; the organisation's list keeps it.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn remove_factor(tx: &mut Tx, number: i64, id: NamedFactorId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let postmortem = find(tx, number).await?;
    sql("DELETE FROM postmortem_factors WHERE id = $1 AND postmortem_id = $2")
        .bind(id)
        .bind(postmortem.id)
        .run(tx)
        .await?;
    Ok(())
}

/// The factors named in the postmortem of an incident, in their order.
pub async fn factors_of(tx: &mut Tx, incident: IncidentId) -> Result<Vec<NamedFactor>> {
    sql("SELECT n.id, n.postmortem_id, n.factor_id, f.name, n.words, n.position
         FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id
         WHERE m.incident_id = $1 ORDER BY n.position, n.id")
        .bind(incident)
        .all(tx)
        .await
}
