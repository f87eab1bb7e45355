//! The buttons of an incident over HTTP, as somebody presses them whose browser has no JavaScript.

use crate::site::{Site, cookie_of};
use chrono::TimeDelta;
use domain::Severity;
use domain::incidents::State;
use domain::incidents::whom::Whom;
use testing::{TestApp, both_databases};
use url::form_urlencoded;

/// A page of an incident, and whoever looks at it.
struct Reader {
    site: Site,
    cookie: String,
}

impl Reader {
    async fn of(app: &TestApp, name: &str) -> Self {
        Self {
            site: Site::open(app).await,
            cookie: cookie_of(app, name).await,
        }
    }

    async fn page(&self) -> String {
        self.site.page(&self.cookie, "/incidents/1").await.1
    }

    /// Presses the first button that posts to `thing` on this page: status, and the page that comes.
    async fn press(&self, page: &str, thing: &str) -> (u16, String) {
        self.send(page, thing, &[]).await
    }

    /// Sends the first form that posts to `thing` on this page, with these fields filled in.
    async fn send(&self, page: &str, thing: &str, typed: &[(&str, &str)]) -> (u16, String) {
        let action = format!("/incidents/1/{thing}");
        let sent = self
            .site
            .post(&action)
            .header("cookie", &self.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(fields_of(page, &action, typed));
        let answer = sent.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let page = match status {
            303 => self.page().await,
            _ => answer.text().await.expect("a body"),
        };
        (status, page)
    }
}

/// The hidden fields of the first form with this address, and what is typed into others.
fn fields_of(page: &str, action: &str, typed: &[(&str, &str)]) -> String {
    let (_, form) = page
        .split_once(&format!("action=\"{action}\""))
        .unwrap_or_else(|| panic!("no button to {action}"));
    let form = form.split("</form>").next().unwrap_or_default();
    let value = |tag: &str, name: &str| {
        let begin = tag.find(&format!("{name}=\""))? + name.len() + 2;
        Some(tag[begin..].split('"').next()?.replace("&quot;", "\""))
    };
    let fields = form.split("<input").skip(1);
    let fields = fields.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?)));
    let fields = fields.filter(|(name, _)| typed.iter().all(|(other, _)| name != other));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .extend_pairs(typed)
        .finish()
}

