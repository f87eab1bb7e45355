//! From a resolved incident to a published postmortem, and people who write at once.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::fields::{self, Unfit};
use domain::incidents::timeline::Event;
use domain::postmortems::{PostmortemState, TEMPLATE};
use engine::db::{Db, tables};
use engine::incidents::Writing;
use engine::postmortems::{self, Document, Refused, Saved};
use engine::{Error, incidents, transaction};
use testing::{TestApp, both_databases, minutes, refusal_of};

async fn resolved(app: &TestApp) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(3)).await;
    app.tell("checkout", "Slow", 2, "slow", "resolved").await;
}

async fn read(app: &TestApp) -> Document {
    let mut tx = app.engine.read().await.unwrap();
    postmortems::read(&mut tx, 1).await.unwrap()
}

fn text_of(document: &Document, name: &str) -> (String, i64) {
    let found = document
        .sections
        .iter()
        .find(|section| section.name == name)
        .unwrap();
    (found.body.clone(), found.revision)
}

both_databases! {
    async fn one_click_makes_it_and_a_second_one_finds_it(app) {
        resolved(app).await;
        let ana = app.id("ana");
        for _ in 0..2 {
            transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        }
        let document = read(app).await;
        assert_eq!(document.sections.len(), TEMPLATE.len());
        assert_eq!(text_of(&document, "summary").0, "On 2 March 2026 checkout was affected for 3 min (SEV2). An alert showed it first.");
        let started = document.story.timeline.iter().filter(|entry| entry.event == Event::PostmortemStarted).count();
        assert_eq!(started, 1);
    }

    async fn its_sections_are_copied_from_the_template_and_there_are_no_others(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        let document = read(app).await;
        for (section, of) in document.sections.iter().zip(TEMPLATE) {
            let copied = (section.name.as_str(), section.kind, section.title.as_str(), section.prompt.as_str());
            assert_eq!(copied, (of.name, of.kind, of.title, of.prompt));
        }
        for name in ["poem", "", "summary\0"] {
            let saved = transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, name, 0, "Roses").await?);
            assert!(matches!(saved, Err(Error::NotFound("section"))), "{saved:?}");
        }
        assert_eq!(document.written(), (1, TEMPLATE.len()));
        let mut tx = app.engine.read().await.unwrap();
        let listed = postmortems::list(&mut tx, None).await.unwrap();
        assert_eq!((listed[0].written, listed[0].sections), (1, 9));
    }

    async fn an_open_incident_has_none_yet(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = app.id("ana");
        let refused = transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?);
        assert!(matches!(refusal_of(&refused), Some(Refused::StillOpen(1))));
    }

    async fn what_was_typed_is_saved_as_typed(app) {
        resolved(app).await;
        let ana = app.id("ana");
        let typed = "  # Über\n\n<script>alert(1)</script> *x*  \n";
        transaction!(app.by(ana).await, |tx| {
            postmortems::start(tx, 1).await?;
            postmortems::save_section(tx, 1, "learned", 0, typed).await?;
        }).unwrap();
        assert_eq!(text_of(&read(app).await, "learned"), (typed.to_owned(), 1));
    }

    async fn the_second_of_two_saves_is_kept_beside_the_first(app) {
        resolved(app).await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        let first = transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, "impact", 0, "One in fifteen").await?).unwrap();
        let second = transaction!(app.by(bo).await, |tx| postmortems::save_section(tx, 1, "impact", 0, "About 7 %").await?).unwrap();
        assert_eq!(first, Saved::Now { revision: 1 });
        assert!(matches!(second, Saved::Beside { .. }));
        let document = read(app).await;
        assert_eq!(text_of(&document, "impact").0, "One in fifteen");
        assert_eq!(document.waiting.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["About 7 %"]);
        app.clock.pass(minutes(1));
        transaction!(app.by(bo).await, |tx| postmortems::save_section(tx, 1, "impact", 1, "One in fifteen, about 7 %").await?).unwrap();
        assert!(read(app).await.waiting.is_empty(), "brought together by its writer");
    }

    async fn saving_over_anothers_text_keeps_it_waiting_until_somebody_puts_it_away(app) {
        resolved(app).await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, "impact", 0, "One in fifteen").await?).unwrap();
        let beside = transaction!(app.by(bo).await, |tx| postmortems::save_section(tx, 1, "impact", 0, "About 7 %").await?).unwrap();
        let Saved::Beside { kept } = beside else { panic!("{beside:?}") };
        app.clock.pass(minutes(1));
        // Bo presses the button once more, on the page that shows both.
        transaction!(app.by(bo).await, |tx| postmortems::save_over(tx, 1, "impact", (1, kept), "About 7 %").await?).unwrap();
        let document = read(app).await;
        assert_eq!(text_of(&document, "impact").0, "About 7 %");
        assert_eq!(document.waiting.iter().map(|text| (text.body.as_str(), text.author.as_deref())).collect::<Vec<_>>(), [("One in fifteen", Some("Ana"))]);
        // Ana's later saves, of this section and of others, do not put it away.
        app.clock.pass(minutes(1));
        transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, "impact", 2, "About 7 %, in Lisbon").await?).unwrap();
        let waiting = read(app).await.waiting;
        assert_eq!(waiting.len(), 1);
        transaction!(app.engine, |tx| postmortems::put_away(tx, 1, waiting[0].id).await?).unwrap();
        let document = read(app).await;
        assert_eq!((document.waiting.len(), document.put_away.iter().any(|text| text.body == "One in fifteen")), (0, true));
        transaction!(app.engine, |tx| postmortems::bring_back(tx, 1, waiting[0].id).await?).unwrap();
        assert_eq!(read(app).await.waiting.len(), 1);
    }

    async fn a_text_of_blanks_is_none(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| {
            postmortems::start(tx, 1).await?;
            postmortems::save_section(tx, 1, "summary", 0, " \u{a0}\n\t ").await?;
        })
        .unwrap();
        let refused = transaction!(app.by(ana).await, |tx| postmortems::change_state(tx, 1, PostmortemState::InReview).await?);
        assert!(matches!(refusal_of(&refused), Some(Refused::NoSummary)), "{refused:?}");
        assert!(!read(app).await.is_written(&read(app).await.sections[0]));
    }

    async fn a_factor_is_one_in_whatever_case_it_is_named(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        for name in ["Überlast", "überlast", "ÜBERLAST", "Überlast "] {
            transaction!(app.engine, |tx| postmortems::name_factor(tx, 1, name, "words").await?).unwrap();
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM factors").await, 1);
        assert_eq!(read(app).await.factors.len(), 1);
        for name in ["ΟΔΟΣ", "οδος", "οδοσ", "nul\0", "nul\0"] {
            transaction!(app.engine, |tx| postmortems::name_factor(tx, 1, name, "words").await?).unwrap();
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM factors").await, 3);
    }

    async fn of_a_long_log_the_document_has_both_ends_and_what_people_did(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        for part in 0..13 {
            transaction!(app.by(ana).await, |tx| for number in 0..400 {
                let (kind, text) = match (part, number) {
                    (6, 200) => (Writing::Decision, "Roll back"),
                    _ => (Writing::Note, "Seen"),
                };
                incidents::write(tx, 1, kind, text).await?;
            })
            .unwrap();
        }
        transaction!(app.engine, |tx| {
            // As if machines had told all but the decision.
            engine::db::sql("UPDATE timeline SET actor_id = NULL WHERE seq > 10 AND seq < 5200 AND CAST(event AS TEXT) NOT LIKE '%Roll back%'")
                .run(tx)
                .await?
        })
        .unwrap();
        let story = read(app).await.story;
        let has = |seq: i64| story.timeline.iter().any(|entry| entry.seq == seq);
        assert!(has(1) && has(story.incident.seq), "both ends");
        assert!(story.timeline.iter().any(|entry| matches!(&entry.event, Event::Decision { .. })), "what people decided");
        assert!(i64::try_from(story.timeline.len()).unwrap() < story.incident.seq);
        assert!(story.timeline.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    }

    async fn the_list_leads_through_all_of_them(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        for number in 1..=130 {
            let key = format!("key {number}");
            app.fires("checkout", &key, 4, &key).await;
            transaction!(app.by(ana).await, |tx| {
                incidents::resolve(tx, number).await?;
                postmortems::start(tx, number).await?;
            })
            .unwrap();
        }
        let (mut after, mut all) = (None, Vec::new());
        loop {
            let mut tx = app.engine.read().await.unwrap();
            let mut rows = postmortems::list(&mut tx, after).await.unwrap();
            let more = rows.len() > usize::try_from(postmortems::PAGE).unwrap();
            rows.truncate(usize::try_from(postmortems::PAGE).unwrap());
            all.extend(rows.iter().map(|row| row.number));
            if !more {
                break;
            }
            after = all.last().copied();
        }
        assert_eq!(all, (1..=130).rev().collect::<Vec<_>>());
    }

    async fn fifty_saves_at_once_lose_no_text(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        let ana = &app.by(ana).await;
        let saves = (0..50).map(|number| async move {
            let text = format!("text {number}");
            transaction!(ana, |tx| postmortems::save_section(tx, 1, "impact", 0, &text).await?).unwrap()
        });
        let saved = futures::future::join_all(saves).await;
        assert_eq!(saved.iter().filter(|saved| matches!(saved, Saved::Now { .. })).count(), 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM postmortem_revisions").await, 50);
    }

    async fn it_goes_from_draft_to_review_to_published(app) {
        resolved(app).await;
        let ana = app.id("ana");
        let to = async |state| transaction!(app.by(ana).await, |tx| postmortems::change_state(tx, 1, state).await?);
        transaction!(app.by(ana).await, |tx| postmortems::start(tx, 1).await?).unwrap();
        assert!(matches!(refusal_of(&to(PostmortemState::Published).await), Some(Refused::NoSuchStep { .. })));
        transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, "summary", 0, "").await?).unwrap();
        assert!(matches!(refusal_of(&to(PostmortemState::InReview).await), Some(Refused::NoSummary)));
        transaction!(app.by(ana).await, |tx| postmortems::save_section(tx, 1, "summary", 1, "A pool half the size").await?).unwrap();
        to(PostmortemState::InReview).await.unwrap();
        to(PostmortemState::Published).await.unwrap();
        to(PostmortemState::Published).await.unwrap();
        let document = read(app).await;
        assert!(document.postmortem.published_at.is_some());
        let published = document.story.timeline.iter().filter(|entry| entry.event == Event::PostmortemPublished).count();
        assert_eq!(published, 1);
    }

    async fn a_factor_that_is_named_again_without_words_keeps_those_that_it_has(app) {
        resolved(app).await;
        let bo = app.by(app.id("bo")).await;
        transaction!(bo, |tx| {
            postmortems::start(tx, 1).await?;
            postmortems::name_factor(tx, 1, "No limit", "It took all hosts.").await?;
            postmortems::name_factor(tx, 1, "no limit", "").await?;
        }).unwrap();
        let [named] = &read(app).await.factors[..] else { panic!() };
        assert_eq!(named.words, "It took all hosts.");
        transaction!(bo, |tx| {
            postmortems::remove_factor(tx, 1, named.id).await?;
            postmortems::name_factor(tx, 1, "No limit", "").await?;
        }).unwrap();
        assert_eq!(read(app).await.factors[0].words, "It took all hosts.", "it is as it was");
    }

    async fn factors_come_from_a_list_that_grows(app) {
        resolved(app).await;
        let ana = app.id("ana");
        app.fires("checkout", "Again", 2, "again").await;
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 2).await?;
            postmortems::start(tx, 1).await?;
            postmortems::start(tx, 2).await?;
            postmortems::name_factor(tx, 1, "No limit on a destructive tool", "It took all hosts.").await?;
            postmortems::name_factor(tx, 2, "no limit on a DESTRUCTIVE tool", "").await?;
            postmortems::name_factor(tx, 2, "Untested restore", "").await?;
        }).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let known: Vec<_> = postmortems::known_factors(&mut tx).await.unwrap().into_iter().map(|factor| factor.name).collect();
        assert_eq!(known, ["No limit on a destructive tool", "Untested restore"]);
        drop(tx);
        let nameless = transaction!(app.engine, |tx| postmortems::name_factor(tx, 1, "  ", "").await?);
        assert_eq!(refusal_of(&nameless), Some(&Unfit::Missing(fields::FACTOR)));
    }
}

