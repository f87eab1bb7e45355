//! Images and texts beside what people write, over HTTP: with a form, one by one, read, and redacted.

#![allow(clippy::unwrap_used)]

use crate::site::{Site, cookie_of, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use engine::incidents;
use engine::transaction;
use reqwest::Response;
use testing::{TestApp, both_databases, days};
use uuid::Uuid;

const BOUNDARY: &str = "a-boundary-of-the-test";

/// One grey point.
fn image() -> Vec<u8> {
    BASE64_STANDARD
        .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
        .unwrap()
}

struct Form {
    boundary: &'static str,
    body: Vec<u8>,
}

impl Form {
    fn new(boundary: &'static str) -> Self {
        Self {
            boundary,
            body: Vec::new(),
        }
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; {head}\r\n\r\n",
            self.boundary
        );
        self.body.extend(head.as_bytes());
        self.body.extend(content);
        self.body.extend(b"\r\n");
        self
    }

    fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    fn file(self, name: &str, content: &[u8]) -> Self {
        self.part(&format!("name=\"files\"; filename=\"{name}\""), content)
    }

    async fn send(mut self, site: &Site, cookie: &str, path: &str, accept: &str) -> Response {
        self.body.extend(format!("--{}--\r\n", self.boundary).as_bytes());
        site.post(path)
            .header("cookie", cookie)
            .header("accept", accept)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={}", self.boundary),
            )
            .body(self.body)
            .send()
            .await
            .unwrap()
    }
}

async fn notes(app: &TestApp) -> Vec<String> {
    let entries = app.story(1).await.timeline.into_iter();
    entries
        .filter_map(|entry| entry.event.written_text().map(str::to_owned))
        .collect()
}

fn addresses(text: &str) -> Vec<String> {
    let parts = text.split("](").skip(1);
    parts
        .map(|part| part.split(')').next().unwrap().to_owned())
        .collect()
}

async fn files_kept(app: &TestApp) -> i64 {
    let mut tx = app.engine.read().await.unwrap();
    engine::db::sql("SELECT COUNT(*) FROM files")
        .scalar(&mut tx)
        .await
        .unwrap()
}

async fn opened(app: &TestApp) -> (Site, String) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    (Site::open(app).await, cookie_of(app, "ana").await)
}

