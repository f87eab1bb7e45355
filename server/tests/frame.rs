//! What stands on every page: the theme, and what is found from anywhere.

use crate::site::{Site, cookie_of, header};
use testing::{TestApp, both_databases};

async fn text(site: &Site, path: &str, cookie: &str) -> String {
    let answer = site.get(path).header("cookie", cookie).send().await;
    answer.expect("an answer").text().await.expect("a body")
}

async fn post(site: &Site, path: &str, cookie: &str, body: &str) -> reqwest::Response {
    site.post(path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned())
        .send()
        .await
        .expect("an answer")
}

/// The cookie that an answer sets, as a browser sends it back.
fn set_cookie(answer: &reqwest::Response) -> String {
    let set = header(answer, "set-cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

async fn with_incident(app: &TestApp) -> (Site, String) {
    app.usual_cast().await;
    app.fires("checkout", "Error rate above 5 %", 2, "errors").await;
    app.settle().await;
    (Site::open(app).await, cookie_of(app, "ana").await)
}

both_databases! {
    async fn the_theme_is_chosen_without_a_script_and_holds_on_every_page(app) {
        let (site, cookie) = with_incident(app).await;
        let before = text(&site, "/incidents?state=all", &cookie).await;
        assert!(!before.contains("data-theme") && before.contains("content=\"light dark\""));
        assert!(before.contains("name=\"back\" value=\"/incidents?state=all\""));
        let answer = post(&site, "/theme", &cookie, "theme=dark&back=%2Fincidents%3Fstate%3Dall").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/incidents?state=all"));
        let theme = set_cookie(&answer);
        assert_eq!(theme, "kintsugi_theme=dark");
        for (path, cookie) in [
            ("/", format!("{cookie}; {theme}")),
            ("/incidents/99", format!("{cookie}; {theme}")),
            ("/nothing/here", theme.clone()),
            ("/login", theme.clone()),
            ("/theme", theme.clone()),
        ] {
            let page = text(&site, path, &cookie).await;
            assert!(page.contains("<html lang=\"en-GB\" data-theme=\"dark\">"), "{path}");
            assert!(page.contains("<meta name=\"color-scheme\" content=\"dark\""), "{path}");
        }
        let answer = post(&site, "/theme", &theme, "theme=system&back=https%3A%2F%2Fevil.example").await;
        assert_eq!(header(&answer, "location"), "/");
        assert!(!text(&site, "/login", &set_cookie(&answer)).await.contains("data-theme"));
    }

    async fn anything_is_found_without_a_script(app) {
        let (site, cookie) = with_incident(app).await;
        let page = text(&site, "/find?q=INC-1", &cookie).await;
        assert!(page.contains("href=\"/incidents/1\"") && page.contains("Error rate above 5 %"));
        let page = text(&site, "/find?q=checkout", &cookie).await;
        for href in ["/incidents/1", "/settings/services/checkout", "/settings/policies/"] {
            assert!(page.contains(&format!("href=\"{href}")), "{href}");
        }
        assert!(text(&site, "/find?q=time+zone", &cookie).await.contains("href=\"/settings/profile\""));
        let page = text(&site, "/find?q=%3Cb%3Enothing", &cookie).await;
        assert!(page.contains("Nothing fits") && !page.contains("<b>nothing"));
        assert!(text(&site, "/find", &cookie).await.contains("INC-142"));
        let answer = site.get("/find?q=checkout").send().await.expect("an answer");
        assert_eq!(header(&answer, "location"), "/login?next=%2Ffind%3Fq%3Dcheckout");
    }

    async fn the_palette_gets_options_as_html(app) {
        let (site, cookie) = with_incident(app).await;
        let found = async |words: &str| -> String {
            let json = text(&site, &format!("/ask/find{words}"), &cookie).await;
            serde_json::from_str(&json).expect("a text")
        };
        let rows = found("?q=1").await;
        let first = rows.split("role=\"option\"").nth(1).expect("an option");
        assert!(first.contains("href=\"/incidents/1\"") && !rows.contains("<html"), "{rows}");
        for nothing in ["?q=", ""] {
            let offered = found(nothing).await;
            assert!(offered.contains("Open now") && offered.contains("href=\"/on-call\""));
        }
        assert!(found("?q=zzz").await.contains("Nothing fits"));
    }

    async fn title_and_icon_tell_what_is_open(app) {
        let (site, cookie) = with_incident(app).await;
        for (what, open, icon) in [
            ("", 1, "/favicon-unacknowledged.svg"),
            ("acknowledgement", 1, "/favicon-open.svg"),
            ("resolution", 0, "/favicon.svg"),
        ] {
            if !what.is_empty() {
                post(&site, &format!("/incidents/1/{what}"), &cookie, "").await;
            }
            let page = text(&site, "/postmortems", &cookie).await;
            let title = if open > 0 { "<title>(1) Postmortems" } else { "<title>Postmortems" };
            assert!(page.contains(title) && page.contains(icon), "after {what}");
            let now = text(&site, "/ask/open", &cookie).await;
            assert!(now.contains(&format!("\"open\":{open},\"icon\":\"{icon}\"")), "{now}");
            assert!(now.contains("You are paged: INC-1 Error rate above 5 %"), "{now}");
        }
        let answer = site.get("/ask/open").send().await.expect("an answer");
        assert_eq!(answer.status(), 401);
        assert_eq!(text(&site, "/login", "").await.matches("<title>Log in").count(), 1);
    }

    async fn single_keys_can_be_turned_off(app) {
        let (site, cookie) = with_incident(app).await;
        let page = text(&site, "/", &cookie).await;
        assert!(page.contains("data-component=\"Shortcuts"));
        let answer = post(&site, "/shortcuts", &cookie, "keys=off&back=%2Fshortcuts").await;
        assert_eq!(header(&answer, "location"), "/shortcuts");
        let off = format!("{cookie}; {}", set_cookie(&answer));
        let page = text(&site, "/shortcuts", &off).await;
        assert!(!page.contains("data-component=\"Shortcuts") && page.contains("Turn single keys on"));
        assert!(page.contains("data-component=\"Palette"), "Ctrl K stays");
    }

    async fn settings_are_found_by_their_words(app) {
        let (site, cookie) = with_incident(app).await;
        let all = text(&site, "/settings", &cookie).await;
        for href in ["/settings/profile", "/settings/people", "/settings/teams", "/settings/schedules", "/settings/policies", "/settings/mail"] {
            assert!(all.contains(&format!("href=\"{href}\"")), "{href}");
        }
        let some = text(&site, "/settings?q=smtp", &cookie).await;
        assert!(some.contains("href=\"/settings/mail\"") && !some.contains("href=\"/settings/people\""));
        assert!(text(&site, "/settings?q=nonsense", &cookie).await.contains("No setting fits"));
    }
}
