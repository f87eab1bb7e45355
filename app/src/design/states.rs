//! Parts that come in many forms, each form once: pictures, notices, tables, controls.

use super::{BO, LENA, MAI, ZONE, night};
use crate::components::*;
use leptos::prelude::*;

#[component]
pub(super) fn Notices() -> impl IntoView {
    [
        (
            Tone::Broken,
            "Nobody has INC-143.",
            "There is nobody left to page.",
        ),
        (
            Tone::Worked,
            "Nobody is incident commander yet.",
            "Three people are here.",
        ),
        (
            Tone::Mended,
            "Nobody feels it any more.",
            "Resolve it when nothing is left to do.",
        ),
        (
            Tone::Well,
            "You are not on call.",
            "Your next turn begins on Monday.",
        ),
        (Tone::Plain, "Your turn ends at 09:00.", "Bo takes it over."),
    ]
    .map(|(tone, lead, rest)| view! { <Notice tone lead>{rest}</Notice> })
    .collect_view()
}

#[component]
pub(super) fn Pictures() -> impl IntoView {
    let pictures = Picture::ALL
        .map(|picture| {
            view! {
                <span class="row">
                    <Glyph of=picture />
                    <span class="quiet small">{format!("{picture:?}")}</span>
                </span>
            }
        })
        .collect_view();
    view! { <div class="row">{pictures}</div> }
}

#[component]
pub(super) fn Tables() -> impl IntoView {
    let rows = [
        (
            LENA,
            "Lena Okafor",
            "lena@example.org",
            "administrator",
            "Europe/Berlin",
        ),
        (
            BO,
            "Bo Lindqvist",
            "bo.lindqvist@long-name-of-a-company.example.org",
            "responder",
            "Asia/Tokyo",
        ),
        (MAI, "Mai Kessler", "mai@example.org", "observer", "UTC"),
    ]
    .map(|(id, name, email, role, zone)| {
        view! {
            <Row>
                <Cell>
                    <PersonName id name />
                </Cell>
                <Cell label="E-mail address">{email}</Cell>
                <Cell label="Role">{role}</Cell>
                <Cell label="Time zone">{zone}</Cell>
            </Row>
        }
    })
    .collect_view();
    view! {
        <DataTable caption="People" headers=vec!["Name", "E-mail address", "Role", "Time zone"]>
            {rows}
        </DataTable>
    }
}

#[component]
pub(super) fn Times() -> impl IntoView {
    let forms = [TimeForm::Clock, TimeForm::Short, TimeForm::Day, TimeForm::Full]
        .map(|form| {
            view! {
                <li>
                    <TimeOf at=night() zone=ZONE form />
                </li>
            }
        })
        .collect_view();
    view! { <ul class="stack-tight">{forms}</ul> }
}

#[component]
pub(super) fn Controls() -> impl IntoView {
    let kinds = [
        ("email", "E-mail address", FieldKind::Email, "lena@example.org"),
        ("password", "Password", FieldKind::Password, "a bowl mended"),
        ("search", "Search", FieldKind::Search, "checkout"),
        ("url", "Link", FieldKind::Url, "https://example.org"),
        ("number", "How many", FieldKind::Number { min: 0, max: 20 }, "3"),
        ("moment", "Since when", FieldKind::Moment, "2026-11-21T02:47"),
        ("clock", "Hand-off at", FieldKind::Clock, "09:00"),
        (
            "lines",
            "What happened",
            FieldKind::Lines(3),
            "The pool was full.\nIt was raised.",
        ),
    ];
    let fields = kinds
        .map(|(name, label, kind, value)| view! { <Field name=format!("control-{name}") label kind value /> })
        .collect_view();
    view! {
        <form class="form measure" method="post" action="#">
            {fields}
            <FormDialog label="Open" title="A form behind a button" in_place=true open=true>
                <p>"What it asks is shown here."</p>
            </FormDialog>
        </form>
    }
}
