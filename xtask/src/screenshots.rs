//! `cargo xtask screenshots`: the pictures of the documentation, taken of the demo. A command of its own, no gate.

use crate::budget::Budget;
use crate::build::{binary, release};
use crate::system::{browser, chromium, provide};
use crate::tools::{npm_ci, root, run, say};
use anyhow::Result;
use std::process::Command;

pub fn screenshots(install: bool) -> Result<()> {
    say("Takes the pictures in docs/screenshots and a short tour of the demo, in Chromium.");
    say("About 5 minutes after the release is built, since the incident under way needs its time.");
    provide(&[browser()], install)?;
    let mut budget = Budget::default();
    release(install, &mut budget)?;
    budget.step("pictures", 6, || {
        let end2end = root().join("end2end");
        let pictures = end2end.join("pictures");
        npm_ci(&end2end)?;
        npm_ci(&pictures)?;
        let mut take = Command::new("node");
        take.arg("take.mjs").current_dir(&pictures);
        take.env("KINTSUGI_BIN", binary());
        take.env("KINTSUGI_PICTURES", root().join("docs/screenshots"));
        if let Some(chromium) = chromium() {
            take.env("KINTSUGI_CHROMIUM", chromium);
        }
        run(&mut take)
    })?;
    budget.print(None);
    Ok(())
}
