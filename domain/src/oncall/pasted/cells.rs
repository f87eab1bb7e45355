//! The rows and columns of a pasted text.

/// A line with anything in it.
pub(super) struct Line {
    /// As people count them.
    pub number: usize,
    pub cells: Vec<String>,
}

/// A spreadsheet pastes tabs; a text by hand has semicolons or commas. A cell in quotes may have several lines.
pub(super) fn of(text: &str) -> Vec<Line> {
    let between = ['\t', ';'].into_iter().find(|between| text.contains(*between));
    let between = between
        .and_then(|between| u8::try_from(between).ok())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(between)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let records = reader.records().filter_map(Result::ok);
    let lines = records.map(|record| Line {
        number: line_of(text, record.position().map_or(0, csv::Position::byte)),
        cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
    });
    lines
        .filter(|line| line.cells.iter().any(|cell| !cell.is_empty()))
        .collect()
}

/// Of a row that begins at a byte; the empty lines before it are passed over by the reader.
fn line_of(text: &str, byte: u64) -> usize {
    let (before, rest) = text
        .split_at_checked(usize::try_from(byte).unwrap_or(0))
        .unwrap_or((text, ""));
    let empty = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    1 + before.matches('\n').count() + empty.matches('\n').count()
}
