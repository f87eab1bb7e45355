//! What was measured, against what we want.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Which side of the goal is good.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// For comparison only.
    None,
}

/// How a share is said.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    Percent,
    Times,
}

pub struct Figures {
    rows: Vec<Value>,
    file: PathBuf,
}

impl Figures {
    /// Begins a new list.
    pub fn anew(file: PathBuf) -> Self {
        Self {
            rows: Vec::new(),
            file,
        }
    }

    /// Goes on with the list that is there: a figure that is measured again takes the place of the one before.
    pub fn beside_those_in(file: PathBuf) -> Self {
        let there = std::fs::read(&file).ok();
        let rows = there.and_then(|text| serde_json::from_slice(&text).ok());
        Self {
            rows: rows.unwrap_or_default(),
            file,
        }
    }

    /// A figure as a share of one that was measured in the same run: machines differ by more than twice, what they are good at does not.
    ///
    /// # Errors
    /// The other one was not measured; or the file cannot be written.
    pub fn add_share(&mut self, name: &str, value: f64, of: &str, unit: Share, goal: Goal) -> Result<()> {
        let whole = self
            .value(of)
            .with_context(|| format!("“{of}” was not measured"))?;
        match unit {
            Share::Percent => self.add(name, 100.0 * value / whole, "%", goal),
            Share::Times => self.add(name, value / whole, "×", goal),
        }
    }

    fn value(&self, name: &str) -> Option<f64> {
        self.rows.iter().find(|row| row["name"] == name)?["value"].as_f64()
    }

    /// Prints the figure and stores all there are: an interruption keeps what was measured.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, name: &str, value: f64, unit: &str, goal: Goal) -> Result<()> {
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
        println!("{name:<92}{value:>10.1} {unit:<4}{goal:>8}  {mark}");
        let row = json!({ "name": name, "value": value, "unit": unit, "goal": bound, "holds": holds });
        match self.rows.iter_mut().find(|before| before["name"] == name) {
            Some(before) => *before = row,
            None => self.rows.push(row),
        }
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // Under another name first: an interruption leaves no half file.
        let half = self.file.with_extension("half");
        std::fs::write(&half, serde_json::to_vec_pretty(&self.rows)?)?;
        Ok(std::fs::rename(half, &self.file)?)
    }
}

/// The value that so many of a hundred lie below.
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * percent / 100.0).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_is_measured_again_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench/bench.json");
        let mut figures = Figures::anew(file.clone());
        figures
            .add("alerts", 1900.0, "/s", Goal::AtLeast(2000.0))
            .unwrap();
        figures.add("memory", 50.0, "MB", Goal::AtMost(60.0)).unwrap();
        figures.add("binary", 55.0, "MB", Goal::None).unwrap();
        let mut figures = Figures::beside_those_in(file.clone());
        figures
            .add("alerts", 2000.0, "/s", Goal::AtLeast(2000.0))
            .unwrap();
        let stored: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let expected = json!([
            { "name": "alerts", "value": 2000.0, "unit": "/s", "goal": 2000.0, "holds": true },
            { "name": "memory", "value": 50.0, "unit": "MB", "goal": 60.0, "holds": true },
            { "name": "binary", "value": 55.0, "unit": "MB", "goal": null, "holds": null },
        ]);
        assert_eq!(stored, expected);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 99.0), 99.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert!(median(&[]).is_nan());
    }
}
