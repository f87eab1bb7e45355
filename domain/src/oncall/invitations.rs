//! Turns as invitations by mail: what there is to say of a turn, given what it is and what was said.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Turns that begin so soon are told.
pub const INVITED_AHEAD: TimeDelta = TimeDelta::weeks(4);
/// What changes is told once it has stayed the same for so long: nobody is mailed each step of somebody who is still arranging.
pub const STAYED_THE_SAME: TimeDelta = TimeDelta::minutes(5);

/// What an invitation says of a turn, besides when it begins: one that begins at another time is another turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub to: DateTime<Utc>,
    /// Of the schedule.
    pub name: String,
    /// Where it goes.
    pub address: String,
}

/// How a turn stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    Is(Invited),
    IsNot,
    /// It is told no more: switched off, or its schedule is gone, and what was of it with it.
    Untold,
}

/// What is remembered of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// What the calendar has by the last mail; nothing where it has no such turn.
    pub said: Option<Invited>,
    /// What it was to have when that was last looked at, and since when.
    pub seen: Option<Invited>,
    pub since: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Nothing,
    /// It is another than at the last look: to be remembered, and told if it stays so.
    See(Option<Invited>),
    Invite(Invited),
    Cancel(Invited),
}

impl Next {
    /// What there is to do of a turn that begins at `from`.
    pub fn of(
        from: DateTime<Utc>,
        stands: &Stands,
        remembered: Option<&Remembered>,
        now: DateTime<Utc>,
    ) -> Self {
        let wanted = wanted(from, stands, remembered, now);
        let Some(remembered) = remembered else {
            return wanted.map_or(Self::Nothing, |turn| Self::See(Some(turn)));
        };
        // Seen by a clock that was fast, it is seen anew.
        if wanted != remembered.seen || remembered.since > now {
            return Self::See(wanted);
        }
        if wanted == remembered.said || now - remembered.since < STAYED_THE_SAME {
            return Self::Nothing;
        }
        match (wanted, remembered.said.clone()) {
            (Some(turn), _) => Self::Invite(turn),
            (None, Some(said)) => Self::Cancel(said),
            (None, None) => Self::Nothing,
        }
    }
}

