//! To whom mail goes, how it is marked, and what stands in it only.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::PageOutcome;
use domain::people::Role;
use engine::db::sql;
use engine::mailed_links::{self, Purpose};
use engine::notifications::outbox;
use engine::people::{self, passwords};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, refusal_of};

/// Gives somebody an address past the forms.
async fn move_to(app: &TestApp, name: &str, address: &'static str) {
    let person: domain::ids::PersonId = app.id(name);
    let moved = transaction!(app.engine, |tx| sql("UPDATE people SET email = $2 WHERE id = $1")
        .bind(person)
        .bind(address)
        .run(tx)
        .await?);
    moved.unwrap();
}

/// All that is kept of mails.
async fn kept(app: &TestApp) -> String {
    let mut tx = app.engine.read().await.unwrap();
    let mails = outbox::recent(&mut tx, None, 50).await.unwrap();
    mails
        .into_iter()
        .map(|mail| mail.text_body + &mail.html_body)
        .collect()
}

both_databases! {
    async fn an_address_that_no_mail_reaches_is_refused_where_it_is_typed(app) {
        let root = app.administrator("root").await;
        let root = { let mut tx = app.engine.read().await.unwrap(); people::find(&mut tx, root).await.unwrap() };
        for address in ["\"a b\"@example.org", "a..b@example.org", "ana@exa mple.org", "ana"] {
            let invited = mailed_links::Invited {
                name: "Ana".to_owned(),
                email: address.to_owned(),
                role: Some(Role::Responder),
                time_zone: "UTC".to_owned(),
            };
            let refused = transaction!(app.engine, |tx| mailed_links::invite(tx, &root, &invited).await?).unwrap_err();
            assert_eq!((refused.is_refusal(), refused.field()), (true, Some("email")), "{address}");
        }
    }

    async fn a_domain_beyond_ascii_goes_over_the_wire_as_it_has_to(app) {
        app.usual_cast().await;
        move_to(app, "ana", "ana@bücher.example").await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.mail.of("ana@xn--bcher-kva.example").len(), 1);
    }

    async fn an_address_that_the_mail_server_cannot_take_leads_to_the_next_contact_at_once(app) {
        app.usual_cast().await;
        move_to(app, "ana", "jörg@example.test").await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        let page = app.story(1).await.pages.remove(0).page;
        assert_eq!(page.outcome, PageOutcome::Refused);
        assert!(page.server_words.unwrap().contains("SMTPUTF8"));
    }

    async fn a_title_that_looks_encoded_is_read_as_it_was_written(app) {
        app.usual_cast().await;
        let title = "=?utf-8?q?All_is_well?= über";
        app.fires("checkout", title, 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), [format!("[SEV2] INC-1 {title}")]);
        app.fires("checkout", "=?utf-8?q?All_is_well?=", 2, "plain").await;
        app.settle().await;
        assert_eq!(app.subjects("ana")[1], "[SEV2] INC-2 =?utf-8?q?All_is_well?=");
        let raw = &app.mailbox("ana")[1].raw;
        assert!(raw.lines().all(|line| line.len() < 998), "{raw}");
    }

    async fn mails_say_that_a_machine_wrote_them_and_pages_that_they_matter(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(20)).await;
        let head = |name: &str, at: usize| app.mailbox(name)[at].raw.split("\r\n\r\n").next().unwrap().to_owned();
        let (page, notice) = (head("ana", 0), head("root", 0));
        for of in [&page, &notice] {
            assert!(of.contains("Auto-Submitted: auto-generated"), "{of}");
        }
        assert!(page.contains("Importance: high"), "{page}");
        assert!(!notice.contains("Importance"), "{notice}");
    }

    async fn the_link_to_set_a_password_stands_in_the_mail_and_nowhere_else(app) {
        app.administrator("root").await;
        app.responder("ana").await;
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "ana@example.test").await?).unwrap();
        assert!(!kept(app).await.contains("/password/reset/"), "before it is sent");
        app.settle().await;
        let path = app.mailbox("ana")[0].path_with("/password/reset/");
        let token = path.trim_start_matches("/password/reset/");
        assert!(!app.mailbox("ana")[0].html.contains("[the link"));
        let afterwards = kept(app).await;
        assert!(!afterwards.contains(token) && !afterwards.contains("/password/reset/"), "nor afterwards");
        let hashed = passwords::hash(&app.engine.context, "four words that nobody", "ana@example.test").await.unwrap();
        transaction!(app.engine, |tx| mailed_links::use_up(tx, Purpose::PasswordReset, token, &hashed).await?).unwrap();
    }

    async fn a_link_that_waited_for_too_long_is_not_sent(app) {
        app.responder("ana").await;
        app.mail.go_away().await;
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "ana@example.test").await?).unwrap();
        app.pass(minutes(130)).await;
        app.mail.come_back();
        app.pass(minutes(10)).await;
        assert!(app.mail.all().is_empty());
    }
}

#[tokio::test]
async fn without_a_mail_server_an_invitation_is_handed_on_and_a_reset_is_nobodys() {
    let app = TestApp::without_mail_server().await;
    app.administrator("root").await;
    app.responder("ana").await;
    transaction!(app.engine, |tx| {
        let root = people::find(tx, app.id("root")).await?;
        let lea = mailed_links::Invited {
            name: "Lea".to_owned(),
            email: "lea@example.test".to_owned(),
            role: None,
            time_zone: "UTC".to_owned(),
        };
        mailed_links::invite(tx, &root, &lea).await?;
        mailed_links::ask_for_reset(tx, "ana@example.test").await?;
    })
    .unwrap();
    let mut tx = app.engine.read().await.unwrap();
    let mails = outbox::recent(&mut tx, None, 10).await.unwrap();
    drop(tx);
    let of = |address: &str| mails.iter().find(|mail| mail.to_address == address).unwrap();
    let (invitation, reset) = (of("lea@example.test"), of("ana@example.test"));
    let url = transaction!(app.engine, |tx| mailed_links::of_kept_invitation(tx, invitation)
        .await?)
    .unwrap();
    let (_, token) = url.split_once("/invitations/").unwrap();
    let mut tx = app.engine.read().await.unwrap();
    let whose = mailed_links::find(&mut tx, Purpose::Invitation, token)
        .await
        .unwrap();
    assert_eq!(whose.name, "Lea");
    drop(tx);
    let refused = transaction!(app.engine, |tx| mailed_links::of_kept_invitation(tx, reset)
        .await?);
    assert!(matches!(refusal_of(&refused), Some(people::Refused::LinkUsedUp)));
}
