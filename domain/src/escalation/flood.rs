//! Too many pages to one person in a few minutes: what waits for a list.

use crate::Severity;

/// Pages to one person that go out at once within [`FLOOD_SECONDS`]; the rest become one list.
const MOST_PAGES_AT_ONCE: i64 = 5;

/// Whether a page waits for a list instead of going out at once. `told`: how many pages the same person got in the last minutes, and
/// how bad the worst of them was. What is worse than all of those is news.
pub fn waits_for_a_digest(told: i64, worst_told: Option<Severity>, page: Severity) -> bool {
    let is_news = page == Severity::Sev1 || worst_told.is_some_and(|worst| page > worst);
    told >= MOST_PAGES_AT_ONCE && !is_news
}

/// Whether news to one person waits for a list: so many mails of news they got in the last minutes.
pub const fn news_waits_for_a_list(told: i64) -> bool {
    told >= MOST_PAGES_AT_ONCE
}

/// The window in which pages to one person are counted.
pub const FLOOD_SECONDS: i64 = 5 * 60;
/// How long gathered pages wait for others before their list is mailed; the promise is a minute.
pub const DIGEST_AFTER_SECONDS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::*;

    #[test]
    fn what_is_worse_than_all_that_was_told_waits_for_no_list() {
        for (told, worst, page, waits) in [
            (4, Some(Sev3), Sev3, false),
            (5, Some(Sev3), Sev3, true),
            (5, Some(Sev3), Sev4, true),
            (5, Some(Sev3), Sev2, false),
            (6, Some(Sev2), Sev2, true),
            (500, Some(Sev1), Sev2, true),
            (500, Some(Sev1), Sev1, false),
            (5, None, Sev3, true),
        ] {
            assert_eq!(
                waits_for_a_digest(told, worst, page),
                waits,
                "{told} told, the worst {worst:?}: {page}"
            );
        }
    }
}
