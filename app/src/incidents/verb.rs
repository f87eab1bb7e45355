//! What the form of a verb carries: what its button was drawn from, so that a press does what the button said or nothing.

use super::view::Seen;
use domain::incidents::IncidentRole;
use domain::incidents::timeline::Event;
use domain::incidents::verb::{CHANGED_JUST_NOW, Drawn};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    drawn: String,
}

impl Pressed {
    /// `None` for a form that does not say, such as a script's.
    pub fn drawn(&self) -> Option<Drawn> {
        drawn_in(&self.drawn)
    }
}

/// What the hidden field of a form says.
pub fn drawn_in(field: &str) -> Option<Drawn> {
    serde_json::from_str(field).ok()
}

fn hidden(drawn: &Drawn) -> Vec<(&'static str, String)> {
    vec![("drawn", serde_json::to_string(drawn).unwrap_or_default())]
}

impl Seen {
    /// The hidden field of a verb's form.
    pub fn drawn(&self) -> Vec<(&'static str, String)> {
        self.drawn_with(None)
    }

    /// The hidden field of a form about a role.
    pub fn drawn_of_role(&self, role: IncidentRole) -> Vec<(&'static str, String)> {
        self.drawn_with(Some(role))
    }

    /// The hidden field of a form that asks somebody for help: who has the incident. It is filled in, so no tap can have been meant for
    /// what stood there before.
    pub fn drawn_of_responder(&self) -> Vec<(&'static str, String)> {
        let has_it = self.story.has_it.as_ref().map(|holder| holder.person_id);
        hidden(&Drawn::of(&self.story.incident, self.story.state_since).held_by(has_it, None))
    }

    /// The hidden field of a task's forms.
    pub fn drawn_of_ticks(&self) -> Vec<(&'static str, String)> {
        let settles = self.is_settling() || self.ticks_are_settling();
        hidden(&Drawn {
            changing_at: settles.then_some(self.now),
            ..Drawn::of(&self.story.incident, self.story.state_since)
        })
    }

    fn drawn_with(&self, role: Option<IncidentRole>) -> Vec<(&'static str, String)> {
        let held = role.and_then(|role| self.story.holder(role));
        let stands = Drawn::of(&self.story.incident, self.story.state_since);
        hidden(&Drawn {
            changing_at: self.is_settling().then_some(self.now),
            ..stands.held_by(held.map(|held| held.person_id), held.map(|held| held.taken_at))
        })
    }

    /// Whether buttons mean something else than a moment ago, so that a press may have been meant for what stood there before: by a verb
    /// whose answer this page is, or because such a press came just now. Taps that go on and on are refused one after the other: each
    /// refusal is drawn anew. So it works without JavaScript, and without asking who pressed what before. A page that arrives late, over a
    /// slow line, is old when it is seen: there the style lets its buttons rest from when they are painted.
    pub fn is_settling(&self) -> bool {
        self.returned.is_of_a_verb() || self.has_just(Event::changes_the_buttons)
    }

    /// The same of the ticks of its tasks.
    pub fn ticks_are_settling(&self) -> bool {
        self.returned.form == "tick" || self.has_just(Event::changes_the_ticks)
    }

    fn has_just(&self, changes: fn(&Event) -> bool) -> bool {
        let since = self.now - CHANGED_JUST_NOW;
        let newest = self.story.timeline.iter().rev();
        newest
            .take_while(|entry| entry.recorded_at > since)
            .any(|entry| changes(&entry.event))
    }
}
