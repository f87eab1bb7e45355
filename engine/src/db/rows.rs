//! Rows that are written together: a statement about one row becomes a statement about as many as wait, since the way to a
//! database and back costs more than a row does.

use super::sql::{Arg, Sql, push_numbered_from};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// The order in which tables get their new rows, each after those that it refers to.
const PARENTS_FIRST: [&str; 12] = [
    "payloads",
    "incidents",
    "incident_services",
    "alerts",
    "timeline",
    "pages",
    "gathered_pages",
    "acknowledgement_links",
    "list_links",
    "mails",
    "listed_pages",
    "incident_search",
];

/// Arguments in one statement at most: SQLite takes 32,766 (its SQLITE_MAX_VARIABLE_NUMBER), PostgreSQL 65,535.
pub(super) const MOST_ARGS: usize = 16_384;

/// What waits to be written: new rows first, by [`PARENTS_FIRST`], then changes in the order in which they came up.
#[derive(Default)]
pub(super) struct Rows {
    kinds: Vec<Kind>,
}

/// Rows of one statement.
struct Kind {
    place: usize,
    text: SqlStr,
    rows: Vec<Vec<Arg>>,
}

impl Rows {
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    pub fn clear(&mut self) {
        self.kinds.clear();
    }

    /// A new row. Its statement holds one `VALUES (…)` with all its arguments.
    pub fn add_new(&mut self, statement: Sql) {
        let table = table_of(statement.text.as_str());
        let place = PARENTS_FIRST.iter().position(|parent| *parent == table);
        debug_assert!(place.is_some(), "{table} has no place among the tables");
        self.add(place.unwrap_or(PARENTS_FIRST.len() - 1), statement);
    }

    /// Puts a value into the last argument of a new row that still waits, known by its table and first argument. `false`: there is
    /// no such row.
    pub fn fill_in(&mut self, table: &str, first: &Arg, last: Arg) -> bool {
        let new = self.kinds.iter_mut().filter(|kind| {
            PARENTS_FIRST
                .get(kind.place)
                .is_some_and(|parent| *parent == table)
        });
        let mut rows = new.flat_map(|kind| kind.rows.iter_mut());
        match rows
            .find(|row| row.first() == Some(first))
            .and_then(|row| row.last_mut())
        {
            Some(argument) => {
                *argument = last;
                true
            }
            None => false,
        }
    }

    /// A change of the row that its first argument names. See [`Rows::changes_already`].
    pub fn add_change(&mut self, statement: Sql) {
        self.add(PARENTS_FIRST.len(), statement);
    }

    fn add(&mut self, place: usize, Sql { text, args }: Sql) {
        match self.kinds.iter_mut().find(|kind| kind.text == text) {
            Some(kind) => kind.rows.push(args),
            None => self.kinds.push(Kind {
                place,
                text,
                rows: vec![args],
            }),
        }
    }

    /// Whether such a change of the same row waits. One statement changes a row once.
    pub fn changes_already(&self, statement: &Sql) -> bool {
        let same = |kind: &&Kind| kind.text == statement.text;
        let kind = self.kinds.iter().find(same);
        kind.is_some_and(|kind| kind.rows.iter().any(|row| row.first() == statement.args.first()))
    }

    /// Whether no statement stands for more than one row.
    pub fn are_single(&self) -> bool {
        self.kinds.iter().all(|kind| kind.rows.len() == 1)
    }

    /// The statements that write all of it, in their order.
    pub fn take(&mut self) -> Vec<Sql> {
        let mut kinds = std::mem::take(&mut self.kinds);
        kinds.sort_by_key(|kind| kind.place);
        let mut statements = Vec::new();
        for Kind { text, mut rows, .. } in kinds {
            let most = most_rows(rows.first());
            // In round numbers, so that there are few texts, which databases remember.
            while !rows.is_empty() {
                let rest = rows.split_off(round_number(rows.len().min(most)));
                statements.push(of_rows(&text, std::mem::replace(&mut rows, rest)));
            }
        }
        statements
    }
}

/// Begins a question about several rows: `WITH asked (…) AS (VALUES ($1, …)) SELECT …`, with at least one row of arguments. It may be
/// asked about the last one more than once, so that there are few texts.
pub(crate) fn sql_of_rows(text: &'static str, rows: Vec<Vec<Arg>>) -> Sql {
    of_a_power_of_two(&SqlStr::from_static(text), rows)
}

/// The same with a text that was put together from texts of our own.
pub(crate) fn sql_of_rows_put_together(text: String, rows: Vec<Vec<Arg>>) -> Sql {
    of_a_power_of_two(&AssertSqlSafe(text).into_sql_str(), rows)
}

fn of_a_power_of_two(text: &SqlStr, mut rows: Vec<Vec<Arg>>) -> Sql {
    let last = rows.last().cloned();
    rows.resize(rows.len().next_power_of_two(), last.unwrap_or_default());
    of_rows(text, rows)
}

/// The same statement about several rows: its tuple of values is repeated.
fn of_rows(text: &SqlStr, rows: Vec<Vec<Arg>>) -> Sql {
    let one = text.as_str();
    let tuple = tuple_of(one);
    let mut many = String::with_capacity(one.len() + rows.len() * (tuple.len() + 16));
    many.push_str(&one[..tuple.start]);
    let mut args = Vec::with_capacity(rows.iter().map(Vec::len).sum());
    for row in rows {
        if !args.is_empty() {
            many.push_str(", ");
        }
        push_numbered_from(&mut many, &one[tuple.clone()], args.len());
        args.extend(row);
    }
    many.push_str(&one[tuple.end..]);
    Sql {
        text: AssertSqlSafe(many).into_sql_str(),
        args,
    }
}

