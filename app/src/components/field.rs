//! A form field with its label, its hint and the sentence about what is wrong with it.

use super::icon::{Icon, Shape};
use domain::{Severity, fields};
use html_escape::{encode_double_quoted_attribute, encode_text};
use islands::{MarkdownField, MarkdownText, escaped};
use leptos::prelude::*;

/// One of a list to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self {
            value: value.to_string(),
            label: label.into(),
        }
    }
}

/// Every severity with its word.
pub fn severity_choices() -> Vec<Choice> {
    Severity::ALL
        .map(|severity| Choice::new(severity, format!("{severity} {}", severity.word())))
        .to_vec()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    #[default]
    Text,
    Email,
    Password,
    Search,
    Url,
    Number {
        min: i64,
        max: i64,
    },
    Date,
    /// A wall-clock time in the reader's zone, `2026-11-21T02:47`.
    Moment,
    /// A time of day, `09:00`.
    Clock,
    /// Several lines; the number shown at first.
    Lines(u8),
    /// As `Lines`, with a preview once the page is awake.
    Markdown(u8),
    Select(Vec<Choice>),
    /// A few choices that are all seen at once.
    Radio(Vec<Choice>),
    /// Sends `name=on` when it is checked; checked when `value` is `on`.
    Check,
}

/// The options of a select as text: a board has thousands of them, and a view for each costs more than all else on it.
fn options(choices: &[Choice], chosen: &str) -> String {
    let option = |Choice { value, label }: &Choice| {
        let selected = if value == chosen { " selected" } else { "" };
        let (value, label) = (encode_double_quoted_attribute(value), encode_text(label));
        format!("<option value=\"{value}\"{selected}>{label}</option>")
    };
    choices.iter().map(option).collect()
}

/// A control with its label. `value` is what was typed before, or what is so now; `error` comes from [`Problems::of`].
#[component]
pub fn Field(
    /// Of words: says its name and how much it holds. What is typed in one line ends there; a longer text is kept as it is pasted, and
    /// whoever sends it is told.
    #[prop(optional)]
    of: Option<&'static fields::Field>,
    /// Where it is none of these, or has another name.
    #[prop(optional, into)]
    name: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: FieldKind,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] placeholder: String,
    /// For a page where two fields have one name.
    #[prop(optional, into)]
    id: String,
    /// Heard, not seen: for a control whose purpose the page shows.
    #[prop(optional)]
    label_unseen: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let name = match of {
        Some(of) if name.is_empty() => of.name.to_owned(),
        _ => name,
    };
    let most = of
        .filter(|of| of.kind == fields::Kind::Line)
        .map(|of| of.most.to_string());
    let id = if id.is_empty() {
        format!("field-{name}")
    } else {
        id
    };
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described: Vec<&str> = [
        (!hint.is_empty()).then_some(hint_id.as_str()),
        error.is_some().then_some(error_id.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let invalid = error.is_some().then_some("true");
    // Of several, the browser takes the first on the page.
    let autofocus = autofocus || error.is_some();
    let placeholder = (!placeholder.is_empty()).then_some(placeholder);
    let label_class = label_unseen.then_some("unseen");
    let checks = kind == FieldKind::Check;
    let radio = matches!(kind, FieldKind::Radio(_));

    let input = |kind: &'static str, min: Option<i64>, max: Option<i64>| {
        view! {
            <input
                class="control"
                type=kind
                id=id.clone()
                name=name.clone()
                value=value.clone()
                min=min
                max=max
                required=required
                autocomplete=autocomplete
                autofocus=autofocus
                placeholder=placeholder.clone()
                aria-describedby=described.clone()
                aria-invalid=invalid
                maxlength=most.clone()
            />
        }
        .into_any()
    };
    let control = match kind {
        FieldKind::Text => input("text", None, None),
        FieldKind::Email => input("email", None, None),
        FieldKind::Password => input("password", None, None),
        FieldKind::Search => input("search", None, None),
        FieldKind::Url => input("url", None, None),
        FieldKind::Number { min, max } => input("number", Some(min), Some(max)),
        FieldKind::Date => input("date", None, None),
        FieldKind::Moment => input("datetime-local", None, None),
        FieldKind::Clock => input("time", None, None),
        FieldKind::Lines(rows) => view! {
            <textarea
                class="control"
                id=id.clone()
                name=name.clone()
                rows=rows.to_string()
                required=required
                autofocus=autofocus
                placeholder=placeholder.clone()
                aria-describedby=described.clone()
                aria-invalid=invalid
                inner_html=escaped(&value)
            ></textarea>
        }
        .into_any(),
        FieldKind::Markdown(rows) => {
            let field = MarkdownText {
                id: id.clone(),
                name: name.clone(),
                value: value.clone(),
                rows,
                required,
                placeholder: placeholder.clone(),
                described_by: described.clone(),
                invalid: error.is_some(),
            };
            view! { <MarkdownField field /> }.into_any()
        }
        FieldKind::Select(choices) => {
            let options = options(&choices, &value);
            view! {
                <select
                    class="control"
                    id=id.clone()
                    name=name.clone()
                    required=required
                    autofocus=autofocus
                    aria-describedby=described.clone()
                    aria-invalid=invalid
                    inner_html=options
                ></select>
            }
            .into_any()
        }
        FieldKind::Radio(choices) => {
            let options = choices
                .into_iter()
                .map(|choice| {
                    let checked = choice.value == value;
                    view! {
                        <label>
                            <input
                                type="radio"
                                name=name.clone()
                                value=choice.value
                                checked=checked
                                required=required
                            />
                            {choice.label}
                        </label>
                    }
                })
                .collect_view();
            view! { <div class="choices">{options}</div> }.into_any()
        }
        FieldKind::Check => view! {
            <input
                type="checkbox"
                id=id.clone()
                name=name.clone()
                value="on"
                checked=value == "on"
                autofocus=autofocus
                aria-describedby=described.clone()
                aria-invalid=invalid
            />
        }
        .into_any(),
    };
    let hint = (!hint.is_empty()).then(|| {
        view! {
            <p class="field-hint" id=hint_id.clone()>
                {hint}
            </p>
        }
    });
    let error = error.map(|sentence| {
        view! {
            <p class="field-error" id=error_id.clone()>
                <Icon shape=Shape::Triangle />
                <span>{sentence}</span>
            </p>
        }
    });
    let classes = |base: &str| {
        if class.is_empty() {
            base.to_owned()
        } else {
            format!("{base} {class}")
        }
    };
    match (checks, radio) {
        (true, _) => view! {
            <div class=classes("field-check")>
                {control} <label for=id.clone()>{label}</label> {hint} {error}
            </div>
        }
        .into_any(),
        (_, true) => view! {
            <fieldset class=classes("field") aria-describedby=described>
                <legend class="field-label">{label}</legend>
                {control}
                {hint}
                {error}
            </fieldset>
        }
        .into_any(),
        _ => view! {
            <div class=classes("field")>
                <label class=label_class for=id.clone()>
                    {label}
                </label>
                {control}
                {hint}
                {error}
            </div>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_hold_whatever_a_name_may_be() {
        let choices = [Choice::new("a\"b", "Now & <then>"), Choice::new("c", "Later")];
        assert_eq!(
            options(&choices, "c"),
            "<option value=\"a&quot;b\">Now &amp; &lt;then&gt;</option><option value=\"c\" selected>Later</option>"
        );
    }
}
