//! The parts that pages are made of. Each shows one thing and takes plain data; none loads anything.
//! `/design` in a development build shows all of them in their states.

pub mod avatar;
pub mod badge;
pub mod bar;
pub mod button;
pub mod card;
pub mod dialog;
pub mod facts;
pub mod field;
pub mod figure;
pub mod frame;
pub mod icon;
pub mod notice;
pub mod page;
pub mod problem;
pub mod schedule;
pub mod seam;
pub mod shortcuts;
pub mod switch_form;
pub mod table;
pub mod tabs;
pub mod time;
pub mod timeline;

pub use avatar::{Avatar, PersonName};
pub use badge::{Badge, SeverityBadge, StateBadge};
pub use bar::ThemeSwitch;
pub use button::{ButtonKind, ButtonLink, HiddenFields, PostButton, Submit};
pub use card::{AsidePart, Card, EmptyState, PageHead, Paste};
pub use dialog::{Ask, Fold, FormDialog};
pub use facts::{Fact, Facts, FactsForm};
pub use field::{Choice, Field, FieldKind, severity_choices};
pub use figure::{IncidentFigure, Lane, Mark, SeamPoint, Span};
pub use frame::{Frame, PersonBadge, Section};
pub use icon::{Glyph, Icon, Picture, Shape};
pub use notice::{Banner, Banners, Notice};
pub use page::reader_may;
pub use problem::{FormProblem, Problem, Problems};
pub use schedule::{ScheduleBoard, ScheduleRow, ShiftBar};
pub use seam::{Meter, Phase, Seam, SeamPart, Tone};
pub use shortcuts::ShortcutList;
pub use switch_form::SwitchForm;
pub use table::{Cell, DataTable, Row};
pub use tabs::{Tab, Tabs};
pub use time::{Duration, TickingSince, TimeForm, TimeOf};
pub use timeline::{About, Marker, Timeline, TimelineDay, TimelineEntry, Written};
