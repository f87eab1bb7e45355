//! The list of incidents: open first, newest first, filtered.

use super::search;
use crate::Tx;
use crate::db::{dialect, sql, sql_put_together};
use crate::error::Result;
use domain::Severity;
use domain::incidents::{Incident, State};

/// What the list is narrowed to. Empty fields narrow nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<State>,
    /// All that are not resolved.
    pub open_only: bool,
    pub severity: Option<Severity>,
    /// Slug of a service.
    pub service: Option<String>,
    /// Slug of a team.
    pub team: Option<String>,
    /// Words of number, title, service or label values; each may be a beginning.
    pub words: String,
    /// This one alone.
    pub number: Option<i64>,
    /// Show only what is older than this number, for the next page.
    pub before: Option<i64>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub incident: Incident,
    pub team: String,
    /// Names, joined by “, ”.
    pub services: String,
    pub commander: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    incident: Incident,
    team_name: String,
    commander: Option<String>,
}

/// Rows of one page of the list.
pub const PAGE: i64 = 50;

/// Lists incidents; with one row more than [`PAGE`] there is a next page.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Listed>> {
    let words = search::words_of(&filter.words);
    let found = if filter.words.trim().is_empty() {
        None
    } else {
        Some(dialect::find_words(tx, &words).await?)
    };
    if found.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let among = found.map_or(String::new(), |numbers| {
        let numbers = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        format!("AND i.number IN ({numbers})")
    });
    // As the index `incidents_in_order` has it, so that the list of open ones ends where they end.
    let over = "CASE WHEN i.state = 'resolved' THEN 1 ELSE 0 END";
    let open = if filter.open_only {
        format!("AND {over} = 0")
    } else {
        String::new()
    };
    let rows: Vec<ListedRow> = sql_put_together(format!(
        "SELECT i.*, t.name AS team_name, c.name AS commander FROM incidents i JOIN teams t ON t.id = i.team_id
         LEFT JOIN incident_roles r ON r.incident_id = i.id AND r.role = 'commander'
         LEFT JOIN people c ON c.id = r.person_id
         WHERE i.visibility = 'everybody'
           AND (CAST($1 AS TEXT) IS NULL OR i.state = $1)
           AND (CAST($2 AS BIGINT) IS NULL OR i.severity = $2)
           AND (CAST($3 AS TEXT) IS NULL OR t.slug = $3)
           AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM incident_services l JOIN services s ON s.id = l.service_id
                WHERE l.incident_id = i.id AND s.slug = $4))
           AND (CAST($5 AS BIGINT) IS NULL OR i.number < $5)
           AND (CAST($6 AS BIGINT) IS NULL OR i.number = $6)
           {open} {among}
         ORDER BY {over}, i.number DESC LIMIT $7"
    ))
    .bind(filter.state.map(State::as_str))
    .bind(filter.severity.map(Severity::number))
    .bind(filter.team.as_deref())
    .bind(filter.service.as_deref())
    .bind(filter.before)
    .bind(filter.number)
    .bind(PAGE + 1)
    .all(tx)
    .await?;
    with_services(tx, rows).await
}

async fn with_services(tx: &mut Tx, rows: Vec<ListedRow>) -> Result<Vec<Listed>> {
    let numbers = rows
        .iter()
        .map(|row| row.incident.number.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let names: Vec<(i64, String)> = if rows.is_empty() {
        Vec::new()
    } else {
        sql_put_together(format!(
            "SELECT i.number, s.name FROM incidents i JOIN incident_services l ON l.incident_id = i.id
             JOIN services s ON s.id = l.service_id WHERE i.number IN ({numbers}) ORDER BY s.name"
        ))
        .all(tx)
        .await?
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let services = names.iter().filter(|(number, _)| *number == row.incident.number);
            let services = services
                .map(|(_, name)| name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            Listed {
                team: row.team_name,
                services,
                commander: row.commander,
                incident: row.incident,
            }
        })
        .collect())
}

/// How many are open, for the title and the icon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenCount {
    pub open: i64,
    /// Of these, how many nobody has acknowledged.
    pub unacknowledged: i64,
}

/// Counts the open ones.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn count_open(tx: &mut Tx) -> Result<OpenCount> {
    sql(
        "SELECT COUNT(*) AS open, COUNT(CASE WHEN state = 'triggered' THEN 1 END) AS unacknowledged
         FROM incidents WHERE state <> 'resolved' AND visibility = 'everybody'",
    )
    .one(tx, "count")
    .await
}

/// Incidents whose policy has run out, or could page nobody, and that nobody acknowledged: nobody has these.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn nobody_has(tx: &mut Tx) -> Result<Vec<Incident>> {
    sql(
        "SELECT i.* FROM incidents i LEFT JOIN escalations e ON e.incident_id = i.id
         JOIN incident_services l ON l.incident_id = i.id JOIN services s ON s.id = l.service_id
         WHERE i.state = 'triggered' AND i.visibility = 'everybody'
           AND (e.state = 'ran_out' OR (e.state IS NULL AND i.severity <= s.page_from))",
    )
    .all(tx)
    .await
    .map(|mut found: Vec<Incident>| {
        // An order asked of the database would lead it through all incidents.
        found.sort_unstable_by_key(|incident| incident.number);
        found.dedup_by_key(|incident| incident.id);
        found
    })
}
