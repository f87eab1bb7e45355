//! Factors whose names look like one: free text splits what is counted.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::postmortems::known_factors;
use domain::ids::FactorId;
use domain::learning::lookalikes as pairs;
use domain::people::Permission;
use domain::postmortems::Factor;
use std::collections::BTreeSet;

/// Two factors that may be one.
#[derive(Clone, Debug)]
pub struct Lookalike {
    pub one: Factor,
    pub other: Factor,
}

/// Those that nobody has merged or kept apart, the most alike first.
pub async fn lookalikes(tx: &mut Tx) -> Result<Vec<Lookalike>> {
    let factors = known_factors(tx).await?;
    let apart: Vec<(FactorId, FactorId)> = sql("SELECT one_id, other_id FROM factors_apart").all(tx).await?;
    let apart: BTreeSet<(FactorId, FactorId)> = apart.into_iter().collect();
    let names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
    let found = pairs(&names)
        .into_iter()
        .map(|(one, other)| (&factors[one], &factors[other]))
        .filter(|(one, other)| !apart.contains(&in_order(one.id, other.id)))
        .map(|(one, other)| Lookalike {
            one: one.clone(),
            other: other.clone(),
        });
    Ok(found.collect())
}

/// Says that two factors are two, whatever their names; they are not asked about again.
///
/// # Errors
/// [`super::Refused::IntoItself`], [`crate::Error::NotFound`]
pub async fn keep_apart(tx: &mut Tx, one: FactorId, other: FactorId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    if one == other {
        return Err(super::Refused::IntoItself.into());
    }
    for id in [one, other] {
        let _: (FactorId,) = sql("SELECT id FROM factors WHERE id = $1")
            .bind(id)
            .one(tx, "factor")
            .await?;
    }
    let (first, second) = in_order(one, other);
    let (now, by) = (tx.now(), tx.actor().person());
    sql("INSERT INTO factors_apart (one_id, other_id, said_at, said_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(first)
        .bind(second)
        .bind(now)
        .bind(by)
        .run(tx)
        .await
        .map(drop)
}

fn in_order(one: FactorId, other: FactorId) -> (FactorId, FactorId) {
    if one <= other { (one, other) } else { (other, one) }
}
