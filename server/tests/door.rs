//! The port, when strangers or one log-in take more of it than is theirs.

#![allow(clippy::unwrap_used)]

use crate::program::init;
use crate::program::on_both;
use crate::program::running::{Running, alert};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use server::door::{Deadlines, Door, Pages, Room};
use std::net::SocketAddr;
use std::time::Duration;
use testing::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

/// A page that is as long as this, in bytes, and takes as long as it is read.
const LONG_PAGE: usize = 64 * 1024 * 1024;

fn router() -> Router {
    Router::new()
        .route("/healthz", get(async || "It runs."))
        .route("/json/x", post(async |body: String| body.len().to_string()))
        .route("/page", get(async || "A page."))
        .route("/long", get(async || vec![b'x'; LONG_PAGE]))
        .route(
            "/costly",
            // As a page that reckons does, it gives its thread to nobody.
            get(async || {
                std::thread::sleep(Duration::from_secs(2));
                "At last."
            }),
        )
        .route("/endless", get(std::future::pending::<StatusCode>))
}

/// Opens a door on a port of its own; it closes with what is answered.
fn open(deadlines: Deadlines, room: Room) -> (SocketAddr, CancellationToken) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door {
        tls: None,
        router: router(),
        pages: Pages::start().unwrap(),
        room,
        deadlines,
    };
    let stop = CancellationToken::new();
    tokio::spawn(door.open(listener, stop.clone(), SHORT));
    (address, stop)
}

fn patient() -> Deadlines {
    Deadlines {
        head: LONG,
        idle: LONG,
        write: LONG,
    }
}

fn room(connections: usize, pages: usize) -> Room {
    Room { connections, pages }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

async fn say(stream: &mut TcpStream, words: &str) {
    stream.write_all(words.as_bytes()).await.unwrap();
}

/// What comes until the other side closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(LONG / 6, stream.read_to_end(&mut bytes));
    // One that is closed in the midst of something is broken off.
    let _ = ended.await.expect("the connection is closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn asks(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_or_half_a_sentence_is_sent_away() {
    let deadlines = Deadlines {
        head: SHORT,
        ..patient()
    };
    let (address, _stop) = open(deadlines, room(100, 50));
    for words in [
        "",
        "PRI * HTTP/2.0\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    ] {
        let mut stream = connect(address).await;
        say(&mut stream, words).await;
        assert_eq!(rest(&mut stream).await, "", "{words:?}");
    }
    // A byte now and then does not help.
    let mut stream = connect(address).await;
    let dripping = async {
        for byte in "GET /healthz HTTP/1.1\r\nHost: x\r\n".bytes().cycle() {
            tokio::time::sleep_until(tokio::time::Instant::now() + SHORT / 6).await;
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(LONG / 6, dripping)
        .await
        .expect("the connection is closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_requests_a_connection_may_rest_for_a_while() {
    let deadlines = Deadlines {
        idle: SHORT,
        ..patient()
    };
    let (address, _stop) = open(deadlines, room(100, 50));
    let mut stream = connect(address).await;
    say(&mut stream, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(rest(&mut stream).await.ends_with("It runs."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_take_the_answer_is_sent_away() {
    let deadlines = Deadlines {
        write: SHORT,
        ..patient()
    };
    let (address, _stop) = open(deadlines, room(100, 50));
    let mut stream = connect(address).await;
    say(&mut stream, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::sleep_until(tokio::time::Instant::now() + SHORT * 5).await;
    let taken = rest(&mut stream).await.len();
    assert!(taken < LONG_PAGE, "{taken} bytes came after all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_is_let_in_before_those_who_keep_us_waiting() {
    let (address, _stop) = open(patient(), room(8, 6));
    let mut idle = Vec::new();
    for number in 0..40 {
        let mut stream = connect(address).await;
        // Some have said something, and some send the body of an alert, slowly.
        if number % 2 == 0 {
            say(
                &mut stream,
                "POST /json/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
            )
            .await;
        }
        idle.push(stream);
        assert!(asks(address, "/healthz").await.unwrap().ends_with("It runs."));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_places_are_kept_for_machines() {
    let (address, _stop) = open(patient(), room(12, 6));
    let mut open_pages = Vec::new();
    until("pages have what is theirs", async || {
        let answer = asks(address, "/page").await;
        let full = answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 503"));
        if !full {
            // One that met the question above at the last place was turned away itself, so each look brings another.
            let mut stream = connect(address).await;
            say(&mut stream, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
            open_pages.push(stream);
        }
        full
    })
    .await;
    assert!(asks(address, "/healthz").await.unwrap().ends_with("It runs."));
    drop(open_pages);
    until("who is gone leaves the place", async || {
        asks(address, "/page")
            .await
            .is_some_and(|answer| answer.ends_with("A page."))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_pages_cost_holds_no_alert_up() {
    let (address, _stop) = open(patient(), room(100, 50));
    let mut costly = Vec::new();
    for _ in 0..8 {
        let mut stream = connect(address).await;
        say(&mut stream, "GET /costly HTTP/1.1\r\nHost: x\r\n\r\n").await;
        costly.push(stream);
    }
    tokio::time::sleep_until(tokio::time::Instant::now() + SHORT).await;
    let answer = tokio::time::timeout(SHORT * 3, asks(address, "/healthz")).await;
    assert!(answer.expect("an answer at once").unwrap().ends_with("It runs."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_ends_though_somebody_says_nothing() {
    let (address, stop) = open(patient(), room(100, 50));
    let (mut silent, mut resting) = (connect(address).await, connect(address).await);
    say(&mut resting, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    until("both are in", async || asks(address, "/healthz").await.is_some()).await;
    stop.cancel();
    assert_eq!(rest(&mut silent).await, "");
    assert!(rest(&mut resting).await.ends_with("It runs."));
    assert!(asks(address, "/healthz").await.is_none());
}

on_both! {
    async fn strangers_who_hold_the_door_keep_no_alert_out(database, _folder) {
        let door = init(database);
        let running = Running::start_with_files(database, 256).await;
        let mut strangers = Vec::new();
        for _ in 0..280 {
            strangers.push(connect(SocketAddr::from(([127, 0, 0, 1], running.port))).await);
        }
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        let healthy = client.get(running.at("/healthz")).send().await.unwrap();
        assert_eq!(healthy.status(), 200);
        for number in 0..5 {
            assert_eq!(alert(&running.at(&door), &format!("key {number}")).await, 202);
        }
    }
}