/// What the calendar is to have of the turn.
fn wanted(
    from: DateTime<Utc>,
    stands: &Stands,
    remembered: Option<&Remembered>,
    now: DateTime<Utc>,
) -> Option<Invited> {
    let said = remembered.and_then(|remembered| remembered.said.as_ref());
    let was_gone = remembered.is_some_and(|remembered| remembered.seen.is_none());
    let has_begun = from <= now;
    match (stands, said) {
        (Stands::Is(is), Some(said)) if has_begun => {
            // Only its end is worth a mail now, and only while it is not over.
            let is_over = is.to <= now && said.to <= now;
            Some(if is_over || is.to == said.to { said } else { is }.clone())
        }
        (Stands::Is(is), None) if has_begun => (is.to > now).then(|| is.clone()),
        (Stands::Is(is), None) => (from <= now + INVITED_AHEAD).then(|| is.clone()),
        (Stands::Is(is), Some(_)) => Some(is.clone()),
        (Stands::IsNot | Stands::Untold, Some(said)) if has_begun && said.to <= now => Some(said.clone()),
        // What was gone before it began is cancelled, though that took some minutes.
        (Stands::Untold, Some(said)) if has_begun && !was_gone => Some(said.clone()),
        // One that is nowhere in what was never began.
        (Stands::IsNot | Stands::Untold, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    const DAY: i64 = 24 * 60;
    const EDGE: i64 = 28 * DAY;

    /// A turn by its word.
    fn turn(word: &str) -> Option<Invited> {
        let ends = match word {
            "-" => return None,
            "over long ago" => -2 * DAY,
            "over" => -DAY,
            "over since -5" => -5,
            "ends at 0" => 0,
            "longer" => 9 * DAY,
            "far" => EDGE + 2 * DAY,
            _ => 8 * DAY,
        };
        let name = if word == "renamed" { "Payments" } else { "Primary" };
        let at_home = if word == "elsewhere" { "ana.berg" } else { "ana" };
        Some(Invited {
            to: at(ends),
            name: name.to_owned(),
            address: format!("{at_home}@example.test"),
        })
    }

    fn stands(word: &str) -> Stands {
        match word {
            "untold" => Stands::Untold,
            word => turn(word).map_or(Stands::IsNot, Stands::Is),
        }
    }

    /// What was said, and what was seen at minute 0.
    fn remembered(words: &str) -> Option<Remembered> {
        let (said, seen) = words.split_once(", ")?;
        Some(Remembered {
            said: turn(said),
            seen: turn(seen),
            since: at(0),
        })
    }

    fn next(words: &str) -> Next {
        let (what, of) = words.split_once(' ').unwrap_or((words, "-"));
        match (what, turn(of)) {
            ("see", seen) => Next::See(seen),
            ("invite", Some(turn)) => Next::Invite(turn),
            ("cancel", Some(turn)) => Next::Cancel(turn),
            _ => Next::Nothing,
        }
    }

    #[test]
    fn what_there_is_to_say_of_a_turn() {
        // A case; when the turn begins and the time now, in minutes; how it stands; what was said and seen; what follows.
        for (case, from, now, is, was, follows) in [
            ("new", DAY, 1, "week", "", "see week"),
            ("new, for a while", DAY, 4, "week", "-, week", ""),
            ("new, and stays", DAY, 5, "week", "-, week", "invite week"),
            ("as it was said", DAY, 5, "week", "week, week", ""),
            ("its end moves", DAY, 5, "longer", "week, week", "see longer"),
            ("its end moved", DAY, 4, "longer", "week, longer", ""),
            (
                "its end moved, and stays",
                DAY,
                5,
                "longer",
                "week, longer",
                "invite longer",
            ),
            ("its end moved back", DAY, 4, "week", "week, longer", "see week"),
            ("gone", DAY, 1, "-", "week, week", "see -"),
            ("gone for a while", DAY, 4, "-", "week, -", ""),
            ("gone, and stays", DAY, 5, "-", "week, -", "cancel week"),
            ("gone and back", DAY, 4, "week", "week, -", "see week"),
            ("gone before it was said", DAY, 4, "-", "-, week", "see -"),
            ("never said", DAY, 9, "-", "-, -", ""),
            (
                "back after it was cancelled",
                DAY,
                9,
                "week",
                "-, week",
                "invite week",
            ),
            ("renamed", DAY, 5, "renamed", "week, renamed", "invite renamed"),
            (
                "another address",
                DAY,
                5,
                "elsewhere",
                "week, elsewhere",
                "invite elsewhere",
            ),
            ("switched off", DAY, 1, "untold", "week, week", "see -"),
            (
                "switched off, and stays",
                DAY,
                5,
                "untold",
                "week, -",
                "cancel week",
            ),
            ("switched off long ago", DAY, 900, "untold", "-, -", ""),
            ("new, and runs", -DAY, 5, "week", "-, week", "invite week"),
            ("new, and over", -9 * DAY, 5, "over", "", ""),
            (
                "runs, its end moved",
                -DAY,
                5,
                "longer",
                "week, longer",
                "invite longer",
            ),
            (
                "runs until now",
                -DAY,
                5,
                "ends at 0",
                "week, ends at 0",
                "invite ends at 0",
            ),
            (
                "was over, and runs again",
                -DAY,
                5,
                "week",
                "over since -5, week",
                "invite week",
            ),
            ("runs, renamed", -DAY, 5, "renamed", "week, week", ""),
            (
                "renamed just before it began",
                3,
                5,
                "renamed",
                "week, renamed",
                "see week",
            ),
            ("runs, another address", -DAY, 5, "elsewhere", "week, week", ""),
            ("runs, switched off", -DAY, 5, "untold", "week, week", ""),
            ("gone just before it began", 3, 5, "-", "week, -", "cancel week"),
            (
                "switched off just before",
                3,
                5,
                "untold",
                "week, -",
                "cancel week",
            ),
            ("never began", 3, 4, "-", "week, week", "see -"),
            ("over, and gone", -9 * DAY, 5, "-", "over, over", ""),
            (
                "over, and another",
                -9 * DAY,
                5,
                "over long ago",
                "over, over",
                "",
            ),
            ("too far ahead", EDGE + 2, 1, "far", "", ""),
            ("comes within four weeks", EDGE + 1, 1, "far", "", "see far"),
            ("said by a fast clock", EDGE + DAY, 5, "far", "far, far", ""),
            ("seen by a fast clock", DAY, -1, "week", "-, week", "see week"),
        ] {
            let found = Next::of(at(from), &stands(is), remembered(was).as_ref(), at(now));
            assert_eq!(found, next(follows), "{case}");
        }
    }
}