/// A document as the program left it that had its sections' titles in itself.
async fn with_a_document_of_before(db: &Db) {
    match db {
        Db::Sqlite { writer, .. } => tables::SQLITE.run_to(209, writer).await.unwrap(),
        Db::Postgres(pool) => tables::POSTGRES.run_to(209, pool).await.unwrap(),
    }
    let id = |number: u8| match db {
        Db::Sqlite { .. } => format!("x'{number:032x}'"),
        Db::Postgres(_) => format!("'{number:032x}'"),
    };
    let (team, incident, document) = (id(1), id(2), id(3));
    let at = "'2026-03-02T09:00:00.000000Z'";
    for text in [
        format!("INSERT INTO teams (id, name, slug, created_at) VALUES ({team}, 'Payments', 'payments', {at})"),
        format!(
            "INSERT INTO incidents (id, number, title, severity, state, team_id, noticed_by, seq, alerts_quiet, opened_at)
             VALUES ({incident}, 1, 'Slow', 2, 'resolved', {team}, 'alert', 0, FALSE, {at})"
        ),
        format!(
            "INSERT INTO postmortems (id, incident_id, title, state, created_at) VALUES ({document}, {incident}, 'Slow', 'draft', {at})"
        ),
        format!(
            "INSERT INTO postmortem_sections (postmortem_id, section, body, revision, updated_at)
             VALUES ({document}, 'action_items', '', 0, {at}), ({document}, 'summary', 'It was slow.', 3, {at}),
                ({document}, 'got_lucky', '', 0, {at})"
        ),
    ] {
        db.run_outside_transactions(&text).await.unwrap();
    }
}

