//! Rows that are written together, since the way to a database and back costs more than a row does.

use crate::db::sql::{Arg, Sql};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// A row of a statement that writes many: its text has `{rows}` where their tuples stand, and no other arguments.
pub trait Row {
    const TEXT: &'static str;
    fn args(self) -> Vec<Arg>;
}

/// Arguments in one statement at most: SQLite takes 32,766 (its SQLITE_MAX_VARIABLE_NUMBER), PostgreSQL 65,535.
pub const MOST_ARGS: usize = 16_384;

/// Adds the statements that write these rows, none with too many arguments.
pub fn write<R: Row>(statements: &mut Vec<Sql>, rows: impl IntoIterator<Item = R>) {
    write_as(statements, R::TEXT, rows.into_iter().map(Row::args).collect());
}

/// The same with a text that depends on the database.
pub fn write_as(statements: &mut Vec<Sql>, text: &'static str, mut rows: Vec<Vec<Arg>>) {
    let most = MOST_ARGS / rows.first().map_or(1, Vec::len).max(1);
    // In round numbers, so that there are few texts, which databases remember.
    while !rows.is_empty() {
        let rest = rows.split_off(round_number(rows.len().min(most)));
        statements.push(Sql::of_rows(
            SqlStr::from_static(text),
            std::mem::replace(&mut rows, rest),
        ));
    }
}

/// The largest number up to `most` that has only zeros after its first three binary digits: 1 to 8, 10, 12, 14, 16, 20 … So a few
/// dozen texts serve all numbers of rows, and most numbers take two of them.
pub fn round_number(most: usize) -> usize {
    let dropped = (usize::BITS - most.leading_zeros()).saturating_sub(3);
    most >> dropped << dropped
}

/// The tuples of so many rows. SQLite finds a numbered argument by going through the names of all others, so it gets `?`.
pub fn tuples(rows: usize, width: usize, are_numbered: bool) -> String {
    let mut text = String::with_capacity(rows * (width * 6 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                text.push_str(", ");
            }
            if are_numbered {
                text.push('$');
                text.push_str(&(row * width + column + 1).to_string());
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text
}

/// One text for SQLite of statements whose arguments are all those of their rows.
pub fn together(statements: Vec<Sql>) -> Sql {
    let mut text = String::new();
    let mut args = Vec::new();
    for statement in statements {
        let statement = statement.expanded(false);
        if !text.is_empty() {
            text.push_str(";\n");
        }
        text.push_str(statement.text.as_str());
        args.extend(statement.args);
    }
    Sql {
        text: AssertSqlSafe(text).into_sql_str(),
        args,
        width: None,
    }
}
