//! Whom an incident wakes, and when.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::ids::PersonId;
use domain::incidents::next::Next;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{IncidentRole, NoticedBy, PageOutcome, State};
use engine::db::sql;
use engine::incidents::{self, ByHand, Here, PassedOn};
use engine::transaction;
use testing::{Mood, both_databases, hours, minutes, seconds};

both_databases! {
    async fn an_alert_opens_an_incident_and_pages_who_is_on_call(app) {
        app.usual_cast().await;
        app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Error rate above 5 %"]);
        assert!(app.mailbox("bo").is_empty());
        let story = app.story(1).await;
        assert_eq!(story.pages[0].page.outcome, PageOutcome::Accepted);
        assert_eq!(story.pages[0].page.server_words.as_deref(), Some("250 2.0.0 Accepted"));
        let seqs: Vec<i64> = story.timeline.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, (1..=story.incident.seq).collect::<Vec<_>>());
    }

    async fn an_unacknowledged_page_moves_to_the_next_step_and_then_runs_out(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(5)).await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        assert_eq!(app.mailbox("ana").len(), 1);
        assert!(app.mailbox("root").is_empty());
        app.pass(minutes(10)).await;
        assert_eq!(app.subjects("root"), ["[SEV2] INC-1 Nobody has this: Slow"]);
        assert_eq!(app.mailbox("ana").len(), 2, "the team is told too");
        assert_eq!(app.story(1).await.paging, Here::RanOut);
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(incidents::nobody_has(&mut tx).await.unwrap().len(), 1);
    }

    async fn a_policy_repeats_as_often_as_it_says(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).repeating(2).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(30)).await;
        let pages = app.story(1).await.pages;
        assert_eq!(pages.iter().map(|sent| sent.page.round).collect::<Vec<_>>(), [0, 1, 2]);
    }

    async fn acknowledging_stops_the_policy(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(60)).await;
        assert!(app.mailbox("bo").is_empty());
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
    }

    async fn the_link_in_the_mail_acknowledges_once_and_answers_afterwards(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let path = app.mailbox("ana")[0].path_with("/acknowledge/");
        let token = path.trim_start_matches("/acknowledge/").to_owned();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(incidents::read_link(&mut tx, &token).await.unwrap().incident.state, State::Triggered);
        drop(tx);
        assert_eq!(app.story(1).await.incident.state, State::Triggered, "reading the link changes nothing");
        let (_, first) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(first, Some(incidents::Acknowledged::Now));
        let (_, again) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert!(matches!(again, Some(incidents::Acknowledged::Already { .. })));
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        let (_, late) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(late, None);
        let unknown = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, "nonsense").await?);
        assert!(matches!(unknown, Err(engine::Error::NotFound(_))));
        let acknowledged = app.story(1).await.timeline;
        let entry = acknowledged.iter().find(|entry| matches!(entry.event, Event::Acknowledged { .. })).unwrap();
        assert_eq!(entry.event, Event::Acknowledged { via: Via::Mail });
        assert_eq!(entry.actor_name.as_deref(), Some("Ana"));
    }

    async fn all_mails_of_an_incident_hang_on_one_thread(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(15)).await;
        let all = app.mail.all();
        assert!(all.len() >= 4);
        assert!(all.iter().all(|mail| mail.references == all[0].references && !mail.references.is_empty()));
        let mut ids: Vec<_> = all.iter().map(|mail| mail.message_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }

    async fn nobody_on_the_schedule_pages_the_next_step_at_once_and_tells_the_team(app) {
        app.usual_cast().await;
        app.schedule("later", "payments").weekly(&["ana"]).starting("2027-01-04T09:00", "UTC").make().await;
        app.policy("checkout").step("later", minutes(5)).step("bo", minutes(5)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert!(app.subjects("bo").contains(&"[SEV2] INC-1 Slow".to_owned()));
        assert!(app.subjects("ana").contains(&"[Kintsugi] Nobody was on call on later for INC-1".to_owned()));
        let told = app.story(1).await.timeline;
        assert!(told.iter().any(|entry| entry.event == Event::NobodyOnCall { schedule: "later".to_owned() }));
    }

    async fn below_the_services_line_it_is_recorded_and_wakes_nobody(app) {
        app.usual_cast().await;
        app.fires("checkout", "Disk at 80 %", 4, "disk").await;
        app.pass(minutes(30)).await;
        assert!(app.mail.all().is_empty());
        app.fires("checkout", "Disk at 99 %", 1, "disk").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Disk at 80 %"], "it rose above the line");
    }

    async fn a_page_says_what_its_alerts_say_with_the_runbook_first(app) {
        app.usual_cast().await;
        let body = r#"{"title":"Slow","severity":"SEV2","dedup_key":"slow","link":"https://x.example/g",
            "details":{"env":"prod","alertname":"High"},"annotations":{"description":"p99 is over 4 s","runbook_url":"https://x.example/run","panel":"see https://x.example/p now"}}"#;
        app.post_json("checkout", body).await;
        app.settle().await;
        let mail = &app.mailbox("ana")[0];
        let places: Vec<usize> = ["p99 is over 4 s", "Runbook: https://x.example/run", "Open in source: https://x.example/g", "panel: see", "env: prod"]
            .iter()
            .map(|words| mail.text.find(words).unwrap_or_else(|| panic!("{words} in {}", mail.text)))
            .collect();
        assert!(places.is_sorted(), "{}", mail.text);
        assert!(!mail.text.contains("alertname"), "{}", mail.text);
        let html = mail.html.replace("&#x2f;", "/");
        assert!(html.contains(r#"href="https://x.example/p""#), "{html}");
    }

    async fn who_cannot_take_it_has_the_next_paged_once_and_is_spared(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).step("bo", minutes(10)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(1)).await;
        let token = |name: &str| app.mailbox(name)[0].path_with("/acknowledge/").trim_start_matches("/acknowledge/").to_owned();
        let ana = token("ana");
        let mut tx = app.engine.read().await.unwrap();
        let linked = incidents::read_link(&mut tx, &ana).await.unwrap();
        let around = incidents::around_link(&mut tx, &linked).await.unwrap();
        drop(tx);
        let next = around.next.unwrap();
        assert_eq!((next.people[0].name.as_str(), around.paged), ("Bo", vec!["Ana".to_owned()]));
        for expected in [PassedOn::Now, PassedOn::Before] {
            let (_, outcome) = transaction!(app.engine, |tx| incidents::pass_on_by_link(tx, &ana, Some(next.place)).await?).unwrap();
            assert_eq!(outcome, expected);
        }
        app.settle().await;
        assert_eq!((app.mailbox("ana").len(), app.mailbox("bo").len()), (1, 1));
        assert!(app.mailbox("bo")[0].text.contains("Whoever was paged before you cannot take it."));
        assert_eq!(app.story(1).await.incident.state, State::Triggered);
        // Nobody but Bo is left who did not say so, and Ana comes first in the next round.
        let bo = token("bo");
        transaction!(app.engine, |tx| incidents::pass_on_by_link(tx, &bo, None).await?).unwrap();
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 2);
        let ana_id = app.id("ana");
        transaction!(app.by(ana_id).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        let (_, outcome) = transaction!(app.engine, |tx| incidents::pass_on_by_link(tx, &bo, None).await?).unwrap();
        assert_eq!(outcome, PassedOn::NotNeeded);
        assert_eq!(app.story(1).await.paged(), ["Ana", "Bo"]);
    }

    async fn the_last_one_who_cannot_tells_the_team(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let token = app.mailbox("ana")[0].path_with("/acknowledge/").trim_start_matches("/acknowledge/").to_owned();
        transaction!(app.engine, |tx| incidents::pass_on_by_link(tx, &token, None).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("root"), ["[SEV2] INC-1 Nobody has this: Slow"]);
        assert_eq!(app.story(1).await.paging, Here::RanOut);
    }

    async fn a_page_says_what_happens_without_an_answer(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(5)).await;
        let (first, last) = (&app.mailbox("ana")[0].text, &app.mailbox("bo")[0].text);
        assert!(first.contains("If nobody acknowledges by 10:05, Bo is paged."), "{first}");
        assert!(last.contains("If nobody acknowledges by 10:15, the team is told that nobody has it"), "{last}");
        assert!(last.contains("Also paged: Ana") && last.contains("for 5 min"), "{last}");
        assert!(!first.contains("for 0"), "{first}");
    }

    async fn a_new_alert_on_an_acknowledged_incident_wakes_nobody_unless_it_is_worse(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        app.fires("checkout", "Slow", 3, "slow").await;
        app.settle().await;
        assert!(app.mail.all().is_empty());
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Slow"]);
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
    }

    async fn that_it_became_worse_waits_for_no_list(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        for number in 1..=7 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        app.mail.clear();
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Slow"]);
    }

    async fn a_step_whose_person_left_is_passed_over_and_the_team_is_told(app) {
        app.usual_cast().await;
        app.responder("eve").await;
        app.policy("checkout").step("eve", minutes(5)).step("bo", minutes(5)).make().await;
        let eve: PersonId = app.id("eve");
        transaction!(app.engine, |tx| sql("UPDATE people SET deactivated_at = $2 WHERE id = $1").bind(eve).bind(tx.now()).run(tx).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert!(app.subjects("bo").contains(&"[SEV2] INC-1 Slow".to_owned()));
        assert!(app.subjects("ana").contains(&"[Kintsugi] Nobody was on call on step 1 of the escalation policy for INC-1".to_owned()));
        assert!(app.story(1).await.timeline.iter().any(|entry| entry.event == Event::StepReachesNobody { step: 0 }));
    }

    async fn whom_nobody_has_woken_yet_comes_first(app) {
        app.many_services(11).await;
        for number in 0..10 {
            for key in 1..=5 {
                app.fires(&format!("service{number}"), "Broken", 2, &format!("key {key}")).await;
            }
        }
        app.fires("service10", "Broken too", 2, "late").await;
        app.settle().await;
        let mails = app.mail.all();
        assert_eq!(mails.len(), 51);
        let place = mails.iter().position(|mail| mail.subject.ends_with("Broken too")).unwrap();
        // Sixteen are under way at once, so those that were begun together arrive in any order.
        assert!(place < 11 + 16, "ten others have a first page, and it came as number {place}");
    }

    async fn a_page_that_the_mail_server_refuses_does_not_wait_for_its_delay(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        let story = app.story(1).await;
        assert_eq!(story.pages[0].page.outcome, PageOutcome::Refused);
        assert!(story.pages[0].page.server_words.as_deref().unwrap().contains("No such mailbox here"));
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(engine::notifications::outbox::not_sent(&mut tx).await.unwrap().len(), 1, "people can see it");
    }

    async fn a_mail_server_that_says_later_is_tried_again(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(2)).await;
        assert!(app.mailbox("ana").is_empty());
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(2)).await;
        assert_eq!(app.mailbox("ana").len(), 1);
    }

    async fn a_mail_server_that_refuses_our_log_in_is_tried_again(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::WantsLogIn);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(seconds(30)).await;
        assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Waiting);
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(1)).await;
        assert_eq!(app.mailbox("ana").len(), 1, "somebody put the password right");
    }

    async fn a_connection_dropped_after_the_mail_was_taken_sends_it_again_under_the_same_id(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::DropsAfterData);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(1)).await;
        let mails = app.mailbox("ana");
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].message_id, mails[1].message_id);
    }

    async fn a_service_without_a_policy_tells_its_team(app) {
        app.usual_cast().await;
        app.service("search", "payments").await;
        app.fires("search", "Empty results", 1, "empty").await;
        app.fires("search", "Empty results", 1, "empty").await;
        app.settle().await;
        assert_eq!(app.subjects("root"), ["[SEV1] INC-1 Nobody has this: Empty results"]);
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(incidents::nobody_has(&mut tx).await.unwrap().len(), 1);
    }

    async fn reopening_starts_the_policy_again(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        transaction!(app.by(ana).await, |tx| incidents::reopen(tx, 1, "It is not over", true).await?).unwrap();
        app.pass(minutes(5)).await;
        assert_eq!(app.subjects("ana").len(), 1);
        assert_eq!(app.subjects("bo").len(), 1);
    }

    async fn escalating_by_hand_pages_the_next_step_now(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::escalate(tx, 1).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        assert_eq!(app.story(1).await.incident.state, State::Triggered, "somebody must say that they have it");
    }

    async fn escalating_past_the_end_goes_round(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).step("bo", minutes(5)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = app.id("ana");
        for _ in 0..4 {
            app.clock.pass(minutes(6));
            transaction!(app.by(ana).await, |tx| incidents::escalate(tx, 1).await?).unwrap();
        }
        let paged: Vec<String> = app.story(1).await.pages.into_iter().map(|sent| sent.name).collect();
        assert_eq!(paged, ["Ana", "Bo", "Ana", "Bo", "Ana"]);
        app.pass(minutes(5)).await;
        assert_eq!(app.story(1).await.pages.len(), 6, "and goes on by itself to the end of the round");
    }

    async fn who_takes_command_has_it(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Scribe, ana).await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, bo).await?).unwrap();
        assert_eq!(app.story(1).await.incident.state, State::Triggered, "Bo has not said that he has it");
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, ana).await?).unwrap();
        app.pass(hours(1)).await;
        let story = app.story(1).await;
        assert_eq!(story.incident.state, State::Acknowledged);
        assert_eq!(story.has_it.map(|holder| holder.person_id), Some(ana));
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 You are Incident commander: Slow"], "nobody further is paged");
    }

    async fn what_fires_again_is_told_also_where_there_is_no_policy(app) {
        app.administrator("root").await;
        app.team("payments", &["root"]).await;
        app.service("checkout", "payments").await;
        transaction!(app.engine, |tx| sql("UPDATE services SET resolves_with_alerts = FALSE").run(tx).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("root"), ["[SEV2] INC-1 Nobody has this: Slow"]);
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.pass(hours(8)).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.mailbox("root").len(), 2);
    }

    async fn what_is_quiet_wakes_nobody_further_until_it_fires_again(app) {
        app.usual_cast().await;
        transaction!(app.engine, |tx| sql("UPDATE services SET resolves_with_alerts = FALSE").run(tx).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.pass(hours(1)).await;
        assert_eq!(app.mailbox("ana").len(), 1);
        assert!(app.mailbox("bo").is_empty(), "it waits for a person to say that it is over");
        assert_eq!(app.story(1).await.next(), Next::ResolveQuiet, "and its page says so");
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(5)).await;
        assert_eq!(app.mailbox("ana").len(), 2);
        assert_eq!(app.mailbox("bo").len(), 1);
    }

    async fn who_opens_an_incident_pages_whatever_its_severity(app) {
        app.usual_cast().await;
        let (ana, checkout) = (app.id("ana"), app.id("checkout"));
        let form = ByHand {
            title: "The lamp flickers".to_owned(),
            severity: domain::Severity::Sev5,
            services: vec![checkout],
            noticed_by: NoticedBy::Staff,
            impact_started_at: None,
        };
        transaction!(app.by(ana).await, |tx| incidents::open_by_hand(tx, &form).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV5] INC-1 The lamp flickers"]);
    }

    async fn a_line_end_in_a_title_adds_no_header(app) {
        app.usual_cast().await;
        app.post_json("checkout", r#"{"title":"Disk full\r\nBcc: victim@example.com\r\n\r\n<h1>hi</h1>","severity":"critical"}"#).await;
        app.settle().await;
        let mail = &app.mailbox("ana")[0];
        assert!(mail.subject.starts_with("[SEV1] INC-1 Disk full"));
        let head = mail.raw.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")));
        assert!(!mail.html.contains("<h1>hi</h1>"));
    }
}

#[tokio::test]
async fn without_a_mail_server_pages_are_kept_with_working_links() {
    let app = testing::TestApp::without_mail_server().await;
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.settle().await;
    assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Kept);
    let mut tx = app.engine.read().await.unwrap();
    let kept = engine::notifications::outbox::recent(&mut tx, Some(app.id("ana")), 10)
        .await
        .unwrap();
    drop(tx);
    let token = kept[0]
        .text_body
        .split("/acknowledge/")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token)
        .await?)
    .unwrap();
    assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
}
