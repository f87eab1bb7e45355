//! People: initials on a pale hue of their own.

use crate::tints;
use domain::people::initials;
use domain::people::tints::TINTS;
use leptos::prelude::*;
use uuid::Uuid;

pub const HUES: [&str; TINTS] = ["hue-1", "hue-2", "hue-3", "hue-4", "hue-5"];

/// The class of a person's hue: the same person has the same one everywhere. Whoever is not known has one by their id.
pub fn hue(id: Uuid) -> &'static str {
    if let Some(tint) = tints::of(id) {
        return HUES[tint % HUES.len()];
    }
    let sum = id.as_bytes().iter().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    HUES[sum % HUES.len()]
}

/// The round badge alone; its title is the name.
#[component]
pub fn Avatar(id: Uuid, #[prop(into)] name: String, #[prop(optional)] small: bool) -> impl IntoView {
    let class = if small {
        format!("avatar small {}", hue(id))
    } else {
        format!("avatar {}", hue(id))
    };
    let letters = initials(&name);
    view! {
        <span class=class role="img" aria-label=name.clone() title=name>
            {letters}
        </span>
    }
}

/// Badge and name. The badge says nothing that the name does not.
#[component]
pub fn PersonName(id: Uuid, #[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class="person">
            <span class=format!("avatar small {}", hue(id)) aria-hidden="true">
                {initials(&name)}
            </span>
            <span class="person-name" title=name.clone()>{name.clone()}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_spread_over_the_hues() {
        let hues: std::collections::BTreeSet<_> =
            (0..40_u128).map(|n| hue(Uuid::from_u128(n * 7919))).collect();
        assert_eq!(hues.len(), 5);
    }
}
