//! `cargo xtask test`: everything that CI runs.

use crate::budget::Budget;
use crate::build::site;
use crate::postgres::{Cluster, For};
use crate::system::{alertmanager, browser, chromium, faketime, is_root, paper, postgres, provide, python};
use crate::tools::{cargo, find, npm_ci, root, run, say, target, venv};
use crate::wasm::has_rustup_target;
use anyhow::{Result, bail};
use std::process::Command;

/// Minutes for all of it, cold, on two cores.
const LIMIT: u64 = 45;

pub fn test(quick: bool, install: bool) -> Result<()> {
    if quick {
        say(
            "Format, lints, unit and engine tests on SQLite. About 5 minutes the first time, then one. No browser.",
        );
    } else {
        say(
            "Everything that CI runs: format, lints, unit and engine tests on SQLite and PostgreSQL, the client, the browser.",
        );
        say(
            "About 45 minutes the first time on two cores, then 30. Ctrl-C ends it and leaves nothing behind.",
        );
    }
    let mut budget = Budget::default();
    let done = steps(quick, install, &mut budget);
    budget.print((!quick).then_some(LIMIT));
    done
}

fn steps(quick: bool, install: bool, budget: &mut Budget) -> Result<()> {
    let end2end = root().join("end2end");
    let mut python_of_tests = None;
    if !quick {
        budget.step("install", 4, || {
            let mut needs = vec![browser(), postgres(), alertmanager(), faketime(), paper()];
            // By hand one may do without; where it can be brought, and in CI, it is.
            if install || is_root() || std::env::var_os("CI").is_some() {
                needs.push(python());
            }
            provide(&needs, install)?;
            if find("npm").is_none() {
                bail!("Node is missing: the tests in the browser need it. Install Node 20 or newer.");
            }
            if python().there {
                let requirements = end2end.join("calendars/requirements.txt");
                python_of_tests = Some(venv(&target().join("calendars"), &requirements)?);
            } else {
                say("Python is missing here, so calendars are not read by the programs of others");
            }
            npm_ci(&end2end)
        })?;
    }
    budget.step("format", 1, || {
        say("Format");
        run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    if !quick {
        budget.step("WebAssembly", 6, || site(install).map(drop))?;
    }
    budget.step("lints", 8, || {
        say("Lints");
        run(cargo().args([
            "clippy",
            "--workspace",
            "--exclude",
            "client",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))?;
        lint_client()
    })?;
    let cluster = match std::env::var("KINTSUGI_TEST_POSTGRES") {
        Ok(_) => None,
        Err(_) if quick => None,
        Err(_) => Some(Cluster::start(For::Tests)?),
    };
    budget.step("unit and engine tests", 22, || {
        say(if quick {
            "Unit and engine tests, SQLite"
        } else {
            "Unit and engine tests, SQLite and PostgreSQL"
        });
        let mut tests = cargo();
        if find("cargo-nextest").is_some() {
            tests.args([
                "nextest",
                "run",
                "--workspace",
                "--exclude",
                "client",
                "--no-fail-fast",
                "--no-tests=pass",
            ]);
        } else {
            tests.args(["test", "--workspace", "--exclude", "client", "--no-fail-fast"]);
        }
        match &cluster {
            Some(cluster) => tests.env("KINTSUGI_TEST_POSTGRES", &cluster.url),
            None if quick => tests.env_remove("KINTSUGI_TEST_POSTGRES"),
            None => &mut tests,
        };
        run(&mut tests)
    })?;
    if quick {
        return Ok(());
    }
    budget.step("browser", 10, || {
        say("End to end, in Chromium");
        // As the tests before it were built: another choice of packages would unify other features, and build all again.
        run(cargo().args([
            "build",
            "--workspace",
            "--exclude",
            "client",
            "--bins",
            "--examples",
        ]))?;
        let mut tests = Command::new("npm");
        tests.args(["test", "--silent"]).current_dir(&end2end);
        tests.env("KINTSUGI_BIN", target().join("debug/kintsugi"));
        tests.env("KINTSUGI_DESIGN", target().join("debug/examples/design"));
        if let Some(chromium) = chromium() {
            tests.env("KINTSUGI_CHROMIUM", chromium);
        }
        if let Some(cluster) = &cluster {
            tests.env("KINTSUGI_TEST_POSTGRES", &cluster.url);
        }
        if let Some(python) = &python_of_tests {
            tests.env("KINTSUGI_PYTHON", python);
        }
        run(&mut tests)
    })
}

/// The islands as the browser gets them. Clippy comes with rustup's compiler only.
fn lint_client() -> Result<()> {
    if !has_rustup_target() {
        say("No rustup target for WebAssembly here, so the browser's side goes without lints");
        return Ok(());
    }
    let mut lints = cargo();
    lints.args([
        "clippy",
        "--package",
        "client",
        "--package",
        "islands",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    run(lints
        .arg("--target-dir")
        .arg(target().join("wasm"))
        .args(["--", "-D", "warnings"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A file that is not named there would never run.
    #[test]
    fn all_names_every_file_of_tests() -> Result<()> {
        for folder in ["app", "engine", "server"] {
            let tests = root().join(folder).join("tests");
            let all = fs::read_to_string(tests.join("all.rs"))?;
            for file in fs::read_dir(&tests)? {
                let path = file?.path();
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                if name != "all" && path.extension().is_some_and(|ending| ending == "rs") {
                    assert!(all.contains(&format!("mod {name};\n")), "{folder}: {name}");
                }
            }
        }
        Ok(())
    }
}
