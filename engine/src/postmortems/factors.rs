//! Contributing factors: rows from a list that the organisation grows, with words of their own in each postmortem.

use super::state::owners_are_to_be_asked;
use super::{Refused, find};
use crate::db::{Arg, dialect, sql};
use crate::error::Result;
use crate::mentions::{self, Place, Written};
use crate::{Tx, incidents};
use domain::fields;
use domain::ids::{FactorId, IncidentId, NamedFactorId, PostmortemId};
use domain::news::shortened_to;
use domain::people::Permission;
use domain::postmortems::{Factor, NamedFactor, PostmortemState};
use unicode_normalization::UnicodeNormalization;

/// So much of what it says already is repeated to whoever names it again.
const MOST_OF_WORDS: usize = 300;

/// All factors that were ever named, by name, but those that were merged into another one.
pub async fn known_factors(tx: &mut Tx) -> Result<Vec<Factor>> {
    sql("SELECT id, name, created_at FROM factors WHERE merged_into IS NULL ORDER BY name")
        .all(tx)
        .await
}

/// Names a factor in a postmortem; a name that is new joins the organisation's list. Naming it again without any words keeps those that it
/// has or had, and with other ones is refused, so that neither are lost.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::NamedAlready`]
pub async fn name_factor(tx: &mut Tx, number: i64, name: &str, words: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let name = fields::FACTOR.read(name)?;
    let words = &*fields::FACTOR_WORDS.read(words)?;
    let postmortem = find(tx, number).await?;
    let factor = factor_named(tx, &name).await?;
    let kept: Option<(String, bool)> = sql(
        "SELECT words, removed_at IS NULL FROM postmortem_factors WHERE postmortem_id = $1 AND factor_id = $2",
    )
    .bind(postmortem.id)
    .bind(factor)
    .maybe(tx)
    .await?;
    let words = match &kept {
        Some((was, _)) if words.is_empty() => was.as_str(),
        _ => words,
    };
    let before = kept.as_ref().filter(|(_, stands)| *stands);
    if let Some((was, _)) = before
        && !was.is_empty()
        && was != words
    {
        return Err(Refused::NamedAlready(shortened_to(MOST_OF_WORDS, was)).into());
    }
    let id: NamedFactorId = tx.new_id();
    sql(
        "INSERT INTO postmortem_factors (id, postmortem_id, factor_id, words, position)
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) FROM postmortem_factors WHERE postmortem_id = $2))
         ON CONFLICT (postmortem_id, factor_id) DO UPDATE SET words = excluded.words, removed_at = NULL",
    )
    .bind(id)
    .bind(postmortem.id)
    .bind(factor)
    .bind(words)
    .run(tx)
    .await?;
    let change = match before {
        None => FactorChange::Named { words },
        Some((was, _)) if was == words => return Ok(()),
        Some((was, _)) => FactorChange::Reworded { was, became: words },
    };
    record_factor(tx, factor, Some(postmortem.id), change).await?;
    if postmortem.state != PostmortemState::Draft {
        owners_are_to_be_asked(tx, postmortem.incident_id).await?;
    }
    let before = before.map_or("", |(was, _)| was);
    tell_whom_it_names(tx, postmortem.incident_id, words, before).await
}

/// Names a factor in each of several postmortems, by the number of its incident.
///
/// # Errors
/// What [`name_factor`] refuses, with the line it belongs to.
pub async fn name_factors(tx: &mut Tx, lines: &[(i64, String)]) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    for (number, name) in lines {
        let named = name_factor(tx, *number, name, "").await;
        named.map_err(|error| error.of_line(*number))?;
    }
    Ok(())
}

async fn tell_whom_it_names(tx: &mut Tx, incident: IncidentId, text: &str, before: &str) -> Result<()> {
    let incident = incidents::find_by_id(tx, incident).await?;
    let written = Written {
        text,
        before,
        place: Place::Postmortem,
    };
    mentions::tell(tx, &incident, written).await.map(drop)
}

