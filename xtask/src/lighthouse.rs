//! `cargo xtask lighthouse`: the pages that people open first, as a slow phone sees them. A command of its own, since a busy
//! machine changes the score.

use crate::budget::Budget;
use crate::build::{binary, release};
use crate::system::{browser, chromium, provide};
use crate::tools::{find, npm_ci, root, run, say};
use anyhow::{Result, bail};
use std::process::Command;

pub fn lighthouse(install: bool) -> Result<()> {
    say(
        "Builds a release and measures home, an incident, a postmortem and the log-in with Lighthouse, phone profile.",
    );
    say("About 10 minutes the first time on two cores, then two. Nothing else should be running meanwhile.");
    provide(&[browser()], install)?;
    if find("npm").is_none() {
        bail!("Node is missing: Lighthouse needs it. Install Node 22 or newer.");
    }
    npm_ci(&root().join("end2end"))?;
    let dir = root().join("xtask/lighthouse");
    npm_ci(&dir)?;
    release(install, &mut Budget::default())?;
    let mut measure = Command::new("node");
    measure.arg("measure.mjs").current_dir(&dir);
    measure.env("KINTSUGI_BIN", binary());
    if let Some(chromium) = chromium() {
        measure.env("KINTSUGI_CHROMIUM", chromium);
    }
    run(&mut measure)
}
