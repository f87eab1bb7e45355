//! Where a log-in leads.

/// Only a path of ours: everything else could lead elsewhere.
pub fn next_path(next: &str) -> &str {
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && next.is_ascii()
        && !next.contains(['\\', '\r', '\n', '\t', ' ']);
    if is_path { next } else { "/" }
}

#[cfg(test)]
mod tests {
    #[test]
    fn after_the_log_in_nobody_is_led_elsewhere() {
        for (next, path) in [
            ("/incidents/142?tab=alerts", "/incidents/142?tab=alerts"),
            ("", "/"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(super::next_path(next), path);
        }
    }
}