/// What became of a factor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FactorChange<'a> {
    Named { words: &'a str },
    Reworded { was: &'a str, became: &'a str },
    Removed { words: &'a str },
    Renamed { was: &'a str, became: &'a str },
    Merged { into: &'a str },
    Parted,
}

/// Writes down what became of a factor, in a document where it is about one.
pub(crate) async fn record_factor(
    tx: &mut Tx,
    factor: FactorId,
    postmortem: Option<PostmortemId>,
    change: FactorChange<'_>,
) -> Result<()> {
    let (what, was, became) = match change {
        FactorChange::Named { words } => ("named", None, Some(words)),
        FactorChange::Reworded { was, became } => ("reworded", Some(was), Some(became)),
        FactorChange::Removed { words } => ("removed", Some(words), None),
        FactorChange::Renamed { was, became } => ("renamed", Some(was), Some(became)),
        FactorChange::Merged { into } => ("merged", None, Some(into)),
        FactorChange::Parted => ("parted", None, None),
    };
    let (id, now, actor) = (tx.context.new_id(), tx.now(), tx.actor().person());
    sql(
        "INSERT INTO factor_changes (id, factor_id, postmortem_id, at, actor_id, what, was, became)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(Arg::Id(Some(id)))
    .bind(factor)
    .bind(postmortem)
    .bind(now)
    .bind(actor)
    .bind(what)
    .bind(was)
    .bind(became)
    .run(tx)
    .await
    .map(drop)
}

/// The factor that has this name, in whatever case and Unicode form; of one that was merged, what it was merged into.
pub(crate) async fn same_factor(tx: &mut Tx, name: &str) -> Result<Option<FactorId>> {
    let folded = folded(name);
    let all: Vec<(FactorId, String)> = sql("SELECT COALESCE(merged_into, id), name FROM factors")
        .all(tx)
        .await?;
    let same = all.into_iter().find(|(_, other)| self::folded(other) == folded);
    Ok(same.map(|(id, _)| id))
}

/// What a factor is called now that has this name, or had it before it was renamed or merged; `None`: no factor ever had it.
pub async fn factor_name_now(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let factor = match same_factor(tx, name).await? {
        Some(factor) => factor,
        None => match once_called(tx, name).await? {
            Some(factor) => factor,
            None => return Ok(None),
        },
    };
    let (now,): (String,) = sql("SELECT name FROM factors WHERE id = $1")
        .bind(factor)
        .one(tx, "factor")
        .await?;
    Ok(Some(now))
}

/// The factor that had this name last, before it was renamed.
async fn once_called(tx: &mut Tx, name: &str) -> Result<Option<FactorId>> {
    let folded = folded(name);
    let all: Vec<(FactorId, String)> = sql(
        "SELECT COALESCE(o.merged_into, o.id), c.was FROM factor_changes c JOIN factors o ON o.id = c.factor_id
         WHERE c.what = 'renamed' AND c.was IS NOT NULL ORDER BY c.at DESC, c.id DESC",
    )
    .all(tx)
    .await?;
    let once = all.into_iter().find(|(_, was)| self::folded(was) == folded);
    Ok(once.map(|(id, _)| id))
}

/// A sigma is one wherever in its word it stands, as it is to the databases.
fn folded(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase().replace('ς', "σ")
}

/// To be called before a factor is made, renamed or merged. One at a time: what case is, the databases do not agree on beyond ASCII, so
/// that no index decides; and two merges at once could lead round.
pub(crate) async fn lock_factors(tx: &mut Tx) -> Result<()> {
    dialect::lock_word(tx, "factors").await
}

/// The factor of this name, in whatever case, made where there is none.
async fn factor_named(tx: &mut Tx, name: &str) -> Result<FactorId> {
    lock_factors(tx).await?;
    if let Some(factor) = same_factor(tx, name).await? {
        return Ok(factor);
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

/// Changes what is said about a factor here.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn change_factor(tx: &mut Tx, number: i64, id: NamedFactorId, words: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let words = &*fields::FACTOR_WORDS.read(words)?;
    let postmortem = find(tx, number).await?;
    let (factor, was) = named(tx, postmortem.id, id).await?;
    if was == words {
        return Ok(());
    }
    sql("UPDATE postmortem_factors SET words = $2 WHERE id = $1")
        .bind(id)
        .bind(words)
        .run(tx)
        .await?;
    let change = FactorChange::Reworded {
        was: &was,
        became: words,
    };
    record_factor(tx, factor, Some(postmortem.id), change).await?;
    tell_whom_it_names(tx, postmortem.incident_id, words, &was).await
}

/// A factor as it was named in a document, and its words there.
async fn named(tx: &mut Tx, postmortem: PostmortemId, id: NamedFactorId) -> Result<(FactorId, String)> {
    sql("SELECT factor_id, words FROM postmortem_factors WHERE id = $1 AND postmortem_id = $2 AND removed_at IS NULL")
        .bind(id)
        .bind(postmortem)
        .one(tx, "factor")
        .await
}

/// Removes a factor from a postmortem. The organisation's list keeps it, and action items that answer it say so on; named again, it is
/// as it was.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn remove_factor(tx: &mut Tx, number: i64, id: NamedFactorId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let postmortem = find(tx, number).await?;
    let (factor, was) = named(tx, postmortem.id, id).await?;
    let now = tx.now();
    sql("UPDATE postmortem_factors SET removed_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    record_factor(
        tx,
        factor,
        Some(postmortem.id),
        FactorChange::Removed { words: &was },
    )
    .await
}

/// The factors named in the postmortem of an incident, in their order.
pub async fn factors_of(tx: &mut Tx, incident: IncidentId) -> Result<Vec<NamedFactor>> {
    sql("SELECT n.id, n.postmortem_id, n.factor_id, f.name, n.words, n.position
         FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id
         WHERE m.incident_id = $1 AND n.removed_at IS NULL ORDER BY n.position, n.id")
        .bind(incident)
        .all(tx)
        .await
}
