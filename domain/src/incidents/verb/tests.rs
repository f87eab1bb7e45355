//! What fits, case by case.

use super::*;
use uuid::Uuid;

const ME: PersonId = PersonId(Uuid::from_u128(1));
const BO: PersonId = PersonId(Uuid::from_u128(2));
const EVE: PersonId = PersonId(Uuid::from_u128(3));

fn now() -> DateTime<Utc> {
    "2026-03-02T03:00:00Z".parse().unwrap()
}

const fn at(state: State) -> Drawn {
    Drawn {
        state,
        quiet: false,
        since: None,
        holder: None,
        held_since: None,
        changing_at: None,
    }
}

const fn quiet(state: State) -> Drawn {
    Drawn {
        quiet: true,
        ..at(state)
    }
}

const fn held(holder: PersonId) -> Drawn {
    Drawn {
        holder: Some(holder),
        ..at(State::Acknowledged)
    }
}

#[test]
fn a_press_does_what_its_button_said_or_nothing() {
    use State::{Acknowledged, Mitigated, Resolved, Triggered};
    let command = Verb::TakeRole(IncidentRole::Commander);
    let leave = Verb::LeaveRole(IncidentRole::Commander);
    for (verb, drawn, stands, expected) in [
        (Verb::Acknowledge, at(Triggered), at(Triggered), None),
        (Verb::Acknowledge, at(Triggered), at(Acknowledged), None),
        (Verb::Escalate, at(Triggered), at(Triggered), None),
        (
            Verb::Escalate,
            at(Triggered),
            at(Acknowledged),
            Some(Misfit::Taken),
        ),
        (
            Verb::Escalate,
            at(Acknowledged),
            at(Acknowledged),
            Some(Misfit::Taken),
        ),
        (
            Verb::Escalate,
            at(Acknowledged),
            at(Mitigated),
            Some(Misfit::Taken),
        ),
        (
            Verb::Escalate,
            at(Mitigated),
            at(Triggered),
            Some(Misfit::WentBack),
        ),
        (Verb::Mitigate, at(Acknowledged), at(Mitigated), None),
        (Verb::Mitigate, at(Triggered), at(Acknowledged), None),
        (
            Verb::Mitigate,
            at(Acknowledged),
            at(Triggered),
            Some(Misfit::WentBack),
        ),
        (Verb::Resolve, at(Acknowledged), at(Mitigated), None),
        (Verb::Resolve, at(Mitigated), at(Resolved), None),
        (
            Verb::Resolve,
            at(Mitigated),
            at(Acknowledged),
            Some(Misfit::WentBack),
        ),
        (
            Verb::Resolve,
            quiet(Acknowledged),
            at(Acknowledged),
            Some(Misfit::FiresAgain),
        ),
        (Verb::Resolve, quiet(Acknowledged), at(Resolved), None),
        (Verb::Resolve, at(Acknowledged), quiet(Acknowledged), None),
        (
            Verb::StartPostmortem,
            at(Resolved),
            at(Triggered),
            Some(Misfit::WentBack),
        ),
        (command, at(Acknowledged), held(ME), None),
        (command, at(Acknowledged), held(BO), Some(Misfit::HeldByAnother)),
        (command, held(BO), held(BO), None),
        (command, held(BO), held(EVE), Some(Misfit::HeldByAnother)),
        (command, held(BO), at(Acknowledged), None),
        (leave, held(ME), held(ME), None),
        (leave, held(ME), held(BO), Some(Misfit::HeldByAnother)),
        (leave, held(ME), at(Acknowledged), None),
    ] {
        let misfit = fits(verb, &drawn, &stands, ME, now()).err();
        assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
    }
}

