//! Words for a setting that cannot be read. What was set is not repeated: it may hold a password, and what is printed at start ends
//! up in a log.

use figment::error::{Error, Kind};

pub fn words(error: Error) -> String {
    let all: Vec<String> = error.into_iter().map(|error| of_one(&error)).collect();
    all.join("; ")
}

fn of_one(error: &Error) -> String {
    let name = error.path.join(".");
    let words = match &error.kind {
        Kind::UnknownField(name, _) => format!("there is no setting called {name}"),
        Kind::MissingField(name) => format!("{name} is missing"),
        Kind::UnknownVariant(_, known) => format!("{name} must be one of {}", known.join(", ")),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("{name} must be {expected}")
        }
        Kind::Message(words) if name.is_empty() => without_excerpt(words),
        _ => format!("{name} does not fit"),
    };
    let file = error.metadata.as_ref().and_then(|from| from.source.as_ref());
    match file.and_then(|source| source.file_path()) {
        Some(file) => format!("{words} (in {})", file.display()),
        None => words,
    }
}

/// What is wrong with a file comes with the line it is wrong in, between bars.
fn without_excerpt(words: &str) -> String {
    let told: Vec<&str> = words.lines().filter(|line| !line.contains('|')).collect();
    told.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use figment::Figment;
    use figment::providers::{Format, Toml};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its names matter")]
    struct Some {
        smtp_url: String,
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_set() {
        for (file, told) in [
            ("smtp_url = 5318008", "smtp_url must be a string"),
            ("smtp_url = \"smtp://ana:5318008@mail", "line 1"),
            ("smtp_url = [\"5318008\"]", "smtp_url must be a string"),
            (
                "smtp_url = \"x\"\nsmpt_url = \"5318008\"",
                "no setting called smpt_url",
            ),
            ("", "smtp_url is missing"),
        ] {
            let error = Figment::from(Toml::string(file)).extract::<Some>().unwrap_err();
            let words = words(error);
            assert!(words.contains(told), "{words}");
            assert!(!words.contains("5318008"), "{words}");
        }
    }
}