/// How many rows like this one go into one statement.
fn most_rows(row: Option<&Vec<Arg>>) -> usize {
    MOST_ARGS / row.map_or(1, Vec::len).max(1)
}

/// The largest number up to `most` that has only zeros after its first three binary digits: 1 to 8, 10, 12, 14, 16, 20 … So a few
/// dozen texts serve all numbers of rows, and most numbers take two of them.
fn round_number(most: usize) -> usize {
    let dropped = (usize::BITS - most.leading_zeros()).saturating_sub(3);
    most >> dropped << dropped
}

fn table_of(text: &str) -> &str {
    let table = text.split_whitespace().nth(2).unwrap_or_default();
    table.trim_end_matches('(')
}

/// Where the tuple after the first `VALUES` stands, with its brackets.
fn tuple_of(text: &str) -> std::ops::Range<usize> {
    let start = text
        .find("VALUES (")
        .map_or(text.len(), |at| at + "VALUES ".len());
    let mut depth = 0;
    for (at, letter) in text[start..].char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return start..start + at + 1;
        }
    }
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sql;
    use std::collections::BTreeSet;

    fn texts(rows: &mut Rows) -> Vec<String> {
        rows.take()
            .iter()
            .map(|sql| sql.text.as_str().to_owned())
            .collect()
    }

    #[test]
    fn the_tuple_is_repeated_with_its_arguments_numbered_on() {
        for (one, three) in [
            (
                "INSERT INTO pages (id, at) VALUES ($1, $2)",
                "INSERT INTO pages (id, at) VALUES ($1, $2), ($3, $4), ($5, $6)",
            ),
            (
                "INSERT INTO pages (id, at) VALUES ($2, f('x', $1)) ON CONFLICT (id) DO NOTHING",
                "INSERT INTO pages (id, at) VALUES ($2, f('x', $1)), ($4, f('x', $3)), ($6, f('x', $5)) ON CONFLICT (id) DO NOTHING",
            ),
            (
                "WITH told (id, at) AS (VALUES ($1, $2)) UPDATE pages SET at = told.at FROM told WHERE pages.id = told.id",
                "WITH told (id, at) AS (VALUES ($1, $2), ($3, $4), ($5, $6)) UPDATE pages SET at = told.at FROM told WHERE pages.id = told.id",
            ),
        ] {
            let rows = (0..3_i64)
                .map(|row| vec![row.into(), (row * 10).into()])
                .collect();
            let many = of_rows(&sql(one).text, rows);
            assert_eq!(many.text.as_str(), three);
            assert_eq!(many.args.len(), 6);
            assert_eq!(many.args[4..], [Arg::from(2_i64), Arg::from(20_i64)]);
        }
    }

    #[test]
    fn rows_that_others_refer_to_are_written_first_and_changes_last() {
        let mut rows = Rows::default();
        rows.add_change(sql("WITH c (id) AS (VALUES ($1)) UPDATE pages SET x = 1 FROM c").bind(1));
        rows.add_new(sql("INSERT INTO alerts (id) VALUES ($1)").bind(1));
        rows.add_new(sql("INSERT INTO incidents (id) VALUES ($1)").bind(1));
        rows.add_new(sql("INSERT INTO alerts (id) VALUES ($1)").bind(2));
        assert!(!rows.are_single());
        assert_eq!(
            texts(&mut rows),
            [
                "INSERT INTO incidents (id) VALUES ($1)",
                "INSERT INTO alerts (id) VALUES ($1), ($2)",
                "WITH c (id) AS (VALUES ($1)) UPDATE pages SET x = 1 FROM c",
            ]
        );
        assert!(rows.is_empty());
    }

    #[test]
    fn a_row_that_waits_is_filled_in() {
        let mut rows = Rows::default();
        for id in 1..=2_i64 {
            rows.add_new(
                sql("INSERT INTO incidents (id, seq) VALUES ($1, $2)")
                    .bind(id)
                    .bind(0),
            );
        }
        assert!(rows.fill_in("incidents", &Arg::from(2_i64), Arg::from(5_i64)));
        assert!(!rows.fill_in("incidents", &Arg::from(3_i64), Arg::from(5_i64)));
        assert!(!rows.fill_in("pages", &Arg::from(2_i64), Arg::from(5_i64)));
        let written: Vec<Arg> = rows.take().into_iter().flat_map(|sql| sql.args).collect();
        assert_eq!(written, [1, 0, 2, 5].map(|number: i64| Arg::from(number)));
    }

    #[test]
    fn there_are_few_texts_however_many_rows_there_are() {
        let mut rows = Rows::default();
        for id in 0..189_i64 {
            rows.add_new(sql("INSERT INTO pages (id) VALUES ($1)").bind(id));
        }
        let lengths: Vec<usize> = rows.take().iter().map(|sql| sql.args.len()).collect();
        assert_eq!(lengths, [160, 28, 1]);
        let of_a_batch: BTreeSet<usize> = (1..=256).map(round_number).collect();
        assert_eq!(of_a_batch.len(), 28);
    }

    #[test]
    fn one_statement_changes_a_row_once() {
        let change = |id: i64| sql("WITH c (id) AS (VALUES ($1)) UPDATE pages SET x = 1 FROM c").bind(id);
        let mut rows = Rows::default();
        assert!(!rows.changes_already(&change(1)));
        rows.add_change(change(1));
        assert!(rows.changes_already(&change(1)));
        assert!(!rows.changes_already(&change(2)));
    }
}
