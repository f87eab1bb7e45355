//! What the buttons of the editor do to what is typed; nothing of it is saved.

use super::typed::{MOMENTS, NOBODY, Typed, TypedLayer, TypedTurn, Window};
use domain::ids::PersonId;
use domain::oncall::Pattern;
use domain::people::Person;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Preview,
    AddLayer,
    RemoveLayer(usize),
    Up(usize, usize),
    Down(usize, usize),
    Out(usize, usize),
    AddHours(usize),
    AddStretch(usize),
    RemoveWindow(usize, usize),
    UsePattern,
}

impl Act {
    pub fn read(value: &str) -> Option<Self> {
        let mut parts = value.split(':');
        let word = parts.next()?;
        let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
        Some(match (word, number(), number()) {
            ("preview", ..) => Self::Preview,
            ("layer", None, _) => Self::AddLayer,
            ("unlayer", Some(layer), _) => Self::RemoveLayer(layer),
            ("up", Some(layer), Some(turn)) => Self::Up(layer, turn),
            ("down", Some(layer), Some(turn)) => Self::Down(layer, turn),
            ("out", Some(layer), Some(turn)) => Self::Out(layer, turn),
            ("hours", Some(layer), _) => Self::AddHours(layer),
            ("stretch", Some(layer), _) => Self::AddStretch(layer),
            ("unwindow", Some(layer), Some(window)) => Self::RemoveWindow(layer, window),
            ("pattern", ..) => Self::UsePattern,
            _ => return None,
        })
    }
}

impl Typed {
    /// Names that were typed become turns.
    pub fn add_typed_names(&mut self, people: &[Person]) {
        for layer in &mut self.layers {
            layer.add_typed_names(people);
        }
    }

    /// Does what the button says.
    pub fn act(&mut self, act: &Act, today: chrono::NaiveDate) {
        let layers = &mut self.layers;
        match *act {
            Act::Preview => {}
            Act::AddLayer => layers.push(TypedLayer {
                every: "1".to_owned(),
                unit: "week".to_owned(),
                start: format!("{today}T09:00"),
                level: "0".to_owned(),
                ..TypedLayer::default()
            }),
            Act::RemoveLayer(place) if place < layers.len() => {
                layers.remove(place);
            }
            Act::Up(layer, turn) => swap(layers, layer, turn.checked_sub(1), Some(turn)),
            Act::Down(layer, turn) => swap(layers, layer, Some(turn), turn.checked_add(1)),
            Act::Out(layer, turn) => {
                if let Some(layer) = layers.get_mut(layer).filter(|layer| turn < layer.turns.len()) {
                    layer.turns.remove(turn);
                }
            }
            Act::AddHours(layer) => {
                let days = ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec();
                add_window(
                    layers,
                    layer,
                    Window {
                        days,
                        ..window("09:00", "17:00")
                    },
                );
            }
            Act::AddStretch(layer) => {
                let stretch = Window {
                    of_week: true,
                    from_day: "fri".to_owned(),
                    to_day: "mon".to_owned(),
                    ..window("17:00", "09:00")
                };
                add_window(layers, layer, stretch);
            }
            Act::RemoveWindow(layer, place) => {
                if let Some(layer) = layers.get_mut(layer).filter(|layer| place < layer.windows.len()) {
                    layer.windows.remove(place);
                }
            }
            Act::UsePattern => self.begin_with_pattern(today),
            Act::RemoveLayer(_) => {}
        }
        for layer in &mut self.layers {
            // There is always one to fill in.
            if layer.unit == MOMENTS && layer.moments.is_empty() {
                layer.moments = vec![("mon".to_owned(), "09:00".to_owned())];
            }
        }
    }

    /// Everybody who has a turn, in the order of the form.
    fn people(&self) -> Vec<PersonId> {
        let mut found: Vec<PersonId> = Vec::new();
        let turns = self.layers.iter().flat_map(|layer| &layer.turns);
        for person in turns.flat_map(|turn| &turn.people) {
            if let Ok(id) = person.parse()
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
        found
    }

    fn begin_with_pattern(&mut self, today: chrono::NaiveDate) {
        let Ok(pattern) = self.pattern.parse::<Pattern>() else {
            return;
        };
        let layers = pattern.layers(&self.people(), today);
        self.layers = layers.iter().map(TypedLayer::of).collect();
    }
}

fn swap(layers: &mut [TypedLayer], layer: usize, one: Option<usize>, other: Option<usize>) {
    if let (Some(layer), Some(one), Some(other)) = (layers.get_mut(layer), one, other)
        && one.max(other) < layer.turns.len()
    {
        layer.turns.swap(one, other);
    }
}

fn window(from: &str, to: &str) -> Window {
    Window {
        from: from.to_owned(),
        to: to.to_owned(),
        ..Window::default()
    }
}

fn add_window(layers: &mut [TypedLayer], layer: usize, window: Window) {
    if let Some(layer) = layers.get_mut(layer) {
        layer.windows.push(window);
    }
}

impl TypedLayer {
    /// “Ana, Bo + Cy, nobody” are three turns. What names nobody stays in the field.
    fn add_typed_names(&mut self, people: &[Person]) {
        let mut left: Vec<&str> = Vec::new();
        let typed = std::mem::take(&mut self.add);
        for turn in typed
            .split([',', '\n'])
            .map(str::trim)
            .filter(|turn| !turn.is_empty())
        {
            if turn.eq_ignore_ascii_case(NOBODY) {
                self.turns.push(TypedTurn::default());
                continue;
            }
            let found: Option<Vec<String>> = turn
                .split('+')
                .map(|name| find(people, name.trim()).map(|person| person.id.to_string()))
                .collect();
            match found {
                Some(people) => self.turns.push(TypedTurn {
                    place: String::new(),
                    people,
                }),
                None => left.push(turn),
            }
        }
        self.add = left.join(", ");
    }
}

/// By the whole name, the address, or the beginning of only one name.
fn find<'a>(people: &'a [Person], typed: &str) -> Option<&'a Person> {
    let typed = typed.to_lowercase();
    let may_be = || people.iter().filter(|person| super::may_be_on_call(person));
    let whole =
        may_be().find(|person| person.name.to_lowercase() == typed || person.email.to_lowercase() == typed);
    whole.or_else(|| {
        let mut begins = may_be().filter(|person| person.name.to_lowercase().starts_with(&typed));
        let first = begins.next()?;
        begins.next().is_none().then_some(first)
    })
}
