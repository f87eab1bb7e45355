//! Waiting for what real time brings.

use std::time::Duration;

/// Waits until it is so; a minute at most.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..3000 {
        look.tick().await;
        if is_so().await {
            return;
        }
    }
    panic!("not within a minute: {what}");
}
