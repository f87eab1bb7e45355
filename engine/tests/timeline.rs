//! What people write into a timeline: at its own time, with the next update due, changed, pinned, redacted.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono_tz::Tz;
use domain::fields::{self, Unfit};
use domain::ids::PersonId;
use domain::incidents::timeline::{Event, Show, Via, Wrote, as_it_happened};
use domain::incidents::{IncidentRole, LinkKind, NoticedBy, Relation, State};
use engine::error::Refusal;
use engine::incidents::{self, Draft, Past, Refused, Writing};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, refusal_of};

async fn firing(app: &TestApp) -> PersonId {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(30)).await;
    app.id("ana")
}

fn note<'a>(text: &'a str, at: &'a str) -> Draft<'a> {
    Draft {
        kind: Writing::Note,
        text,
        at,
        zone: Tz::Europe__Berlin,
        next_in: None,
    }
}

async fn seq_of(app: &TestApp, text: &str) -> i64 {
    let story = app.story(1).await;
    let mut entries = story.timeline.into_iter();
    entries
        .find(|entry| entry.event.written_text() == Some(text))
        .unwrap()
        .seq
}

async fn stored(app: &TestApp) -> String {
    let mut tx = app.engine.read().await.unwrap();
    let rows: Vec<(String,)> = engine::db::sql(
        "SELECT CAST(event AS TEXT) FROM timeline UNION ALL SELECT text FROM timeline_texts
         UNION ALL SELECT text_body FROM notifications UNION ALL SELECT COALESCE(CAST(became AS TEXT), '') FROM audit_log",
    )
    .all(&mut tx)
    .await
    .unwrap();
    rows.into_iter().map(|(row,)| row).collect()
}

