//! The demo over HTTP: its doors and its banner are there, and nowhere else.

use crate::site::{Site, header};
use app::state::Demo;
use domain::people::Role;
use reqwest::Response;
use server::cli;
use server::demo::{self, NoDemo};
use server::settings::{Flags, Settings};
use testing::TestApp;

const BANNER: &str = "This is a demo.";

/// Ana is on call, Root is the administrator, Olga reads along.
async fn with_doors() -> (TestApp, Site) {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    app.someone("olga", Role::Observer).await;
    let roles = Demo {
        administrator: app.id("root"),
        observer: app.id("olga"),
        watched: app.id("primary"),
        is_thrown_away: true,
    };
    let site = Site::open_as(&app, Some(roles)).await;
    (app, site)
}

async fn knock(site: &Site, role: &str, origin: &str) -> Response {
    let door = site.post(&format!("/demo-log-in/{role}"));
    door.header("origin", origin).send().await.expect("an answer")
}

async fn page(site: &Site, path: &str, cookie: &str) -> String {
    let asked = site.get(path).header("cookie", cookie).send();
    asked.await.expect("an answer").text().await.expect("a page")
}

#[tokio::test]
async fn one_click_lets_in_whoever_has_the_role() {
    let (_app, site) = with_doors().await;
    for (role, name) in [
        ("administrator", "Root"),
        ("responder", "Ana"),
        ("observer", "Olga"),
    ] {
        let answer = knock(&site, role, &site.address("")).await;
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "location")),
            (303, "/"),
            "{role}"
        );
        let cookie = header(&answer, "set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let profile = page(&site, "/settings/profile", &cookie).await;
        assert!(profile.contains(name) && profile.contains(BANNER), "{role}");
        assert!(
            !profile.contains("No mail server is set"),
            "the banner says it already"
        );
    }
    assert_eq!(knock(&site, "commander", &site.address("")).await.status(), 404);
}

#[tokio::test]
async fn other_sites_cannot_knock() {
    let (_app, site) = with_doors().await;
    let answer = knock(&site, "administrator", "https://elsewhere.example").await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "set-cookie")),
        (403, "")
    );
}

#[tokio::test]
async fn the_banner_is_on_pages_without_anybody_too() {
    let (_app, site) = with_doors().await;
    for path in ["/login", "/nowhere", "/password/forgotten"] {
        assert!(page(&site, path, "").await.contains(BANNER), "{path}");
    }
    assert!(page(&site, "/login", "").await.contains("/demo-log-in/responder"));
}

#[tokio::test]
async fn serving_for_real_has_neither_doors_nor_banner() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    let site = Site::open(&app).await;
    for role in Role::ALL {
        let answer = knock(&site, role.as_str(), &site.address("")).await;
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "set-cookie")),
            (404, ""),
            "{role}"
        );
    }
    for path in ["/login", "/nowhere"] {
        let page = page(&site, path, "").await;
        assert!(!page.contains(BANNER) && !page.contains("demo-log-in"), "{path}");
    }
}

#[tokio::test]
async fn beyond_this_machine_it_listens_only_when_told_so() {
    let flags = Flags {
        listen: Some("0.0.0.0:0".to_owned()),
        ..Flags::default()
    };
    let settings = Settings::read(&flags).expect("settings");
    let wanted = cli::Demo {
        seed: 1,
        now: None,
        extremes: false,
        let_others_in: false,
    };
    let refused = demo::run(settings, &wanted).await;
    assert!(matches!(refused, Err(NoDemo::BeyondThisMachine)));
}

#[test]
fn a_real_installations_database_and_mail_server_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kintsugi.toml");
    let words = "database_url = \"postgres://kintsugi@db/kintsugi\"\nsmtp_url = \"smtp://mail:25\"\n";
    std::fs::write(&file, words).expect("a file");
    let mut flags = Flags {
        config: Some(file),
        ..Flags::default()
    };
    let settings = demo::settings(&flags).expect("settings");
    assert_eq!((settings.database_url.as_str(), settings.smtp_url), ("", None));
    flags.database_url = Some("sqlite://here.db".to_owned());
    assert_eq!(
        demo::settings(&flags).expect("settings").database_url,
        "sqlite://here.db"
    );
}
