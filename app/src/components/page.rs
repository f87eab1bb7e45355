//! The whole HTML document around a page.

use super::bar::Bar;
use super::frame::Frame;
use super::notice::Banners;
use super::shortcuts::ShortcutList;
use crate::assets::{self, favicon};
use crate::demo;
use crate::preferences::{Here, Theme, here};
use domain::people::{Permission, Role, allows};
use islands::{OpenNow, Palette, Shortcuts};
use leptos::prelude::*;

/// Whether whoever reads this page, while it is made, may do what needs no team: what they may not, they are not offered.
pub fn reader_may(permission: Permission) -> bool {
    use_context::<Role>().is_some_and(|role| allows(role, &[], permission))
}

#[component]
pub fn Page(frame: Frame, children: Children) -> impl IntoView {
    let paths = assets::paths();
    let Here {
        theme,
        single_keys,
        is_apple,
        is_saved,
        ..
    } = here();
    let signed_in = frame.person.is_some();
    if let Some(person) = &frame.person {
        provide_context(person.role);
    }
    let alive = signed_in.then(|| view! { <Alive single_keys is_apple /> });
    let chosen = (theme != Theme::System).then(|| theme.word());
    let fonts = paths
        .fonts
        .iter()
        .map(|font| view! { <link rel="preload" href=font.as_str() r#as="font" type="font/woff2" crossorigin="anonymous" /> })
        .collect_view();
    let person = frame.person.as_ref().map(|person| person.id.to_string());
    let scripts = paths.scripts.iter();
    let scripts = scripts
        .map(|script| view! { <script type="module" src=script.as_str()></script> })
        .collect_view();
    let title = if frame.title.is_empty() {
        "Kintsugi".to_owned()
    } else {
        format!("{} · Kintsugi", frame.title)
    };
    let title = match frame.open_incidents {
        0 => title,
        open => format!("({open}) {title}"),
    };
    let icon = favicon(frame.open_incidents, frame.unacknowledged);
    // Markup is not read in a title, so the marks that stand between texts elsewhere would be seen there.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let refresh = frame
        .refresh_seconds
        .map(|seconds| view! { <meta http-equiv="refresh" content=seconds.to_string() /> });
    view! {
        <html lang="en-GB" data-theme=chosen>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content=theme.scheme() />
                <meta name="referrer" content="same-origin" />
                <meta name="robots" content="noindex" />
                <meta name="description" content="Incidents, who mends them, and what was learned." />
                {refresh}
                <title inner_html=title></title>
                <link rel="icon" href=icon type="image/svg+xml" />
                {fonts}
                <link rel="stylesheet" href=paths.css.as_str() />
                {scripts}
                <script
                    type="module"
                    id="boot"
                    src=paths.boot_js.as_str()
                    data-client=paths.client_js.as_str()
                    data-wasm=paths.client_wasm.as_str()
                ></script>
            </head>
            <body data-person=person>
                <a class="skip" href="#main">
                    "Skip to the page"
                </a>
                {frame.next.map(|id| view! { <a class="skip" href=format!("#{id}")>"Skip to what is next"</a> })}
                <Bar current=frame.current open_incidents=frame.open_incidents person=frame.person />
                {demo::is_shown().then(|| view! { <demo::Notice signed_in /> })}
                <div id="banners" aria-live="polite">
                    <Banners banners=frame.banners />
                </div>
                {is_saved.then(|| view! { <p class="saved" role="status">"Saved"</p> })}
                <main class=if frame.wide { "page wide" } else { "page" } id="main" tabindex="-1">
                    {children()}
                </main>
                <footer class="foot">"Kintsugi · what broke, who mended it, what we learned"</footer>
                {alive}
            </body>
        </html>
    }
}

/// What wakes on every page of somebody who is signed in.
#[component]
fn Alive(single_keys: bool, is_apple: bool) -> impl IntoView {
    let shortcuts = single_keys.then(|| {
        view! {
            <Shortcuts>
                <h2>"Shortcuts"</h2>
                <ShortcutList />
                <p class="quiet small">
                    <a href="/shortcuts">"Turn single keys off"</a>
                </p>
            </Shortcuts>
        }
    });
    view! {
        <Palette single_keys is_apple />
        {shortcuts}
        <OpenNow />
    }
}
