//! A turn that somebody asks to be covered for, by its buttons: *I cannot*, on its page and by the link in the mail, and *Give it to somebody*.

#![allow(clippy::unwrap_used)]

use crate::site::{Site, cookie_of};
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, RequestId, ScheduleId};
use engine::oncall::requests::{self, Asked};
use engine::oncall::schedules;
use engine::transaction;
use testing::{TestApp, both_databases};

/// Presses a button, and answers with the status and the page that comes.
async fn press(site: &Site, cookie: Option<&str>, path: &str, form: &str) -> (u16, String) {
    let mut request = site
        .post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    request = match cookie {
        Some(cookie) => request.header("cookie", cookie),
        // Behind a link of a mail only what a browser sent counts.
        None => request.header("sec-fetch-site", "same-origin"),
    };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Ana asks for somebody to take her week from 16 March; Bo and Cy are asked.
async fn asked(app: &TestApp) -> (ScheduleId, RequestId) {
    for name in ["ana", "bo", "cy", "dee"] {
        app.responder(name).await;
    }
    app.team("payments", &["ana", "bo", "cy"]).await;
    let schedule = app
        .schedule("primary", "payments")
        .weekly(&["ana", "bo"])
        .make()
        .await;
    let asked = Asked {
        schedule,
        span: (at("2026-03-16T09:00:00Z"), at("2026-03-17T09:00:00Z")),
        whom: vec![app.id("bo"), app.id("cy")],
        instead: None,
        note: "My daughter has her first day at school.".to_owned(),
    };
    let request = transaction!(app.by(app.id("ana")).await, |tx| requests::ask(tx, &asked)
        .await?)
    .unwrap();
    app.settle().await;
    (schedule, request)
}

both_databases! {
    async fn i_cannot_is_said_with_one_press_on_the_page_and_by_the_link(app) {
        let (_, request) = asked(app).await;
        let (site, ana, bo) = (Site::open(app).await, cookie_of(app, "ana").await, cookie_of(app, "bo").await);
        let page = format!("/on-call/requests/{request}");
        let (status, seen) = site.page(&bo, &page).await;
        assert!(status == 200 && seen.contains("Asked, without an answer so far") && seen.contains("Bo and Cy"), "{seen}");
        assert!(seen.contains(&format!("{page}/refusal")) && seen.contains("I cannot"));
        let (_, hers) = site.page(&ana, &page).await;
        assert!(!hers.contains("I cannot"), "she asks");
        assert_eq!(press(&site, Some(&ana), &format!("{page}/refusal"), "").await.0, 404, "she was not asked");

        assert_eq!(press(&site, Some(&bo), &format!("{page}/refusal"), "").await.0, 303);
        let (_, seen) = site.page(&bo, &page).await;
        assert!(seen.contains("Cannot") && !seen.contains("I cannot") && seen.contains("I take it"), "{seen}");

        let mail = app.mailbox("cy").into_iter().find(|mail| mail.text.contains("/on-call/offers/")).unwrap();
        let token = mail.text.split("/on-call/offers/").nth(1).unwrap().split_whitespace().next().unwrap();
        let link = format!("/on-call/offers/{token}");
        let seen = site.get(&link).send().await.unwrap().text().await.unwrap();
        assert!(seen.contains(&format!("{link}/refusal")) && seen.contains("I cannot"), "{seen}");
        let (status, seen) = press(&site, None, &format!("{link}/refusal"), "").await;
        assert_eq!(status, 200);
        assert!(seen.contains("Thank you: the team knows that you cannot.") && !seen.contains("I cannot"), "{seen}");
        let (_, hers) = site.page(&ana, &page).await;
        assert!(hers.contains("Bo and Cy") && !hers.contains("without an answer"), "{hers}");
    }

    async fn a_turn_is_given_to_somebody_by_whoever_may_change_the_schedule(app) {
        let (schedule, request) = asked(app).await;
        let (site, bo, dee) = (Site::open(app).await, cookie_of(app, "bo").await, cookie_of(app, "dee").await);
        let page = format!("/on-call/requests/{request}");
        let assignment = format!("{page}/assignment");
        let (_, seen) = site.page(&bo, &page).await;
        assert!(seen.contains("Give it to somebody") && seen.contains(&assignment));
        assert!(!site.page(&dee, &page).await.1.contains("Give it to somebody"));
        let cy: PersonId = app.id("cy");
        let to_cy = format!("person={cy}");
        assert_eq!(press(&site, Some(&dee), &assignment, &to_cy).await.0, 403);
        let (status, seen) = press(&site, Some(&bo), &assignment, "person=nobody").await;
        assert!(status == 422 && seen.contains("Give it to somebody"), "{status}");

        assert_eq!(press(&site, Some(&bo), &assignment, &to_cy).await.0, 303);
        let (_, seen) = site.page(&bo, &page).await;
        assert!(seen.contains("Cy has taken it.") && !seen.contains(&assignment), "{seen}");
        let (status, seen) = press(&site, Some(&bo), &assignment, &format!("person={}", app.id::<PersonId>("bo"))).await;
        assert_eq!(status, 200, "it is too late");
        assert!(seen.contains("role=\"status\""), "{seen}");
        let mut tx = app.engine.read().await.unwrap();
        let (_, rota) = schedules::load(&mut tx, schedule).await.unwrap();
        assert_eq!(rota.on_call(at("2026-03-16T12:00:00Z")).into_iter().collect::<Vec<_>>(), [cy]);
    }

    async fn a_cover_is_cancelled_on_its_page_which_that_of_the_turn_leads_to(app) {
        let (schedule, request) = asked(app).await;
        let site = Site::open(app).await;
        let (ana, cy, dee) = (cookie_of(app, "ana").await, cookie_of(app, "cy").await, cookie_of(app, "dee").await);
        let page = format!("/on-call/requests/{request}");
        let removal = format!("{page}/cover/removal");
        assert!(!site.page(&ana, &page).await.1.contains(&removal), "nobody has taken it");
        assert_eq!(press(&site, Some(&cy), &format!("{page}/acceptance"), "").await.0, 200);
        for path in [page.clone(), format!("/on-call/turn?schedule={schedule}&at={}", at("2026-03-16T12:00:00Z").timestamp())] {
            let (_, hers) = site.page(&ana, &path).await;
            assert!(hers.contains("Cancel cover") && hers.contains("Cancel the cover?") && hers.contains(&removal), "{hers}");
            assert!(!site.page(&dee, &path).await.1.contains(&removal), "she has no part in it");
        }
        assert_eq!(press(&site, Some(&dee), &removal, "").await.0, 403);
        assert_eq!(press(&site, Some(&ana), &removal, "").await.0, 303);
        let (_, hers) = site.page(&ana, &page).await;
        assert!(hers.contains("Cy had taken it, and Ana cancelled that on Mon 2 Mar 10:0") && !hers.contains(&removal), "{hers}");
        let mut tx = app.engine.read().await.unwrap();
        let (_, rota) = schedules::load(&mut tx, schedule).await.unwrap();
        assert_eq!(rota.on_call(at("2026-03-16T12:00:00Z")).into_iter().collect::<Vec<PersonId>>(), [app.id("ana")]);
    }

    async fn a_cover_that_is_cancelled_on_the_page_of_the_schedule_is_so_on_its_own(app) {
        let (schedule, request) = asked(app).await;
        let site = Site::open(app).await;
        let (ana, bo, cy) = (cookie_of(app, "ana").await, cookie_of(app, "bo").await, cookie_of(app, "cy").await);
        let page = format!("/on-call/requests/{request}");
        assert_eq!(press(&site, Some(&cy), &format!("{page}/acceptance"), "").await.0, 200);
        assert!(site.page(&ana, &page).await.1.contains("Cy has taken it."));
        let mut tx = app.engine.read().await.unwrap();
        let arranged = engine::oncall::overrides::upcoming(&mut tx, schedule).await.unwrap().remove(0);
        drop(tx);
        let removal = format!("/settings/schedules/{schedule}/overrides/{}/removal", arranged.id);
        assert_eq!(press(&site, Some(&bo), &removal, "").await.0, 303);
        let (_, hers) = site.page(&ana, &page).await;
        assert!(hers.contains("Cy had taken it, and Bo cancelled that on Mon 2 Mar 10:0"), "{hers}");
        assert!(!hers.contains("Cancel cover") && !hers.contains("I take it"), "{hers}");
    }

    async fn a_member_of_the_team_asks_for_cover_for_somebody_else_on_the_page_of_their_turn(app) {
        let (schedule, _) = asked(app).await;
        let site = Site::open(app).await;
        let (ana, dee) = (cookie_of(app, "ana").await, cookie_of(app, "dee").await);
        // A week of Bo's.
        let at = at("2026-03-10T12:00:00Z").timestamp();
        let turn = format!("/on-call/turn?schedule={schedule}&at={at}");
        let (_, seen) = site.page(&ana, &turn).await;
        assert!(seen.contains("Ask for cover for Bo") && seen.contains("Swap for Bo") && !seen.contains("Cover me"), "{seen}");
        assert!(!site.page(&dee, &turn).await.1.contains("Ask for cover"), "she is in no team");
        let bo: PersonId = app.id("bo");
        let form = format!("schedule={schedule}&at={at}&of={bo}");
        assert_eq!(press(&site, Some(&dee), "/on-call/turn/requests", &form).await.0, 403);
        assert_eq!(press(&site, Some(&ana), "/on-call/turn/requests", &form).await.0, 303);
        let mut tx = app.engine.read().await.unwrap();
        let request = requests::open_of(&mut tx, bo).await.unwrap().remove(0);
        drop(tx);
        let (_, seen) = site.page(&ana, &format!("/on-call/requests/{}", request.id)).await;
        assert!(seen.contains("Ana asks for somebody to take Bo’s turn") && seen.contains("Cancel the request"), "{seen}");
        let (_, seen) = site.page(&ana, "/on-call/away").await;
        assert!(seen.contains("Whose turns") && seen.contains("Mine"), "{seen}");
        assert!(!site.page(&dee, "/on-call/away").await.1.contains("Whose turns"), "she is in no team");
    }
}
