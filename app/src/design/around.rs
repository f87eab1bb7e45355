//! What stands around pages: finding, shortcuts, the theme, and settings.

use super::{BO, LENA};
use crate::components::*;
use crate::find::{Group, Mark, Nothing, Options, Results, Row};
use domain::Severity;
use domain::find::Kind;
use domain::incidents::State;
use leptos::prelude::*;

fn row(href: &str, mark: Mark, label: Option<&str>, name: &str, beside: &str) -> Row {
    Row {
        href: href.to_owned(),
        mark,
        label: label.map(str::to_owned),
        name: name.to_owned(),
        beside: beside.to_owned(),
    }
}

fn found() -> Vec<Group> {
    let incidents = [
        (
            Severity::Sev1,
            State::Triggered,
            "INC-143",
            "Payments API is down",
        ),
        (
            Severity::Sev2,
            State::Acknowledged,
            "INC-142",
            "Checkout: error rate above 5 %",
        ),
        (
            Severity::Sev3,
            State::Mitigated,
            "INC-97",
            "Checkout slow after pool change",
        ),
        (
            Severity::Sev5,
            State::Resolved,
            "INC-12",
            "Certificate of checkout renewed late",
        ),
    ];
    let incidents = incidents.map(|(severity, state, label, title)| {
        row(
            "#",
            Mark::Incident(severity, state),
            Some(label),
            title,
            "Checkout",
        )
    });
    let named = [
        (Kind::Service, None, "Checkout", "Payments"),
        (
            Kind::Postmortem,
            Some("INC-97"),
            "The pool that nobody saw",
            "published",
        ),
        (
            Kind::ActionItem,
            Some("ACT-17"),
            "Alert when the pool is 80 % full",
            "doing",
        ),
        (Kind::Team, None, "Payments", ""),
        (Kind::Schedule, None, "Payments on call", "Payments"),
        (Kind::Policy, None, "Checkout, day and night", "Payments"),
    ];
    let named = named.map(|(kind, label, name, beside)| row("#", Mark::Named(kind), label, name, beside));
    let people = [
        (LENA, "Lena Okafor", "lena@example.org"),
        (BO, "Bo Lindqvist", "bo@example.org"),
    ];
    let people = people.map(|(id, name, email)| row("#", Mark::Person(id), None, name, email));
    let page = row(
        "#",
        Mark::Place,
        None,
        "Password",
        "Change the password that you log in with.",
    );
    vec![
        group("Incidents", incidents.to_vec()),
        group("Things with a name", named.to_vec()),
        group("People", people.to_vec()),
        group("Pages and settings", vec![page]),
    ]
}

fn group(title: &'static str, rows: Vec<Row>) -> Group {
    Group { title, rows }
}

#[component]
pub(super) fn Finding() -> impl IntoView {
    view! {
        <Results groups=found() />
        <h3>"In the palette"</h3>
        <div class="palette-rows" role="listbox" aria-label="Found" tabindex="0">
            <Options groups=found() />
        </div>
        <h3>"Nothing"</h3>
        <Nothing asked="a word that fits nowhere".to_owned() />
        <Nothing asked=String::new() />
    }
}

#[component]
pub(super) fn Keys() -> impl IntoView {
    view! {
        <ShortcutList />
        <ThemeSwitch />
    }
}
