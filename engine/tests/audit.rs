//! Who acts, what they may, and that each change of a setting is told.

#![allow(clippy::unwrap_used)]

use domain::audit::{Change, SubjectKind, differences};
use domain::ids::{PersonId, ServiceId, TeamId};
use domain::people::Role;
use domain::teams::IntegrationKind;
use engine::audit::{Entry, Filter, list};
use engine::error::NotAllowed;
use engine::people::changes;
use engine::teams::{integrations, members};
use engine::{
    Acting, Actor, Error, action_items, incidents, oncall, people, postmortems, teams, transaction,
};
use std::net::IpAddr;
use testing::{TestApp, both_databases, seconds};

const ADDRESS: &str = "203.0.113.7";

async fn person(app: &TestApp, name: &str) -> domain::people::Person {
    let mut tx = app.engine.read().await.unwrap();
    people::find(&mut tx, app.id(name)).await.unwrap()
}

/// The engine in the hands of somebody who is logged in.
async fn by(app: &TestApp, name: &str) -> Acting {
    app.engine.by(Actor::Person {
        person: person(app, name).await,
        address: Some(ADDRESS.parse::<IpAddr>().unwrap()),
    })
}

async fn told(app: &TestApp, filter: &Filter) -> Vec<Entry> {
    let mut tx = app.engine.read().await.unwrap();
    list(&mut tx, filter, 100).await.unwrap()
}

/// The newest entry, in words: what was changed, and the parts that differ.
async fn last(app: &TestApp) -> (String, Vec<String>) {
    let entry = told(app, &Filter::default()).await.remove(0);
    let parts = differences(&entry.was.0, &entry.became.0);
    let parts = parts.into_iter().map(|part| {
        let (was, became) = (part.was.unwrap_or_default(), part.became.unwrap_or_default());
        format!("{}: {was} -> {became}", part.part)
    });
    (
        format!("{} {} {}", entry.subject, entry.name, entry.change),
        parts.collect(),
    )
}

