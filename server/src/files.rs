//! How many files may be open at once: connections are files too.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than any house needs; some systems allow a thousand million.
const ENOUGH: u64 = 1 << 20;

/// Raises the soft limit, which shells and supervisors keep low for old programs, to the hard one; says what is allowed.
pub fn allowed() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let soft = limit.current.unwrap_or(ENOUGH);
    if soft >= hard {
        return soft.min(ENOUGH);
    }
    let raised = Rlimit {
        current: Some(hard),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => hard,
        Err(error) => {
            tracing::warn!(%error, soft, "the limit of open files could not be raised");
            soft
        }
    }
}
