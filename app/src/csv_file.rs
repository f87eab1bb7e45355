//! A file for spreadsheets (RFC 4180), as an answer.

use crate::answer::internal_error;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// `name`: what it is saved as. The first line says what stands in the columns.
pub fn csv_file<const N: usize>(name: &str, lines: impl IntoIterator<Item = [String; N]>) -> Response {
    match written(lines) {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}.csv\""),
                ),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, name, "a file for spreadsheets could not be written");
            internal_error()
        }
    }
}

fn written<const N: usize>(lines: impl IntoIterator<Item = [String; N]>) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        file.write_record(line.map(harmless))?;
    }
    file.into_inner().map_err(|error| error.into_error().into())
}

/// A spreadsheet takes what begins like this for a formula (CWE-1236).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula_and_none_leaves_its_place() {
        let lines = [
            ["=1+1".to_owned(), "a, \"b\"\nc".to_owned()],
            ["@x".to_owned(), String::new()],
        ];
        let text = String::from_utf8(written(lines).unwrap()).unwrap();
        assert_eq!(text, "'=1+1,\"a, \"\"b\"\"\nc\"\r\n'@x,\r\n");
    }
}
