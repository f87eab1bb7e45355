//! What a source of alerts is: where it reaches us, how its requests are read, and what it is answered. Each has a folder in
//! [`super::sources`].

use super::body::Members;
use super::refusal::{Refusal, Repeats};
use super::signature::Signature;
use super::{AlertBatch, Malformed};
use crate::teams::IntegrationKind;
use base64::Engine;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

/// A source: one value in its folder, which `IntegrationKind` names.
pub struct Source {
    pub label: &'static str,
    /// Where it reaches us; the first is the one that people are told.
    pub doors: &'static [Door],
    pub secret: SecretForm,
    /// How it signs what it sends, if it can.
    pub signature: Option<Signature>,
    /// How its bodies are known and read, whatever door they came to.
    pub(super) form: Form,
    /// Another kind of content that its JSON may be packed in.
    pub packing: Option<Packing>,
    /// What its program does when it is asked for the same again, by the name that it gives itself.
    pub repeats: fn(user_agent: &str) -> Repeats,
    pub answer: fn(&Outcome<'_>, &Exchange) -> Answer,
    /// How to connect it: Markdown with the lines to paste, as the page of its integration shows it and docs/integrate.md has it.
    pub set_up: &'static str,
}

/// An address that a source sends to.
#[derive(Debug)]
pub struct Door {
    pub methods: &'static [Method],
    /// With names in braces, as axum writes them; `{secret}` is the integration's.
    pub path: &'static str,
    pub secret: SecretPlace,
    pub told: ToldBy,
}

/// Where a request has the secret of its integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// `{secret}` in the path.
    Path,
    /// `Authorization: Bearer SECRET`, or the password of `Basic`.
    Authorization,
    /// `Authorization: SCHEME SECRET`.
    Scheme(&'static str),
    /// A member of the body, or else a header.
    Body {
        member: &'static str,
        or_header: &'static str,
    },
}

impl Door {
    /// Whether the address says something of what a request tells, so that it is kept with the body.
    pub const fn tells_by_its_address(&self) -> bool {
        matches!(self.told, ToldBy::Address(_))
    }
}

/// What says what a request tells.
#[derive(Debug)]
pub enum ToldBy {
    /// The form of its body: at the wrong door it is what it is.
    Form,
    /// Its address, so that the body is read by this.
    Address(fn(&Request<'_>) -> Result<Told, Malformed>),
}

/// The letters that a source's clients take for a secret, and what they call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretForm {
    /// 43 letters, digits, `-` and `_`.
    Long,
    /// 32 digits and letters from a to f.
    RoutingKey,
    /// The same with dashes, as a UUID.
    ApiKey,
}

/// A form of body.
pub(super) struct Form {
    /// Whether an object with these members has it.
    pub is_this: fn(&Members<'_>) -> bool,
    pub read: fn(&Request<'_>, &Members<'_>) -> Result<AlertBatch, Malformed>,
    /// Whether plain JSON at its own doors is taken for what it is.
    pub else_plain: bool,
}

/// JSON within another kind of content.
pub struct Packing {
    pub media: &'static str,
    pub unpack: for<'a> fn(content_type: &str, body: &'a [u8]) -> Option<&'a [u8]>,
}

/// A request, as its source sent it.
pub struct Request<'a> {
    /// Whose integration it came for.
    pub kind: IntegrationKind,
    pub door: &'static Door,
    /// What stands in the path where its door has names, decoded.
    pub path: &'a [(String, String)],
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Any text that stays the same for the service.
    pub service: &'a str,
    /// Whether it is known whose integration it is.
    pub has_secret: bool,
    pub received_at: DateTime<Utc>,
    /// Its own, of which a key is made for an alert that comes without any.
    pub id: Uuid,
}

/// What a request tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Alerts(AlertBatch),
    /// It is kept and answered, and that is all.
    Nothing,
    /// It asks what became of the request with this id.
    AsksAfter(Uuid),
}

/// What came of a request, for its answer.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// It is handled and on disk.
    Taken(&'a Told),
    /// What became of an earlier one; `None` where none with that id is kept.
    Became(Option<&'a Kept<'a>>),
    /// The status is what makes this sender come again, or not.
    Refused {
        refusal: &'a Refusal,
        status: StatusCode,
    },
}

/// A request that was taken before.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub told: &'a Told,
    pub at: DateTime<Utc>,
}

