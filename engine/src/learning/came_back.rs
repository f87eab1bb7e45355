//! What came back with an incident, and how people say that it came about.

use super::look::{Look, Which};
use super::near::near;
use super::promised::{Promised, promised, titles};
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::{Error, Result};
use crate::incidents;
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{FactorId, IncidentId};
use domain::learning::{Finding, Verdict};
use domain::people::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// A factor of an incident that was met before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBack {
    pub factor: FactorId,
    pub name: String,
    pub findings: Vec<Finding>,
    /// Action items that answer it at other services.
    pub elsewhere: Vec<There>,
    /// `None`: nobody has looked at it yet.
    pub said: Option<Said>,
    /// What was said before, the latest first.
    pub said_before: Vec<Said>,
    /// What was to keep it from coming back here.
    pub promised: Vec<Promised>,
}

/// An action item that answers a factor at another service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct There {
    /// ACT-…
    pub number: i64,
    pub title: String,
    /// The one of the same title that answers it here.
    pub here: Option<i64>,
}

/// What a person says of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    pub verdict: Verdict,
    pub words: String,
    /// Whose word it is.
    pub name: Option<String>,
    pub said_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct SaidOf {
    incident_id: IncidentId,
    factor_id: FactorId,
    #[sqlx(flatten)]
    said: Said,
}

/// What people said, by incident and factor.
pub(super) type Verdicts = BTreeMap<(IncidentId, FactorId), Said>;

/// What was said of a factor that was merged since is said of what it was merged into.
const SAID: &str =
    "SELECT v.incident_id, COALESCE(f.merged_into, f.id) AS factor_id, v.verdict, v.words, p.name, v.said_at
     FROM came_back_verdicts v JOIN factors f ON f.id = v.factor_id LEFT JOIN people p ON p.id = v.said_by";
const BY_TIME: &str = " ORDER BY v.said_at";
const SAID_BEFORE: &str =
    "SELECT v.incident_id, COALESCE(f.merged_into, f.id) AS factor_id, v.verdict, v.words, p.name, v.said_at
     FROM earlier_verdicts v JOIN factors f ON f.id = v.factor_id LEFT JOIN people p ON p.id = v.said_by";

pub(super) async fn verdicts(tx: &mut Tx) -> Result<Verdicts> {
    Ok(by_key(sql(constcat::concat!(SAID, BY_TIME)).all(tx).await?))
}

/// Of several words about one the last counts.
fn by_key(rows: Vec<SaidOf>) -> Verdicts {
    let rows = rows.into_iter();
    rows.map(|row| ((row.incident_id, row.factor_id), row.said))
        .collect()
}

/// What was said before somebody said it anew, the latest first, of an incident or of a factor.
pub(super) async fn said_before(
    tx: &mut Tx,
    incident: Option<IncidentId>,
    factor: Option<FactorId>,
) -> Result<BTreeMap<(IncidentId, FactorId), Vec<Said>>> {
    let rows: Vec<SaidOf> = sql(constcat::concat!(
        SAID_BEFORE,
        " WHERE ($1 IS NULL OR v.incident_id = $1) AND ($2 IS NULL OR COALESCE(f.merged_into, f.id) = $2)
          ORDER BY v.said_at DESC, v.id DESC"
    ))
    .bind(incident)
    .bind(factor)
    .all(tx)
    .await?;
    let mut before: BTreeMap<(IncidentId, FactorId), Vec<Said>> = BTreeMap::new();
    for row in rows {
        before
            .entry((row.incident_id, row.factor_id))
            .or_default()
            .push(row.said);
    }
    Ok(before)
}

