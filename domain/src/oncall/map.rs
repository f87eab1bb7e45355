//! The same schedule with its people called otherwise: by their names, where it leaves the house.

use super::{Change, Layer, Override, Schedule};

impl<P> Schedule<P> {
    /// Everybody who stands in it, as often as they do.
    pub fn people(&self) -> impl Iterator<Item = &P> {
        let turns = self.layers.iter().flat_map(|layer| &layer.turns).flatten();
        turns.chain(
            self.overrides
                .iter()
                .flat_map(|exception| exception.change.people()),
        )
    }

    /// The same of other people; `called` says who stands where somebody stood.
    pub fn map<Q>(self, called: impl Fn(P) -> Q) -> Schedule<Q> {
        Schedule {
            time_zone: self.time_zone,
            layers: (self.layers.into_iter().map(|layer| layer.map(&called))).collect(),
            overrides: self
                .overrides
                .into_iter()
                .map(|exception| exception.map(&called))
                .collect(),
        }
    }
}

impl<P> Layer<P> {
    fn map<Q>(self, called: &impl Fn(P) -> Q) -> Layer<Q> {
        let turn = |people: Vec<P>| -> Vec<Q> { people.into_iter().map(called).collect() };
        Layer {
            turns: self.turns.into_iter().map(turn).collect(),
            hand_offs: self.hand_offs,
            start: self.start,
            counts: self.counts,
            effective_from: self.effective_from,
            effective_until: self.effective_until,
            restrictions: self.restrictions,
            level: self.level,
            time_zone: self.time_zone,
        }
    }
}

impl<P> Override<P> {
    fn map<Q>(self, called: &impl Fn(P) -> Q) -> Override<Q> {
        Override {
            change: self.change.map(called),
            layer: self.layer,
            from: self.from,
            to: self.to,
        }
    }
}

impl<P> Change<P> {
    fn people(&self) -> impl Iterator<Item = &P> {
        let (person, with) = match self {
            Self::Cover { person } | Self::Add { person } | Self::Remove { person } => (Some(person), None),
            Self::Replace { person, with } => (Some(person), Some(with)),
            Self::Nobody => (None, None),
        };
        person.into_iter().chain(with)
    }

    fn map<Q>(self, called: &impl Fn(P) -> Q) -> Change<Q> {
        match self {
            Self::Cover { person } => Change::Cover {
                person: called(person),
            },
            Self::Add { person } => Change::Add {
                person: called(person),
            },
            Self::Remove { person } => Change::Remove {
                person: called(person),
            },
            Self::Replace { person, with } => Change::Replace {
                person: called(person),
                with: called(with),
            },
            Self::Nobody => Change::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::oncall::draft::ScheduleDraft;

    #[test]
    fn all_that_it_says_stays_but_who_is_called_what() {
        let json = r#"{"time_zone":"Europe/Berlin","layers":[
            {"turns":[["ana"],["bo","cy"],[]],"unit":"week","every":2,"start":"2026-03-02T09:00","counts":"open","level":3,
             "time_zone":"UTC","effective_from":"2026-03-02T09:00","effective_until":"2026-06-02T09:00",
             "restrictions":[{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue"]}]}],
            "overrides":[
            {"kind":"cover","person":"dee","from":"2026-03-04T08:00:00Z","to":"2026-03-04T12:00:00Z"},
            {"kind":"add","person":"eve","layer":0,"from":"2026-03-04T08:00:00Z","to":"2026-03-04T12:00:00Z"},
            {"kind":"remove","person":"fay","from":"2026-03-04T08:00:00Z","to":"2026-03-04T12:00:00Z"},
            {"kind":"replace","person":"gus","with":"hal","from":"2026-03-04T08:00:00Z","to":"2026-03-04T12:00:00Z"},
            {"kind":"nobody","from":"2026-03-04T08:00:00Z","to":"2026-03-04T12:00:00Z"}]}"#;
        let read = |json: &str, called: fn(&str) -> String| {
            let draft = ScheduleDraft::read(json.as_bytes()).unwrap();
            draft.check(|name| Some(called(name))).unwrap()
        };
        let schedule = read(json, str::to_owned);
        let names: Vec<&str> = schedule.people().map(String::as_str).collect();
        assert_eq!(names, ["ana", "bo", "cy", "dee", "eve", "fay", "gus", "hal"]);
        let loud = schedule.map(|name| name.to_uppercase());
        assert_eq!(loud, read(json, str::to_uppercase));
    }
}
