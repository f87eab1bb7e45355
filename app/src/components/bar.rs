//! The bar on top of every page: where one is, where one can go, and who one is.

use super::avatar::hue;
use super::frame::{PersonBadge, Section};
use super::icon::{Glyph, Picture};
use crate::preferences::{Theme, here};
use domain::people::initials;
use leptos::prelude::*;

#[component]
pub fn Bar(current: Option<Section>, open_incidents: usize, person: Option<PersonBadge>) -> impl IntoView {
    let inside = match person {
        Some(person) => view! {
            <Sections current open_incidents />
            <FindField />
            <PersonMenu person />
        }
        .into_any(),
        None => view! { <ThemeSwitch /> }.into_any(),
    };
    view! {
        <header class="bar">
            <a class="brand" href="/">
                <Brand />
                "Kintsugi"
            </a>
            {inside}
        </header>
    }
}

/// A bowl with its gold seam.
#[component]
fn Brand() -> impl IntoView {
    view! {
        <svg
            viewBox="0 0 32 32"
            fill="none"
            stroke-width="2.6"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path class="bowl" d="M3.5 8h25c0 8.5-4.6 16-12.5 16S3.5 16.5 3.5 8Z"></path>
            <path class="gold-seam" d="m18 8-3.5 5.5 4 2.5-2.5 7.5"></path>
        </svg>
    }
}

#[component]
fn Sections(current: Option<Section>, open_incidents: usize) -> impl IntoView {
    let links = Section::ALL
        .into_iter()
        .map(|section| {
            let marked = (current == Some(section)).then_some("page");
            let count = (section == Section::Incidents).then(|| {
                view! {
                    " "
                    <span class="count" hidden={open_incidents == 0}>
                        <span data-open="">{open_incidents}</span>
                        <span class="unseen">" open"</span>
                    </span>
                }
            });
            view! {
                <a href=section.href() aria-current=marked>
                    <Glyph of=section.picture() class="section-icon" />
                    {section.label()}
                    {count}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="sections" aria-label="Sections">
            {links}
        </nav>
    }
}

/// Awake, the palette takes over what is written here; asleep, it is a form. A phone has room for a link only.
#[component]
fn FindField() -> impl IntoView {
    let keys = if here().is_apple { "⌘ K" } else { "Ctrl K" };
    view! {
        <form class="find-field" method="get" action="/find" role="search" aria-label="Find anything">
            <input name="q" aria-label="Find anything" placeholder="Find anything" autocomplete="off" data-palette="" />
            <kbd aria-hidden="true">{keys}</kbd>
        </form>
        <a class="find-icon" href="/find">
            <Glyph of=Picture::Find />
            <span class="unseen">"Find anything"</span>
        </a>
    }
}

#[component]
fn PersonMenu(person: PersonBadge) -> impl IntoView {
    view! {
        <details class="menu">
            <summary>
                <span class=format!("avatar {}", hue(person.id))>{initials(&person.name)}</span>
                <span class="unseen">{format!(", {}: profile, shortcuts, theme and log out", person.name)}</span>
            </summary>
            <div class="menu-panel">
                <p class="menu-who">
                    <strong>{person.name}</strong>
                    <br />
                    <span class="quiet small">{person.email}</span>
                </p>
                <a href="/settings/profile">"Profile and time zone"</a>
                <a href="/shortcuts">"Shortcuts"</a>
                <ThemeSwitch />
                <form method="post" action="/logout">
                    <button>"Log out"</button>
                </form>
            </div>
        </details>
    }
}

/// Three buttons of one form; the page comes back in the theme of the one that was pressed.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let here = here();
    let buttons = Theme::ALL
        .map(|theme| {
            let pressed = if theme == here.theme { "true" } else { "false" };
            view! {
                <button name="theme" value=theme.word() aria-pressed=pressed title=theme.sentence()>
                    {theme.label()}
                </button>
            }
        })
        .collect_view();
    view! {
        <form class="theme" method="post" action="/theme">
            <input type="hidden" name="back" value=here.back />
            <fieldset>
                <legend>"Theme"</legend>
                {buttons}
            </fieldset>
        </form>
    }
}