both_databases! {
    async fn each_change_of_a_setting_is_told_with_who_and_from_where(app) {
        app.usual_cast().await;
        let root = by(app, "root").await;
        let (ana, team): (PersonId, TeamId) = (app.id("ana"), app.id("payments"));
        transaction!(root, |tx| teams::rename(tx, team, "Money").await?).unwrap();
        let (what, parts) = last(app).await;
        assert_eq!((what.as_str(), parts.as_slice()), ("team Money changed", &["name: payments -> Money".to_owned()][..]));
        let entry = told(app, &Filter::default()).await.remove(0);
        assert_eq!((entry.person_id, entry.address.as_deref()), (Some(app.id("root")), Some(ADDRESS)));

        app.clock.pass(seconds(1));
        transaction!(root, |tx| members::remove(tx, team, ana).await?).unwrap();
        let (what, parts) = last(app).await;
        assert!(what == "team Money changed" && parts[0].starts_with("members: ") && parts[0].contains("Ana, Bo -> Bo"), "{what} {parts:?}");

        let as_observer = changes::Change { name: "olga".into(), email: "olga@example.test".into(), role: Role::Responder, time_zone: "UTC".into() };
        app.someone("olga", Role::Observer).await;
        app.clock.pass(seconds(1));
        transaction!(root, |tx| changes::change(tx, app.id("olga"), &as_observer).await?).unwrap();
        assert!(last(app).await.1.contains(&"role: observer -> responder".to_owned()), "{:?}", last(app).await);

        // What stayed as it was is no change, and what was refused is none either.
        let count = told(app, &Filter::default()).await.len();
        transaction!(root, |tx| teams::rename(tx, team, "Money").await?).unwrap();
        let refused = transaction!(root, |tx| teams::rename(tx, team, " ").await?);
        assert!(refused.is_err());
        assert_eq!(told(app, &Filter::default()).await.len(), count);
        // Nor is what was taken back.
        let mut tx = root.begin().await.unwrap();
        teams::rename(&mut tx, team, "Gold").await.unwrap();
        drop(tx);
        assert_eq!(told(app, &Filter::default()).await.len(), count);
    }

    async fn no_secret_is_told(app) {
        app.usual_cast().await;
        let root = by(app, "root").await;
        let service: ServiceId = app.id("checkout");
        let (made, first) = transaction!(root, |tx| integrations::create(tx, service, IntegrationKind::Json, "Door").await?).unwrap();
        app.clock.pass(seconds(1));
        let second = transaction!(root, |tx| integrations::replace(tx, made.id).await?).unwrap();
        assert_eq!(last(app).await.0, "integration Door, checkout secret_replaced");
        app.clock.pass(seconds(1));
        transaction!(root, |tx| integrations::revoke(tx, made.id).await?).unwrap();
        assert_eq!(last(app).await.1, ["revoked: no -> yes"]);
        for entry in told(app, &Filter::default()).await {
            let text = format!("{} {}", entry.was.0, entry.became.0);
            assert!(!text.contains(first.reveal()) && !text.contains(second.reveal()), "{text}");
        }
    }

    async fn the_log_is_narrowed_and_read_page_by_page(app) {
        app.usual_cast().await;
        let root = by(app, "root").await;
        let team: TeamId = app.id("payments");
        let before = told(app, &Filter::default()).await.len();
        for name in ["One", "Two", "Three"] {
            app.clock.pass(seconds(1));
            transaction!(root, |tx| teams::rename(tx, team, name).await?).unwrap();
        }
        let all = told(app, &Filter::default()).await;
        assert_eq!(all.len(), before + 3);
        let mine = Filter { person: Some(app.id("root")), ..Filter::default() };
        assert_eq!(told(app, &mine).await.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["Three", "Two", "One"]);
        let none = Filter { subject: Some(SubjectKind::Policy), ..mine.clone() };
        assert!(told(app, &none).await.is_empty());
        let older = Filter { before: Some(all[0].id), change: Some(Change::Changed), ..mine };
        assert_eq!(told(app, &older).await.len(), 2);
    }

    async fn what_somebody_may_not_do_no_action_does_for_them(app) {
        app.usual_cast().await;
        app.someone("olga", Role::Observer).await;
        app.responder("rita").await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let (olga, rita) = (by(app, "olga").await, by(app, "rita").await);
        let stranger = app.engine.by(Actor::Visitor { address: None });
        let team: TeamId = app.id("payments");
        let count = told(app, &Filter::default()).await.len();
        let refusal = |refused: engine::Result<()>| match refused {
            Err(Error::NotAllowed(why)) => Some(why),
            _ => None,
        };
        for (who, incident, settings) in [
            (&olga, Some(NotAllowed::ObserversRead), NotAllowed::ObserversRead),
            (&rita, None, NotAllowed::TeamOnly),
            (&stranger, Some(NotAllowed::LoggedInOnly), NotAllowed::LoggedInOnly),
        ] {
            let noted = transaction!(who, |tx| incidents::write(tx, 1, incidents::Writing::Note, "Seen").await?);
            assert_eq!(refusal(noted), incident);
            let renamed = transaction!(who, |tx| teams::rename(tx, team, "Mine").await?);
            assert_eq!(refusal(renamed), Some(settings));
            let column = transaction!(who, |tx| action_items::add_column(tx, team, &action_items::ColumnDraft::named("Mine")).await?);
            assert_eq!(refusal(column), Some(settings));
            let policy = {
                let mut tx = app.engine.read().await.unwrap();
                oncall::policies::all(&mut tx).await.unwrap().remove(0).id
            };
            let removed = transaction!(who, |tx| oncall::policies::delete(tx, policy).await?);
            assert_eq!(refusal(removed), Some(settings));
            let out = transaction!(who, |tx| engine::deactivation::deactivate(tx, app.id("root")).await?);
            assert!(refusal(out).is_some());
        }
        let observed = transaction!(olga, |tx| postmortems::start(tx, 1).await?);
        assert_eq!(refusal(observed), Some(NotAllowed::ObserversRead));
        assert_eq!(told(app, &Filter::default()).await.len(), count);
    }
}
