//! How a source reaches an integration: its address, and the exact lines to paste.

use crate::components::{Fact, Facts, FactsForm};
use domain::teams::IntegrationKind;
use leptos::prelude::*;
use url::Url;

const ALERTMANAGER: &str = include_str!("ways_in/alertmanager.yml");
const JSON: &str = include_str!("ways_in/json.sh");
const JSON_RESOLVED: &str = include_str!("ways_in/json_resolved.sh");
const PAGERDUTY: &str = include_str!("ways_in/pagerduty.sh");

/// The address that a source posts to.
pub fn address(base_url: &Url, kind: IntegrationKind, secret: &str) -> String {
    let base = base_url.as_str().trim_end_matches('/');
    match kind {
        IntegrationKind::Alertmanager => format!("{base}/alertmanager/{secret}"),
        IntegrationKind::Json => format!("{base}/json/{secret}"),
        IntegrationKind::PagerDuty => format!("{base}/v2/enqueue"),
    }
}

/// The line that opens a test incident; Alertmanager has none of its own.
pub fn test_line(base_url: &Url, kind: IntegrationKind, secret: &str) -> Option<String> {
    let text = match kind {
        IntegrationKind::Json => JSON,
        IntegrationKind::PagerDuty => PAGERDUTY,
        IntegrationKind::Alertmanager => return None,
    };
    Some(filled(text, &address(base_url, kind, secret), secret))
}

fn filled(text: &str, url: &str, secret: &str) -> String {
    text.replace("{{ url }}", url)
        .replace("{{ secret }}", secret)
        .trim_end()
        .to_owned()
}

/// Lines to copy into another program.
#[component]
pub fn Paste(#[prop(into)] text: String) -> impl IntoView {
    view! { <pre class="paste machine card" tabindex="0">{text}</pre> }
}

/// All of a secret's address and lines, for the one time that it is shown.
#[component]
pub fn WayIn(base_url: Url, kind: IntegrationKind, #[prop(into)] secret: String) -> impl IntoView {
    let url = address(&base_url, kind, &secret);
    let line = test_line(&base_url, kind, &secret);
    match kind {
        IntegrationKind::Json => view! {
            <div class="stack-tight">
                <p>"This line opens a test incident:"</p>
                <Paste text=line.unwrap_or_default() />
                <p>"And this one resolves it:"</p>
                <Paste text=filled(JSON_RESOLVED, &url, &secret) />
            </div>
        }
        .into_any(),
        IntegrationKind::Alertmanager => view! {
            <div class="stack-tight">
                <p>"In Alertmanager’s configuration, then reload it:"</p>
                <Paste text=filled(ALERTMANAGER, &url, &secret) />
            </div>
        }
        .into_any(),
        IntegrationKind::PagerDuty => view! {
            <div class="stack-tight">
                <p>"Where a client of PagerDuty’s Events API v2 is set up, change its host:"</p>
                <Facts form=FactsForm::Listed>
                    <Fact label="Address">
                        <span class="machine">{url}</span>
                    </Fact>
                    <Fact label="Routing key">
                        <span class="machine">{secret}</span>
                    </Fact>
                </Facts>
                <p>"This line opens a test incident:"</p>
                <Paste text=line.unwrap_or_default() />
            </div>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_to_paste_are_whole() {
        let base: Url = "https://kintsugi.example.com/".parse().unwrap();
        let line = test_line(&base, IntegrationKind::Json, "SECRET").unwrap();
        assert!(
            line.ends_with("https://kintsugi.example.com/json/SECRET"),
            "{line}"
        );
        let line = test_line(&base, IntegrationKind::PagerDuty, "KEY").unwrap();
        assert!(line.contains("\"routing_key\": \"KEY\""), "{line}");
        for (kind, line) in [
            (IntegrationKind::Json, JSON),
            (IntegrationKind::PagerDuty, PAGERDUTY),
        ] {
            assert!(line.contains(engine::setup::TEST_TITLE), "{kind}: {line}");
            let body = line.split('\'').nth(3).unwrap();
            assert!(
                serde_json::from_str::<serde_json::Value>(body).is_ok(),
                "{kind}: {body}"
            );
        }
        assert!(filled(ALERTMANAGER, "URL", "").contains("- url: URL\n"));
    }
}
