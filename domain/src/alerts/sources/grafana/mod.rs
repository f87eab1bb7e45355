//! Grafana's unified alerting: Alertmanager's form with words of its own, and with places to look. It sends again what gets a 5xx, and
//! drops what gets a 4xx.

use crate::alerts::body::{self, Members};
use crate::alerts::group::{self, Dialect};
use crate::alerts::refusal::Repeats;
use crate::alerts::signature::Signature;
use crate::alerts::source::{Answer, Door, Form, SecretForm, SecretPlace, Source, ToldBy};
use crate::alerts::text;
use http::{Method, StatusCode};
use serde_json::{Map, Value};

pub(super) static SOURCE: Source = Source {
    label: "Grafana",
    doors: &[
        Door {
            methods: &[Method::POST, Method::PUT],
            path: "/grafana/{secret}",
            secret: SecretPlace::Path,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST, Method::PUT],
            path: "/grafana",
            secret: SecretPlace::Authorization,
            told: ToldBy::Form,
        },
    ],
    secret: SecretForm::Long,
    signature: Some(Signature {
        header: "x-grafana-alerting-signature",
        timestamp_header: "x-grafana-alerting-signature-timestamp",
    }),
    form: Form {
        is_this,
        read: |request, members| group::read(members, request.received_at, &DIALECT),
        else_plain: true,
    },
    packing: None,
    repeats: |_| Repeats::ServerFaultsOnly,
    answer: |outcome, _| Answer::usual(outcome, |_| Answer::Empty(StatusCode::OK)),
    set_up: include_str!("set_up.md"),
};

const DIALECT: Dialect = Dialect {
    link: &["panelURL", "dashboardURL", "generatorURL"],
    links: &[
        ("panelURL", "Panel"),
        ("dashboardURL", "Dashboard"),
        ("generatorURL", "Alert rule"),
        ("imageURL", "Picture"),
        ("silenceURL", "Silence it"),
    ],
    name,
    reason_of_end: Some("grafana_state_reason"),
};

/// Alerts that stand for a rule whose query answered nothing, or failed, and what is said of that rule.
const ABOUT_A_RULE: [(&str, &str); 2] = [
    ("DatasourceNoData", "no data"),
    ("DatasourceError", "its query failed"),
];

fn is_this(members: &Members<'_>) -> bool {
    group::is_this(members) && (members.has("orgId") || (members.has("state") && members.has("message")))
}

/// “Queue length: no data”, since the alert itself is named for the fault.
fn name(labels: &Map<String, Value>) -> Option<String> {
    let alert = body::text(labels, "alertname")?;
    let (_, said) = ABOUT_A_RULE.iter().find(|(name, _)| *name == alert)?;
    let rule = body::text(labels, "rulename").and_then(|rule| text::title(&rule))?;
    text::title(&format!("{rule}: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::AlertEvent;
    use crate::alerts::body::text_of;

    fn read(alert: &str) -> AlertEvent {
        let body = format!(
            r#"{{"receiver":"r","groupKey":"k","orgId":1,"externalURL":"https://g.example","alerts":[{alert}]}}"#
        );
        let text = text_of(body.as_bytes()).unwrap();
        let members = Members::of(&text).ok().unwrap();
        assert!(is_this(&members));
        let received = "2026-11-21T05:00:00Z".parse().unwrap();
        group::read(&members, received, &DIALECT)
            .unwrap()
            .alerts
            .remove(0)
    }

    #[test]
    fn a_rule_without_data_is_called_by_its_name() {
        for (alert, title) in [
            (
                r#"{"labels":{"alertname":"DatasourceNoData","rulename":"Queue length"}}"#,
                "Queue length: no data",
            ),
            (
                r#"{"labels":{"alertname":"DatasourceError","rulename":"Queue length"},"annotations":{"summary":"It is long"}}"#,
                "It is long",
            ),
            (r#"{"labels":{"alertname":"DatasourceError"}}"#, "DatasourceError"),
        ] {
            assert_eq!(read(alert).title.as_deref(), Some(title));
        }
    }

    #[test]
    fn the_nearest_place_to_look_is_the_link() {
        for (alert, link) in [
            (
                r#"{"labels":{},"generatorURL":"https://g.example/rule","panelURL":"https://g.example/p"}"#,
                "https://g.example/p",
            ),
            (
                r#"{"labels":{},"generatorURL":"https://g.example/rule","panelURL":""}"#,
                "https://g.example/rule",
            ),
            (
                r#"{"labels":{},"panelURL":"javascript:alert(1)"}"#,
                "https://g.example",
            ),
        ] {
            assert_eq!(read(alert).link.as_deref(), Some(link));
        }
    }

    #[test]
    fn what_ended_for_another_reason_says_so() {
        let gone =
            r#"{"status":"resolved","labels":{},"annotations":{"grafana_state_reason":"MissingSeries"}}"#;
        assert!(read(gone).note.is_some_and(|note| note.contains("MissingSeries")));
        let fires = r#"{"status":"firing","labels":{},"annotations":{"grafana_state_reason":"NoData"}}"#;
        assert_eq!(read(fires).note, None);
    }
}