type Row = (String, String, String, String, i64);

async fn rows_of(db: &Db) -> Vec<Row> {
    let text = "SELECT name, kind, title, body, revision FROM postmortem_sections ORDER BY position";
    match db {
        Db::Sqlite { readers, .. } => sqlx::query_as(text).fetch_all(readers).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_as(text).fetch_all(pool).await.unwrap(),
    }
}

async fn is_brought_up_to_date(address: &str) {
    let db = Db::connect(address).await.unwrap();
    with_a_document_of_before(&db).await;
    db.migrate().await.unwrap();
    let row = |name: &str, kind: &str, title: &str, body: &str, revision| -> Row {
        (
            name.to_owned(),
            kind.to_owned(),
            title.to_owned(),
            body.to_owned(),
            revision,
        )
    };
    let expected = [
        row("summary", "summary", "Summary", "It was slow.", 3),
        row("got_lucky", "text", "Where we got lucky", "", 0),
        row("action_items", "action_items", "Action items", "", 0),
    ];
    assert_eq!(rows_of(&db).await, expected);
    db.close().await;
}

#[tokio::test]
async fn documents_of_before_keep_their_texts_and_get_their_titles() {
    let folder = tempfile::tempdir().unwrap();
    is_brought_up_to_date(&format!(
        "sqlite://{}",
        folder.path().join("kintsugi.db").display()
    ))
    .await;
    if let Some(server) = testing::NewPostgres::create().await {
        is_brought_up_to_date(&server.address).await;
        server.drop().await;
    }
}
