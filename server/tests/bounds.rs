//! What one log-in may send: every field, address and form has a length, and a form a time to come.

use crate::site::{Site, cookie_of, header};
use testing::{TestApp, both_databases};

const FORM: &str = "application/x-www-form-urlencoded";

async fn with_incident(app: &TestApp) -> (Site, String) {
    app.usual_cast().await;
    app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
    (Site::open(app).await, cookie_of(app, "ana").await)
}

both_databases! {
    async fn what_is_too_long_is_refused_with_a_page(app) {
        let (site, cookie) = with_incident(app).await;
        let post = async |path: &str, body: String| {
            let sent = site.post(path).header("cookie", &cookie).header("content-type", FORM).body(body);
            let answer = sent.send().await.expect("an answer");
            let status = answer.status().as_u16();
            let kind = if status == 200 { "application/json" } else { "text/html" };
            assert!(header(&answer, "content-type").starts_with(kind), "{path}");
            (status, answer.text().await.expect("a body"))
        };
        let long = "%26".repeat(150_000);
        for (path, body, status) in [
            ("/ask/markdown-preview", format!("text={long}"), 422),
            ("/ask/markdown-preview", "text=".to_owned() + &"x".repeat(3 * 1024 * 1024), 413),
            ("/ask/schedule-preview", format!("fields={}", "name%3Da%26".repeat(3_000)), 422),
            ("/incidents/1/notes", format!("text={long}"), 422),
            ("/incidents/1/title", format!("title={}", "x".repeat(300_000)), 422),
            ("/incidents/1/services", "services=x&".repeat(3_000), 422),
        ] {
            let (answered, page) = post(path, body).await;
            assert_eq!(answered, status, "{path}: {}", page.chars().take(300).collect::<String>());
        }
        let (status, html) = post("/ask/markdown-preview", format!("text={}", "%26".repeat(90_000))).await;
        assert_eq!((status, html.matches("&amp;").count()), (200, 90_000));
        for path in ["/incidents?q=", "/find?q=", "/ask/find?q=", "/backlog?owner="] {
            let asked = site.get(&format!("{path}{}", "word+".repeat(3_000))).header("cookie", &cookie).send();
            assert_eq!(asked.await.expect("an answer").status(), 414, "{path}");
        }
    }

    async fn a_search_of_many_words_is_answered(app) {
        let (site, cookie) = with_incident(app).await;
        let words = (0..700).map(|number| format!("word{number}")).collect::<Vec<_>>().join("+");
        for path in ["/incidents?q=", "/find?q=", "/ask/find?q="] {
            let answer = site.get(&format!("{path}{words}")).header("cookie", &cookie).send().await.expect("an answer");
            assert_eq!(answer.status(), 200, "{path}");
        }
    }
}
