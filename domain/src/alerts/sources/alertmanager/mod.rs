//! Prometheus Alertmanager's webhook, version 4. It takes any 2xx for success, sends again what gets a 5xx, and drops what gets a 4xx.

use crate::alerts::group;
use crate::alerts::refusal::Repeats;
use crate::alerts::source::{Answer, Door, Form, SecretForm, SecretPlace, Source, ToldBy};
use http::{Method, StatusCode};

pub static SOURCE: Source = Source {
    label: "Alertmanager webhook",
    doors: &[
        Door {
            methods: &[Method::POST],
            path: "/alertmanager/{secret}",
            secret: SecretPlace::Path,
            told: ToldBy::Form,
        },
        Door {
            methods: &[Method::POST],
            path: "/alertmanager",
            secret: SecretPlace::Authorization,
            told: ToldBy::Form,
        },
    ],
    secret: SecretForm::Long,
    signature: None,
    form: Form {
        is_this: group::is_this,
        read: |request, members| group::read(members, request.received_at, &group::PLAIN),
        else_plain: true,
    },
    packing: None,
    repeats: |_| Repeats::ServerFaultsOnly,
    answer: |outcome, _| Answer::usual(outcome, |_| Answer::Empty(StatusCode::OK)),
    set_up: include_str!("set_up.md"),
};
