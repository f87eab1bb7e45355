//! Shapes: every colour that means something comes with one.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Triangle,
    HollowTriangle,
    Diamond,
    Ring,
    Dot,
    HalfMended,
    Check,
    Plus,
    Home,
    Incidents,
    OnCall,
    Postmortems,
    Backlog,
    Settings,
}

/// A small picture beside a word; the word says it, so readers of the screen skip the picture.
#[component]
pub fn Icon(shape: Shape, #[prop(optional)] class: &'static str) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    let (filled, path) = match shape {
        Shape::Triangle => (true, "M6 1 11.5 11H.5Z"),
        Shape::HollowTriangle => (false, "M6 2 10.6 10.2H1.4Z"),
        Shape::Diamond => (true, "M6 .5 11.5 6 6 11.5.5 6Z"),
        Shape::Ring => (false, "M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z"),
        Shape::Dot => (true, "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z"),
        Shape::HalfMended => (false, "M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM6 1.5v9"),
        Shape::Check => (false, "m1.5 6.5 3 3 6-7"),
        Shape::Plus => (false, "M6 1v10M1 6h10"),
        Shape::Home => (false, "M1.5 5.5 6 1.5l4.5 4v5h-3v-3h-3v3h-3Z"),
        Shape::Incidents => (false, "M6 1.5 11 10.5H1ZM6 5v2.5M6 9v.2"),
        Shape::OnCall => (
            false,
            "M6 1.5v1M2.5 9c1-1 .5-6 3.5-6s2.5 5 3.5 6ZM5 9.5a1 1 0 0 0 2 0",
        ),
        Shape::Postmortems => (false, "M2.5 1.5h5l2 2v7h-7ZM4.5 5h3M4.5 7.5h3"),
        Shape::Backlog => (false, "M1.5 2h2.5v8H1.5ZM5 2h2.5v5H5ZM8.5 2h2v6.5h-2Z"),
        Shape::Settings => (
            false,
            "M1.5 3.5h5M9 3.5h1.5M1.5 8.5h1.5M5.5 8.5h5M7.7 2.3v2.5M4.2 7.2v2.5",
        ),
    };
    let (fill, stroke) = if filled {
        ("currentColor", "none")
    } else {
        ("none", "currentColor")
    };
    let width = if matches!(
        shape,
        Shape::Ring | Shape::Check | Shape::Plus | Shape::HalfMended
    ) {
        "2"
    } else {
        "1.2"
    };
    view! {
        <svg
            class=class
            viewBox="0 0 12 12"
            width="12"
            height="12"
            fill=fill
            stroke=stroke
            stroke-width=width
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=path></path>
        </svg>
    }
}
