//! How a page goes out, before anybody has said what came of it.

use crate::incidents::PageOutcome;

/// `is_on_list`: whoever it is for is awake, and sees it on their list. `waits`: it waits for a list with others.
pub const fn goes_out_as(is_on_list: bool, waits: bool, mail_server_set: bool) -> PageOutcome {
    match (is_on_list, waits, mail_server_set) {
        (true, ..) => PageOutcome::OnList,
        (_, true, _) => PageOutcome::Gathered,
        (.., true) => PageOutcome::Waiting,
        (.., false) => PageOutcome::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_before_a_mail_and_a_mail_needs_its_server() {
        use PageOutcome::{Gathered, Kept, OnList, Waiting};
        for (is_on_list, waits, mail_server_set, expected) in [
            (true, true, true, OnList),
            (true, false, false, OnList),
            (false, true, true, Gathered),
            (false, true, false, Gathered),
            (false, false, true, Waiting),
            (false, false, false, Kept),
        ] {
            assert_eq!(goes_out_as(is_on_list, waits, mail_server_set), expected);
        }
    }
}
