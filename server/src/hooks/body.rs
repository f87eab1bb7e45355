//! Reading a body: at most 1 MiB, in time, plain, and JSON by its header or by none.

use super::Refusal;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use std::time::Duration;

/// 1 MiB
pub const MOST: usize = 1024 * 1024;
/// So much of a body that is refused is read and dropped: a sender that is cut off while it sends never sees the answer.
const DROPPED: usize = 8 * MOST;

pub async fn read(headers: &HeaderMap, body: Body, patience: Duration) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let reading = async {
        let read = match check_headers(headers) {
            Ok(()) => collect(&mut chunks).await,
            Err(refusal) => Err(refusal),
        };
        if read.is_err() {
            drop_rest(&mut chunks).await;
        }
        read
    };
    tokio::time::timeout(patience, reading)
        .await
        .map_err(|_| Refusal::TooSlow)?
}

async fn collect(chunks: &mut BodyDataStream) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::Broken)?;
        if bytes.len() + chunk.len() > MOST {
            return Err(Refusal::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn drop_rest(chunks: &mut BodyDataStream) {
    let mut dropped = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        dropped += chunk.len();
        if dropped > DROPPED {
            return;
        }
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), Refusal> {
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
    let declared: u64 = text(header::CONTENT_LENGTH).parse().unwrap_or(0);
    if declared > MOST as u64 {
        return Err(Refusal::TooLarge);
    }
    let content_type = text(header::CONTENT_TYPE);
    let media = content_type.split(';').next().unwrap_or_default().trim();
    // curl -d says that JSON is a form, and some senders say nothing or that it is text: what parses as JSON is taken.
    let taken = media.is_empty()
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