#[test]
fn what_was_something_else_meanwhile_is_looked_at_first() {
    use State::{Acknowledged, Mitigated, Resolved, Triggered};
    let since = |state, seq| Drawn {
        since: Some(seq),
        ..at(state)
    };
    for (verb, drawn, stands, expected) in [
        (
            Verb::Mitigate,
            since(Acknowledged, 3),
            since(Acknowledged, 3),
            None,
        ),
        (
            Verb::Mitigate,
            since(Acknowledged, 3),
            since(Acknowledged, 7),
            Some(Misfit::WentBack),
        ),
        (Verb::Mitigate, since(Acknowledged, 3), since(Mitigated, 7), None),
        // A form from before it said so, or a script's.
        (Verb::Mitigate, at(Acknowledged), since(Acknowledged, 7), None),
        (Verb::Acknowledge, since(Triggered, 0), since(Triggered, 7), None),
        (
            Verb::Escalate,
            since(Triggered, 0),
            since(Triggered, 7),
            Some(Misfit::WentBack),
        ),
        (
            Verb::Resolve,
            since(Mitigated, 3),
            since(Mitigated, 7),
            Some(Misfit::WentBack),
        ),
        (
            Verb::TakeBackMitigation,
            since(Mitigated, 3),
            since(Mitigated, 7),
            Some(Misfit::WentBack),
        ),
        (
            Verb::TakeBackMitigation,
            since(Mitigated, 3),
            since(Acknowledged, 7),
            None,
        ),
        (
            Verb::Reopen,
            since(Resolved, 3),
            since(Resolved, 7),
            Some(Misfit::WentBack),
        ),
        (Verb::Reopen, since(Resolved, 3), since(Acknowledged, 7), None),
        (
            Verb::StartPostmortem,
            since(Resolved, 3),
            since(Resolved, 7),
            Some(Misfit::WentBack),
        ),
    ] {
        let misfit = fits(verb, &drawn, &stands, ME, now()).err();
        assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
    }
}

#[test]
fn a_role_that_went_to_another_and_came_back_is_looked_at_first() {
    let held_since = |holder, minute: i64| Drawn {
        held_since: Some(now() + TimeDelta::minutes(minute)),
        ..held(holder)
    };
    let command = Verb::TakeRole(IncidentRole::Commander);
    let leave = Verb::LeaveRole(IncidentRole::Commander);
    for (verb, drawn, stands, expected) in [
        (leave, held_since(ME, 0), held_since(ME, 0), None),
        (
            leave,
            held_since(ME, 0),
            held_since(ME, 5),
            Some(Misfit::HeldByAnother),
        ),
        (leave, held(ME), held_since(ME, 5), None),
        (
            command,
            held_since(BO, 0),
            held_since(BO, 5),
            Some(Misfit::HeldByAnother),
        ),
        (command, held_since(BO, 0), held_since(ME, 5), None),
    ] {
        let misfit = fits(verb, &drawn, &stands, ME, now()).err();
        assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
    }
}

#[test]
fn help_is_asked_for_of_whoever_has_it() {
    for verb in [Verb::PageSomebody, Verb::HandOver] {
        for (drawn, stands, expected) in [
            (held(BO), held(BO), None),
            (at(State::Triggered), at(State::Triggered), None),
            (at(State::Triggered), held(BO), Some(Misfit::WithAnother)),
            (held(BO), held(EVE), Some(Misfit::WithAnother)),
            (held(BO), at(State::Triggered), Some(Misfit::WithAnother)),
            (held(BO), held(ME), None),
        ] {
            let misfit = fits(verb, &drawn, &stands, ME, now()).err();
            assert_eq!(misfit, expected, "{verb:?} from {drawn:?} on {stands:?}");
        }
    }
}

#[test]
fn a_tick_hangs_on_nothing_but_its_second() {
    let at = |state, seq| Drawn {
        since: Some(seq),
        ..at(state)
    };
    let stands = at(State::Triggered, 7);
    let misfit = fits(Verb::Tick, &at(State::Mitigated, 3), &stands, ME, now());
    assert_eq!(misfit, Ok(()));
    let fresh = Drawn {
        changing_at: Some(now()),
        ..stands
    };
    assert_eq!(fits(Verb::Tick, &fresh, &stands, ME, now()), Err(Misfit::TooSoon));
}

#[test]
fn a_button_that_has_just_changed_waits_for_a_second() {
    let drawn = |milliseconds: i64| Drawn {
        changing_at: Some(now() - TimeDelta::milliseconds(milliseconds)),
        ..at(State::Acknowledged)
    };
    for (since, expected) in [
        (0, Some(Misfit::TooSoon)),
        (999, Some(Misfit::TooSoon)),
        (1_000, None),
        (-200, Some(Misfit::TooSoon)),
        (-60_000, None),
    ] {
        let stands = at(State::Acknowledged);
        let misfit = fits(Verb::Mitigate, &drawn(since), &stands, ME, now()).err();
        assert_eq!(misfit, expected, "{since} ms after it was drawn");
    }
}
