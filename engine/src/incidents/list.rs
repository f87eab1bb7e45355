//! The list of incidents: open first, newest first, filtered.

use super::search;
use crate::Tx;
use crate::db::{Arg, Sql, dialect, sql_put_together};
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
pub const PAGE: usize = 50;

/// Words that are looked for; nobody needs more to find an incident, and each costs a way through the index.
const MOST_WORDS: usize = 20;

/// As the index `incidents_in_order` has it, so that the list of open ones ends where they end.
const OVER: &str = "CASE WHEN i.state = 'resolved' THEN 1 ELSE 0 END";

/// Has SQLite go through those that are open.
const OPEN: &str = "incidents_open";
/// Has SQLite go through incidents in the order of the list.
const IN_ORDER: &str = "incidents_in_order";

/// What a list shows of an incident, read after what `first` reads, by an index or any. CROSS JOIN, so that SQLite goes in this order
/// and begins with no team that has them all.
fn listed(first: &str, by_index: &str) -> String {
    format!(
        "SELECT i.*, t.name AS team_name, c.name AS commander FROM {first} incidents i {by_index} CROSS JOIN teams t
         LEFT JOIN incident_roles r ON r.incident_id = i.id AND r.role = 'commander'
         LEFT JOIN people c ON c.id = r.person_id
         WHERE t.id = i.team_id AND {{visible i}}"
    )
}

/// What a list is narrowed to, with the arguments that it names.
#[derive(Clone, Default)]
struct Narrowed {
    conditions: String,
    args: Vec<Arg>,
}

impl Narrowed {
    fn by(filter: &Filter) -> Self {
        let mut all = Self::default();
        if let Some(state) = filter.state {
            let state = all.arg(state.as_str());
            all.and(&format!("i.state = {state}"));
        }
        if let Some(severity) = filter.severity {
            let severity = all.arg(severity);
            all.and(&format!("i.severity = {severity}"));
        }
        if let Some(team) = &filter.team {
            let team = all.arg(team);
            all.and(&format!("t.slug = {team}"));
        }
        if let Some(service) = &filter.service {
            let service = all.arg(service);
            all.and(&format!(
                "EXISTS (SELECT 1 FROM incident_services l JOIN services s ON s.id = l.service_id
                 WHERE l.incident_id = i.id AND s.slug = {service})"
            ));
        }
        all
    }

    fn arg(&mut self, value: impl Into<Arg>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn and(&mut self, condition: &str) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
    }

    fn before(&mut self, number: i64) {
        let number = self.arg(number);
        self.and(&format!("i.number < {number}"));
    }

    /// Asks for the first so many of what is [`listed`].
    async fn ask(self, tx: &mut Tx, listed: String, order: &str, most: usize) -> Result<Vec<ListedRow>> {
        let conditions = self.conditions;
        let list = sql_put_together(format!("{listed}{conditions} ORDER BY {order} LIMIT {most}"));
        self.args.into_iter().fold(list, Sql::bind).all(tx).await
    }

    /// Those that are open.
    async fn ask_open(mut self, tx: &mut Tx, after: Option<Place>, most: usize) -> Result<Vec<ListedRow>> {
        self.and(&format!("{OVER} = 0"));
        if let Some(Place { number, .. }) = after {
            self.before(number);
        }
        let listed = listed("", &dialect::by_index(tx, IN_ORDER));
        self.ask(tx, listed, "i.number DESC", most).await
    }
}

/// Lists incidents: the one whose number was said, the open ones, the others, each newest first. With one row more than [`PAGE`]
/// there is a next page.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Listed>> {
    let mut words = search::words_of(&filter.words);
    words.truncate(MOST_WORDS);
    if words.is_empty() && !filter.words.trim().is_empty() {
        // Signs that no word is made of are in no incident.
        return Ok(Vec::new());
    }
    let mut narrowed = Narrowed::by(filter);
    let mut rows = Vec::new();
    if let Some(number) = search::number_in(&words, "inc") {
        let mut this = narrowed.clone();
        let said = this.arg(number);
        this.and(&format!("i.number = {said}"));
        if filter.open_only {
            this.and(&format!("{OVER} = 0"));
        }
        if filter.after.is_none() {
            rows = this.ask(tx, listed("", ""), "i.number", 1).await?;
        }
        let said = narrowed.arg(number);
        narrowed.and(&format!("i.number <> {said}"));
    }
    let most = PAGE + 1 - rows.len();
    rows.extend(match words.as_slice() {
        [] => in_order(tx, narrowed, filter, most).await?,
        words => with_words(tx, narrowed, words, filter, most).await?,
    });
    with_services(tx, rows).await
}

