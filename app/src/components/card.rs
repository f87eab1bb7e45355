//! Cards, the head of a page, what stands beside it, and the words where nothing is yet.

use super::seam::Phase;
use leptos::prelude::*;

/// What a person wrote or can pick up. A gold edge: mended.
#[component]
pub fn Card(
    #[prop(default = None)] edge: Option<Phase>,
    #[prop(optional)] dashed: bool,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] id: String,
    children: Children,
) -> impl IntoView {
    let id = (!id.is_empty()).then_some(id);
    let mut classes = String::from("card");
    if let Some(edge) = edge {
        classes.push_str(" edge-");
        classes.push_str(edge.word());
    }
    if dashed {
        classes.push_str(" dashed");
    }
    if !class.is_empty() {
        classes.push(' ');
        classes.push_str(class);
    }
    view! { <div class=classes id=id>{children()}</div> }
}

/// What is to be copied into another program; where scripts run, `public/copy.js` puts a button beside it.
#[component]
pub fn Paste(#[prop(into)] text: String) -> impl IntoView {
    view! { <pre class="paste machine card" tabindex="0">{text}</pre> }
}

/// The head of a page: a quiet line (number, badges, where), the title, a sentence, the buttons.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional)] over: Option<AnyView>,
    #[prop(optional)] under: Option<AnyView>,
    #[prop(optional)] actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <header class="head">
            <div class="head-words">
                {over.map(|over| view! { <div class="head-over">{over}</div> })} <h1>{title}</h1>
                {under.map(|under| view! { <p class="head-under">{under}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="buttons">{actions}</div> })}
        </header>
    }
}

/// A group of rows beside the page, under a quiet heading.
#[component]
pub fn AsidePart(
    #[prop(into)] title: String,
    #[prop(optional, into)] id: String,
    children: Children,
) -> impl IntoView {
    let id = (!id.is_empty()).then_some(id);
    view! {
        <section class="aside-part" id=id>
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// Nothing here yet: says what will be, and what would bring it.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(optional)] actions: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{children()}</p>
            {actions.map(|actions| view! { <div class="buttons">{actions}</div> })}
        </div>
    }
}
