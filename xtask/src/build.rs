//! `cargo xtask build` and `cargo xtask client`.

use crate::assets::{self, CLIENT_LIMIT, Site};
use crate::budget::Budget;
use crate::tools::{cargo, run, say, target};
use crate::wasm;
use anyhow::{Result, bail};
use std::path::PathBuf;

pub fn binary() -> PathBuf {
    target().join("release/kintsugi")
}

/// The client and all other assets, with the gate on the client's size.
pub fn site(install: bool) -> Result<Site> {
    let client = wasm::client(install)?;
    let site = assets::write(&client)?;
    let (bytes, limit) = (site.client_bytes, CLIENT_LIMIT);
    eprintln!(
        "The client weighs {} KB after brotli; the limit is {} KB.",
        bytes.div_ceil(1024),
        limit / 1024
    );
    if bytes > limit {
        bail!("The client is too heavy. Move what is heavy to the server (app/islands/src/lib.rs says how).");
    }
    Ok(site)
}

pub fn client(install: bool) -> Result<()> {
    say("Builds what the browser loads into target/site. About 2 minutes the first time, then seconds.");
    let mut budget = Budget::default();
    budget.step("client and assets", 6, || site(install).map(drop))?;
    budget.print(None);
    Ok(())
}

pub fn build(install: bool) -> Result<()> {
    say(
        "Builds target/release/kintsugi, one file with its assets inside. 10 to 25 minutes the first time on two cores, then a few.",
    );
    let mut budget = Budget::default();
    release(install, &mut budget)?;
    budget.print(None);
    eprintln!("{}", binary().display());
    Ok(())
}

pub fn release(install: bool, budget: &mut Budget) -> Result<()> {
    budget.step("client and assets", 6, || site(install).map(drop))?;
    budget.step("release", 12, || {
        say("The server, as a release");
        run(cargo().args(["build", "--release", "--package", "server"]))
    })
}
