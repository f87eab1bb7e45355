//! A team's board: columns, and the cards that lie in them.

use super::columns::of_team;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::teams;
use chrono::{DateTime, TimeDelta, Utc};
use domain::action_items::{ActionItem, Column};
use domain::ids::{FactorId, IncidentId, PersonId, ServiceId, TeamId};
use domain::teams::Team;
use std::collections::{BTreeMap, BTreeSet};

/// An action item with the names around it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Card {
    #[sqlx(flatten)]
    pub item: ActionItem,
    pub owner: Option<String>,
    pub team: String,
    pub team_slug: String,
    pub incident_number: i64,
    pub incident_title: String,
    pub factor_id: Option<FactorId>,
    /// What it is called now, whatever it was called when it was named.
    pub factor: Option<String>,
}

/// CROSS JOIN, so that SQLite begins with the action items.
const CARDS: &str =
    "SELECT a.*, p.name AS owner, t.name AS team, t.slug AS team_slug, i.number AS incident_number,
        i.title AS incident_title, f.id AS factor_id, f.name AS factor
     FROM action_items a CROSS JOIN teams t CROSS JOIN incidents i
     LEFT JOIN people p ON p.id = a.owner_id LEFT JOIN postmortem_factors n ON n.id = a.named_factor_id
     LEFT JOIN factors o ON o.id = n.factor_id LEFT JOIN factors f ON f.id = COALESCE(o.merged_into, o.id)
     WHERE t.id = a.team_id AND i.id = a.incident_id AND {visible i} ";

#[derive(Clone, Debug)]
pub struct Board {
    pub team: Team,
    /// Each with its cards, top first.
    pub columns: Vec<(Column, Vec<Card>)>,
    /// Declined ones lie in no column.
    pub declined: Vec<Card>,
    /// How many more there are, which were kept or declined longer ago.
    pub left_out: i64,
    /// The services of the incidents that they come from.
    pub services: BTreeMap<IncidentId, BTreeSet<ServiceId>>,
}

/// How long a board shows what was kept or declined.
pub const SHOWN_AFTER: TimeDelta = TimeDelta::days(90);

/// Reads a team's board: all that is open, and what was kept or declined in the last 90 days.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn board(tx: &mut Tx, slug: &str) -> Result<Board> {
    let since = tx.now() - SHOWN_AFTER;
    board_since(tx, slug, since).await
}

/// Reads a team's board with all that was ever on it.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn whole_board(tx: &mut Tx, slug: &str) -> Result<Board> {
    board_since(tx, slug, DateTime::UNIX_EPOCH).await
}

async fn board_since(tx: &mut Tx, slug: &str, since: DateTime<Utc>) -> Result<Board> {
    let team = teams::find(tx, slug).await?;
    let columns = of_team(tx, team.id).await?;
    let cards: Vec<Card> = sql(constcat::concat!(
        CARDS,
        "AND a.team_id = $1 AND (a.state NOT IN ('done', 'verified', 'declined') OR a.state_changed_at >= $2)
         ORDER BY a.position, a.number"
    ))
    .bind(team.id)
    .bind(since)
    .all(tx)
    .await?;
    let left_out = sql("SELECT COUNT(*) FROM action_items
         WHERE team_id = $1 AND state IN ('done', 'verified', 'declined') AND state_changed_at < $2")
    .bind(team.id)
    .bind(since)
    .scalar(tx)
    .await?;
    let (declined, cards): (Vec<_>, Vec<_>) = cards
        .into_iter()
        .partition(|card| card.item.state == domain::action_items::ActionState::Declined);
    let columns = columns
        .into_iter()
        .map(|column| {
            let within = cards
                .iter()
                .filter(|card| card.item.column_id == column.id)
                .cloned()
                .collect();
            (column, within)
        })
        .collect();
    let services = services_of(tx, team.id).await?;
    Ok(Board {
        team,
        columns,
        declined,
        left_out,
        services,
    })
}

/// The services of the incidents that a team's action items come from.
async fn services_of(tx: &mut Tx, team: TeamId) -> Result<BTreeMap<IncidentId, BTreeSet<ServiceId>>> {
    let rows: Vec<(IncidentId, ServiceId)> =
        sql("SELECT DISTINCT l.incident_id, l.service_id FROM action_items a
         JOIN incident_services l ON l.incident_id = a.incident_id WHERE a.team_id = $1")
        .bind(team)
        .all(tx)
        .await?;
    let mut services: BTreeMap<IncidentId, BTreeSet<ServiceId>> = BTreeMap::new();
    for (incident, service) in rows {
        services.entry(incident).or_default().insert(service);
    }
    Ok(services)
}

/// One action item by the number that people say.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64) -> Result<Card> {
    sql(constcat::concat!(CARDS, "AND a.number = $1"))
        .bind(number)
        .one(tx, "action item")
        .await
}

/// The action items of an incident.
pub async fn of_incident(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Card>> {
    sql(constcat::concat!(
        CARDS,
        "AND a.incident_id = $1 ORDER BY a.number"
    ))
    .bind(incident)
    .all(tx)
    .await
}

/// What a person has promised and not done yet, the most pressing first.
pub async fn open_of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Card>> {
    sql(constcat::concat!(
        CARDS,
        "AND a.owner_id = $1 AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
         ORDER BY CASE WHEN a.due_on IS NULL THEN 1 ELSE 0 END, a.due_on, a.number"
    ))
    .bind(person)
    .all(tx)
    .await
}
