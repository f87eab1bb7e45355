//! A request that was taken from its connection, read by its source.

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use domain::alerts::{Door, Refusal, Request, Told, read, read_cut};
use domain::teams::IntegrationKind;
use engine::alerts::{Source, payloads};
use std::sync::Arc;
use uuid::Uuid;

/// A request that was taken from its connection.
pub struct Opened {
    pub id: Uuid,
    pub kind: IntegrationKind,
    pub door: &'static Door,
    pub path: Vec<(String, String)>,
    pub query: String,
    pub headers: Arc<HeaderMap>,
    pub body: Vec<u8>,
    /// The last of what was longer than what is read whole.
    pub end: Vec<u8>,
    /// Of its integration, where that is known.
    pub service: Option<String>,
    pub received_at: DateTime<Utc>,
}

impl Opened {
    /// As it was when it was taken.
    pub fn again(from: &Source, id: Uuid, kept: payloads::Kept) -> Option<Self> {
        let source = from.kind.source();
        let (method, target) = match &kept.address {
            Some(address) => address.split_once(' ')?,
            None => ("POST", source.doors.first()?.path),
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (door, path) = source.door_at(method, path)?;
        Some(Self {
            id,
            kind: from.kind,
            door,
            path,
            query: query.to_owned(),
            headers: Arc::default(),
            body: kept.body,
            end: Vec::new(),
            service: Some(from.service_id.to_string()),
            received_at: kept.received_at,
        })
    }

    pub fn read(&self) -> Result<Told, Refusal> {
        if !self.end.is_empty() {
            let cut = read_cut(&self.body, &self.end, self.received_at);
            return cut.map(Told::Alerts).ok_or(Refusal::TooLarge);
        }
        let request = Request {
            kind: self.kind,
            door: self.door,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            service: self.service.as_deref().unwrap_or_default(),
            has_secret: self.service.is_some(),
            received_at: self.received_at,
            id: self.id,
        };
        Ok(read(&request)?)
    }
}
