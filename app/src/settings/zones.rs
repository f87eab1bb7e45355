//! Time zones to choose from.

use crate::components::Choice;
use crate::zoned::zone_words;

/// Every zone of the tz database, by name; UTC first.
pub fn choices() -> Vec<Choice> {
    let mut names: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    names.sort_unstable();
    std::iter::once("UTC")
        .chain(names.into_iter().filter(|name| *name != "UTC"))
        .map(|name| Choice::new(name, zone_words(name)))
        .collect()
}
