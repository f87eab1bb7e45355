//! The audit log over HTTP: read by administrators, as a page and as a file.

use crate::site::{Site, cookie_of};
use domain::people::Role;
use testing::{TestApp, both_databases};

async fn get(app: &TestApp, who: &str, path: &str) -> (u16, String) {
    let cookie = cookie_of(app, who).await;
    Site::open(app).await.page(&cookie, path).await
}

both_databases! {
    async fn administrators_read_the_audit_log(app) {
        app.usual_cast().await;
        app.someone("olga", Role::Observer).await;
        let site = Site::open(app).await;
        let cookie = cookie_of(app, "root").await;
        let renamed = site
            .post("/settings/teams/payments")
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("name=%3DSUM(1)")
            .send()
            .await
            .expect("an answer");
        assert_eq!(renamed.status(), 303);

        let (status, page) = get(app, "root", "/settings/audit").await;
        assert!(status == 200 && page.contains("=SUM(1)") && page.contains("127.0.0.1"), "{status} {page}");
        let (status, page) = get(app, "root", "/settings/audit?subject=policy&change=removed").await;
        assert!(status == 200 && page.contains("No change of a setting fits"), "{status}");
        let (status, file) = get(app, "root", "/settings/audit.csv?subject=team&change=changed").await;
        let line = file.lines().find(|line| line.contains("SUM")).expect("the change");
        assert!(status == 200 && line.ends_with(",team,'=SUM(1),name,payments,'=SUM(1)"), "{line}");
        assert_eq!(get(app, "root", "/settings/audit?subject=nonsense").await.0, 400);
        for who in ["ana", "olga"] {
            for path in ["/settings/audit", "/settings/audit.csv"] {
                assert_eq!(get(app, who, path).await.0, 403, "{who} {path}");
            }
        }
    }
}
