//! What can be read of JSON that is broken or was cut off: its longest whole beginning.

/// Deeper than any source nests.
const DEEPEST: usize = 64;

/// The longest beginning of the text that holds whole values, with its brackets closed. `None`: not even a bracket opens.
pub(super) fn mended(text: &str) -> Option<String> {
    mended_within(text, DEEPEST)
}

/// The same, with at most so many brackets to close: what is open deeper is left out with all that it holds.
pub(super) fn mended_within(text: &str, most_open: usize) -> Option<String> {
    let mut reading = Reading {
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        most_open,
        goes_on: false,
        whole: None,
    };
    while reading.step().is_some() {}
    let (end, open) = reading.whole?;
    let mut mended = String::with_capacity(end + open.len());
    mended.push_str(&text[..end]);
    for bracket in open.iter().rev() {
        mended.push(if *bracket == Bracket::Object { '}' } else { ']' });
    }
    Some(mended)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    Object,
    List,
}

struct Reading<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<Bracket>,
    most_open: usize,
    /// A comma stands before: something follows, and no end.
    goes_on: bool,
    /// Where the last whole value ends, and what is open there.
    whole: Option<(usize, Vec<Bracket>)>,
}

impl Reading<'_> {
    /// One value, or one end of a bracket; `None` where it goes no further.
    fn step(&mut self) -> Option<()> {
        self.skip_space();
        let closes = match self.bytes.get(self.at)? {
            b'}' => Some(Bracket::Object),
            b']' => Some(Bracket::List),
            _ => None,
        };
        if let Some(bracket) = closes {
            if self.goes_on {
                return None;
            }
            self.open.pop_if(|open| *open == bracket)?;
            self.at += 1;
            return self.is_whole();
        }
        if self.open.last() == Some(&Bracket::Object) {
            self.string()?;
            self.skip_space();
            self.take(b':')?;
            self.skip_space();
        }
        match self.bytes.get(self.at)? {
            b'{' => self.opens(Bracket::Object),
            b'[' => self.opens(Bracket::List),
            b'"' => {
                self.string()?;
                self.is_whole()
            }
            _ => {
                self.word()?;
                self.is_whole()
            }
        }
    }

    fn opens(&mut self, bracket: Bracket) -> Option<()> {
        if self.open.len() == DEEPEST {
            return None;
        }
        self.at += 1;
        self.open.push(bracket);
        self.goes_on = false;
        if self.open.len() <= self.most_open {
            self.whole = Some((self.at, self.open.clone()));
        }
        Some(())
    }

    /// A value ends here. A comma leads on to the next.
    fn is_whole(&mut self) -> Option<()> {
        match &mut self.whole {
            Some(_) if self.open.len() > self.most_open => {}
            Some((end, open)) => {
                *end = self.at;
                open.clone_from(&self.open);
            }
            // Text or a number alone is no object.
            None => return None,
        }
        if self.open.is_empty() {
            return None;
        }
        self.skip_space();
        self.goes_on = match self.bytes.get(self.at)? {
            b',' => true,
            b'}' | b']' => false,
            _ => return None,
        };
        self.at += usize::from(self.goes_on);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// A number or a word, whole only where something follows it.
    fn word(&mut self) -> Option<()> {
        let from = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        while self.bytes.get(self.at).is_some_and(is_part) {
            self.at += 1;
        }
        self.bytes.get(self.at)?;
        let word = std::str::from_utf8(&self.bytes[from..self.at]).ok()?;
        serde_json::from_str::<serde_json::Value>(word).ok().map(drop)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_whole_beginning_is_kept() {
        for (broken, kept) in [
            (r#"{"a":1,"b":"x"}"#, Some(r#"{"a":1,"b":"x"}"#)),
            (r#"{"a":1,"b":"x"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1,"b""#, Some(r#"{"a":1}"#)),
            (r#"{"a":1"#, Some("{}")),
            (r#"{"a":[{"b":{"c":"d"},"e":"#, Some(r#"{"a":[{"b":{"c":"d"}}]}"#)),
            (r#"{"a":[1, 2, 3"#, Some(r#"{"a":[1, 2]}"#)),
            (r#"{"a":[1,2]]"#, Some(r#"{"a":[1,2]}"#)),
            (r#"{"a":"\"}","b":2}"#, Some(r#"{"a":"\"}","b":2}"#)),
            (r#"{"a":1}{"b":2}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1,"b":NaN,"c":2}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1 "b":2}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1,}"#, Some(r#"{"a":1}"#)),
            ("{a:1}", Some("{}")),
            ("[", Some("[]")),
            ("x", None),
            ("\"x\"", None),
            ("", None),
        ] {
            assert_eq!(mended(broken).as_deref(), kept, "{broken}");
            if let Some(kept) = kept {
                assert!(serde_json::from_str::<serde_json::Value>(kept).is_ok());
            }
        }
        assert!(mended(&"[".repeat(100_000)).is_some());
    }

    #[test]
    fn what_is_open_too_deep_is_left_out_whole() {
        let cut = r#"{"a":[{"b":1},{"c":{"d":1},"e":2"#;
        assert_eq!(mended_within(cut, 2).as_deref(), Some(r#"{"a":[{"b":1}]}"#));
        assert_eq!(mended_within(cut, 1).as_deref(), Some("{}"));
    }
}
