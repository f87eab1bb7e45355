//! What is said around a page: its title, the section it belongs to, who reads it.

use super::icon::Picture;
use super::notice::Banner;
use domain::people::Role;
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

    pub(super) const fn picture(self) -> Picture {
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
    pub role: Role,
}

/// What stands around a page. Without a `person` the bar shows the brand alone.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub title: String,
    pub current: Option<Section>,
    pub person: Option<PersonBadge>,
    pub banners: Vec<Banner>,
    /// Shown beside “Incidents” and in the title; 0 shows nothing.
    pub open_incidents: usize,
    /// Of these, how many nobody has acknowledged: the icon says so.
    pub unacknowledged: usize,
    /// For boards and schedules, which use the whole screen.
    pub wide: bool,
    /// The id of the part that has what is next, where it does not come first.
    pub next: Option<&'static str>,
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
