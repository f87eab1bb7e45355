//! The frame of all settings: what there is to set, and the part that is open.

use crate::components::{PageHead, reader_may};
use domain::people::Permission;
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Profile,
    People,
    Teams,
    Schedules,
    Policies,
    Mail,
    Pager,
    Audit,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Profile,
        Self::People,
        Self::Teams,
        Self::Schedules,
        Self::Policies,
        Self::Mail,
        Self::Pager,
        Self::Audit,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Profile => "You",
            Self::People => "People",
            Self::Teams => "Teams and services",
            Self::Schedules => "Schedules",
            Self::Policies => "Escalation policies",
            Self::Mail => "Mail",
            Self::Pager => "The pager",
            Self::Audit => "Audit log",
        }
    }

    const fn href(self) -> &'static str {
        match self {
            Self::Profile => "/settings/profile",
            Self::People => "/settings/people",
            Self::Teams => "/settings/teams",
            Self::Schedules => "/settings/schedules",
            Self::Policies => "/settings/policies",
            Self::Mail => "/settings/mail",
            Self::Pager => "/settings/pager",
            Self::Audit => "/settings/audit",
        }
    }
}

#[component]
pub fn Shell(
    part: Part,
    #[prop(into)] title: String,
    #[prop(into)] under: String,
    children: Children,
) -> impl IntoView {
    let links = Part::ALL
        .into_iter()
        .filter(|other| !matches!(other, Part::Pager | Part::Audit) || reader_may(Permission::Administer))
        .map(|other| {
            view! {
                <a href=other.href() aria-current=(other == part).then_some("page")>
                    {other.label()}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="settings">
            <nav class="settings-nav" aria-label="Settings">
                <a class="settings-all" href="/settings">
                    "All settings"
                </a>
                {links}
            </nav>
            <div>
                <PageHead title under=view! { {under} }.into_any() />
                {children()}
            </div>
        </div>
    }
}

/// A part of a settings page under its heading.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] id: String,
    children: Children,
) -> impl IntoView {
    let id = (!id.is_empty()).then_some(id);
    view! {
        <section class="part" id=id>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// Names that lead somewhere, each with a quiet line.
#[component]
pub fn Rows(rows: Vec<(String, String, String)>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|(href, name, under)| {
            view! {
                <li>
                    <a href=href>{name}</a>
                    <p>{under}</p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="settings-rows measure">{rows}</ul> }
}
