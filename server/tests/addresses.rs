//! Addresses that cannot be read: every page answers one with a page of ours, in its reader's frame, or with a problem.

use crate::site::{Site, cookie_of, header};
use testing::both_databases;

/// What stands between braces in a route is put here: no number, no name, no id.
const NONSENSE: &[&str] = &["abc", "0x1", "99999999999999999999", "-", "%20", "%FF"];

/// Pages whose address names something, with a hole for it.
const NAMING: &[&str] = &[
    "/incidents/{}",
    "/incidents/{}/postmortem",
    "/incidents/{}/action-items",
    "/action-items/{}",
    "/teams/{}/backlog",
    "/mail/{}",
    "/settings/people/{}",
    "/settings/people/{}/deactivation",
    "/settings/teams/{}",
    "/settings/services/{}",
    "/settings/schedules/{}",
    "/settings/policies/{}",
    "/live/incidents/{}",
];

/// Pages whose address asks, with what none of them can read.
const ASKING: &[&str] = &[
    "/incidents?before=zzz&after=zzz&severity=zzz&team=zzz&service=zzz&person=zzz&page=zzz",
    "/incidents?state=open&state=open",
    "/incidents/1?from=zzz",
    "/incidents/new?service=zzz",
    "/postmortems?before=zzz",
    "/postmortems?page=zzz&state=zzz",
    "/on-call?from=zzz&week=zzz&day=zzz",
    "/teams/payments/backlog?sort=zzz&owner=zzz&after=zzz",
    "/teams/payments/backlog?factor=zzz",
    "/learning?days=zzz&team=zzz&service=zzz",
    "/learning?days=17",
    "/learning.csv?team=zzz",
    "/settings/audit?before=zzz",
    "/settings/audit?subject=zzz",
    "/settings/audit.csv?before=zzz",
    "/settings/policies/new?team=zzz",
    "/settings/schedules/new?team=zzz",
    "/settings?q=%FF",
    "/find?q=%FF&q=again",
    "/ask/find?q=a&q=b",
    "/login?next=a&next=b",
    "/live/incidents/1?after=zzz",
];

/// Words of parsers, none of which a reader is to see.
const PARSERS: &[&str] = &[
    "Invalid URL",
    "Cannot parse",
    "Failed to deserialize",
    "invalid digit",
    "invalid character",
    "duplicate field",
    "UTF-8",
    "UUID",
];

both_databases! {
    async fn an_address_that_cannot_be_read_is_answered_by_a_page_of_ours(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let site = Site::open(app).await;
        let cookie = cookie_of(app, "root").await;
        let naming = NAMING.iter().flat_map(|path| NONSENSE.iter().map(move |word| path.replace("{}", word)));
        let asking = ASKING.iter().map(|path| (*path).to_owned());
        let mut faults = Vec::new();
        for path in naming.clone().chain(asking) {
            for accept in ["text/html", "application/json"] {
                let answer = site.get(&path).header("cookie", &cookie).header("accept", accept).send().await.expect("an answer");
                let (status, kind) = (answer.status().as_u16(), header(&answer, "content-type").to_owned());
                if status == 200 && path.starts_with("/live") {
                    // A stream has no end to wait for.
                    faults.push(format!("{path} is followed"));
                    continue;
                }
                let text = answer.text().await.expect("a body");
                let must_miss = naming.clone().any(|other| other == path);
                let fits = match (status, accept) {
                    (200 | 303, _) => !must_miss,
                    (400 | 404, "text/html") => kind.starts_with("text/html") && text.contains("class=\"sections\""),
                    (400 | 404, _) => kind == "application/problem+json" && text.contains(&format!("\"status\":{status}")),
                    _ => false,
                };
                if !fits || PARSERS.iter().any(|words| text.contains(words)) {
                    faults.push(format!("{path} for {accept}: {status} {kind} {}", text.chars().take(120).collect::<String>()));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    async fn a_form_to_such_an_address_changes_nothing_and_is_answered_too(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let cookie = cookie_of(app, "root").await;
        for path in [
            "/incidents/abc/acknowledgement",
            "/incidents/1/roles/captain",
            "/incidents/1/instants/lunch",
            "/incidents/abc/postmortem/sections/poem",
            "/settings/people/abc/invitation",
            "/settings/policies/abc/removal",
            "/action-items/abc/state",
        ] {
            let sent = site.post(path).header("cookie", &cookie).header("content-type", "application/x-www-form-urlencoded");
            let answer = sent.send().await.expect("an answer");
            assert_eq!(answer.status(), 404, "{path}");
            assert!(answer.text().await.expect("a body").contains("There is nothing at this address."), "{path}");
        }
    }
}
