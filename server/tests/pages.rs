//! The browser's edge over HTTP: where forms may come from, who is led to the log-in, what holds for every answer, the link in
//! a mail, and the live stream.

use crate::site::events::Events;
use crate::site::{Site, cookie_of, header};
use domain::ids::PersonId;
use domain::incidents::whom::Whom;
use domain::people::Role;
use engine::incidents::{self, Writing};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, seconds};

/// Writes a note into the incident.
async fn write(site: &Site, cookie: &str, text: &str) {
    let sent = site
        .post("/incidents/1/notes")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("text={text}"))
        .send();
    assert_eq!(sent.await.expect("an answer").status(), 303);
}

/// Posts a note as a page at `origin` would, to the host that the browser was told.
async fn note_from(site: &Site, cookie: &str, host: &str, origin: &str) -> u16 {
    let sent = site
        .post("/incidents/1/notes")
        .header("host", host)
        .header("origin", origin)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("text=Seen")
        .send();
    sent.await.expect("an answer").status().as_u16()
}

async fn with_incident(app: &TestApp) -> (Site, String) {
    app.usual_cast().await;
    app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
    app.settle().await;
    (Site::open(app).await, cookie_of(app, "ana").await)
}

both_databases! {
    async fn why_nobody_was_paged_is_said_only_while_nobody_was(app) {
        app.usual_cast().await;
        app.fires("checkout", "Log grows", 5, "log").await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        let why = "it is below the severity that the service pages from";
        assert!(site.page(&cookie, "/incidents/1").await.1.contains(why));
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(ana).await, |tx| incidents::page_somebody(tx, 1, Whom::Person(bo), "").await?).expect("paged");
        let page = site.page(&cookie, "/incidents/1").await.1;
        assert!(page.contains("Paged: ") && !page.contains(why));
    }

    async fn every_page_says_what_could_not_be_sent_and_one_that_is_open_asks_for_it(app) {
        app.usual_cast().await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "bo").await);
        let seen = async |path: &str| {
            let answer = site.get(path).header("cookie", &cookie).send().await.expect("an answer");
            answer.text().await.expect("a body")
        };
        let pages = ["/", "/incidents", "/on-call", "/backlog", "/postmortems", "/settings/teams", "/ask/open"];
        for path in pages {
            assert!(!seen(path).await.contains("could not be sent"), "{path}");
        }
        app.fires("checkout", "Slow", 2, "slow").await;
        // Nobody sends anything: whatever should do it stands still.
        app.clock.pass(seconds(61));
        for path in pages.into_iter().chain(["/incidents/1"]) {
            assert!(seen(path).await.contains("1 mail could not be sent yet."), "{path}");
        }
        app.settle().await;
        for path in pages {
            assert!(!seen(path).await.contains("could not be sent"), "{path}");
        }
    }

    async fn a_fault_in_a_page_is_that_pages_alone(app) {
        let (site, cookie) = with_incident(app).await;
        let seen = async || site.get("/incidents/1").header("cookie", &cookie).header("accept", "text/html").send().await.expect("an answer");
        app.clock.break_after(0);
        let broken = seen().await;
        assert!(app.clock.mend());
        assert_eq!((broken.status().as_u16(), header(&broken, "content-type")), (500, "text/html; charset=utf-8"));
        assert!(header(&broken, "content-security-policy").contains("script-src 'self'"));
        assert_eq!(seen().await.status(), 200);
    }

    async fn whoever_is_deactivated_is_handed_over_first(app) {
        app.usual_cast().await;
        let (site, root) = (Site::open(app).await, cookie_of(app, "root").await);
        let bo: PersonId = app.id("bo");
        let path = format!("/settings/people/{bo}/deactivation");
        let page = site.get(&path).header("cookie", &root).send().await.expect("an answer").text().await.expect("a body");
        for named in ["primary", ", step 2", "Who takes over their turns", "Who is paged instead"] {
            assert!(page.contains(named), "{named}");
        }
        let (ana, said) = (app.id::<PersonId>("ana"), "content-type");
        let hand_over = async |answers: String| {
            let post = site.post(&path).header("cookie", &root).header(said, "application/x-www-form-urlencoded");
            post.body(answers).send().await.expect("an answer").status().as_u16()
        };
        assert_eq!(hand_over("schedules=nobody".to_owned()).await, 422, "each is asked for");
        assert!(app.person("bo").await.deactivated_at.is_none());
        assert_eq!(hand_over(format!("schedules={ana}&steps={ana}&actions=nobody")).await, 303);
        assert!(app.person("bo").await.deactivated_at.is_some());
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        assert!(app.mailbox("bo").is_empty());
        let pages = app.subjects("ana").into_iter().filter(|subject| subject == "[SEV2] INC-1 Slow").count();
        assert_eq!(pages, 2, "both steps are hers now");
        assert_eq!(app.mailbox("ana").len(), 3, "and she knows that the turns are, too");
    }

    async fn the_pager_tells_administrators_what_was_accepted(app) {
        let (site, _) = with_incident(app).await;
        let root = cookie_of(app, "root").await;
        let answer = site.get("/settings/pager").header("cookie", &root).send().await.expect("an answer");
        let page = answer.text().await.expect("a body");
        assert!(page.contains("First pages in time") && page.contains("accepted") && page.contains("99.99"), "{page}");
        assert!(!page.contains("delivered.") && page.contains("Accepted is not delivered"));
        let answer = site.get("/settings/pager").header("cookie", cookie_of(app, "ana").await).send().await.expect("an answer");
        assert_eq!(answer.status(), 403);
    }

    async fn forms_are_taken_from_wherever_the_page_was_opened(app) {
        let (site, cookie) = with_incident(app).await;
        let port = site.port;
        for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("pager.lan:{port}"), format!("[::1]:{port}")] {
            assert_eq!(note_from(&site, &cookie, &host, &format!("http://{host}")).await, 303, "{host}");
            for elsewhere in ["https://evil.example", "http://localhost:1", "null"] {
                assert_eq!(note_from(&site, &cookie, &host, elsewhere).await, 403, "{host} from {elsewhere}");
            }
        }
        // Behind a proxy that hides the name, base_url says it.
        assert_eq!(note_from(&site, &cookie, "127.0.0.1:3000", "https://kintsugi.example.test").await, 303);
    }

    async fn whoever_is_not_signed_in_is_led_to_the_log_in_and_back(app) {
        let (site, _) = with_incident(app).await;
        for (path, next) in [
            ("/incidents/1", "/login?next=%2Fincidents%2F1"),
            ("/incidents?state=open", "/login?next=%2Fincidents%3Fstate%3Dopen"),
            ("/settings/teams", "/login?next=%2Fsettings%2Fteams"),
        ] {
            let answer = site.get(path).send().await.expect("an answer");
            assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, next));
        }
        let answer = site.get("/live/incidents/1").send().await.expect("an answer");
        assert_eq!(answer.status(), 401);
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
    }

    async fn every_answer_has_the_strict_policy(app) {
        let (site, cookie) = with_incident(app).await;
        for path in ["/login", "/", "/incidents", "/incidents/1", "/incidents/99", "/nothing/here", "/on-call", "/settings/people", "/assets/none.css", "/json/x"] {
            let answer = site.get(path).header("cookie", &cookie).send().await.expect("an answer");
            let policy = header(&answer, "content-security-policy");
            assert!(policy.contains("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header(&answer, "x-frame-options"), "DENY", "{path}");
            assert_eq!(header(&answer, "referrer-policy"), "same-origin", "{path}");
            let text = answer.text().await.expect("a body");
            assert!(!text.contains(" style=") && !text.contains("<style"), "{path} has styles in the page");
            for script in text.split("<script").skip(1) {
                let (tag, rest) = script.split_once('>').expect("a whole tag");
                assert!(tag.contains(" src=") && rest.starts_with("</script>"), "{path} has a script in the page: {tag}");
            }
        }
    }

    async fn pages_that_are_not_there_say_so(app) {
        let (site, cookie) = with_incident(app).await;
        for path in ["/incidents/99", "/nothing/here", "/settings/teams/none", "/acknowledge/none", "/invitations/none"] {
            let answer = site.get(path).header("cookie", &cookie).send().await.expect("an answer");
            assert!(matches!(answer.status().as_u16(), 404 | 422), "{path}: {}", answer.status());
            assert!(header(&answer, "content-type").starts_with("text/html"), "{path}");
        }
    }

    async fn what_went_wrong_stands_in_the_readers_own_frame(app) {
        let (site, cookie) = with_incident(app).await;
        app.someone("olga", Role::Observer).await;
        let observer = cookie_of(app, "olga").await;
        let sections = "aria-label=\"Sections\"";
        for (path, cookie, status) in [
            ("/nothing/here", &cookie, 404),
            ("/incidents/99", &cookie, 404),
            ("/acknowledge/none", &cookie, 404),
            ("/incidents/1/notes", &cookie, 405),
            ("/incidents/new", &observer, 403),
        ] {
            let answer = site.get(path).header("cookie", cookie).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let page = answer.text().await.expect("a body");
            assert!(page.contains(sections) && page.contains("To the home page"), "{path}: {page}");
        }
        // Who is not logged in, or was, sees it without.
        for request in [site.get("/nothing/here"), site.get("/nothing/here").header("cookie", "kintsugi_session=old")] {
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 404);
            let page = answer.text().await.expect("a body");
            assert!(!page.contains(sections) && page.contains("To the home page"), "{page}");
        }
        let json = site.get("/nothing/here").header("cookie", &cookie).header("accept", "application/json").send().await.expect("an answer");
        assert_eq!(header(&json, "content-type"), "application/problem+json");
    }

    async fn the_address_of_a_form_says_that_it_is_no_page(app) {
        let (site, cookie) = with_incident(app).await;
        let answer = site.get("/incidents/1/notes").header("cookie", &cookie).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, "POST"));
        let text = answer.text().await.expect("a body");
        assert!(text.contains("there is no page at it"), "{text}");
    }

    async fn a_mail_scanner_acknowledges_nothing(app) {
        let (site, _) = with_incident(app).await;
        let path = app.mailbox("ana")[0].path_with("/acknowledge/");
        for request in [site.get(&path), site.client.head(site.address(&path))] {
            assert_eq!(request.send().await.expect("an answer").status(), 200);
            assert_eq!(app.story(1).await.incident.state.to_string(), "triggered");
        }
        // A program that sends the form, too, says nothing of where it comes from. Every browser does.
        assert_eq!(site.post(&path).send().await.expect("an answer").status(), 403);
        assert_eq!(app.story(1).await.incident.state.to_string(), "triggered");
        let press = || site.post(&path).header("origin", site.address("")).send();
        for said in ["You have it", "acknowledged before"] {
            let answer = press().await.expect("an answer");
            assert_eq!(answer.status(), 200);
            assert!(answer.text().await.expect("a body").contains(said));
        }
        let story = app.story(1).await;
        assert_eq!(story.incident.state.to_string(), "acknowledged");
        app.tell("checkout", "Error rate above 5 %", 2, "errors", "resolved").await;
        let late = press().await.expect("an answer");
        assert!(late.text().await.expect("a body").contains("resolved already"));
    }

    async fn saved_is_said_once_by_the_page_that_a_form_leads_to(app) {
        let (site, cookie) = with_incident(app).await;
        let save = async |path: &str, body: &'static str, accept: &str| {
            let sent = site.post(path).header("cookie", &cookie).header("accept", accept);
            let answer = sent.header("content-type", "application/x-www-form-urlencoded").body(body).send();
            let answer = answer.await.expect("an answer");
            (answer.status().as_u16(), answer.headers().get("set-cookie").map(|set| set.to_str().expect("text").to_owned()))
        };
        let profile = "name=Ana&time_zone=UTC";
        let (status, said) = save("/settings/profile", profile, "text/html").await;
        let said = said.expect("it is said");
        assert!(status == 303 && said.starts_with("kintsugi_saved=1; Path=/; Max-Age=60"), "{status} {said}");
        let with = format!("{cookie}; kintsugi_saved=1");
        let page = site.get("/settings/profile").header("cookie", &with).send().await.expect("an answer");
        assert!(header(&page, "set-cookie").starts_with("kintsugi_saved=; Path=/; Max-Age=0"));
        let text = page.text().await.expect("a body");
        assert!(text.contains("class=\"saved\""), "{text}");
        // Not of what was refused, nor to a program, nor on a page whose timeline tells it.
        for (path, body, accept) in [
            ("/settings/profile", "name=&time_zone=UTC", "text/html"),
            ("/settings/profile", profile, "application/json"),
            ("/incidents/1/title", "title=Slow", "text/html"),
        ] {
            assert_eq!(save(path, body, accept).await.1, None, "{path} {body}");
        }
        let page = site.get("/settings/profile").header("cookie", &cookie).send().await.expect("an answer");
        assert!(!page.text().await.expect("a body").contains("class=\"saved\""));
    }

    async fn a_mailed_link_answers_a_program_too(app) {
        let (site, _) = with_incident(app).await;
        let path = app.mailbox("ana")[0].path_with("/acknowledge/");
        let press = async |path: &str| {
            let sent = site.post(path).header("origin", site.address("")).header("accept", "application/json").send();
            let answer = sent.await.expect("an answer");
            (answer.status().as_u16(), header(&answer, "content-type").to_owned(), answer.text().await.expect("a body"))
        };
        let (status, kind, said) = press(&path).await;
        assert_eq!((status, kind.as_str()), (200, "application/json"));
        assert!(said.contains("You have it. Nobody further is paged."), "{said}");
        for (unknown, what_to_do) in [
            ("/acknowledge/none", "Open the incident from the list"),
            ("/acknowledge/none/passing-on", "Open the incident from the list"),
            ("/on-call/offers/none", "look at what is offered"),
            ("/on-call/offers/none/refusal", "look at what is offered"),
            ("/on-call/hand-offs/none", "look who is on call"),
            ("/on-call/hand-offs/none/incidents/1", "look who is on call"),
        ] {
            let (status, kind, problem) = press(unknown).await;
            assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{unknown}");
            assert!(problem.contains(what_to_do), "{unknown}: {problem}");
        }
    }

    async fn a_refused_form_keeps_what_was_typed(app) {
        let (site, cookie) = with_incident(app).await;
        let sent = site
            .post("/incidents")
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("title=Checkout+in+Lisbon&severity=SEV2&noticed_by=customer&impact_started_at=half+past+two")
            .send();
        let answer = sent.await.expect("an answer");
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.expect("a body");
        assert!(page.contains("Checkout in Lisbon") && page.contains("half past two"));
        let title = "x".repeat(300);
        let sent = site
            .post("/incidents/1/title")
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("title={title}"))
            .send();
        let answer = sent.await.expect("an answer");
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.expect("a body").contains(&title));
    }

    async fn a_role_is_given_to_nobody_by_a_slip(app) {
        let (site, cookie) = with_incident(app).await;
        let give = async |body: String| {
            let sent = site
                .post("/incidents/1/roles/communications")
                .header("cookie", &cookie)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
                .send();
            sent.await.expect("an answer")
        };
        let nobody = give("person=".to_owned()).await;
        assert_eq!(nobody.status(), 422);
        assert!(nobody.text().await.expect("a body").contains("Choose who gets the role."));
        let bo: PersonId = app.id("bo");
        assert_eq!(give(format!("person={bo}")).await.status(), 303);
        let page = site.get("/incidents/1").header("cookie", &cookie).send().await.expect("an answer");
        let page = page.text().await.expect("a body");
        assert!(page.contains(&format!("value=\"{bo}\" selected")), "{page}");
    }

    async fn the_live_stream_goes_on_where_it_was_lost(app) {
        let (site, cookie) = with_incident(app).await;
        let listening = app.engine.live.listen_to(&app.engine.db);
        let from = app.story(1).await.incident.seq;
        let path = format!("/live/incidents/1?after={from}");
        let mut events = Events::of(&site, &cookie, &path, None).await;
        write(&site, &cookie, "first").await;
        write(&site, &cookie, "second").await;
        let heard = events.entries_until("second").await;
        assert_eq!(heard, [from + 1, from + 2]);
        let regions = events.next().await;
        assert_eq!((regions.event.as_str(), regions.id), ("page", from + 2));
        assert!(regions.data.contains("\"facts\""));

        drop(events);
        for text in ["third", "fourth", "fifth"] {
            write(&site, &cookie, text).await;
        }
        let mut events = Events::of(&site, &cookie, &path, Some(from + 2)).await;
        assert_eq!(events.entries_until("fifth").await, [from + 3, from + 4, from + 5]);
        write(&site, &cookie, "sixth").await;
        assert_eq!(events.entries_until("sixth").await, [from + 6]);
        listening.abort();
    }

    async fn of_a_long_timeline_the_newest_entries_are_shown_and_the_rest_is_a_click_away(app) {
        let (site, cookie) = with_incident(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| for number in 0..620 {
            incidents::write(tx, 1, Writing::Note, &format!("note {number}")).await?;
        })
        .expect("620 notes");
        let last = app.story(1).await.incident.seq;
        let shown = async |query: &str| {
            let page = site.get(&format!("/incidents/1{query}")).header("cookie", &cookie).send().await;
            let page = page.expect("an answer").text().await.expect("a body");
            let has = |seq: i64| page.contains(&format!("id=\"entry-{seq}\""));
            assert!(has(last), "{query}");
            ((1..=last).filter(|seq| has(*seq)).count(), page)
        };
        let (newest, page) = shown("").await;
        assert_eq!(newest, 100);
        let oldest = last - 99;
        assert!(page.contains(&format!("?from=1#entry-{oldest}")), "{page}");
        assert!(page.contains(&format!("Show {} earlier entries", oldest - 1)));
        // What the mail server said of the page stands in the line of the page.
        assert_eq!(shown("?from=1").await.0, usize::try_from(last - 1).unwrap_or(0));
        assert_eq!(shown("?from=500").await.0, usize::try_from(last - 499).unwrap_or(0));
        for nonsense in ["?from=", "?from=x", "?from=-9223372036854775808x", "?from=9223372036854775807"] {
            assert_eq!(shown(nonsense).await.0, 100, "{nonsense}");
        }

        // Whoever was away hears all of it, without waiting for the next change.
        let mut events = Events::of(&site, &cookie, "/live/incidents/1?after=0", None).await;
        let heard = events.entries_until("note 619").await;
        assert_eq!(heard, (1..=last).collect::<Vec<_>>());
    }

    async fn a_live_stream_ends_when_the_program_stops(app) {
        let (site, cookie) = with_incident(app).await;
        let from = app.story(1).await.incident.seq;
        let mut events = Events::of(&site, &cookie, &format!("/live/incidents/1?after={from}"), None).await;
        write(&site, &cookie, "first").await;
        events.entries_until("first").await;
        app.engine.live.stop();
        assert!(events.is_over().await);
    }

    async fn a_title_is_plain_text(app) {
        let (site, cookie) = with_incident(app).await;
        let page = site.get("/incidents/1").header("cookie", &cookie).send().await.expect("an answer");
        let page = page.text().await.expect("a body");
        let title = page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        assert_eq!(title, Some("(1) INC-1 Error rate above 5 % · Kintsugi"));
    }

    async fn a_form_that_cannot_be_read_is_answered_with_a_page(app) {
        let (site, cookie) = with_incident(app).await;
        let sent = site
            .post("/incidents/1/severity")
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("severity=purple");
        let answer = sent.send().await.expect("an answer");
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.expect("a body").contains("This form cannot be read"));
    }
}
