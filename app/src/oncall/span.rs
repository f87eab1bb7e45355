//! From when to when, as a form asks for it, and a row of what is so for that long.

use crate::components::TimeOf;
use crate::zoned::{Moment, MomentField, NotAMoment};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engine::Error;
use engine::oncall::Refused;
use leptos::prelude::*;
use serde::Deserialize;

pub(super) type Span = (DateTime<Utc>, DateTime<Utc>);

/// The fields of a form, by the clock in some zone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TypedSpan {
    from: String,
    from_zone: String,
    from_which: String,
    to: String,
    to_zone: String,
    to_which: String,
}

impl TypedSpan {
    pub fn from(&self, zone: Tz) -> Moment {
        moment((&self.from, &self.from_zone, &self.from_which), zone)
    }

    pub fn to(&self, zone: Tz) -> Moment {
        moment((&self.to, &self.to_zone, &self.to_which), zone)
    }

    /// Read by the clock in this zone, unless the form was drawn by another.
    ///
    /// # Errors
    /// [`Refused::NotAMoment`]
    pub fn read(&self, zone: Tz) -> Result<Span, Error> {
        let read = |field, moment: Moment| {
            let at = moment.read(zone).and_then(|at| at.ok_or(NotAMoment::Unreadable));
            at.map_err(|wrong| Refused::NotAMoment {
                field,
                sentence: wrong.to_string(),
            })
        };
        Ok((read("from", self.from(zone))?, read("to", self.to(zone))?))
    }
}

fn moment((at, said, which): (&str, &str, &str), zone: Tz) -> Moment {
    Moment {
        at: at.to_owned(),
        zone: if said.is_empty() { zone.name() } else { said }.to_owned(),
        which: which.to_owned(),
        ..Moment::default()
    }
}

/// The two fields of it.
#[component]
pub(super) fn SpanFields(
    typed: TypedSpan,
    zone: Tz,
    problem: crate::answer::Problem,
    #[prop(default = "From")] from_label: &'static str,
    #[prop(default = "To")] to_label: &'static str,
    #[prop(optional, into)] hint: String,
    /// Before the names of the fields in their ids, where a page has several such forms.
    #[prop(default = "field")]
    of: &'static str,
) -> impl IntoView {
    let id = |name| format!("{of}-{name}");
    view! {
        <div class="form-row">
            <MomentField name="from" label=from_label id=id("from") moment=typed.from(zone) required=true hint error=problem.beside("from") />
            <MomentField name="to" label=to_label id=id("to") moment=typed.to(zone) required=true error=problem.beside("to") />
        </div>
    }
}

/// “Bo, Tue 1 Dec 09:00 to Wed 2 Dec 09:00”, and what can be done about it.
#[component]
pub(super) fn SpanRow(
    #[prop(into)] words: String,
    span: Span,
    zone: Tz,
    /// What ends it, for who may.
    end: Option<AnyView>,
    /// What stands below.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (from, to) = span;
    view! {
        <li>
            <div>
                <strong>{words}</strong>
                ", "
                <TimeOf at=from zone />
                " to "
                <TimeOf at=to zone />
                {children.map(|children| children())}
            </div>
            {end}
        </li>
    }
}
