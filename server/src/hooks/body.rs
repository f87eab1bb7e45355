//! Reading a body: up to 16 MiB whole, of what is longer its beginning and its end; in time, plain, and JSON by its header or by none.

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use domain::alerts::Refusal;
use futures::StreamExt;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// What is read of a body before it is known whose it is, and what is not counted among the large ones.
pub const SMALL: usize = 1024 * 1024;
/// What is read whole.
pub const MOST: usize = 16 * SMALL;
/// So much of what is longer is read and dropped: a sender that is cut off while it sends never sees the answer.
const DROPPED: usize = 8 * MOST;
/// Of what is dropped, so much of the end is kept: a group's own members stand there.
const END: usize = 64 * 1024;
/// Large bodies in memory at once; the others wait.
const LARGE_AT_ONCE: usize = 2;

/// So many times the patience for one MiB a large body may take in all.
const LONGEST: u32 = 6;

static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// A body while it is read. What makes it large is held until it is dropped.
pub struct Reading {
    chunks: BodyDataStream,
    patience: Duration,
    pub bytes: Vec<u8>,
    /// The last of what was longer than [`MOST`].
    pub end: Vec<u8>,
    is_over: bool,
    large: Option<SemaphorePermit<'static>>,
}

impl Reading {
    /// `patience`: how long the first MiB may take, and each further one.
    pub fn new(body: Body, patience: Duration) -> Self {
        Self {
            chunks: body.into_data_stream(),
            patience,
            bytes: Vec::new(),
            end: Vec::new(),
            is_over: false,
            large: None,
        }
    }

    pub fn is_cut(&self) -> bool {
        !self.end.is_empty()
    }

    pub fn is_large(&self) -> bool {
        self.large.is_some()
    }

    /// Reads as much as may be read of a body before it is known whose it is.
    pub async fn read_small(&mut self) -> Result<(), Refusal> {
        let patience = self.patience;
        tokio::time::timeout(patience, async {
            while !self.is_over && self.bytes.len() < SMALL {
                let Some(chunk) = self.next().await? else { break };
                self.bytes.extend_from_slice(&chunk);
            }
            Ok(())
        })
        .await
        .map_err(|_| Refusal::TooSlow)?
    }

    /// Reads the rest, the end only of what is too long.
    pub async fn read_all(&mut self) -> Result<(), Refusal> {
        self.read_small().await?;
        if self.is_over {
            return Ok(());
        }
        // A place is not held for ever by whoever sends a little now and then.
        tokio::time::timeout(self.patience * LONGEST, self.read_large())
            .await
            .map_err(|_| Refusal::TooSlow)?
    }

    async fn read_large(&mut self) -> Result<(), Refusal> {
        let place = tokio::time::timeout(self.patience, LARGE.acquire()).await;
        self.large = Some(
            place
                .map_err(|_| Refusal::TooSlow)?
                .map_err(|_| Refusal::TooSlow)?,
        );
        let mut dropped = 0;
        while !self.is_over && dropped <= DROPPED {
            let patience = self.patience;
            let a_mib = tokio::time::timeout(patience, async {
                let mut read = 0;
                while read < SMALL {
                    let Some(chunk) = self.next().await? else { break };
                    read += chunk.len();
                    self.keep(&chunk);
                }
                Ok::<_, Refusal>(read)
            });
            let read = a_mib.await.map_err(|_| Refusal::TooSlow)??;
            if self.is_cut() {
                dropped += read;
            }
        }
        Ok(())
    }

    fn keep(&mut self, chunk: &[u8]) {
        let whole = chunk.len().min(MOST.saturating_sub(self.bytes.len()));
        let (whole, rest) = chunk.split_at(whole);
        self.bytes.extend_from_slice(whole);
        self.end.extend_from_slice(rest);
        if self.end.len() > 2 * END {
            self.end.drain(..self.end.len() - END);
        }
    }

    async fn next(&mut self) -> Result<Option<axum::body::Bytes>, Refusal> {
        match self.chunks.next().await {
            Some(chunk) => chunk.map(Some).map_err(|_| Refusal::Broken),
            None => {
                self.is_over = true;
                Ok(None)
            }
        }
    }
}

/// `packed_in`: another kind of content that this source packs its JSON in.
pub fn check_headers(headers: &HeaderMap, packed_in: Option<&str>) -> Result<(), Refusal> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let encoding = text(header::CONTENT_ENCODING);
    if !encoding.is_empty() && encoding != "identity" {
        return Err(Refusal::Encoded);
    }
    let content_type = text(header::CONTENT_TYPE);
    let media = content_type.split(';').next().unwrap_or_default().trim();
    // curl -d says that JSON is a form, and some senders say nothing or that it is text: what parses as JSON is taken.
    let taken = media.is_empty()
        || Some(media) == packed_in
        || media.ends_with("/json")
        || media.ends_with("+json")
        || matches!(
            media,
            "application/x-www-form-urlencoded" | "text/plain" | "application/octet-stream"
        );
    let charset = content_type.split(';').skip(1).find_map(|part| {
        part.trim()
            .strip_prefix("charset=")
            .map(|set| set.trim_matches('"').to_owned())
    });
    let utf8 = charset.is_none_or(|set| matches!(set.as_str(), "utf-8" | "utf8" | "us-ascii"));
    if taken && utf8 {
        Ok(())
    } else {
        Err(Refusal::WrongType(content_type))
    }
}
