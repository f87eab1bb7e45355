//! The list of incidents: what is searched for is found, and each stands on one page.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::Severity;
use domain::incidents::State;
use engine::incidents::{self, Filter, Place};
use engine::transaction;
use testing::{TestApp, both_databases};

async fn listed(app: &TestApp, filter: Filter) -> Vec<i64> {
    let mut tx = app.engine.read().await.unwrap();
    incidents::list(&mut tx, &filter)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.incident.number)
        .collect()
}

/// All pages of the list, one after the other, as a reader goes through them.
async fn paged(app: &TestApp, mut filter: Filter) -> Vec<i64> {
    let most = incidents::PAGE;
    let mut all = Vec::new();
    loop {
        let mut tx = app.engine.read().await.unwrap();
        let rows = incidents::list(&mut tx, &filter).await.unwrap();
        all.extend(rows.iter().take(most).map(|row| row.incident.number));
        if rows.len() <= most {
            return all;
        }
        filter.after = Some(Place::of(&rows[most - 1].incident));
    }
}

fn words(words: &str) -> Filter {
    Filter {
        words: words.to_owned(),
        ..Filter::default()
    }
}

both_databases! {
    async fn the_list_finds_words_of_title_number_service_and_labels(app) {
        app.usual_cast().await;
        app.service("Search index", "payments").await;
        app.post_json("checkout", r#"{"title":"Error rate above 5 %","severity":"warning","dedup_key":"a","details":{"instance":"db-3:9100","region":"Zürich"}}"#).await;
        app.fires("Search index", "Empty results", 2, "b").await;
        app.tell("Search index", "Empty results", 2, "b", "resolved").await;
        assert_eq!(listed(app, words("error RATE")).await, [1]);
        assert_eq!(listed(app, words("INC-2")).await, [2]);
        assert_eq!(listed(app, words("db-3")).await, [1]);
        assert_eq!(listed(app, words("züri")).await, [1], "a beginning is enough");
        assert_eq!(listed(app, words("search")).await, [2]);
        assert_eq!(listed(app, words("nothing like it")).await, Vec::<i64>::new());
        assert_eq!(listed(app, words("' OR 1=1 --")).await, Vec::<i64>::new());
        assert_eq!(listed(app, Filter::default()).await, [1, 2], "open first");
        assert_eq!(listed(app, Filter { open_only: true, ..Filter::default() }).await, [1]);
        assert_eq!(listed(app, Filter { severity: Some(Severity::Sev2), ..Filter::default() }).await, [2]);
        assert_eq!(listed(app, Filter { service: Some("checkout".to_owned()), ..Filter::default() }).await, [1]);
        assert_eq!(listed(app, Filter { team: Some("nobody".to_owned()), ..Filter::default() }).await, Vec::<i64>::new());
        assert_eq!(listed(app, Filter { state: Some(State::Resolved), ..Filter::default() }).await, [2]);
    }

    async fn a_search_finds_words_however_they_are_written(app) {
        app.usual_cast().await;
        app.service("Search index", "payments").await;
        app.post_json("checkout", r#"{"title":"Müller AG: データベース障害","severity":"SEV3","dedup_key":"a","details":{"env":"prod"}}"#).await;
        app.fires("Search index", "Slow", 3, "b").await;
        for asked in ["env=prod", "prod", "muller", "MÜLLER", "ベース", "障害", "害", "データベース", "checkout muller"] {
            assert_eq!(listed(app, words(asked)).await, [1], "{asked}");
        }
        for asked in ["search", "search index slow", "inde"] {
            assert_eq!(listed(app, words(asked)).await, [2], "{asked}");
        }
        let service: domain::ids::ServiceId = app.id("Search index");
        let draft = engine::teams::services::Draft::named("Lookup");
        transaction!(app.engine, |tx| engine::teams::services::change(tx, service, &draft).await?).unwrap();
        assert_eq!(listed(app, words("lookup")).await, [2]);
        assert_eq!(listed(app, words("lookup slow")).await, [2]);
        assert_eq!(listed(app, words("index")).await, Vec::<i64>::new(), "its name of before is nobody's");
    }

    async fn each_incident_is_on_one_page_of_the_list(app) {
        app.usual_cast().await;
        for number in 1..=130 {
            let (title, key) = (format!("Disk {number} is full"), format!("disk {number}"));
            app.fires("checkout", &title, 3, &key).await;
            // Old and new ones are over, and some that are open stand between them.
            if number % 3 > 0 {
                app.tell("checkout", &title, 3, &key, "resolved").await;
            }
        }
        for asked in [Filter::default(), words("disk"), Filter { open_only: true, ..words("disk") }, Filter { state: Some(State::Resolved), ..Filter::default() }] {
            let expected: Vec<i64> = match (asked.open_only, asked.state) {
                (true, _) => (1..=130).rev().filter(|number| number % 3 == 0).collect(),
                (_, Some(_)) => (1..=130).rev().filter(|number| number % 3 > 0).collect(),
                _ => {
                    let (open, over): (Vec<i64>, Vec<i64>) = (1..=130).rev().partition(|number| number % 3 == 0);
                    [open, over].concat()
                }
            };
            assert_eq!(paged(app, asked).await, expected);
        }
        // Two are meant by their number alone, and stand first, once.
        let said = paged(app, words("INC-7")).await;
        assert_eq!(said[0], 7);
        assert_eq!(said.iter().filter(|number| **number == 7).count(), 1);
    }

    async fn a_search_is_narrowed_before_it_is_cut(app) {
        app.usual_cast().await;
        app.fires("checkout", "Disk of the database", 1, "first").await;
        for number in 0..520 {
            let (title, key) = (format!("Disk {number} is full"), format!("disk {number}"));
            app.fires("checkout", &title, 4, &key).await;
        }
        assert_eq!(listed(app, Filter { severity: Some(Severity::Sev1), ..words("disk") }).await, [1]);
        let mut tx = app.engine.read().await.unwrap();
        let worst = incidents::worst_open(&mut tx, 3).await.unwrap();
        assert_eq!(worst.iter().map(|row| row.incident.number).collect::<Vec<_>>(), [1, 521, 520], "the worst, then the newest");
    }
}
