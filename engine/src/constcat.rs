//! Lists of columns are written once and joined into statements at compile time.

/// Joins texts at compile time, so that lists of columns are written once.
macro_rules! constcat {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const LENGTH: usize = {
            let (mut length, mut part) = (0, 0);
            while part < PARTS.len() {
                length += PARTS[part].len();
                part += 1;
            }
            length
        };
        const BYTES: [u8; LENGTH] = {
            let (mut bytes, mut at, mut part) = ([0; LENGTH], 0, 0);
            while part < PARTS.len() {
                let text = PARTS[part].as_bytes();
                let mut byte = 0;
                while byte < text.len() {
                    bytes[at] = text[byte];
                    at += 1;
                    byte += 1;
                }
                part += 1;
            }
            bytes
        };
        // Joined from whole texts, so it is valid UTF-8.
        const TEXT: &str = match str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("joined texts are text"),
        };
        TEXT
    }};
}
