//! What pages list: the whole of it, or as much as they say.

use crate::site::{Site, cookie_of};
use testing::{TestApp, both_databases};

async fn seen(site: &Site, cookie: &str, path: &str) -> String {
    let (status, page) = site.page(cookie, path).await;
    assert_eq!(status, 200, "{path}");
    page
}

/// One that is severe, and many younger ones that are not.
async fn one_among_many(app: &TestApp) -> (Site, String) {
    app.usual_cast().await;
    app.fires("checkout", "The shop is closed", 1, "shop").await;
    for number in 0..60 {
        let (title, key) = (format!("Disk {number}"), format!("disk {number}"));
        app.fires("checkout", &title, 4, &key).await;
    }
    (Site::open(app).await, cookie_of(app, "ana").await)
}

both_databases! {
    async fn home_shows_the_worst_and_counts_all(app) {
        let (site, cookie) = one_among_many(app).await;
        let home = seen(&site, &cookie, "/").await;
        assert!(home.contains("61 incidents are open"), "{home}");
        assert!(home.contains("61 that nobody has acknowledged"), "{home}");
        assert!(home.contains("The shop is closed"), "the worst is there");
        assert!(home.contains("All 61 open incidents"), "what is not there is told");
        let palette = seen(&site, &cookie, "/ask/find").await;
        assert!(palette.contains("The shop is closed"), "{palette}");
    }

    async fn the_list_of_all_leads_from_page_to_page(app) {
        let (site, cookie) = one_among_many(app).await;
        for number in 0..30 {
            app.tell("checkout", &format!("Disk {number}"), 4, &format!("disk {number}"), "resolved").await;
        }
        let (mut path, mut found) = ("/incidents?state=all".to_owned(), 0);
        loop {
            let page = seen(&site, &cookie, &path).await;
            found += page.matches("class=\"incident-number").count();
            let next = page.split("href=\"").map(|rest| rest.split('"').next().unwrap_or_default());
            let next = next.filter(|href| href.contains("after=")).map(|href| href.replace("&amp;", "&")).next();
            let Some(next) = next else { break };
            path = next;
        }
        assert_eq!(found, 61);
    }

    async fn open_means_open_in_a_search_too(app) {
        app.usual_cast().await;
        app.fires("checkout", "Disk one", 3, "one").await;
        app.tell("checkout", "Disk one", 3, "one", "resolved").await;
        app.fires("checkout", "Disk two", 3, "two").await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        let open = seen(&site, &cookie, "/incidents?state=open&q=disk").await;
        assert!(open.contains("Disk two") && !open.contains("Disk one"), "{open}");
        let any = seen(&site, &cookie, "/incidents?q=disk").await;
        assert!(any.contains("Disk two") && any.contains("Disk one"), "{any}");
    }
}
