//! Shapes, which every colour that means something comes with, and pictures beside words.

use icondata_core::Icon as Drawing;
use icondata_lu as lucide;
use leptos::prelude::*;

/// The marks of severity and state. They belong to the seam, so they are drawn here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Triangle,
    HollowTriangle,
    Diamond,
    Ring,
    Dot,
    HalfMended,
    Check,
}

/// A small mark beside a word; the word says it, so readers of the screen skip the mark.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    let (filled, path) = match shape {
        Shape::Triangle => (true, "M6 1 11.5 11H.5Z"),
        Shape::HollowTriangle => (false, "M6 2 10.6 10.2H1.4Z"),
        Shape::Diamond => (true, "M6 .5 11.5 6 6 11.5.5 6Z"),
        Shape::Ring => (false, "M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Z"),
        Shape::Dot => (true, "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z"),
        Shape::HalfMended => (false, "M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM6 1.5v9"),
        Shape::Check => (false, "m1.5 6.5 3 3 6-7"),
    };
    let (fill, stroke) = if filled {
        ("currentColor", "none")
    } else {
        ("none", "currentColor")
    };
    let width = if matches!(shape, Shape::HollowTriangle) {
        "1.6"
    } else {
        "2"
    };
    view! {
        <svg
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

/// Pictures of things and deeds, from Lucide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    Home,
    Incidents,
    OnCall,
    Postmortems,
    Backlog,
    Settings,
    Find,
    Acknowledge,
    Escalate,
    Severity,
    Mitigate,
    Resolve,
    Reopen,
    Note,
    Decision,
    StatusUpdate,
    Change,
    Mail,
    Person,
    Team,
    Service,
    ActionItem,
    Away,
    Print,
    More,
    Clock,
    Light,
    Dark,
    Plus,
    Quiet,
    Page,
}

impl Picture {
    pub const ALL: [Self; 31] = [
        Self::Home,
        Self::Incidents,
        Self::OnCall,
        Self::Postmortems,
        Self::Backlog,
        Self::Settings,
        Self::Find,
        Self::Acknowledge,
        Self::Escalate,
        Self::Severity,
        Self::Mitigate,
        Self::Resolve,
        Self::Reopen,
        Self::Note,
        Self::Decision,
        Self::StatusUpdate,
        Self::Change,
        Self::Mail,
        Self::Person,
        Self::Team,
        Self::Service,
        Self::ActionItem,
        Self::Away,
        Self::Print,
        Self::More,
        Self::Clock,
        Self::Light,
        Self::Dark,
        Self::Plus,
        Self::Quiet,
        Self::Page,
    ];

    fn drawing(self) -> Drawing {
        match self {
            Self::Home => lucide::LuHouse,
            Self::Incidents => lucide::LuSiren,
            Self::OnCall => lucide::LuBellRing,
            Self::Postmortems => lucide::LuBookOpenText,
            Self::Backlog => lucide::LuKanban,
            Self::Settings => lucide::LuSettings2,
            Self::Find => lucide::LuSearch,
            Self::Acknowledge => lucide::LuHand,
            Self::Escalate => lucide::LuUserRoundPlus,
            Self::Severity => lucide::LuGauge,
            Self::Mitigate => lucide::LuShieldCheck,
            Self::Resolve => lucide::LuCheck,
            Self::Reopen => lucide::LuRotateCcw,
            Self::Note => lucide::LuPencilLine,
            Self::Decision => lucide::LuMilestone,
            Self::StatusUpdate => lucide::LuMegaphone,
            Self::Change => lucide::LuGitCommitHorizontal,
            Self::Mail => lucide::LuMail,
            Self::Person => lucide::LuUserRound,
            Self::Team => lucide::LuUsersRound,
            Self::Service => lucide::LuBox,
            Self::ActionItem => lucide::LuHammer,
            Self::Away => lucide::LuExternalLink,
            Self::Print => lucide::LuPrinter,
            Self::More => lucide::LuEllipsis,
            Self::Clock => lucide::LuClock,
            Self::Light => lucide::LuSun,
            Self::Dark => lucide::LuMoon,
            Self::Plus => lucide::LuPlus,
            Self::Quiet => lucide::LuLeaf,
            Self::Page => lucide::LuArrowRight,
        }
    }
}

/// A picture beside a word, as large as the word; readers of the screen skip it.
#[component]
pub fn Glyph(of: Picture, #[prop(optional)] class: &'static str) -> impl IntoView {
    let drawing = of.drawing();
    let class = if class.is_empty() {
        "glyph".to_owned()
    } else {
        format!("glyph {class}")
    };
    view! {
        <svg
            class=class
            viewBox=drawing.view_box
            width="16"
            height="16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=drawing.data
        ></svg>
    }
}
