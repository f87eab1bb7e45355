//! `cargo xtask run`.

use crate::budget::Budget;
use crate::build::{binary, release};
use crate::tools::{interrupted, root, run as run_program, say};
use anyhow::Result;
use std::process::Command;

pub fn run(demo: bool, install: bool, settings: &[String]) -> Result<()> {
    say(if demo {
        "Builds a release and serves the demo on http://localhost:3000; its database is thrown away at the end."
    } else {
        "Builds a release and serves it on http://localhost:3000; the database is a file under ./data."
    });
    say("10 to 25 minutes the first time on two cores, then seconds. Ctrl-C ends it.");
    release(install, &mut Budget::default())?;
    let mut server = Command::new(binary());
    server.current_dir(root());
    if demo {
        server.arg("demo");
    } else {
        server.arg("serve");
        keep_under_data(&mut server)?;
    }
    match run_program(server.args(settings)) {
        // It was told to stop, and it stopped.
        Err(_) if interrupted() => Ok(()),
        done => done,
    }
}

/// The database is a file under ./data, unless the environment names another.
fn keep_under_data(server: &mut Command) -> Result<()> {
    let data = root().join("data");
    std::fs::create_dir_all(&data)?;
    if std::env::var_os("KINTSUGI_DATABASE_URL").is_none() {
        server.env(
            "KINTSUGI_DATABASE_URL",
            format!("sqlite://{}", data.join("kintsugi.db").display()),
        );
    }
    Ok(())
}
