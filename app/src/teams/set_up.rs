//! How a source is connected to an integration: the text of its source, with the exact lines to paste.

use crate::components::Paste;
use domain::markdown;
use domain::teams::IntegrationKind;
use leptos::prelude::*;
use url::Url;

/// What begins and ends lines to paste.
const FENCE: &str = "```";

/// All of a secret's address and lines, for the one time that it is shown.
#[component]
pub fn SetUp(base_url: Url, kind: IntegrationKind, #[prop(into)] secret: String) -> impl IntoView {
    let text = kind.source().set_up(base_url.as_str(), &secret);
    let parts = parts(&text)
        .into_iter()
        .map(|part| match part {
            Part::Words(words) => {
                view! { <div class="prose" inner_html=markdown::to_html(words)></div> }.into_any()
            }
            Part::Lines(lines) => view! { <Paste text=lines.to_owned() /> }.into_any(),
        })
        .collect_view();
    view! { <div class="stack-tight set-up">{parts}</div> }
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Words(&'a str),
    Lines(&'a str),
}

/// Each second part is lines, without the word behind its first fence.
fn parts(text: &str) -> Vec<Part<'_>> {
    let parts = text
        .split(FENCE)
        .enumerate()
        .map(|(number, part)| match number % 2 {
            0 => Part::Words(part.trim()),
            _ => Part::Lines(part.split_once('\n').map_or(part, |(_, lines)| lines.trim_end())),
        });
    parts.filter(|part| *part != Part::Words("")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lines_are_told_apart() {
        assert_eq!(
            parts("First:\n\n```sh\ncurl x\n  y\n```\n\nThen:\n\n```\nz\n```\n"),
            [
                Part::Words("First:"),
                Part::Lines("curl x\n  y"),
                Part::Words("Then:"),
                Part::Lines("z"),
            ]
        );
    }

    #[test]
    fn the_lines_to_paste_are_whole() {
        for kind in IntegrationKind::ALL {
            let text = kind.source().set_up("https://kintsugi.example.com/", "SECRET");
            assert!(
                text.contains("https://kintsugi.example.com") && text.contains("SECRET"),
                "{text}"
            );
            assert!(!text.contains("{{") && !text.contains("com//"), "{text}");
            for part in parts(&text) {
                let Part::Lines(line) = part else { continue };
                let body = line
                    .starts_with("curl")
                    .then(|| line.split('\'').nth(3))
                    .flatten();
                let is_json = |body: &str| serde_json::from_str::<serde_json::Value>(body).is_ok();
                assert!(body.is_none_or(is_json), "{kind}: {line}");
            }
        }
        for kind in [IntegrationKind::Json, IntegrationKind::PagerDuty] {
            assert!(kind.source().set_up.contains(engine::setup::TEST_TITLE), "{kind}");
        }
    }

    /// The documentation has each of these texts, word for word.
    #[test]
    fn the_documentation_says_the_same() {
        let documented = include_str!("../../../docs/integrate.md");
        for kind in IntegrationKind::ALL {
            let text = kind.source().set_up("https://kintsugi.example.com", "SECRET");
            assert!(documented.contains(text.trim()), "{kind}:\n{text}");
        }
    }
}
