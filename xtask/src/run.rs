//! `cargo xtask run`.

use crate::budget::Budget;
use crate::build::{binary, release};
use crate::tools::{interrupted, root, run as run_program, say};
use anyhow::Result;
use std::process::Command;

pub fn run(install: bool, settings: &[String]) -> Result<()> {
    say("Builds a release and serves it on http://localhost:3000; the database is a file under ./data.");
    say("About 8 minutes the first time on two cores, then seconds. Ctrl-C ends it.");
    release(install, &mut Budget::default())?;
    let data = root().join("data");
    std::fs::create_dir_all(&data)?;
    let mut server = Command::new(binary());
    server.current_dir(root()).arg("serve").args(settings);
    if std::env::var_os("KINTSUGI_DATABASE_URL").is_none() {
        server.env(
            "KINTSUGI_DATABASE_URL",
            format!("sqlite://{}", data.join("kintsugi.db").display()),
        );
    }
    match run_program(&mut server) {
        // It was told to stop, and it stopped.
        Err(_) if interrupted() => Ok(()),
        done => done,
    }
}