async fn in_order(
    tx: &mut Tx,
    mut narrowed: Narrowed,
    filter: &Filter,
    most: usize,
) -> Result<Vec<ListedRow>> {
    if filter.open_only {
        let after = filter.after.filter(|after| !after.is_over);
        return narrowed.ask_open(tx, after, most).await;
    }
    if let Some(Place { is_over, number }) = filter.after {
        let number = narrowed.arg(number);
        narrowed.and(&match is_over {
            false => format!("({OVER} = 1 OR i.number < {number})"),
            true => format!("{OVER} = 1 AND i.number < {number}"),
        });
    }
    let listed = listed("", &dialect::by_index(tx, IN_ORDER));
    let order = format!("{OVER}, i.number DESC");
    narrowed.ask(tx, listed, &order, most).await
}

/// Those that hold all the words: the open ones, of which there are few, and the others from the newest on, as the index has them.
async fn with_words(
    tx: &mut Tx,
    mut narrowed: Narrowed,
    words: &[String],
    filter: &Filter,
    most: usize,
) -> Result<Vec<ListedRow>> {
    let meant = search::services_named(tx, words).await?;
    let each = words.iter().zip(meant);
    let (of_services, plain): (Vec<_>, Vec<_>) = each.partition(|(_, services)| !services.is_empty());
    // What names a service may as well stand in a title.
    for (word, services) in of_services {
        let asked = narrowed.arg(dialect::words_asked(tx, [word]));
        let found = dialect::with_words(tx, &asked);
        let ids = dialect::ids(tx, services.iter().map(|id| id.0));
        narrowed.and(&format!(
            "(i.number IN ({found}) OR EXISTS (SELECT 1 FROM incident_services l WHERE l.incident_id = i.id AND l.service_id IN ({ids})))"
        ));
    }
    if plain.is_empty() {
        return in_order(tx, narrowed, filter, most).await;
    }
    let asked = narrowed.arg(dialect::words_asked(tx, plain.iter().map(|(word, _)| *word)));
    let mut rows = Vec::new();
    let after_over = filter.after.filter(|after| after.is_over);
    if after_over.is_none() {
        let mut open = narrowed.clone();
        open.and(&format!("i.number IN ({})", dialect::with_words(tx, &asked)));
        rows = open.ask_open(tx, filter.after, most).await?;
    }
    if !filter.open_only && rows.len() < most {
        let (number, holds) = dialect::index_of_words(tx, &asked);
        narrowed.and(&format!("i.number = {number} AND {holds} AND {OVER} = 1"));
        if let Some(after) = after_over {
            narrowed.before(after.number);
        }
        let listed = listed("incident_search CROSS JOIN", "");
        let order = format!("{number} DESC");
        rows.extend(narrowed.ask(tx, listed, &order, most - rows.len()).await?);
    }
    Ok(rows)
}

/// The open ones that matter most: what nobody has, then what is worst, then what is newest.
pub async fn worst_open(tx: &mut Tx, most: i64) -> Result<Vec<Listed>> {
    let order = "CASE WHEN i.state = 'triggered' THEN 0 ELSE 1 END, i.severity, i.number DESC";
    // Few columns are sorted, however many are open.
    let worst = format!(
        "(SELECT i.id FROM incidents i {} WHERE i.state <> 'resolved' AND {{visible i}} ORDER BY {order} LIMIT $1) worst CROSS JOIN",
        dialect::by_index(tx, OPEN)
    );
    let listed = listed(&worst, "");
    let rows: Vec<ListedRow> = sql_put_together(format!("{listed} AND i.id = worst.id ORDER BY {order}"))
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
         WHERE i.state <> 'resolved' AND i.state = 'triggered' AND {{visible i}}
           AND (e.state = 'ran_out' OR (e.state IS NULL AND EXISTS (SELECT 1 FROM incident_services l
                CROSS JOIN services s WHERE l.incident_id = i.id AND s.id = l.service_id AND i.severity <= s.page_from)))"
    ))
    .all(tx)
    .await
    .map(|mut found: Vec<Incident>| {
        // An order asked of the database would lead it through all incidents.
        found.sort_unstable_by_key(|incident| incident.number);
        found
    })
}
