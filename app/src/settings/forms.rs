//! What the forms of the settings share.

use crate::answer::Problem;
use crate::components::{Choice, Problems};
use domain::Severity;

/// What stands above a form that came back; nothing where its sentence stands beside a field.
pub fn above(problem: &Problem) -> Problems {
    if problem.sentence.is_empty() || problem.field.is_some() {
        Problems::default()
    } else {
        Problems::whole(&problem.sentence)
    }
}

pub fn severities() -> Vec<Choice> {
    Severity::ALL
        .map(|severity| Choice::new(severity, format!("{severity} {}", severity.word())))
        .to_vec()
}

/// A path as a header or a link has it: slugs may hold letters beyond ASCII.
pub fn address(path: &str) -> String {
    let mut address = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    #[test]
    fn slugs_beyond_ascii_become_addresses() {
        assert_eq!(
            super::address("/settings/teams/über-uns"),
            "/settings/teams/%C3%BCber-uns"
        );
    }
}
