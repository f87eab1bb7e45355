//! Another program that holds SQLite's file: this one, run again to do only that.

use sqlx::{Connection, SqliteConnection};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Names the file to the program that is run again.
const FILE: &str = "KINTSUGI_TEST_HOLDS";
const HELD: &str = "the file is held";

pub struct OtherProgram {
    child: Child,
    /// Kept open: it goes on to say how its test ended.
    _said: BufReader<ChildStdout>,
}

impl OtherProgram {
    /// Waits until it has the file.
    pub fn hold(file: &Path) -> Self {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args([
            "--exact",
            "faults::other_program::holds_the_file_if_it_is_told_to",
            "--nocapture",
        ]);
        program
            .env(FILE, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut lines = said.by_ref().lines().map_while(Result::ok);
        assert!(
            lines.any(|line| line.contains(HELD)),
            "the other program has the file"
        );
        Self { child, _said: said }
    }

    /// Its end is the end of the lock, too.
    pub fn let_go(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn holds_the_file_if_it_is_told_to() {
    let Ok(file) = std::env::var(FILE) else { return };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{file}"))
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut connection)
        .await
        .unwrap();
    println!("{HELD}");
    // Until nobody holds the other end any more, however that came.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
