//! Pages that are too many to go out one by one: what waits for a list, what does not, and what becomes of a list.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use domain::incidents::timeline::Via;
use domain::incidents::{PageOutcome, State};
use engine::{incidents, transaction};
use testing::{Mood, TestApp, both_databases, minutes, seconds};

/// As many as go out one by one.
async fn five_moderate_ones(app: &TestApp) {
    for number in 1..=5 {
        app.fires(
            "checkout",
            &format!("Slow {number}"),
            3,
            &format!("slow {number}"),
        )
        .await;
    }
    app.settle().await;
    app.mail.clear();
}

both_databases! {
    async fn the_first_five_pages_go_out_at_once_and_the_rest_becomes_one_list(app) {
        app.usual_cast().await;
        for number in 1..=9 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 5);
        app.pass(seconds(59)).await;
        let mails = app.mailbox("ana");
        assert_eq!(mails.len(), 6, "one list within a minute");
        assert_eq!(mails[5].subject, "[SEV2] INC-9 Broken 9, and 3 more");
        for number in 6..=9 {
            assert!(mails[5].text.contains(&format!("INC-{number} Broken {number}")), "{}", mails[5].text);
        }
        app.fires("checkout", "Broken 10", 2, "key 10").await;
        app.pass(seconds(59)).await;
        let mails = app.mailbox("ana");
        assert_eq!(mails[6].subject, "[SEV2] INC-10 Broken 10, and 4 more");
        assert_eq!(mails[6].references, mails[5].references);
    }

    async fn each_link_of_a_list_acknowledges_its_own_incident(app) {
        app.usual_cast().await;
        for number in 1..=7 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.pass(seconds(59)).await;
        let list = &app.mailbox("ana")[5];
        let links: Vec<&str> = list.text.split("/acknowledge/").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
        let (secret, _) = links[0].split_once('.').unwrap();
        assert_eq!(links, [format!("{secret}.7"), format!("{secret}.6")]);
        let (linked, outcome) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, links[1]).await?).unwrap();
        assert_eq!((linked.incident.number, linked.person.id), (6, app.id("ana")));
        assert_eq!(outcome, Some(incidents::Acknowledged::Now));
        assert_eq!(app.story(6).await.incident.state, State::Acknowledged);
        assert_eq!(app.story(7).await.incident.state, State::Triggered);
        // Of what the list did not tell, its secret knows nothing.
        for wrong in [format!("{secret}.1"), format!("{secret}.99"), format!("{secret}.x"), secret.to_owned(), "nonsense.6".to_owned()] {
            let unknown = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &wrong).await?);
            assert!(matches!(unknown, Err(engine::Error::NotFound("link"))), "{wrong}");
        }
    }

    async fn what_is_over_before_its_list_is_taken_from_it(app) {
        app.usual_cast().await;
        for number in 1..=7 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 6, Via::Page).await?).unwrap();
        app.pass(seconds(59)).await;
        // One that is left is a page like any other.
        let mails = app.mailbox("ana");
        assert_eq!(mails[5].subject, "[SEV2] INC-7 Broken 7");
        assert!(mails[5].text.contains("If nobody acknowledges by"), "{}", mails[5].text);
        assert_eq!(app.story(6).await.pages[0].page.outcome, PageOutcome::Dropped);
        assert_eq!(app.story(7).await.pages[0].page.outcome, PageOutcome::Accepted);
    }

    async fn a_flood_is_told_in_few_lists_and_each_incident_once(app) {
        app.usual_cast().await;
        for number in 1..=650 {
            // One that is as bad as can be waits for no list.
            let severity = match number {
                300 => 1,
                400 => 2,
                _ => 3,
            };
            app.fires("checkout", &format!("Broken {number}"), severity, &format!("key {number}")).await;
            app.clock.pass(TimeDelta::milliseconds(10));
        }
        app.pass(seconds(59)).await;
        let mails = app.mailbox("ana");
        let lists: Vec<_> = mails.iter().filter(|mail| mail.subject.contains(", and ")).collect();
        let subjects: Vec<_> = lists.iter().map(|list| list.subject.as_str()).collect();
        assert_eq!(subjects, ["[SEV2] INC-400 Broken 400, and 499 more", "[SEV3] INC-650 Broken 650, and 143 more"]);
        for list in &lists {
            // The mail program of many cuts off what is longer.
            assert!(list.html.len() < 102_000, "{} bytes", list.html.len());
            let lines = list.text.lines().filter(|line| line.starts_with("[SEV")).count();
            assert_eq!(lines, 50);
            assert!(list.html.contains("Broken"), "{}", list.html);
        }
        let first = lists[0].text.lines().find(|line| line.starts_with("[SEV"));
        assert_eq!(first.map(str::trim_end), Some("[SEV2] INC-400 Broken 400"), "the worst first");
        let told: Vec<&str> = lists.iter().flat_map(|list| list.text.split([' ', ',', '\r', '\n'])).collect();
        for number in 6..=650 {
            let label = format!("INC-{number}");
            let times = usize::from(number != 300);
            assert_eq!(told.iter().filter(|word| **word == label).count(), times, "{label}");
        }
    }

    async fn what_was_gathered_before_everything_stood_still_is_told_when_it_goes_on(app) {
        app.usual_cast().await;
        for number in 1..=9 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        app.mail.clear();
        // The machine is away for a while.
        app.clock.pass(minutes(20));
        app.settle().await;
        let told: String = app.mailbox("ana").into_iter().map(|mail| mail.text).collect();
        for number in 6..=9 {
            assert!(told.contains(&format!("INC-{number} Broken {number}")), "{told}");
        }
    }

    async fn what_is_worse_than_all_that_was_just_told_goes_out_at_once_and_alone(app) {
        app.usual_cast().await;
        five_moderate_ones(app).await;
        app.fires("checkout", "Errors", 2, "errors").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-6 Errors"]);
        app.fires("checkout", "More errors", 2, "more").await;
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 1, "as bad as what was told waits for the list");
        for number in 1..=3 {
            app.fires("checkout", "Down", 1, &format!("down {number}")).await;
        }
        app.settle().await;
        let mut subjects = app.subjects("ana");
        subjects.sort_unstable();
        assert_eq!(subjects[..3], ["[SEV1] INC-10 Down", "[SEV1] INC-8 Down", "[SEV1] INC-9 Down"], "SEV1 always");
    }

    async fn what_rises_in_a_list_that_waits_is_paged_at_once(app) {
        app.usual_cast().await;
        five_moderate_ones(app).await;
        app.fires("checkout", "Errors", 3, "errors").await;
        app.settle().await;
        assert!(app.mailbox("ana").is_empty());
        app.fires("checkout", "Errors", 1, "errors").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-6 Errors"]);
        app.pass(seconds(59)).await;
        assert_eq!(app.mailbox("ana").len(), 1, "no list tells it a second time");
    }

    async fn a_list_that_is_refused_is_as_many_refused_pages(app) {
        app.usual_cast().await;
        five_moderate_ones(app).await;
        for number in 6..=8 {
            app.fires("checkout", &format!("Broken {number}"), 3, &format!("key {number}")).await;
        }
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.pass(seconds(40)).await;
        for number in 6..=8 {
            let pages = app.story(number).await.pages;
            let outcomes: Vec<_> = pages.iter().map(|sent| (sent.name.as_str(), sent.page.outcome)).collect();
            assert_eq!(outcomes, [("Ana", PageOutcome::Refused), ("Bo", PageOutcome::Accepted)], "INC-{number}");
        }
        assert_eq!(app.subjects("bo").len(), 3, "the next contact does not wait for the delay");
    }

    async fn a_list_is_shown_as_waiting_until_the_mail_server_has_taken_it(app) {
        app.usual_cast().await;
        five_moderate_ones(app).await;
        app.fires("checkout", "Broken", 3, "key").await;
        app.fires("checkout", "Broken, too", 3, "other key").await;
        app.mail.set_mood(Mood::Later);
        app.pass(seconds(50)).await;
        let page = app.story(6).await.pages.remove(0).page;
        assert_eq!((page.outcome, page.settled_at), (PageOutcome::Gathered, None));
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(1)).await;
        let page = app.story(6).await.pages.remove(0).page;
        assert_eq!(page.outcome, PageOutcome::Gathered);
        assert!(page.settled_at.is_some());
        assert_eq!(page.server_words.as_deref(), Some("250 2.0.0 Accepted"));
    }
}
