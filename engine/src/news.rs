//! News: what concerns a person, and somebody else did. It waits here, since whatever causes it stands on any floor and must not fail by
//! it; a worker puts it into mails ([`crate::messages::news`]). Each kind can be turned off.

use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IncidentId, PersonId};
use domain::news::{News, NewsKind};
use domain::people::Permission;
use uuid::Uuid;

/// What happened so long ago, while nobody could put it into words, is no news.
const IS_OLD: TimeDelta = TimeDelta::days(1);

/// As many as one list takes up.
const MOST_IN_A_LIST: i64 = 500;

/// Keeps it to be told soon, unless they did it themselves or turned such news off.
pub(crate) async fn tell(tx: &mut Tx, to: PersonId, about: Option<IncidentId>, news: &News) -> Result<()> {
    let by = tx.actor().person();
    tell_of(tx, to, by, about, news).await
}

/// As [`tell`], of what somebody did before.
pub(crate) async fn tell_of(
    tx: &mut Tx,
    to: PersonId,
    by: Option<PersonId>,
    about: Option<IncidentId>,
    news: &News,
) -> Result<()> {
    if by == Some(to) || turned_off(tx, to).await?.contains(&news.kind()) {
        return Ok(());
    }
    let (id, now) = (tx.context.new_id(), tx.now());
    sql("INSERT INTO news (id, person_id, by_id, incident_id, news, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(Arg::Id(Some(id)))
        .bind(to)
        .bind(by)
        .bind(about)
        .bind(Arg::json(news))
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

/// What a person does not want to be mailed.
pub async fn turned_off(tx: &mut Tx, person: PersonId) -> Result<Vec<NewsKind>> {
    let rows: Vec<(NewsKind,)> = sql("SELECT kind FROM news_turned_off WHERE person_id = $1 ORDER BY kind")
        .bind(person)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(kind,)| kind).collect())
}

/// Turns these kinds off for a person, and all others on.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn turn_off(tx: &mut Tx, person: PersonId, kinds: &[NewsKind]) -> Result<()> {
    if tx.actor().person() != Some(person) {
        tx.authorize(Permission::Administer).await?;
    }
    let before = audit::before(tx, Subject::Person(person)).await?;
    sql("DELETE FROM news_turned_off WHERE person_id = $1")
        .bind(person)
        .run(tx)
        .await?;
    for kind in kinds {
        sql("INSERT INTO news_turned_off (person_id, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(person)
            .bind(*kind)
            .run(tx)
            .await?;
    }
    before.told(tx).await
}

/// A piece of news that nobody was told yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Waiting {
    pub id: Uuid,
    pub by_name: Option<String>,
    pub incident_id: Option<IncidentId>,
    #[sqlx(json)]
    pub news: News,
    pub created_at: DateTime<Utc>,
}

/// Whom something waits for.
pub async fn people_waited_for(tx: &mut Tx) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = sql("SELECT DISTINCT person_id FROM news").all(tx).await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// What waits for them, oldest first. What is no news any more is forgotten.
pub(crate) async fn waiting_for(tx: &mut Tx, person: PersonId) -> Result<Vec<Waiting>> {
    sql("DELETE FROM news WHERE person_id = $1 AND created_at < $2")
        .bind(person)
        .bind(tx.now() - IS_OLD)
        .run(tx)
        .await?;
    sql(
        "SELECT n.id, p.name AS by_name, n.incident_id, n.news, n.created_at FROM news n LEFT JOIN people p ON p.id = n.by_id
         WHERE n.person_id = $1 ORDER BY n.created_at, n.id LIMIT $2",
    )
    .bind(person)
    .bind(MOST_IN_A_LIST)
    .all(tx)
    .await
}

/// What waits to be told of an entry is forgotten: its words must stand nowhere.
pub(crate) async fn take_back(tx: &mut Tx, incident: IncidentId, entry: i64) -> Result<()> {
    let waiting: Vec<Waiting> =
        sql("SELECT id, NULL AS by_name, incident_id, news, created_at FROM news WHERE incident_id = $1")
            .bind(incident)
            .all(tx)
            .await?;
    let repeat: Vec<Waiting> = waiting
        .into_iter()
        .filter(|one| one.news.repeats() == Some(entry))
        .collect();
    forget(tx, &repeat).await
}

/// They were told.
pub(crate) async fn forget(tx: &mut Tx, told: &[Waiting]) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    sql_of_rows(
        "WITH asked (id) AS (VALUES {rows}) DELETE FROM news WHERE id IN (SELECT id FROM asked)",
        told.iter().map(|news| vec![Arg::Id(Some(news.id))]).collect(),
    )
    .run(tx)
    .await
    .map(drop)
}
