//! The program is told to stop (SIGTERM) while something is under way.

#![allow(clippy::unwrap_used)]
// A real program is stopped in real time here.
#![allow(clippy::disallowed_methods)]

use crate::program::nodes::Nodes;
use crate::program::on_both;
use crate::program::{arrives, count, fires};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use testing::{Mailboxes, Mood, TestApp};

/// Supervisors kill after this long.
const PATIENCE_OF_A_SUPERVISOR: Duration = Duration::from_secs(10);

/// A house of two services and a node, whose page to the first person is under way; answers with the doors.
async fn under_way(database: &str, mood: Mood) -> (Mailboxes, Nodes, Vec<String>) {
    let app = TestApp::at(database).await;
    let paths = app.many_services(2).await;
    app.engine.db.close().await;
    let mail = Mailboxes::open().await;
    mail.set_mood(mood);
    let nodes = Nodes::start(database, 1, &mail.smtp_url()).await;
    let at = |path: &String| format!("http://127.0.0.1:{}{path}", nodes.ports()[0]);
    let doors: Vec<String> = paths.iter().map(at).collect();
    fires(&doors[0], "first").await;
    arrives(&mail, "person0", 1).await;
    (mail, nodes, doors)
}

fn stops_in_time(nodes: &mut Nodes) {
    let told_at = Instant::now();
    let ended = nodes.tell_to_stop(0);
    assert!(ended.success(), "{ended}");
    assert!(
        told_at.elapsed() < PATIENCE_OF_A_SUPERVISOR,
        "{:?}",
        told_at.elapsed()
    );
}

on_both! {
    async fn a_mail_under_way_ends_and_makes_no_copy(database, _folder) {
        let thinks = Mood::PausesAfterData(Duration::from_secs(1));
        let (mail, mut nodes, doors) = under_way(database, thinks).await;
        stops_in_time(&mut nodes);
        assert_eq!(
            count(database, "SELECT COUNT(*) FROM notifications WHERE state = 'sent'").await,
            1
        );
        nodes.start_again(0).await;
        mail.set_mood(Mood::Takes);
        fires(&doors[1], "second").await;
        arrives(&mail, "person1", 1).await;
        let pages = mail.all().into_iter().filter(|mail| mail.subject.contains("INC-"));
        assert_eq!(pages.count(), 2, "each page once");
        nodes.stop();
    }

    async fn what_does_not_end_goes_on_after_the_next_start(database, _folder) {
        let (mail, mut nodes, doors) = under_way(database, Mood::FallsSilentAfterData).await;
        let port = nodes.ports()[0];
        let mut half_a_request = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let path = doors[0].split_once(&port.to_string()).unwrap().1;
        write!(
            half_a_request,
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{{"
        )
        .unwrap();
        stops_in_time(&mut nodes);
        assert_eq!(
            count(database, "SELECT COUNT(*) FROM notifications WHERE state = 'waiting'").await,
            1,
            "it is given back"
        );
        assert_eq!(
            count(database, "SELECT COUNT(*) FROM nodes").await,
            0,
            "nobody waits for this node"
        );
        mail.set_mood(Mood::Takes);
        nodes.start_again(0).await;
        arrives(&mail, "person0", 2).await;
        let copies = mail.all();
        assert_eq!(copies[0].message_id, copies[1].message_id);
        nodes.stop();
    }
}
