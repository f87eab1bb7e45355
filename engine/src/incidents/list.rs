//! The list of incidents: open first, newest first, filtered.

use super::search;
use crate::Tx;
use crate::db::{dialect, sql_put_together};
use crate::error::Result;
use domain::Severity;
use domain::incidents::{Incident, State};
use std::fmt::{self, Display, Formatter};
use std::num::ParseIntError;
use std::str::FromStr;

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
    /// Show only what stands after this one, for the next page.
    pub after: Option<Place>,
}

/// Where an incident stands in the list: the open ones first, and of both the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub is_over: bool,
    pub number: i64,
}

impl Place {
    pub const fn of(incident: &Incident) -> Self {
        Self {
            is_over: !incident.state.is_open(),
            number: incident.number,
        }
    }
}

impl Display for Place {
    /// As an address has it.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let over = if self.is_over { "over-" } else { "" };
        write!(f, "{over}{}", self.number)
    }
}

impl FromStr for Place {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let over = text.strip_prefix("over-");
        Ok(Self {
            is_over: over.is_some(),
            number: over.unwrap_or(text).parse()?,
        })
    }
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

/// Words that are looked for; nobody needs more to find an incident, and each costs a way through the index.
const MOST_WORDS: usize = 20;
/// The argument with the first words that are looked for.
const FIRST_WORDS: usize = 8;

/// As the index `incidents_in_order` has it, so that the list of open ones ends where they end.
const OVER: &str = "CASE WHEN i.state = 'resolved' THEN 1 ELSE 0 END";

/// Has SQLite go through those that are open.
const OPEN: &str = "incidents_open";
/// Has SQLite go through incidents in the order of the list.
const IN_ORDER: &str = "incidents_in_order";

/// What a list shows of an incident. CROSS JOIN, so that SQLite begins with the incidents and not with a team that has them all.
fn listed(by_index: &str) -> String {
    format!(
        "SELECT i.*, t.name AS team_name, c.name AS commander FROM incidents i {by_index} CROSS JOIN teams t
         LEFT JOIN incident_roles r ON r.incident_id = i.id AND r.role = 'commander'
         LEFT JOIN people c ON c.id = r.person_id
         WHERE t.id = i.team_id AND {{visible i}}"
    )
}

/// Lists incidents: the one whose number was said, the open ones, the others, each newest first. With one row more than [`PAGE`]
/// there is a next page. Whatever it is narrowed to, one statement narrows, sorts and cuts.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Listed>> {
    let mut words = search::words_of(&filter.words);
    words.truncate(MOST_WORDS);
    if words.is_empty() && !filter.words.trim().is_empty() {
        // Signs that no word is made of are in no incident.
        return Ok(Vec::new());
    }
    let said = search::number_in(&words, "inc");
    let mut narrowed = String::new();
    let mut are_found_by_number = false;
    // The words, as the index takes them, stand behind the other arguments.
    let mut asked: Vec<String> = Vec::new();
    let place = |asked: &Vec<String>| format!("${}", FIRST_WORDS + asked.len() - 1);
    if filter.open_only {
        narrowed.push_str(&format!(" AND {OVER} = 0"));
    }
    if !words.is_empty() {
        let mut fits = Vec::new();
        let meant = search::services_named(tx, &words).await?;
        let (of_services, plain): (Vec<_>, Vec<_>) = words
            .iter()
            .cloned()
            .zip(meant)
            .partition(|(_, services)| !services.is_empty());
        if !plain.is_empty() {
            are_found_by_number = true;
            asked.push(dialect::words_asked(tx, plain.iter().map(|(word, _)| word)));
            fits.push(format!(
                "i.number IN ({})",
                dialect::with_words(tx, &place(&asked))
            ));
        }
        // What names a service may as well stand in a title.
        for (word, services) in of_services {
            asked.push(dialect::words_asked(tx, [&word]));
            let found = dialect::with_words(tx, &place(&asked));
            let ids = dialect::ids(tx, services.iter().map(|id| id.0));
            fits.push(format!(
                "(i.number IN ({found}) OR EXISTS (SELECT 1 FROM incident_services l WHERE l.incident_id = i.id AND l.service_id IN ({ids})))"
            ));
        }
        let fits = fits.join(" AND ");
        narrowed.push_str(&match said {
            Some(_) => format!(" AND ({fits} OR i.number = $6)"),
            None => format!(" AND {fits}"),
        });
    }
    match filter.after {
        Some(Place { is_over: false, .. }) => {
            narrowed.push_str(&format!(" AND ({OVER} = 1 OR i.number < $5)"))
        }
        Some(Place { is_over: true, .. }) => narrowed.push_str(&format!(" AND {OVER} = 1 AND i.number < $5")),
        None => {}
    }
    let first = match (said, filter.after) {
        (Some(_), Some(_)) => {
            narrowed.push_str(" AND i.number <> $6");
            ""
        }
        (Some(_), None) => "CASE WHEN i.number = $6 THEN 0 ELSE 1 END, ",
        (None, _) => "",
    };
    let by_index = if are_found_by_number {
        String::new()
    } else {
        dialect::by_index(tx, IN_ORDER)
    };
    let listed = listed(&by_index);
    let list = sql_put_together(format!(
        "{listed}
           AND (CAST($1 AS TEXT) IS NULL OR i.state = $1)
           AND (CAST($2 AS BIGINT) IS NULL OR i.severity = $2)
           AND (CAST($3 AS TEXT) IS NULL OR t.slug = $3)
           AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM incident_services l JOIN services s ON s.id = l.service_id
                WHERE l.incident_id = i.id AND s.slug = $4))
           {narrowed}
         ORDER BY {first}{OVER}, i.number DESC LIMIT $7"
    ))
    .bind(filter.state.map(State::as_str))
    .bind(filter.severity.map(Severity::number))
    .bind(filter.team.as_deref())
    .bind(filter.service.as_deref())
    .bind(filter.after.map(|place| place.number))
    .bind(said)
    .bind(PAGE + 1);
    let list = asked.into_iter().fold(list, |list, words| list.bind(words));
    let rows: Vec<ListedRow> = list.all(tx).await?;
    with_services(tx, rows).await
}

