//! The live stream crosses nodes: three programs on one PostgreSQL database, and browsers that watch an incident at each.

#![allow(clippy::unwrap_used)]
// Real programs in real time.
#![allow(clippy::disallowed_methods)]

use crate::program::nodes::Nodes;
use crate::program::{EMAIL, PASSWORD, init};
use crate::site::events::Events;
use crate::site::{Site, header};
use futures::future::join_all;
use testing::{Mailboxes, NewPostgres};

/// Three nodes, and the cookie of somebody who is logged in to the house.
struct House {
    nodes: Nodes,
    sites: Vec<Site>,
    cookie: String,
}

impl House {
    async fn with_incident(database: &str) -> Self {
        let door = init(database);
        let mail = Mailboxes::open().await;
        let nodes = Nodes::start(database, 3, &mail.smtp_url()).await;
        let sites: Vec<Site> = nodes.ports().into_iter().map(Site::at).collect();
        let alert = r#"{"title":"Error rate above 5 %","severity":"SEV2","dedup_key":"errors"}"#;
        let fired = sites[0].post(&door).header("content-type", "application/json");
        assert_eq!(fired.body(alert).send().await.unwrap().status(), 202);
        let typed = [("email", EMAIL), ("password", PASSWORD)];
        let log_in = sites[1]
            .post("/login")
            .body(form(&typed))
            .header("content-type", FORM);
        let answer = log_in.send().await.unwrap();
        let cookie = header(&answer, "set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        assert!(!cookie.is_empty(), "{}", answer.status());
        Self { nodes, sites, cookie }
    }

    /// Posts a form of the incident's page to one node.
    async fn does(&self, node: usize, what: &str, typed: &[(&str, &str)]) {
        let path = format!("/incidents/1/{what}");
        let sent = self.sites[node].post(&path).header("cookie", &self.cookie);
        let sent = sent.header("content-type", FORM).body(form(typed)).send();
        assert_eq!(sent.await.unwrap().status(), 303, "{what} through node {node}");
    }

    async fn notes(&self, node: usize, text: &str) {
        self.does(node, "notes", &[("text", text)]).await;
    }

    async fn browser(&self, node: usize) -> Browser {
        let path = "/live/incidents/1?after=0";
        Browser {
            events: Events::of(&self.sites[node], &self.cookie, path, None).await,
            last: 0,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(typed: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(typed).finish()
}

/// What watches an incident, and remembers what it heard last.
struct Browser {
    events: Events,
    last: i64,
}

impl Browser {
    /// Reads on until it has heard every text, and nothing twice or out of order on the way.
    async fn hears(&mut self, texts: &[&str]) {
        let mut missing = texts.to_vec();
        while !missing.is_empty() {
            let heard = self.events.next().await;
            if heard.event == "entry" {
                assert_eq!(heard.id, self.last + 1, "without a gap: {}", heard.data);
                self.last = heard.id;
                missing.retain(|text| !heard.data.contains(text));
            }
        }
    }

    /// Comes back at another node, as a browser does behind a balancer.
    async fn moves_to(&mut self, house: &House, node: usize) {
        let path = "/live/incidents/1?after=0";
        self.events = Events::of(&house.sites[node], &house.cookie, path, Some(self.last)).await;
    }
}

async fn all_hear(browsers: &mut [Browser], texts: &[&str]) {
    join_all(browsers.iter_mut().map(|browser| browser.hears(texts))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_at_any_node_sees_what_happens_at_every_other() {
    let Some(database) = NewPostgres::create().await else {
        return;
    };
    let mut house = House::with_incident(&database.address).await;
    let mut browsers = Vec::new();
    for node in 0..3 {
        browsers.push(house.browser(node).await);
    }
    all_hear(&mut browsers, &["Error rate above 5 %"]).await;

    house.notes(0, "It began with the deploy").await;
    all_hear(&mut browsers, &["It began with the deploy"]).await;
    house.does(1, "acknowledgement", &[]).await;
    all_hear(&mut browsers, &["acknowledged"]).await;
    house.does(2, "severity", &[("severity", "SEV1")]).await;
    all_hear(&mut browsers, &["SEV1"]).await;

    // All at once, through every node.
    let texts: Vec<String> = (0..12).map(|number| format!("Note {number} of many")).collect();
    let notes = texts.iter().enumerate();
    join_all(notes.map(|(number, text)| house.notes(number % 3, text))).await;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    all_hear(&mut browsers, &texts).await;

    // A node is gone; who watched there comes back at another, which tells what was missed.
    house.nodes.kill(0);
    house.notes(1, "While one was away").await;
    browsers[0].moves_to(&house, 2).await;
    all_hear(&mut browsers, &["While one was away"]).await;

    house.nodes.start_again(0).await;
    browsers[2].moves_to(&house, 0).await;
    house.does(0, "resolution", &[]).await;
    all_hear(&mut browsers, &["resolved"]).await;
    let last: Vec<i64> = browsers.iter().map(|browser| browser.last).collect();
    assert!(last.iter().all(|seq| *seq == last[0]), "{last:?}");
    house.nodes.stop();
    database.drop().await;
}
