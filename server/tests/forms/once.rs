//! Sent twice: what makes something makes one.

use super::{Reader, forms_of, furnished, with_choices};
use crate::site::header;
use domain::ids::ServiceId;
use testing::both_databases;

both_databases! {
    async fn what_makes_something_makes_one_however_often_it_is_sent(app) {
        app.usual_cast().await;
        let ana = Reader::of(app, "ana").await;
        let page = ana.page("/incidents/new").await;
        let form = forms_of(&page).into_iter().find(|form| form.action == "/incidents").expect("the form");
        let key = form.fields.iter().find(|(name, _)| name == "form_key").expect("its key").clone();
        let services = app.id::<ServiceId>("checkout").to_string();
        let typed = |title: &str| vec![
            key.clone(),
            ("title".to_owned(), title.to_owned()),
            ("severity".to_owned(), "SEV2".to_owned()),
            ("services".to_owned(), services.clone()),
            ("noticed_by".to_owned(), "staff".to_owned()),
        ];
        // An impatient hand: none of these waits for another.
        let (fields, empty) = (typed("Checkout is slow"), typed(""));
        assert_eq!(ana.send("/incidents", &empty).await.status(), 422, "what was refused may be sent again");
        let hasty = (0..6).map(|_| ana.send("/incidents", &fields));
        for answer in futures::future::join_all(hasty).await {
            assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/incidents/1"));
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 1, "one page");
        // Back, and something else: that is another one.
        let other = ana.send("/incidents", &typed("Search is slow")).await;
        assert_eq!(header(&other, "location"), "/incidents/2");
    }

    async fn everything_that_is_added_is_added_once(app) {
        let root = furnished(app).await;
        let added = [
            ("/incidents/1", "/incidents/1/notes", "SELECT COUNT(*) FROM timeline"),
            ("/incidents/1/action-items", "/incidents/1/action-items", "SELECT COUNT(*) FROM action_items"),
            ("/incidents/1/postmortem", "/incidents/1/postmortem/action-items", "SELECT COUNT(*) FROM action_items"),
            ("/teams/platform/backlog", "/teams/platform/backlog/columns", "SELECT COUNT(*) FROM board_columns"),
            ("/settings/services/checkout", "/settings/services/checkout/integrations", "SELECT COUNT(*) FROM integrations"),
            ("/settings/people", "/settings/people", "SELECT COUNT(*) FROM people"),
            ("/settings/teams", "/settings/teams", "SELECT COUNT(*) FROM teams"),
        ];
        for (path, action, counted) in added {
            let page = root.page(path).await;
            let form = forms_of(&page).into_iter().find(|form| form.action == action);
            let mut form = with_choices(&page, action, form.unwrap_or_else(|| panic!("no form {action}")));
            for (name, value) in &mut form.fields {
                match name.as_str() {
                    "email" => *value = "new@example.test".to_owned(),
                    "happened" => *value = "-5 min".to_owned(),
                    _ => {}
                }
            }
            let before = app.count(counted).await;
            let first = root.send(action, &form.fields).await;
            let set = header(&first, "set-cookie").to_owned();
            assert_eq!(first.status(), 303, "{action}: {}", first.text().await.unwrap_or_default());
            let second = root.send(action, &form.fields).await;
            assert_eq!((second.status().as_u16(), header(&second, "set-cookie")), (303, set.as_str()), "{action}");
            assert_eq!(app.count(counted).await, before + 1, "{action}");
        }
    }
}
