//! Mails that waited are looked at again when they are sent, and notices follow the flood rule of pages.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::timeline::Via;
use domain::incidents::{PageOutcome, State};
use domain::people::Role;
use engine::db::sql;
use engine::people::changes::{self, Change};
use engine::{incidents, transaction};
use testing::{Mood, Step, both_databases, hours, minutes, seconds};

both_databases! {
    async fn what_waits_goes_to_the_address_that_was_put_right(app) {
        app.usual_cast().await;
        app.mail.go_away().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(2)).await;
        let ana = app.person("ana").await;
        let change = Change {
            name: ana.name.clone(),
            email: "ana.lima@example.test".to_owned(),
            role: ana.role,
            time_zone: ana.time_zone.clone(),
        };
        transaction!(app.engine, |tx| changes::change(tx, ana.id, &change).await?).unwrap();
        app.mail.come_back();
        app.settle().await;
        assert!(app.mailbox("ana").is_empty());
        assert_eq!(app.mail.of("ana.lima@example.test").len(), 1);
    }

    async fn a_page_that_waited_tells_the_incident_as_it_is_when_it_is_sent(app) {
        app.usual_cast().await;
        app.mail.go_away().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(2)).await;
        app.fires("checkout", "Slow", 1, "slow").await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::rename(tx, 1, "Checkout is down").await?).unwrap();
        app.mail.come_back();
        app.pass(minutes(1)).await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Checkout is down"]);
        let mail = &app.mailbox("ana")[0];
        assert!(mail.text.contains("for 2 min"), "{}", mail.text);
        let token = mail.path_with("/acknowledge/").trim_start_matches("/acknowledge/").to_owned();
        transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
    }

    async fn what_became_worse_before_its_page_was_sent_goes_out_as_that(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Slow"]);
    }

    async fn a_page_whose_words_cannot_be_found_wakes_all_the_same(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.fires("checkout", "Down", 2, "down").await;
        // A fault of our own, made by taking a column away from under them.
        transaction!(app.engine, |tx| sql("ALTER TABLE alerts RENAME COLUMN annotations TO gone").run(tx).await?).unwrap();
        app.settle().await;
        let mut subjects = app.subjects("ana");
        subjects.sort();
        assert_eq!(subjects, ["[SEV2] INC-1 Slow", "[SEV2] INC-2 Down"]);
        for mail in app.mailbox("ana") {
            // Without a part of HTML a reader makes one of the text.
            assert!(mail.text.contains("/incidents/") && mail.html.contains("INC-"), "{mail:?}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM pages WHERE outcome = 'accepted'").await, 2);
    }

    async fn that_nobody_has_it_is_not_told_of_what_is_over(app) {
        app.usual_cast().await;
        app.mail.go_away().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.fires("checkout", "Down", 2, "down").await;
        app.pass(minutes(20)).await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 2, Via::Page).await?).unwrap();
        app.mail.come_back();
        app.pass(minutes(10)).await;
        assert!(app.mail.all().is_empty(), "{:?}", app.mail.all());
        assert_eq!(app.count("SELECT COUNT(*) FROM notifications WHERE state IN ('waiting', 'sending')").await, 0);
    }

    async fn a_list_that_waited_leaves_out_what_is_over(app) {
        app.usual_cast().await;
        for number in 1..=8 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        app.mail.set_mood(Mood::Says(Step::Mail, "451 Not now"));
        app.pass(minutes(1)).await;
        for number in 6..=7 {
            app.tell("checkout", "Broken", 2, &format!("key {number}"), "resolved").await;
        }
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(2)).await;
        let list = app.mailbox("ana").pop().unwrap();
        assert_eq!(list.subject, "[SEV2] INC-8 Broken 8");
        assert!(list.text.contains("INC-8"), "{}", list.text);
        let token = list.path_with("/acknowledge/").trim_start_matches("/acknowledge/").to_owned();
        let (linked, _) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(linked.incident.number, 8);
        assert_eq!(app.story(8).await.pages[0].page.outcome, PageOutcome::Gathered);
    }

    async fn forty_incidents_that_nobody_has_are_told_in_a_few_mails(app) {
        app.usual_cast().await;
        app.someone("eve", Role::Observer).await;
        app.team("crew", &["eve"]).await;
        app.service("search", "crew").await;
        for number in 1..=40 {
            app.fires("search", &format!("Empty {number}"), 2, &format!("key {number}")).await;
        }
        app.pass(minutes(1)).await;
        for name in ["root", "eve"] {
            let subjects = app.subjects(name);
            assert_eq!(subjects.len(), 6, "{name}: {subjects:?}");
            assert_eq!(subjects[5], "[SEV2] INC-40 Empty 40, and 34 more need somebody");
        }
        let (single, list) = (&app.mailbox("root")[0], &app.mailbox("root")[5]);
        for mail in [single, list] {
            let token = mail.path_with("/acknowledge/").trim_start_matches("/acknowledge/").to_owned();
            let (linked, outcome) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
            assert_eq!(outcome, Some(incidents::Acknowledged::Now), "INC-{}", linked.incident.number);
        }
        assert!(app.mailbox("eve").iter().all(|mail| !mail.text.contains("/acknowledge/")), "an observer reads along");
        // What is worse than all that was told does not wait.
        app.fires("search", "Down", 1, "down").await;
        app.settle().await;
        assert_eq!(app.subjects("root").last().unwrap(), "[SEV1] INC-41 Nobody has this: Down");
    }

    async fn gaps_on_a_schedule_are_told_in_a_few_mails_too(app) {
        app.usual_cast().await;
        app.schedule("later", "payments").weekly(&["ana"]).starting("2027-01-04T09:00", "UTC").make().await;
        app.policy("checkout").step("later", minutes(5)).step("bo", hours(5)).make().await;
        for number in 1..=20 {
            app.fires("checkout", &format!("Slow {number}"), 2, &format!("key {number}")).await;
        }
        app.pass(seconds(59)).await;
        let subjects = app.subjects("root");
        assert_eq!(subjects.len(), 6, "{subjects:?}");
        assert!(app.mailbox("root")[5].text.contains("nobody was on call on later"));
    }
}
