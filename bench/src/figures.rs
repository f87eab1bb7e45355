//! What was measured, against what we want.

use anyhow::Result;
use serde_json::json;
use std::path::Path;

/// Which side of the goal is good.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// For comparison only.
    None,
}

#[derive(Default)]
pub struct Figures {
    rows: Vec<serde_json::Value>,
}

impl Figures {
    pub fn add(&mut self, name: &str, value: f64, unit: &str, goal: Goal) {
        let (bound, holds) = match goal {
            Goal::AtLeast(bound) => (Some(bound), Some(value >= bound)),
            Goal::AtMost(bound) => (Some(bound), Some(value <= bound)),
            Goal::None => (None, None),
        };
        let mark = match holds {
            Some(true) => "holds",
            Some(false) => "MISSED",
            None => "",
        };
        let goal = match goal {
            Goal::AtLeast(bound) => format!("≥ {bound}"),
            Goal::AtMost(bound) => format!("≤ {bound}"),
            Goal::None => String::new(),
        };
        println!("{name:<62}{value:>12.1} {unit:<10}{goal:>10}  {mark}");
        self.rows
            .push(json!({ "name": name, "value": value, "unit": unit, "goal": bound, "holds": holds }));
    }

    /// # Errors
    /// The file cannot be written.
    pub fn store(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, serde_json::to_vec_pretty(&self.rows)?)?;
        Ok(())
    }
}

/// The value that so many of a hundred lie below.
pub fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = (last as f64 * percent / 100.0).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}
