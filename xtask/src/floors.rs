//! `cargo xtask floors`: the picture of the engine's floors, from docs/floors.txt.

use crate::tools::root;
use anyhow::Result;

const WIDTH: usize = 900;
const ROW: usize = 30;
const GAP: usize = 4;
/// Where the words begin that say what a floor is.
const SAID_AT: usize = 560;

pub fn write() -> Result<()> {
    let docs = root().join("docs");
    let floors = std::fs::read_to_string(docs.join("floors.txt"))?;
    std::fs::write(docs.join("floors.svg"), draw(&floors))?;
    Ok(())
}

/// Modules and what they are: two blanks stand between them.
fn rows(floors: &str) -> Vec<(&str, &str)> {
    let lines = floors.lines().map(str::trim).filter(|line| !line.is_empty());
    let told = lines.filter(|line| !line.starts_with('#'));
    told.map(|line| line.split_once("  ").unwrap_or((line, "")))
        .map(|(modules, said)| (modules.trim(), said.trim()))
        .collect()
}

fn draw(floors: &str) -> String {
    let rows = rows(floors);
    let height = rows.len() * (ROW + GAP) + GAP;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="The floors of the engine, from the top down">
<style>
rect {{ fill: #f4efe6; stroke: #b9ad98 }}
text {{ fill: #2b2620; font: 13px ui-monospace, monospace }}
.said {{ font: 13px system-ui, sans-serif; fill: #5b5347 }}
@media (prefers-color-scheme: dark) {{
rect {{ fill: #26221d; stroke: #5b5347 }}
text {{ fill: #efe8da }}
.said {{ fill: #b9ad98 }}
}}
</style>
"#
    );
    for (place, (modules, said)) in rows.iter().enumerate() {
        let top = GAP + place * (ROW + GAP);
        let baseline = top + 20;
        let width = WIDTH - 2;
        let names = modules.split_whitespace().collect::<Vec<_>>().join(" · ");
        svg.push_str(&format!(
            "<rect x=\"1\" y=\"{top}\" width=\"{width}\" height=\"{ROW}\" rx=\"4\"/>\n\
             <text x=\"14\" y=\"{baseline}\">{names}</text>\n\
             <text class=\"said\" x=\"{SAID_AT}\" y=\"{baseline}\">{said}</text>\n"
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_of_the_text() {
        let docs = root().join("docs");
        let floors = std::fs::read_to_string(docs.join("floors.txt")).unwrap();
        let drawn = std::fs::read_to_string(docs.join("floors.svg")).unwrap();
        assert_eq!(drawn, draw(&floors), "draw it anew: cargo xtask floors");
    }

    #[test]
    fn each_line_is_a_floor() {
        assert_eq!(
            rows("# no floor\n\nfind health  looks\nworkers\n"),
            [("find health", "looks"), ("workers", "")]
        );
    }
}
