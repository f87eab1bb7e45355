//! The timeline as it is read in the page of an incident.

use crate::site::{Site, cookie_of};
use testing::{both_databases, minutes};

/// Writes a note into the incident; `more` are other fields of the form.
async fn note(site: &Site, cookie: &str, text: &str, more: &str) {
    let sent = site
        .post("/incidents/1/notes")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("text={text}{more}"))
        .send();
    assert_eq!(sent.await.expect("an answer").status(), 303, "{text}");
}

/// Whether the entry with this text goes on with the one above it.
fn continues(page: &str, text: &str) -> bool {
    let row = page.split("<li ").find(|row| row.contains(text));
    let row = row.unwrap_or_else(|| panic!("no entry says {text}"));
    row.split('>').next().is_some_and(|tag| tag.contains("continues"))
}

both_databases! {
    async fn notes_of_one_person_within_minutes_say_the_name_once(app) {
        app.usual_cast().await;
        app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
        app.settle().await;
        let site = Site::open(app).await;
        let (ana, bo) = (cookie_of(app, "ana").await, cookie_of(app, "bo").await);
        let page = async |path: &str| site.page(&ana, path).await.1;
        note(&site, &ana, "Pool-is-full", "").await;
        app.clock.pass(minutes(2));
        note(&site, &ana, "Workers-were-doubled", "").await;
        let seen = page("/incidents/1").await;
        assert!(!continues(&seen, "Workers-were-doubled"), "the newest stands on top, with the head");
        assert!(continues(&seen, "Pool-is-full"));

        // What is added later stands where it happened, and parts the others where it is somebody else's.
        app.clock.pass(minutes(8));
        note(&site, &ana, "Deploy-began", "&happened=-9+min").await;
        let seen = page("/incidents/1").await;
        assert!(!continues(&seen, "Workers-were-doubled"));
        assert!(continues(&seen, "Deploy-began") && continues(&seen, "Pool-is-full"));
        assert!(seen.contains("added 9 min later"));
        note(&site, &bo, "Seen-from-outside", "&happened=-9+min").await;
        let seen = page("/incidents/1").await;
        assert!(!continues(&seen, "Seen-from-outside") && !continues(&seen, "Deploy-began"));
        assert!(continues(&seen, "Pool-is-full"));
    }

    async fn what_lies_between_notes_parts_them_where_it_is_shown(app) {
        app.usual_cast().await;
        app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
        app.settle().await;
        let site = Site::open(app).await;
        let ana = cookie_of(app, "ana").await;
        // While somebody leads, it is not over when its alerts are.
        let leads = site.post("/incidents/1/roles/commander").header("cookie", &ana).send().await;
        assert_eq!(leads.expect("an answer").status(), 303);
        note(&site, &ana, "Rolled-back", "").await;
        app.tell("checkout", "Error rate above 5 %", 2, "errors", "resolved").await;
        app.clock.pass(minutes(1));
        note(&site, &ana, "It-is-quiet", "").await;
        let (_, all) = site.page(&ana, "/incidents/1").await;
        assert!(!continues(&all, "Rolled-back"));
        let (_, people) = site.page(&ana, "/incidents/1?show=people").await;
        assert!(continues(&people, "Rolled-back"));
    }
}