both_databases! {
    async fn six_taps_in_a_row_acknowledge_and_no_more(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(TimeDelta::minutes(2));
        let ana = Reader::of(app, "ana").await;
        let first = ana.page().await;
        assert!(!first.contains("incident settling"), "nothing has changed just now");
        let (status, mut page) = ana.press(&first, "acknowledgement").await;
        assert_eq!(status, 303);
        let (again, _) = ana.press(&first, "acknowledgement").await;
        assert_eq!(again, 303, "the second of two taps on the same button is the same");
        for tap in 2..=6 {
            app.clock.pass(TimeDelta::milliseconds(600));
            let (status, refused) = ana.press(&page, "roles/commander").await;
            assert_eq!(status, 422, "tap {tap}");
            assert!(refused.contains("Nothing was done: the button had changed"), "tap {tap}");
            page = refused;
        }
        assert!(app.story(1).await.roles.is_empty());
        app.clock.pass(TimeDelta::milliseconds(1_000));
        let (status, _) = ana.press(&page, "roles/commander").await;
        assert_eq!((status, app.story(1).await.roles.len()), (303, 1), "whoever has read it presses it");
    }

    async fn a_second_tap_takes_no_tick_out(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(TimeDelta::minutes(2));
        let ana = Reader::of(app, "ana").await;
        let (status, page) = ana.send(&ana.page().await, "tasks", &[("task", "Call the data centre")]).await;
        assert_eq!(status, 303);
        let id = page.split("/incidents/1/tasks/").nth(1).and_then(|rest| rest.split('/').next()).expect("a task");
        let (tick, untick) = (format!("tasks/{id}/tick"), format!("tasks/{id}/tick/removal"));
        let (status, ticked) = ana.press(&page, &tick).await;
        assert_eq!(status, 303);
        assert!(ticked.contains("tasks settling"));
        let (status, _) = ana.press(&page, &tick).await;
        assert_eq!(status, 303, "the same button again says the same");
        app.clock.pass(TimeDelta::milliseconds(600));
        let (status, refused) = ana.press(&ticked, &untick).await;
        assert_eq!(status, 422, "a tap that was meant for what stood there before");
        assert!(refused.contains("Nothing was done: the button had changed"));
        app.clock.pass(TimeDelta::milliseconds(1_000));
        assert_eq!(app.count("SELECT COUNT(*) FROM tasks WHERE done_at IS NOT NULL").await, 1);
        let (status, _) = ana.press(&refused, &untick).await;
        assert_eq!((status, app.count("SELECT COUNT(*) FROM tasks WHERE done_at IS NOT NULL").await), (303, 0));
    }

    async fn the_later_of_two_severities_does_not_win_unseen(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let (ana, bo) = (Reader::of(app, "ana").await, Reader::of(app, "bo").await);
        let old = ana.page().await;
        let (status, _) = bo.send(&old, "severity", &[("severity", "SEV1")]).await;
        assert_eq!(status, 303);
        let (status, page) = ana.send(&old, "severity", &[("severity", "SEV3")]).await;
        assert_eq!(status, 422);
        assert!(page.contains("Somebody else changed this meanwhile: it is “SEV1” now."));
        assert_eq!(app.story(1).await.incident.severity, Severity::Sev1);
        // Whoever has seen it and sends it again means it.
        let (status, _) = ana.send(&page, "severity", &[("severity", "SEV3")]).await;
        assert_eq!((status, app.story(1).await.incident.severity), (303, Severity::Sev3));
        // What nobody edited takes nothing back.
        let (status, _) = bo.send(&old, "severity", &[("severity", "SEV2")]).await;
        assert_eq!((status, app.story(1).await.incident.severity), (303, Severity::Sev3));
    }

    async fn help_that_was_asked_for_of_another_responder_is_asked_for_again(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(TimeDelta::minutes(2));
        let (ana, bo) = (Reader::of(app, "ana").await, Reader::of(app, "bo").await);
        let old = ana.page().await;
        bo.press(&old, "acknowledgement").await;
        let root = Whom::Person(app.id("root")).to_string();
        let typed = [("whom", &*root), ("why", "Knows the gateway")];
        let (status, page) = ana.send(&old, "page", &typed).await;
        assert_eq!(status, 422);
        assert!(page.contains("Nobody was paged: INC-1 is with Bo since the page was made."));
        assert!(page.contains("Knows the gateway"), "what was typed stays");
        let (status, page) = ana.send(&page, "page", &typed).await;
        assert_eq!(status, 303);

        app.clock.pass(TimeDelta::minutes(1));
        let (status, _) = ana.press(&ana.page().await, "roles/commander").await;
        assert_eq!(status, 303);
        let (status, refused) = bo.send(&page, "handover", &typed).await;
        assert_eq!(status, 422);
        assert!(refused.contains("Nobody was paged: INC-1 is with Ana since the page was made."));
    }

    async fn a_page_from_before_it_went_there_and_back_does_nothing(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(TimeDelta::minutes(2));
        let (ana, bo) = (Reader::of(app, "ana").await, Reader::of(app, "bo").await);
        ana.press(&ana.page().await, "acknowledgement").await;
        app.clock.pass(TimeDelta::minutes(2));
        let old = ana.page().await;
        bo.press(&old, "mitigation").await;
        app.clock.pass(TimeDelta::minutes(2));
        bo.press(&bo.page().await, "mitigation/removal").await;
        app.clock.pass(TimeDelta::minutes(2));
        let (status, page) = ana.press(&old, "mitigation").await;
        assert_eq!(status, 422);
        assert!(page.contains("Nothing was done: INC-1 is acknowledged again since the page was made."));
        // What others write changes nothing of what a button means.
        app.clock.pass(TimeDelta::minutes(2));
        let fresh = ana.page().await;
        let note = bo.site.post("/incidents/1/notes").header("cookie", &bo.cookie);
        let note = note.header("content-type", "application/x-www-form-urlencoded").body("text=Looking");
        assert_eq!(note.send().await.expect("an answer").status(), 303);
        let (status, _) = ana.press(&fresh, "mitigation").await;
        assert_eq!((status, app.story(1).await.incident.state), (303, State::Mitigated));
    }

    async fn a_page_from_before_says_what_is_so_now(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(TimeDelta::minutes(2));
        let (ana, bo) = (Reader::of(app, "ana").await, Reader::of(app, "bo").await);
        let old = ana.page().await;
        bo.press(&old, "acknowledgement").await;
        let (status, page) = ana.press(&old, "escalation").await;
        assert_eq!(status, 422);
        assert!(page.contains("Bo has INC-1 by now."));
        // A script that says nothing of a page means what it says, and needs no type for nothing.
        let bare = ana.site.post("/incidents/1/mitigation").header("cookie", &ana.cookie);
        assert_eq!(bare.send().await.expect("an answer").status(), 303);
    }
}