both_databases! {
    async fn what_is_added_later_stands_where_it_happened(app) {
        let ana = firing(app).await;
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::write_draft(tx, 1, &note("The deploy began", "-20 min")).await?).unwrap();
        // 09:30 UTC is 10:30 in Berlin.
        transaction!(app.by(ana).await, |tx| incidents::write_draft(tx, 1, &note("Saw it first", "09:58")).await?).unwrap();
        let entries = as_it_happened(app.story(1).await.timeline);
        let place = |text: &str| entries.iter().position(|entry| entry.event.written_text() == Some(text)).unwrap();
        let acknowledged = entries.iter().position(|entry| matches!(entry.event, Event::Acknowledged { .. })).unwrap();
        assert!(place("Saw it first") == 0 && place("The deploy began") < acknowledged, "{entries:?}");
        assert!(entries[0].is_late());
        for (at, sentence) in [("soon", "Write when it happened as"), ("today 23:00", "still to come")] {
            let refused = transaction!(app.by(ana).await, |tx| incidents::write_draft(tx, 1, &note("x", at)).await?);
            let refusal: &Refused = refusal_of(&refused).unwrap();
            assert!(refusal.to_string().contains(sentence), "{refusal}");
        }
    }

    async fn the_latest_update_stands_on_top_and_whoever_speaks_is_reminded_once(app) {
        let ana = firing(app).await;
        let bo = app.id("bo");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::take_role(tx, 1, IncidentRole::Communications, bo).await?).unwrap();
        let update = |text: &'static str| Draft { kind: Writing::StatusUpdate, next_in: Some(minutes(30)), ..note(text, "") };
        transaction!(app.by(bo).await, |tx| incidents::write_draft(tx, 1, &update("We are looking")).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        let latest = app.story(1).await.latest_update.unwrap();
        assert_eq!(latest.entry.event.written_text(), Some("We are looking"));
        assert_eq!(latest.next_due_at, Some(app.engine.context.now() + minutes(30)));
        app.pass(minutes(90)).await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 The next status update is due: Slow"]);
        assert!(app.mailbox("ana").is_empty());
        transaction!(app.by(bo).await, |tx| incidents::write_draft(tx, 1, &update("Still looking")).await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        app.mail.clear();
        app.pass(minutes(90)).await;
        assert!(app.mailbox("bo").is_empty(), "it is over");
        assert_eq!(app.story(1).await.latest_update.unwrap().next_due_at, None);
    }

    async fn whoever_wrote_it_changes_it_and_its_history_stays(app) {
        firing(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::write(tx, 1, Writing::Decision, "Roll back").await?).unwrap();
        let seq = seq_of(app, "Roll back").await;
        let by_bo = transaction!(app.by(app.id("bo")).await, |tx| incidents::edit(tx, 1, seq, "Wait", None).await?);
        assert!(matches!(refusal_of(&by_bo), Some(Refused::NotTheWriter)), "{by_bo:?}");
        for (text, was) in [("Roll back to 41", "Roll back"), ("Roll back to 42", "Roll back to 41"), ("Roll back to 42", "Roll back")] {
            transaction!(app.by(app.id("ana")).await, |tx| incidents::edit(tx, 1, seq, text, Some(was)).await?).unwrap();
        }
        let stale = transaction!(app.by(app.id("ana")).await, |tx| incidents::edit(tx, 1, seq, "No", Some("Roll back")).await?);
        assert!(matches!(refusal_of(&stale), Some(Refused::EditedMeanwhile)));
        let story = app.story(1).await;
        let entry = story.timeline.iter().find(|entry| entry.seq == seq).unwrap();
        assert!(matches!(&entry.event, Event::Decision { text } if text == "Roll back to 42") && entry.edited_at.is_some());
        let mut tx = app.engine.read().await.unwrap();
        let before = incidents::texts_before(&mut tx, story.incident.id, seq).await.unwrap();
        assert_eq!(before.iter().map(|before| before.text.as_str()).collect::<Vec<_>>(), ["Roll back", "Roll back to 41"]);
        let edits = story.timeline.iter().filter(|entry| entry.event == Event::Edited { entry: seq }).count();
        assert_eq!(edits, 2);
        let not_written = transaction!(app.by(app.id("ana")).await, |tx| incidents::edit(tx, 1, 1, "x", None).await?);
        assert!(matches!(refusal_of(&not_written), Some(Refused::NotWritten)));
    }

    async fn what_is_redacted_is_nowhere_any_more_and_the_timeline_says_so(app) {
        firing(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::write(tx, 1, Writing::StatusUpdate, "hunter2").await?).unwrap();
        let seq = seq_of(app, "hunter2").await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::edit(tx, 1, seq, "the password is hunter2!", None).await?).unwrap();
        assert!(stored(app).await.contains("hunter2"));
        let by_bo = transaction!(app.by(app.id("bo")).await, |tx| incidents::redact(tx, 1, seq, "A password").await?);
        assert!(matches!(refusal_of(&by_bo), Some(Refused::MayNotRedact)));
        let without = transaction!(app.by(app.id("root")).await, |tx| incidents::redact(tx, 1, seq, " ").await?);
        assert_eq!(refusal_of(&without), Some(&Unfit::Missing(fields::WHY_REDACTED)));
        for _ in 0..2 {
            transaction!(app.by(app.id("root")).await, |tx| incidents::redact(tx, 1, seq, "A password").await?).unwrap();
        }
        assert!(!stored(app).await.contains("hunter2"));
        let story = app.story(1).await;
        assert!(story.latest_update.is_none());
        let entry = story.timeline.iter().find(|entry| entry.seq == seq).unwrap();
        assert_eq!(entry.event, Event::TextRedacted { what: Wrote::StatusUpdate, why: "A password".to_owned(), by: "Root".to_owned() });
        let told = story.timeline.iter().filter(|entry| matches!(entry.event, Event::Redacted { .. })).count();
        assert_eq!((told, app.count("SELECT COUNT(*) FROM audit_log WHERE change = 'redacted'").await), (1, 1));
        let edited = transaction!(app.by(app.id("ana")).await, |tx| incidents::edit(tx, 1, seq, "again", None).await?);
        assert!(matches!(refusal_of(&edited), Some(Refused::NotWritten)));
    }

    async fn the_timeline_is_shown_in_parts(app) {
        firing(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::write(tx, 1, Writing::Decision, "Roll back").await?;
            incidents::write(tx, 1, Writing::Note, "Seen").await?;
        }).unwrap();
        let seq = seq_of(app, "Seen").await;
        for pinned in [true, true, false, true] {
            transaction!(app.by(app.id("bo")).await, |tx| incidents::pin(tx, 1, seq, pinned).await?).unwrap();
        }
        let mut tx = app.engine.read().await.unwrap();
        for show in Show::ALL {
            let story = incidents::read_shown(&mut tx, 1, *show).await.unwrap();
            let is = |wanted: fn(&Event) -> bool| story.timeline.iter().filter(|entry| wanted(&entry.event)).count();
            let (decisions, notes) = (is(|event| matches!(event, Event::Decision { .. })), is(|event| matches!(event, Event::Note { .. })));
            let pages = is(|event| matches!(event, Event::Paged { .. }));
            let alerts = is(|event| matches!(event, Event::AlertAdded { .. }));
            let expected = match show {
                Show::All => (1, 1, 2, 1),
                Show::People => (1, 1, 0, 0),
                Show::Alerts => (0, 0, 0, 1),
                Show::Pages => (0, 0, 2, 0),
                Show::Decisions => (1, 0, 0, 0),
                Show::Pinned => (0, 1, 0, 0),
            };
            assert_eq!((decisions, notes, pages, alerts), expected, "{show}");
        }
        let pins = app.count("SELECT COUNT(*) FROM timeline WHERE CAST(event AS TEXT) LIKE '%pinned%'").await;
        assert_eq!(pins, 3);
    }

    async fn one_that_is_over_is_entered_with_its_times_and_pages_nobody(app) {
        app.usual_cast().await;
        let (ana, checkout) = (app.id("ana"), app.id("checkout"));
        let now = app.engine.context.now();
        let past = Past {
            title: "Slow all morning".to_owned(),
            severity: domain::Severity::Sev2,
            services: vec![checkout],
            noticed_by: NoticedBy::Customer,
            began_at: Some(now - minutes(120)),
            mitigated_at: None,
            resolved_at: Some(now - minutes(30)),
        };
        let incident = transaction!(app.by(ana).await, |tx| incidents::enter_past(tx, &past).await?).unwrap();
        app.pass(minutes(30)).await;
        assert!(app.mail.all().is_empty());
        let story = app.story(incident.number).await;
        assert_eq!((story.incident.state, story.incident.seconds_to_resolve), (State::Resolved, Some(90 * 60)));
        assert!(story.pages.is_empty() && matches!(story.timeline.last().unwrap().event, Event::EnteredAfterwards));
        for (wrong, field) in [
            (Past { began_at: None, ..past.clone() }, "at"),
            (Past { resolved_at: None, ..past.clone() }, "resolved_at"),
            (Past { resolved_at: Some(now - minutes(180)), ..past.clone() }, "at"),
            (Past { resolved_at: Some(now + minutes(180)), ..past.clone() }, "at"),
        ] {
            let refused = transaction!(app.by(ana).await, |tx| incidents::enter_past(tx, &wrong).await?);
            let refusal: &Refused = refusal_of(&refused).unwrap();
            assert_eq!(refusal.field(), Some(field), "{refusal}");
        }
    }

    async fn a_duplicate_that_fires_ends_the_quiet_of_the_other(app) {
        firing(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, ana).await?).unwrap();
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        assert!(app.story(1).await.incident.alerts_quiet);
        app.fires("checkout", "Payments fail", 2, "payments").await;
        transaction!(app.by(ana).await, |tx| incidents::mark_duplicate(tx, 2, 1).await?).unwrap();
        assert!(!app.story(1).await.incident.alerts_quiet, "one of them fires");
        app.tell("checkout", "Payments fail", 2, "payments", "resolved").await;
        assert!(app.story(1).await.incident.alerts_quiet);
    }

    async fn incidents_are_linked_in_both_timelines_and_a_duplicate_joins_the_other(app) {
        firing(app).await;
        app.fires("checkout", "Payments fail", 1, "payments").await;
        app.settle().await;
        let (first, second) = (app.story(1).await, app.story(2).await);
        let token = app.mailbox("ana").iter().find(|mail| mail.subject.contains("INC-2")).unwrap().path_with("/acknowledge/");
        let token = token.trim_start_matches("/acknowledge/").to_owned();
        for _ in 0..2 {
            transaction!(app.by(app.id("bo")).await, |tx| incidents::link(tx, 2, 1, LinkKind::CausedBy).await?).unwrap();
        }
        let relation = |story: &incidents::Story| story.linked.iter().map(|linked| (linked.relation, linked.number)).collect::<Vec<_>>();
        assert_eq!(relation(&app.story(1).await), [(Relation::Caused, 2)]);
        assert_eq!(relation(&app.story(2).await), [(Relation::CausedBy, 1)]);
        transaction!(app.by(app.id("bo")).await, |tx| incidents::unlink(tx, 1, 2, Relation::Caused).await?).unwrap();
        assert!(relation(&app.story(2).await).is_empty());
        let itself = transaction!(app.by(app.id("bo")).await, |tx| incidents::mark_duplicate(tx, 2, 2).await?);
        assert!(matches!(refusal_of(&itself), Some(Refused::LinkedToItself)));
        for _ in 0..2 {
            transaction!(app.by(app.id("bo")).await, |tx| incidents::mark_duplicate(tx, 2, 1).await?).unwrap();
        }
        let (one, two) = (app.story(1).await, app.story(2).await);
        assert_eq!((two.incident.state, two.alert_count.all_of_them, two.pages.len()), (State::Resolved, 0, 0));
        assert_eq!(one.alert_count.not_over, 2);
        assert_eq!(one.pages.len(), first.pages.len() + second.pages.len() + 1, "those of both, and one that it became worse");
        assert_eq!(one.incident.severity, domain::Severity::Sev1, "as bad as the worse of the two");
        assert!(one.timeline.iter().any(|entry| matches!(entry.event, Event::TookOver { number: 2, alerts: 1, .. })));
        // What its source tells of it comes to the other, and so does the link in its page.
        app.tell("checkout", "Payments fail", 1, "payments", "resolved").await;
        assert_eq!(app.story(1).await.alert_count.not_over, 1);
        transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.fires("checkout", "Third", 2, "third").await;
        let late = transaction!(app.by(app.id("bo")).await, |tx| incidents::mark_duplicate(tx, 3, 1).await?);
        assert!(matches!(refusal_of(&late), Some(Refused::OtherIsResolved(1))), "{late:?}");
    }
}
