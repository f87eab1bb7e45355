//! Contributing factors: rows from a list that the organisation grows, with words of their own in each postmortem.

use super::{Refused, find};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::{FactorId, IncidentId, NamedFactorId};
use domain::postmortems::{Factor, NamedFactor};

/// All factors that were ever named, by name.
///
/// # Errors
/// [`crate::Error::Database`]
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
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => return Err(Refused::NoFactor.into()),
        1..=120 => {}
        _ => return Err(Refused::FactorTooLong.into()),
    }
    let postmortem = find(tx, number).await?;
    let now = tx.now();
    let fresh: FactorId = tx.new_id();
    sql("INSERT INTO factors (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .bind(&name)
        .bind(now)
        .run(tx)
        .await?;
    let (factor,): (FactorId,) = sql("SELECT id FROM factors WHERE lower(name) = lower($1)")
        .bind(&name)
        .one(tx, "factor")
        .await?;
    let id: NamedFactorId = tx.new_id();
    sql(
        "INSERT INTO postmortem_factors (id, postmortem_id, factor_id, words, position)
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) FROM postmortem_factors WHERE postmortem_id = $2))
         ON CONFLICT (postmortem_id, factor_id) DO UPDATE SET words = excluded.words",
    )
    .bind(id)
    .bind(postmortem.id)
    .bind(factor)
    .bind(words.trim())
    .run(tx)
    .await?;
    Ok(())
}

/// Changes what is said about a factor here.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn change_factor(tx: &mut Tx, number: i64, id: NamedFactorId, words: &str) -> Result<()> {
    let postmortem = find(tx, number).await?;
    sql("UPDATE postmortem_factors SET words = $3 WHERE id = $1 AND postmortem_id = $2")
        .bind(id)
        .bind(postmortem.id)
        .bind(words.trim())
        .run(tx)
        .await?;
    Ok(())
}

/// Takes a factor out of a postmortem; the organisation's list keeps it.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn remove_factor(tx: &mut Tx, number: i64, id: NamedFactorId) -> Result<()> {
    let postmortem = find(tx, number).await?;
    sql("DELETE FROM postmortem_factors WHERE id = $1 AND postmortem_id = $2")
        .bind(id)
        .bind(postmortem.id)
        .run(tx)
        .await?;
    Ok(())
}

/// The factors named in the postmortem of an incident, in their order.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn factors_of(tx: &mut Tx, incident: IncidentId) -> Result<Vec<NamedFactor>> {
    sql("SELECT n.id, n.postmortem_id, n.factor_id, f.name, n.words, n.position
         FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id
         WHERE m.incident_id = $1 ORDER BY n.position, n.id")
        .bind(incident)
        .all(tx)
        .await
}
