//! Accounts: log-in and its limits, sessions, invitations, forgotten passwords, the last administrator.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use domain::people::{Person, Role};
use engine::deactivation::{self, Heir, Heirs};
use engine::mailed_links;
use engine::people::{Refused, changes, logins, passwords, sessions};
use engine::transaction;
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

const PASSWORD: &str = "correct horse battery";

async fn with_password(app: &TestApp, name: &str, role: Role) -> Person {
    let email = format!("{name}@example.test");
    let hash = passwords::hash(&app.engine.context, PASSWORD, &email)
        .await
        .unwrap();
    let wanted = changes::Change {
        name: name.to_owned(),
        email,
        role,
        time_zone: "Europe/Berlin".to_owned(),
    };
    transaction!(app.engine, |tx| changes::create(tx, &wanted, &hash).await?).unwrap()
}

fn attempt(name: &str, password: &str, address: &str) -> logins::Attempt {
    logins::Attempt {
        email: format!("{name}@example.test"),
        password: password.to_owned(),
        address: Some(address.parse().unwrap()),
        user_agent: "Firefox".to_owned(),
    }
}

async fn signed_in(app: &TestApp, token: &str) -> Option<sessions::SignedIn> {
    let mut tx = app.engine.read().await.unwrap();
    sessions::find(&mut tx, token).await.unwrap()
}

fn refusal<T>(answer: engine::Result<T>) -> Refused {
    refusal_of(&answer).cloned().expect("it was refused")
}