/// One request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// The request's own, under which it is kept.
    pub id: Uuid,
    pub took: Duration,
}

/// What a source's clients are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Empty(StatusCode),
    Json(StatusCode, Value),
    /// The sentence as a problem in JSON, as for all who have no form of their own.
    Problem(StatusCode, String),
}

impl Source {
    /// Where it sends to, with the secret where that stands in the address.
    pub fn address(&self, base_url: &str, secret: &str) -> String {
        let path = self.doors.first().map(|door| door.path).unwrap_or_default();
        format!(
            "{}{}",
            base_url.trim_end_matches('/'),
            path.replace("{secret}", secret)
        )
    }

    /// Its door for this method and path, and what stands in the path where that has names.
    pub fn door_at(&self, method: &str, path: &str) -> Option<(&'static Door, Vec<(String, String)>)> {
        let doors = self.doors.iter();
        doors
            .filter(|door| door.methods.iter().any(|known| known.as_str() == method))
            .find_map(|door| Some((door, named_in(door.path, path)?)))
    }

    /// What its clients call the secret, where that stands beside the address rather than in it.
    pub fn secret_beside_the_address(&self) -> Option<&'static str> {
        match self.doors.first()?.secret {
            SecretPlace::Path => None,
            _ => Some(self.secret.name()),
        }
    }

    /// How to connect it, with the address and secret in their places.
    pub fn set_up(&self, base_url: &str, secret: &str) -> String {
        self.set_up
            .replace("{{ url }}", &self.address(base_url, secret))
            .replace("{{ base }}", base_url.trim_end_matches('/'))
            .replace("{{ secret }}", secret)
    }
}

impl SecretForm {
    const fn name(self) -> &'static str {
        match self {
            Self::Long => "secret",
            Self::RoutingKey => "routing key",
            Self::ApiKey => "API key",
        }
    }
}

impl SecretPlace {
    /// The secret that a request came with.
    pub fn find<'a>(
        self,
        path: &'a [(String, String)],
        headers: &'a HeaderMap,
        body: &[u8],
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Path => value_of(path, "secret").map(Cow::Borrowed),
            Self::Authorization => authorized(headers, "bearer")
                .map(Cow::Borrowed)
                .or_else(|| password(headers).map(Cow::Owned)),
            Self::Scheme(scheme) => authorized(headers, scheme).map(Cow::Borrowed),
            Self::Body { member, or_header } => {
                let header = headers.get(or_header).and_then(|value| value.to_str().ok());
                super::body::secret_in(body, member, header).map(Cow::Owned)
            }
        }
    }
}

impl Request<'_> {
    /// What stands where the door's path has this name.
    pub fn named(&self, name: &str) -> &str {
        value_of(self.path, name).unwrap_or_default()
    }
}

impl Told {
    /// The key that the answer tells, of those who are told one.
    pub fn key(&self) -> &str {
        match self {
            Self::Alerts(batch) => &batch.group,
            Self::Nothing | Self::AsksAfter(_) => "",
        }
    }
}

impl Answer {
    /// For all who refuse in no form of their own, and are asked after nothing.
    pub(super) fn usual(outcome: &Outcome<'_>, taken: impl FnOnce(&Told) -> Self) -> Self {
        match outcome {
            Outcome::Taken(told) => taken(told),
            Outcome::Became(_) => Self::Empty(StatusCode::NOT_FOUND),
            Outcome::Refused { refusal, status } => Self::Problem(*status, refusal.to_string()),
        }
    }

    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Empty(status) | Self::Json(status, _) | Self::Problem(status, _) => *status,
        }
    }
}

fn value_of<'a>(path: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = path.iter().find(|(known, _)| known == name)?;
    Some(value)
}

/// The values of a path where its template has names in braces, each decoded by itself.
fn named_in(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (template, path) = (template.split('/'), path.split('/'));
    if template.clone().count() != path.clone().count() {
        return None;
    }
    let mut named = Vec::new();
    for (part, given) in template.zip(path) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => {
                let given = percent_decode_str(given).decode_utf8_lossy();
                named.push((name.to_owned(), given.into_owned()));
            }
            None if part == given => {}
            None => return None,
        }
    }
    Some(named)
}

/// What follows the scheme.
fn authorized<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn password(headers: &HeaderMap) -> Option<String> {
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(authorized(headers, "basic")?)
        .ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned())
}