both_databases! {
    async fn a_note_brings_its_files_without_a_script(app) {
        let (site, ana) = opened(app).await;
        let form = Form::new(BOUNDARY)
            .field("text", "The graph:")
            .file("../graph of <b>Ana.png", &image())
            .file("app.log", b"12:04 ERROR no route\n");
        let answer = form.send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/incidents/1#write"));
        let text = notes(app).await.remove(0);
        assert!(text.starts_with("The graph:\n\n![graph of  b>Ana.png](/incidents/1/files/"), "{text}");
        let [image_at, log_at] = addresses(&text).try_into().unwrap();
        let (_, page) = site.page(&ana, "/incidents/1").await;
        assert!(page.contains(&format!("<img src=\"{image_at}/preview\"")), "a small one leads to the large one");

        let shown = site.get(&image_at).header("cookie", &ana).send().await.unwrap();
        for (name, expected) in [
            ("content-type", "image/png"),
            ("content-disposition", "inline; filename=\"graph_of_<b>Ana.png\"; filename*=UTF-8''graph%20of%20%3Cb%3EAna.png"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"),
            ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(header(&shown, name), expected, "{name}");
        }
        let tag = header(&shown, "etag").to_owned();
        assert!(shown.bytes().await.unwrap().starts_with(b"\x89PNG"));
        let again = site.get(&image_at).header("cookie", &ana).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        let log = site.get(&log_at).header("cookie", &ana).send().await.unwrap();
        assert_eq!(header(&log, "content-type"), "text/plain; charset=utf-8");
        assert_eq!(log.text().await.unwrap(), "12:04 ERROR no route\n");
    }

    async fn files_are_for_whoever_may_see_the_incident(app) {
        let (site, ana) = opened(app).await;
        app.fires("checkout", "Slow, too", 2, "other").await;
        Form::new(BOUNDARY).field("text", "Look").file("a.png", &image()).send(&site, &ana, "/incidents/1/notes", "text/html").await;
        let address = addresses(&notes(app).await[0]).remove(0);
        let stranger = site.get(&address).send().await.unwrap();
        assert_eq!(stranger.status(), 303, "leads to the log-in");
        let elsewhere = address.replace("/incidents/1/", "/incidents/2/");
        assert_eq!(site.page(&ana, &elsewhere).await.0, 404, "not by another incident's address");
        let unknown = format!("/incidents/1/files/{}", Uuid::from_u128(7));
        assert_eq!(site.page(&ana, &unknown).await.0, 404);
    }

    async fn what_is_redacted_takes_its_files_along(app) {
        let (site, ana) = opened(app).await;
        Form::new(BOUNDARY).field("text", "Secret").file("a.png", &image()).send(&site, &ana, "/incidents/1/notes", "text/html").await;
        let address = addresses(&notes(app).await[0]).remove(0);
        let seq = app.story(1).await.timeline.last().unwrap().seq;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::redact(tx, 1, seq, "It showed a password").await?).unwrap();
        assert_eq!(site.page(&ana, &address).await.0, 404);
        assert_eq!(site.page(&ana, &format!("{address}/preview")).await.0, 404);
        assert_eq!(files_kept(app).await, 0);
    }

    async fn the_same_form_sent_twice_brings_its_files_once(app) {
        let (site, ana) = opened(app).await;
        let key = Uuid::from_u128(5).to_string();
        let form = |boundary| Form::new(boundary).field("form_key", &key).field("text", "Once").file("a.png", &image());
        let first = form(BOUNDARY).send(&site, &ana, "/incidents/1/notes", "text/html").await;
        // A browser makes up another boundary for each try.
        let second = form("another-boundary").send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (303, 303));
        assert_eq!((notes(app).await.len(), files_kept(app).await), (1, 1));
    }

    async fn a_file_that_is_not_taken_keeps_what_was_typed(app) {
        let (site, ana) = opened(app).await;
        let form = Form::new(BOUNDARY).field("text", "See the program").file("run.exe", b"MZ\x90\0\x03");
        let answer = form.send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("See the program</textarea>") && page.contains("Images (PNG, JPEG, WebP, GIF) and texts are taken."));
        assert!(notes(app).await.is_empty());
        let form = Form::new(BOUNDARY).field("text", "Seen").field("happened", "when?").file("a.png", &image());
        let answer = form.send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("Seen\n\n![a.png](/incidents/1/files/"), "what came stays in the text");
    }

    async fn a_page_sends_files_one_by_one(app) {
        let (site, ana) = opened(app).await;
        let json = "application/json";
        let answer = Form::new(BOUNDARY).file("", &image()).send(&site, &ana, "/incidents/1/files", json).await;
        assert_eq!(answer.status(), 201);
        let shown: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(shown["markdown"][0].as_str().unwrap().starts_with("![image.png](/incidents/1/files/"));
        let refused = Form::new(BOUNDARY).file("a.pdf", b"%PDF-1.7\0").send(&site, &ana, "/incidents/1/files", json).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "content-type")), (422, "application/problem+json"));
        // Nobody saved a text with it.
        app.pass(days(3)).await;
        engine::workers::clean::run(&app.engine).await.unwrap();
        assert_eq!(files_kept(app).await, 0);
    }

    async fn nothing_large_is_taken_from_strangers_and_nothing_too_large_from_anybody(app) {
        let (site, ana) = opened(app).await;
        let large = vec![b'x'; 25 * 1024 * 1024];
        let answer = Form::new(BOUNDARY).file("a.txt", b"x").send(&site, "", "/incidents/1/notes", "text/html").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/login"));
        let form = Form::new(BOUNDARY).file("a.txt", &large[..11 * 1024 * 1024]);
        let answer = form.send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains("A file has at most 10 MB."));
        let form = Form::new(BOUNDARY).file("a.txt", &large);
        let answer = form.send(&site, &ana, "/incidents/1/notes", "text/html").await;
        assert_eq!(answer.status(), 413);
        assert!(notes(app).await.is_empty());
    }

    async fn a_postmortem_has_images_too(app) {
        let (site, ana) = opened(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::resolve(tx, 1).await?;
            engine::postmortems::start(tx, 1).await?
        }).unwrap();
        let form = Form::new(BOUNDARY).field("body", "As the graph shows:").field("based_on", "0").file("a.png", &image());
        let answer = form.send(&site, &ana, "/incidents/1/postmortem/sections/summary", "text/html").await;
        assert_eq!(answer.status(), 303);
        let (_, page) = site.page(&ana, "/incidents/1/postmortem").await;
        let address = page.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(site.page(&ana, &address).await.0, 200);
        app.pass(days(3)).await;
        engine::workers::clean::run(&app.engine).await.unwrap();
        assert_eq!(files_kept(app).await, 1);
    }
}
