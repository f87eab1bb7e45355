//! The live stream as a browser reads it.

use super::{Site, header};
use reqwest::Response;
use std::time::Duration;

/// Events of a stream as they come.
pub struct Events {
    answer: Response,
    text: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Heard {
    pub event: String,
    pub id: i64,
    pub data: String,
}

impl Events {
    pub async fn of(site: &Site, cookie: &str, path: &str, last: Option<i64>) -> Self {
        let mut request = site.get(path).header("cookie", cookie);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-type"), "text/event-stream");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(header(&answer, "x-accel-buffering"), "no");
        Self {
            answer,
            text: String::new(),
        }
    }

    pub async fn next(&mut self) -> Heard {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let line = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.collect::<Vec<_>>().join("\n").trim_start().to_owned()
                };
                if event.starts_with(':') {
                    continue;
                }
                return Heard {
                    event: line("event:"),
                    id: line("id:").parse().expect("a number"),
                    data: line("data:"),
                };
            }
            let chunk = tokio::time::timeout(Duration::from_secs(5), self.answer.chunk());
            let chunk = chunk.await.expect("something within five seconds");
            let chunk = chunk.expect("the stream goes on").expect("the stream goes on");
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// Whether the stream ends within five seconds, whatever it still says.
    pub async fn is_over(&mut self) -> bool {
        let end = async { while let Ok(Some(_)) = self.answer.chunk().await {} };
        tokio::time::timeout(Duration::from_secs(5), end).await.is_ok()
    }

    /// The ids of the entries up to and with the next one whose text holds `text`.
    pub async fn entries_until(&mut self, text: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        loop {
            let heard = self.next().await;
            if heard.event == "entry" {
                ids.push(heard.id);
                if heard.data.contains(text) {
                    return ids;
                }
            }
        }
    }
}
