//! How a source signs what it sends, and whether that fits.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// How a source signs: HMAC-SHA256 of the body in hexadecimal digits, of the timestamp, a colon and the body where it sends one.
#[derive(Debug)]
pub struct Signature {
    pub header: &'static str,
    pub timestamp_header: &'static str,
}

/// Clocks of sender and receiver differ by less; what was signed longer ago is sent by somebody who listened.
const SIGNED_LATELY: TimeDelta = TimeDelta::minutes(5);

impl Signature {
    /// Whether these bytes were signed with this secret.
    pub fn fits(&self, secret: &[u8], headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(told) = text(self.header).and_then(from_hex) else {
            return false;
        };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            return false;
        };
        if let Some(timestamp) = text(self.timestamp_header) {
            let at = timestamp
                .parse()
                .ok()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            if at.is_none_or(|at| (now - at).abs() > SIGNED_LATELY) {
                return false;
            }
            mac.update(timestamp.as_bytes());
            mac.update(b":");
        }
        mac.update(body);
        mac.verify_slice(&told).is_ok()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .trim()
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_with_the_secret_fits() {
        let signature = Signature {
            header: "x-signature",
            timestamp_header: "x-timestamp",
        };
        let now = DateTime::from_timestamp(1_795_237_200, 0).unwrap();
        // Of `echo -n '{}' | openssl dgst -sha256 -hmac test-secret`, and of the same with `1795237200:` before it.
        let of_body = "2f59040b63b7200598444239da2c9a4f3abc5c434259b23126d72514dab8cd09";
        let of_both = "21540f3eba31b3e35b345789fd2fedd77bba4a5b5875c52e79b7bf4b70e2346a";
        let old = "1795236000";
        for (told, timestamp, body, secret, fits) in [
            (of_body, None, "{}", "test-secret", true),
            (of_body, None, "{} ", "test-secret", false),
            (of_body, None, "{}", "another", false),
            (of_body, Some("1795237200"), "{}", "test-secret", false),
            (of_both, Some("1795237200"), "{}", "test-secret", true),
            (of_both, Some(old), "{}", "test-secret", false),
            (of_both, Some("soon"), "{}", "test-secret", false),
            ("", None, "{}", "test-secret", false),
            ("xyz", None, "{}", "test-secret", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-signature", told.parse().unwrap());
            if let Some(timestamp) = timestamp {
                headers.insert("x-timestamp", timestamp.parse().unwrap());
            }
            let found = signature.fits(secret.as_bytes(), &headers, body.as_bytes(), now);
            assert_eq!(found, fits, "{told} {timestamp:?} {body} {secret}");
        }
        assert!(!signature.fits(b"test-secret", &HeaderMap::new(), b"{}", now));
    }
}