/// The factors of an incident that were met before, by name.
pub async fn of_incident(tx: &mut Tx, incident: IncidentId) -> Result<Vec<CameBack>> {
    let near = near(tx, incident).await?;
    let look = Look::load(tx, Which::These(&near.namings)).await?;
    let said: Vec<SaidOf> = sql(constcat::concat!(SAID, " WHERE v.incident_id = $1", BY_TIME))
        .bind(incident)
        .all(tx)
        .await?;
    let mut said = by_key(said);
    let mut said_before = said_before(tx, Some(incident), None).await?;
    let mut came_back: Vec<CameBack> = look
        .namings
        .iter()
        .filter(|naming| naming.incident == incident)
        .map(|naming| CameBack {
            factor: naming.factor,
            name: naming.name.clone(),
            findings: look.findings(naming, near.left_out.get(&naming.factor).copied().unwrap_or(0)),
            elsewhere: Vec::new(),
            said: said.remove(&(incident, naming.factor)),
            said_before: said_before.remove(&(incident, naming.factor)).unwrap_or_default(),
            promised: promised(&look, naming),
        })
        .filter(|came_back| !came_back.findings.is_empty())
        .collect();
    came_back.sort_by(|one, other| one.name.cmp(&other.name));
    answered_elsewhere(tx, incident, &mut came_back).await?;
    Ok(came_back)
}

/// Says of each factor which action items answer it at other services, whether this incident has the same, and what those are called
/// that were promised here.
async fn answered_elsewhere(tx: &mut Tx, incident: IncidentId, all: &mut [CameBack]) -> Result<()> {
    let items_of = |one: &CameBack| -> BTreeSet<i64> {
        one.findings
            .iter()
            .flat_map(|finding| finding.items_elsewhere().to_vec())
            .collect()
    };
    let promised = all.iter().flat_map(|one| &one.promised);
    let mut numbers: BTreeSet<i64> = promised.map(|promised| promised.number).collect();
    numbers.extend(all.iter().flat_map(items_of));
    if numbers.is_empty() {
        return Ok(());
    }
    let titles = titles(tx, numbers).await?;
    let here: Vec<(FactorId, i64, String)> = sql(
        "SELECT COALESCE(f.merged_into, f.id), a.number, a.title FROM action_items a
         JOIN postmortem_factors n ON n.id = a.named_factor_id JOIN factors f ON f.id = n.factor_id
         WHERE a.incident_id = $1 ORDER BY a.number DESC",
    )
    .bind(incident)
    .all(tx)
    .await?;
    let here: BTreeMap<(FactorId, &str), i64> = here
        .iter()
        .map(|(factor, number, title)| ((*factor, title.as_str()), *number))
        .collect();
    for one in all {
        for promised in &mut one.promised {
            promised.title = titles.get(&promised.number).cloned().unwrap_or_default();
        }
        let items = items_of(one).into_iter();
        let there = items.filter_map(|number| Some((number, titles.get(&number)?)));
        one.elsewhere = there
            .map(|(number, title)| There {
                number,
                title: title.clone(),
                here: here.get(&(one.factor, title.as_str())).copied(),
            })
            .collect();
    }
    Ok(())
}

/// Says how it came about that a factor was met again; said anew, the last one counts.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Error::NotFound`]
pub async fn say(tx: &mut Tx, number: i64, factor: FactorId, verdict: Verdict, words: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let words = &*fields::VERDICT_WORDS.read(words)?;
    let incident = incidents::find(tx, number).await?;
    let came_back = of_incident(tx, incident.id).await?;
    if came_back.iter().all(|other| other.factor != factor) {
        return Err(Error::NotFound("factor that came back"));
    }
    let (id, now, by) = (tx.context.new_id(), tx.now(), tx.actor().person());
    // What stood there is kept.
    sql(
        "INSERT INTO earlier_verdicts (id, incident_id, factor_id, verdict, words, said_by, said_at)
         SELECT $3, incident_id, factor_id, verdict, words, said_by, said_at FROM came_back_verdicts
         WHERE incident_id = $1 AND factor_id = $2 AND (verdict <> $4 OR words <> $5)",
    )
    .bind(incident.id)
    .bind(factor)
    .bind(Arg::Id(Some(id)))
    .bind(verdict)
    .bind(words)
    .run(tx)
    .await?;
    sql("INSERT INTO came_back_verdicts (incident_id, factor_id, verdict, words, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (incident_id, factor_id) DO UPDATE SET verdict = excluded.verdict, words = excluded.words,
            said_by = excluded.said_by, said_at = excluded.said_at")
        .bind(incident.id)
        .bind(factor)
        .bind(verdict)
        .bind(words)
        .bind(by)
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}