both_databases! {
    async fn a_session_lasts_while_it_is_used(app) {
        with_password(app, "ana", Role::Responder).await;
        // The address is known whatever its case.
        let mut at_the_door = attempt("ana", PASSWORD, "192.0.2.1");
        at_the_door.email = " Ana@Example.TEST ".to_owned();
        let (person, secret) = logins::log_in(&app.engine, &at_the_door).await.unwrap();
        assert_eq!(person.name, "ana");
        let session = signed_in(app, secret.reveal()).await.unwrap();
        assert_eq!(session.person.id, person.id);
        assert_eq!(app.count("SELECT COUNT(*) FROM sessions WHERE user_agent = 'Firefox' AND address = '192.0.2.1'").await, 1);

        app.clock.pass(days(29));
        let session = signed_in(app, secret.reveal()).await.unwrap();
        assert!(session.is_worth_noting(app.engine.context.now()));
        transaction!(app.engine, |tx| sessions::note_use(tx, &session.token_hash).await?).unwrap();
        app.clock.pass(days(29));
        assert!(signed_in(app, secret.reveal()).await.is_some());
        app.clock.pass(days(2));
        assert!(signed_in(app, secret.reveal()).await.is_none());
    }

    async fn log_out_everywhere_ends_all_sessions(app) {
        let ana = with_password(app, "ana", Role::Responder).await;
        let (_, phone) = logins::log_in(&app.engine, &attempt("ana", PASSWORD, "192.0.2.1")).await.unwrap();
        let (_, desk) = logins::log_in(&app.engine, &attempt("ana", PASSWORD, "192.0.2.2")).await.unwrap();
        let (_, couch) = logins::log_in(&app.engine, &attempt("ana", PASSWORD, "192.0.2.3")).await.unwrap();
        transaction!(app.engine, |tx| sessions::end(tx, couch.reveal()).await?).unwrap();
        assert!(signed_in(app, couch.reveal()).await.is_none());
        assert!(signed_in(app, phone.reveal()).await.is_some());
        transaction!(app.engine, |tx| sessions::end_all(tx, ana.id).await?).unwrap();
        assert!(signed_in(app, phone.reveal()).await.is_none());
        assert!(signed_in(app, desk.reveal()).await.is_none());
    }

    async fn ten_wrong_passwords_close_an_account_for_a_while(app) {
        with_password(app, "ana", Role::Responder).await;
        for number in 0..10 {
            let wrong = attempt("ana", "wrong wrong wrong", &format!("192.0.2.{number}"));
            assert_eq!(refusal(logins::log_in(&app.engine, &wrong).await), Refused::WrongLogin);
        }
        app.clock.pass(minutes(3));
        let right = attempt("ana", PASSWORD, "198.51.100.1");
        let refused = refusal(logins::log_in(&app.engine, &right).await);
        assert_eq!(refused, Refused::TooManyAttempts { minutes: 12 });
        assert_eq!(
            refused.to_string(),
            "Too many attempts have failed. Try again in 12 minutes, or set a new password by mail."
        );
        app.clock.pass(minutes(13));
        logins::log_in(&app.engine, &right).await.unwrap();
        // Getting in clears the account's count.
        assert_eq!(app.count("SELECT COUNT(*) FROM login_failures WHERE subject LIKE 'account%'").await, 0);
    }

    async fn one_address_cannot_try_many_accounts(app) {
        with_password(app, "ana", Role::Responder).await;
        for number in 0..30 {
            // All of one IPv6 network.
            let wrong = attempt(&format!("nobody{number}"), "wrong wrong wrong", &format!("2001:db8::{number}"));
            assert_eq!(refusal(logins::log_in(&app.engine, &wrong).await), Refused::WrongLogin);
        }
        let there = attempt("ana", PASSWORD, "2001:db8::ffff");
        assert!(matches!(refusal(logins::log_in(&app.engine, &there).await), Refused::TooManyAttempts { .. }));
        logins::log_in(&app.engine, &attempt("ana", PASSWORD, "2001:db8:1::1")).await.unwrap();
    }

    async fn many_attempts_at_once_are_no_more_than_the_limit(app) {
        with_password(app, "ana", Role::Responder).await;
        let attempts = (0..20).map(|number| {
            let engine = app.engine.clone();
            let wrong = attempt("ana", "wrong wrong wrong", &format!("192.0.2.{number}"));
            tokio::spawn(async move { refusal(logins::log_in(&engine, &wrong).await) })
        });
        let mut looked_at = 0;
        for outcome in attempts.collect::<Vec<_>>() {
            looked_at += usize::from(outcome.await.unwrap() == Refused::WrongLogin);
        }
        assert_eq!(looked_at, 10);
    }

    async fn an_invited_person_sets_a_password_once(app) {
        let root = with_password(app, "root", Role::Administrator).await;
        let lea = mailed_links::Invited {
            name: "Lea".to_owned(),
            email: "LEA@example.test".to_owned(),
            role: Some(Role::Observer),
            time_zone: "Asia/Kathmandu".to_owned(),
        };
        let person = transaction!(app.engine, |tx| mailed_links::invite(tx, &root, &lea).await?).unwrap();
        assert_eq!((person.email.as_str(), person.role), ("lea@example.test", Role::Observer));
        app.settle().await;
        let mail = app.mailbox("lea").remove(0);
        assert_eq!(mail.subject, "[Kintsugi] root invites you");
        let path = mail.path_with("/invitations/");
        let token = path.trim_start_matches("/invitations/");

        let before = attempt("lea", PASSWORD, "192.0.2.1");
        assert_eq!(refusal(logins::log_in(&app.engine, &before).await), Refused::WrongLogin);
        let hash = passwords::hash(&app.engine.context, PASSWORD, &person.email).await.unwrap();
        let purpose = mailed_links::Purpose::Invitation;
        let wrong = transaction!(app.engine, |tx| mailed_links::use_up(tx, mailed_links::Purpose::PasswordReset, token, &hash).await?);
        assert_eq!(refusal(wrong), Refused::LinkUsedUp);
        transaction!(app.engine, |tx| mailed_links::use_up(tx, purpose, token, &hash).await?).unwrap();
        logins::log_in(&app.engine, &before).await.unwrap();
        let again = transaction!(app.engine, |tx| mailed_links::use_up(tx, purpose, token, &hash).await?);
        assert_eq!(refusal(again), Refused::LinkUsedUp);
        let twice = transaction!(app.engine, |tx| mailed_links::invite(tx, &root, &lea).await?);
        assert_eq!(refusal(twice), Refused::EmailTaken);
    }

    async fn several_are_invited_into_a_team_or_nobody(app) {
        let root = with_password(app, "root", Role::Administrator).await;
        let team: domain::ids::TeamId = app.team("payments", &[]).await;
        let invite = async |people: &str| {
            let several = mailed_links::Several {
                people: people.to_owned(),
                role: Some(Role::Responder),
                time_zone: "Europe/Berlin".to_owned(),
                team: Some(team),
            };
            transaction!(app.engine, |tx| mailed_links::invite_several(tx, &root, &several).await?)
        };
        for (people, sentence) in [
            (" \n ", "Write at least one address, a line each."),
            ("lea@example.test\n\nnobody", "Line 3: Write an e-mail address that mail can reach, such as lena@example.com."),
            ("lea@example.test\nLea <LEA@example.test>", "Line 2: Somebody here has this e-mail address already."),
            (&"x@example.test\n".repeat(51), "Invite at most 50 people at once."),
        ] {
            let refused = invite(people).await.unwrap_err();
            assert_eq!((refused.to_string().as_str(), refused.field()), (sentence, Some("people")));
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 1, "all or nobody");
        let made = invite("lea.meyer@example.test\r\nBo Ruiz <bo@example.test>,\n").await.unwrap();
        let names: Vec<_> = made.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["Lea Meyer", "Bo Ruiz"]);
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[Kintsugi] root invites you"]);
        assert_eq!(app.count("SELECT COUNT(*) FROM team_members").await, 2);
    }

    async fn an_invitation_works_for_seven_days_and_a_new_one_replaces_it(app) {
        let root = with_password(app, "root", Role::Administrator).await;
        let lea = mailed_links::Invited {
            name: "Lea".to_owned(),
            email: "lea@example.test".to_owned(),
            role: None,
            time_zone: "UTC".to_owned(),
        };
        let person = transaction!(app.engine, |tx| mailed_links::invite(tx, &root, &lea).await?).unwrap();
        app.settle().await;
        app.clock.pass(days(6));
        transaction!(app.engine, |tx| mailed_links::invite_again(tx, &root, person.id).await?).unwrap();
        app.settle().await;
        let tokens: Vec<String> = app
            .mailbox("lea")
            .iter()
            .map(|mail| mail.path_with("/invitations/").replace("/invitations/", ""))
            .collect();
        let mut tx = app.engine.read().await.unwrap();
        let old = mailed_links::find(&mut tx, mailed_links::Purpose::Invitation, &tokens[0]).await;
        assert_eq!(refusal(old), Refused::LinkUsedUp);
        app.clock.pass(days(6));
        tx.goes_on();
        assert_eq!(mailed_links::find(&mut tx, mailed_links::Purpose::Invitation, &tokens[1]).await.unwrap().id, person.id);
        app.clock.pass(days(2));
        tx.goes_on();
        let late = mailed_links::find(&mut tx, mailed_links::Purpose::Invitation, &tokens[1]).await;
        assert_eq!(refusal(late), Refused::LinkUsedUp);
    }

    async fn a_reset_ends_all_sessions_and_tells_nothing_of_unknown_addresses(app) {
        with_password(app, "ana", Role::Responder).await;
        let (_, session) = logins::log_in(&app.engine, &attempt("ana", PASSWORD, "192.0.2.1")).await.unwrap();
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "nobody@example.test").await?).unwrap();
        for _ in 0..5 {
            transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "ANA@example.test").await?).unwrap();
        }
        app.settle().await;
        assert_eq!(app.mail.all().len(), 3, "at most three an hour");
        let path = app.mailbox("ana")[0].path_with("/password/reset/");
        let token = path.trim_start_matches("/password/reset/");
        let hash = passwords::hash(&app.engine.context, "a new and better one", "ana@example.test").await.unwrap();
        transaction!(app.engine, |tx| mailed_links::use_up(tx, mailed_links::Purpose::PasswordReset, token, &hash).await?).unwrap();
        assert!(signed_in(app, session.reveal()).await.is_none());
        logins::log_in(&app.engine, &attempt("ana", "a new and better one", "192.0.2.1")).await.unwrap();
        let old = logins::log_in(&app.engine, &attempt("ana", PASSWORD, "192.0.2.1")).await;
        assert_eq!(refusal(old), Refused::WrongLogin);

        app.mail.clear();
        app.clock.pass(hours(2));
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "ana@example.test").await?).unwrap();
        app.settle().await;
        let path = app.mailbox("ana")[0].path_with("/password/reset/");
        app.clock.pass(hours(2));
        let mut tx = app.engine.read().await.unwrap();
        let token = path.trim_start_matches("/password/reset/");
        assert_eq!(refusal(mailed_links::find(&mut tx, mailed_links::Purpose::PasswordReset, token).await), Refused::LinkUsedUp);
    }

    async fn the_last_administrator_stays(app) {
        let root = with_password(app, "root", Role::Administrator).await;
        let demoted = changes::Change {
            name: "Root".to_owned(),
            email: root.email.clone(),
            role: Role::Responder,
            time_zone: "UTC".to_owned(),
        };
        let refused = transaction!(app.engine, |tx| changes::change(tx, root.id, &demoted).await?);
        assert_eq!(refusal(refused), Refused::LastAdministrator);
        let refused = transaction!(app.engine, |tx| deactivation::deactivate(tx, root.id).await?);
        assert_eq!(refusal(refused), Refused::LastAdministrator);

        // Of two who take each other out at once, one stays.
        let other = with_password(app, "other", Role::Administrator).await;
        let (one, two) = tokio::join!(
            async { transaction!(app.engine, |tx| deactivation::deactivate(tx, root.id).await?) },
            async { transaction!(app.engine, |tx| deactivation::deactivate(tx, other.id).await?) },
        );
        assert!(one.is_ok() != two.is_ok());
        assert_eq!(app.count("SELECT COUNT(*) FROM people WHERE deactivated_at IS NULL").await, 1);
    }

    async fn what_names_a_person_is_handed_over_before_they_go(app) {
        app.usual_cast().await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        let take_out = |person, heirs| async move {
            transaction!(app.engine, |tx| deactivation::hand_over(tx, person, heirs).await?)
        };
        // Bo has turns on the schedule, and is the second step of the policy.
        let standing = {
            let mut tx = app.engine.read().await.unwrap();
            deactivation::standing(&mut tx, bo).await.unwrap()
        };
        assert_eq!(standing.schedules.len(), 1);
        assert_eq!(standing.steps.iter().map(|step| step.2).collect::<Vec<_>>(), [2]);
        let refused = take_out(bo, Heirs::default()).await.unwrap_err();
        assert!(matches!(refused.refused(), Some(Refused::NobodyNamed("schedules"))));
        let half = Heirs { schedules: Some(Heir::Person(ana)), ..Heirs::default() };
        let refused = take_out(bo, half).await.unwrap_err();
        assert!(matches!(refused.refused(), Some(Refused::NobodyNamed("steps"))), "all or nothing");
        assert!(app.person("bo").await.deactivated_at.is_none());
        let all = Heirs { steps: Some(Heir::Person(ana)), ..half };
        take_out(bo, all).await.unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert!(deactivation::standing(&mut tx, bo).await.unwrap().is_empty());
        let hers = deactivation::standing(&mut tx, ana).await.unwrap();
        assert_eq!((hers.schedules.len(), hers.steps.len()), (1, 1));
        drop(tx);
        // The week that was Bo's pages Ana, and so does the step after her.
        app.clock.pass(days(7));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        assert_eq!(app.mailbox("ana").len(), 2);
        assert!(app.mailbox("bo").is_empty());
    }

    async fn gaps_are_left_when_somebody_says_so(app) {
        app.usual_cast().await;
        let bo = app.id("bo");
        let nobody = Heirs {
            schedules: Some(Heir::Nobody),
            steps: Some(Heir::Nobody),
            actions: None,
        };
        transaction!(app.engine, |tx| deactivation::hand_over(tx, bo, nobody).await?).unwrap();
        assert!(app.person("bo").await.deactivated_at.is_some());
    }

    async fn a_deactivated_person_is_out_until_reactivated(app) {
        with_password(app, "root", Role::Administrator).await;
        let ana = with_password(app, "ana", Role::Responder).await;
        let door = attempt("ana", PASSWORD, "192.0.2.1");
        let (_, session) = logins::log_in(&app.engine, &door).await.unwrap();
        transaction!(app.engine, |tx| deactivation::deactivate(tx, ana.id).await?).unwrap();
        assert!(signed_in(app, session.reveal()).await.is_none());
        assert_eq!(refusal(logins::log_in(&app.engine, &door).await), Refused::WrongLogin);
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, "ana@example.test").await?).unwrap();
        app.settle().await;
        assert!(app.mailbox("ana").is_empty());
        transaction!(app.engine, |tx| changes::reactivate(tx, ana.id).await?).unwrap();
        logins::log_in(&app.engine, &door).await.unwrap();
    }
}