/// The open ones that matter most: what nobody has, then what is worst, then what is newest.
pub async fn worst_open(tx: &mut Tx, most: i64) -> Result<Vec<Listed>> {
    let listed = listed(&dialect::by_index(tx, IN_ORDER));
    let rows: Vec<ListedRow> = sql_put_together(format!(
        "{listed} AND {OVER} = 0
         ORDER BY CASE WHEN i.state = 'triggered' THEN 0 ELSE 1 END, i.severity, i.number DESC LIMIT $1"
    ))
    .bind(most)
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
             JOIN services s ON s.id = l.service_id WHERE {{visible i}} AND i.number IN ({numbers}) ORDER BY s.name"
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

/// How many are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenCount {
    pub open: i64,
    /// Of these, how many nobody has acknowledged.
    pub unacknowledged: i64,
    /// Of these, how many nobody feels any more.
    pub mitigated: i64,
}

/// Counts the open ones.
pub async fn count_open(tx: &mut Tx) -> Result<OpenCount> {
    let by_index = dialect::by_index(tx, OPEN);
    sql_put_together(format!(
        "SELECT COUNT(*) AS open, COUNT(CASE WHEN state = 'triggered' THEN 1 END) AS unacknowledged,
             COUNT(CASE WHEN state = 'mitigated' THEN 1 END) AS mitigated
         FROM incidents {by_index} WHERE state <> 'resolved' AND {{visible incidents}}"
    ))
    .one(tx, "count")
    .await
}

/// Incidents whose policy has run out, or could page nobody, and that nobody acknowledged: nobody has these.
pub async fn nobody_has(tx: &mut Tx) -> Result<Vec<Incident>> {
    let by_index = dialect::by_index(tx, OPEN);
    sql_put_together(format!(
        "SELECT i.* FROM incidents i {by_index} LEFT JOIN escalations e ON e.incident_id = i.id
         CROSS JOIN incident_services l CROSS JOIN services s
         WHERE l.incident_id = i.id AND s.id = l.service_id
           AND i.state <> 'resolved' AND i.state = 'triggered' AND {{visible i}}
           AND (e.state = 'ran_out' OR (e.state IS NULL AND i.severity <= s.page_from))"
    ))
    .all(tx)
    .await
    .map(|mut found: Vec<Incident>| {
        // An order asked of the database would lead it through all incidents.
        found.sort_unstable_by_key(|incident| incident.number);
        found.dedup_by_key(|incident| incident.id);
        found
    })
}
