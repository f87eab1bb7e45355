//! The whole HTML document around a page.

use super::avatar::hue;
use super::icon::{Glyph, Picture};
use super::notice::{Banner, Banners};
use crate::assets;
use domain::people::initials;
use leptos::prelude::*;
use uuid::Uuid;

/// The parts of the product that the bar leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Home,
    Incidents,
    OnCall,
    Postmortems,
    Backlog,
    Settings,
}

impl Section {
    pub const ALL: [Self; 6] = [
        Self::Home,
        Self::Incidents,
        Self::OnCall,
        Self::Postmortems,
        Self::Backlog,
        Self::Settings,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Incidents => "Incidents",
            Self::OnCall => "On call",
            Self::Postmortems => "Postmortems",
            Self::Backlog => "Backlog",
            Self::Settings => "Settings",
        }
    }

    pub const fn href(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Incidents => "/incidents",
            Self::OnCall => "/on-call",
            Self::Postmortems => "/postmortems",
            Self::Backlog => "/backlog",
            Self::Settings => "/settings",
        }
    }

    const fn picture(self) -> Picture {
        match self {
            Self::Home => Picture::Home,
            Self::Incidents => Picture::Incidents,
            Self::OnCall => Picture::OnCall,
            Self::Postmortems => Picture::Postmortems,
            Self::Backlog => Picture::Backlog,
            Self::Settings => Picture::Settings,
        }
    }
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonBadge {
    pub id: Uuid,
    pub name: String,
    pub email: String,
}

/// What stands around a page. Without a `person` the bar shows the brand alone.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub title: String,
    pub current: Option<Section>,
    pub person: Option<PersonBadge>,
    pub banners: Vec<Banner>,
    /// Shown beside “Incidents”; 0 shows nothing.
    pub open_incidents: usize,
    /// For boards and schedules, which use the whole screen.
    pub wide: bool,
    /// Asks the browser to read the page anew after so many seconds: for what has no live stream.
    pub refresh_seconds: Option<u32>,
}

impl Frame {
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn in_section(mut self, section: Section) -> Self {
        self.current = Some(section);
        self
    }
}

#[component]
pub fn Page(frame: Frame, children: Children) -> impl IntoView {
    let paths = assets::paths();
    let signed_in = frame.person.is_some();
    let fonts = paths
        .fonts
        .iter()
        .map(|font| view! { <link rel="preload" href=font.as_str() r#as="font" type="font/woff2" crossorigin="anonymous" /> })
        .collect_view();
    let title = if frame.title.is_empty() {
        "Kintsugi".to_owned()
    } else {
        format!("{} · Kintsugi", frame.title)
    };
    // Markup is not read in a title, so the marks that stand between texts elsewhere would be seen there.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let refresh = frame
        .refresh_seconds
        .map(|seconds| view! { <meta http-equiv="refresh" content=seconds.to_string() /> });
    view! {
        <html lang="en-GB">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="referrer" content="same-origin" />
                <meta name="robots" content="noindex" />
                {refresh}
                <title inner_html=title></title>
                <link rel="icon" href=paths.favicon.as_str() type="image/svg+xml" />
                {fonts}
                <link rel="stylesheet" href=paths.css.as_str() />
                <script
                    type="module"
                    id="boot"
                    src=paths.boot_js.as_str()
                    data-client=paths.client_js.as_str()
                    data-wasm=paths.client_wasm.as_str()
                ></script>
            </head>
            <body>
                <a class="skip" href="#main">
                    "Skip to the page"
                </a>
                <header class="bar">
                    <a class="brand" href="/">
                        <Brand />
                        "Kintsugi"
                    </a>
                    {signed_in.then(|| view! { <Sections current=frame.current open_incidents=frame.open_incidents /> })}
                    {frame.person.map(|person| view! { <PersonMenu person /> })}
                </header>
                <Banners banners=frame.banners />
                <main class=if frame.wide { "page wide" } else { "page" } id="main" tabindex="-1">
                    {children()}
                </main>
                <footer class="foot">"Kintsugi · what broke, who mended it, what we learned"</footer>
            </body>
        </html>
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
            let count = (section == Section::Incidents && open_incidents > 0).then(|| {
                view! {
                    " "
                    <span class="count">{open_incidents} <span class="unseen">" open"</span></span>
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

#[component]
fn PersonMenu(person: PersonBadge) -> impl IntoView {
    view! {
        <details class="menu">
            <summary>
                <span class=format!("avatar {}", hue(person.id))>{initials(&person.name)}</span>
                <span class="unseen">{format!(", {}: profile and log out", person.name)}</span>
            </summary>
            <div class="menu-panel">
                <p class="menu-who">
                    <strong>{person.name}</strong>
                    <br />
                    <span class="quiet small">{person.email}</span>
                </p>
                <a href="/settings/profile">"Profile and time zone"</a>
                <form method="post" action="/logout">
                    <button>"Log out"</button>
                </form>
            </div>
        </details>
    }
}
