//! The program itself with mail servers that encrypt, or are slow to one person.

#![allow(clippy::unwrap_used)]

use crate::program::nodes::Nodes;
use crate::program::on_both;
use crate::program::{arrives, fires};
use std::time::Duration;
use testing::{CERTIFICATE, Encryption, Mailboxes, Mood, TestApp};

/// Longer than the test waits for anything, and than the program is patient with a mail.
const DAWDLING: Duration = Duration::from_secs(600);

on_both! {
    async fn a_slow_recipient_holds_nobody_up(database, _folder) {
        let app = TestApp::at(database).await;
        let paths = app.many_services(3).await;
        app.engine.db.close().await;
        let mail = Mailboxes::open().await;
        mail.set_mood(Mood::DawdlesFor("person0@".to_owned(), DAWDLING));
        let mut nodes = Nodes::start(database, 1, &mail.smtp_url()).await;
        let at = |service: usize| format!("http://127.0.0.1:{}{}", nodes.ports()[0], paths[service]);

        fires(&at(0), "a").await;
        arrives(&mail, "person0", 1).await;
        fires(&at(1), "b").await;
        arrives(&mail, "person1", 1).await;
        // Two conversations stand still now, and the next page leaves at once too.
        fires(&at(0), "c").await;
        arrives(&mail, "person0", 2).await;
        fires(&at(2), "d").await;
        arrives(&mail, "person2", 1).await;
        let pages = mail.all().into_iter().filter(|mail| mail.subject.contains("INC-"));
        assert_eq!(pages.count(), 4, "each page once");
        nodes.stop();
    }
}

/// The mail server takes nothing that is not encrypted, nor from anybody who has not logged in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_leave_encrypted_in_each_form_of_the_address() {
    for (encryption, scheme, query) in [
        (Encryption::FromTheStart, "smtps", ""),
        (Encryption::WhenAsked, "smtp", "?tls=required"),
        (Encryption::WhenAsked, "smtp", "?tls=opportunistic"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        let app = TestApp::at(&database).await;
        let paths = app.many_services(1).await;
        app.engine.db.close().await;
        let mail = Mailboxes::encrypted(encryption).await;
        let address = format!("{scheme}://ana:p%40ss@localhost:{}{query}", mail.port());
        let trusted = [("SSL_CERT_FILE", CERTIFICATE)];
        let mut nodes = Nodes::start_with(&database, 1, &address, &trusted).await;
        for (key, how_many) in [("a", 1), ("b", 2)] {
            fires(&format!("http://127.0.0.1:{}{}", nodes.ports()[0], paths[0]), key).await;
            arrives(&mail, "person0", how_many).await;
        }
        nodes.stop();
    }
}
