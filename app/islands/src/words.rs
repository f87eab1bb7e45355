//! Words that both sides say in the same way.

/// A duration as `domain::incidents::instants::spoken` says it; here without the rest of `domain`, which is heavy.
pub fn spoken(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if minutes == 0 => [&seconds.to_string(), " s"].concat(),
        () if hours == 0 => [&minutes.to_string(), " min"].concat(),
        () if days == 0 && minutes % 60 == 0 => [&hours.to_string(), " h"].concat(),
        () if days == 0 => [&hours.to_string(), " h ", &(minutes % 60).to_string(), " min"].concat(),
        () if hours % 24 == 0 => [&days.to_string(), " d"].concat(),
        () => [&days.to_string(), " d ", &(hours % 24).to_string(), " h"].concat(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn browser_and_server_say_durations_alike() {
        for seconds in [
            -5, 0, 41, 59, 60, 720, 3599, 3600, 4320, 7200, 86_399, 86_400, 90_000, 273_600,
        ] {
            assert_eq!(
                super::spoken(seconds),
                domain::incidents::instants::spoken(seconds)
            );
        }
    }
}
