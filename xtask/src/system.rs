//! What the system has to have: found, or installed with Debian's packages, or named in one line.

use crate::tools::{find, output, run, say};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Something that is there or not, and the Debian packages that bring it.
pub struct Need {
    pub what: &'static str,
    pub there: bool,
    pub packages: &'static [&'static str],
}

pub fn browser() -> Need {
    Need {
        what: "Chromium",
        there: chromium().is_some(),
        packages: &["chromium"],
    }
}

/// A PostgreSQL server to test on: one that is named, or the programs to start one.
pub fn postgres() -> Need {
    let own = own_postgres();
    let there = own.there || std::env::var_os("KINTSUGI_TEST_POSTGRES").is_some();
    Need { there, ..own }
}

/// The programs of PostgreSQL.
pub fn own_postgres() -> Need {
    Need {
        what: "PostgreSQL",
        there: postgres_programs().is_some(),
        packages: &["postgresql"],
    }
}

/// Sets the clock of a program that a test starts.
pub fn faketime() -> Need {
    Need {
        what: "faketime",
        there: find("faketime").is_some(),
        packages: &["faketime"],
    }
}

pub fn alertmanager() -> Need {
    let there = find("prometheus-alertmanager")
        .or_else(|| find("alertmanager"))
        .is_some()
        && find("amtool").is_some();
    Need {
        what: "Alertmanager and amtool",
        there,
        packages: &["prometheus-alertmanager"],
    }
}

/// Reads the words of a printed page.
pub fn paper() -> Need {
    Need {
        what: "pdftotext",
        there: find("pdftotext").is_some(),
        packages: &["poppler-utils"],
    }
}

/// Reads our calendars by programs of others. Debian keeps what makes an environment apart from Python itself.
pub fn python() -> Need {
    let makes_environments =
        || output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok();
    Need {
        what: "Python",
        there: find("python3").is_some() && makes_environments(),
        packages: &["python3", "python3-venv"],
    }
}

/// An installed Chromium or Chrome; `KINTSUGI_CHROMIUM` names another.
pub fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("KINTSUGI_CHROMIUM") {
        return Some(named.into());
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ]
    .into_iter()
    .find_map(find)
}

/// The directory of `initdb` and `pg_ctl`; Debian keeps them off the path.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok())
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, dir)| dir.join("initdb").is_file())
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, dir)| dir)
        .or_else(|| find("initdb")?.parent().map(PathBuf::from))
}

pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// Sees to it that all is there: installs as root, or by sudo where `--install` was given; otherwise stops with the line to run.
pub fn provide(needs: &[Need], install: bool) -> Result<()> {
    let missing: Vec<_> = needs.iter().filter(|need| !need.there).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing
        .iter()
        .map(|need| need.what)
        .collect::<Vec<_>>()
        .join(", ");
    let packages: Vec<_> = missing
        .iter()
        .flat_map(|need| need.packages.iter().copied())
        .collect();
    let line = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if find("apt-get").is_none() {
        bail!("This system lacks {what}. Install them and run this again.");
    }
    let root = is_root();
    if !root && !install {
        bail!("This system lacks {what}. Run: sudo {line}\nor run this again with --install.");
    }
    say(&format!("Installing {what}: {line}"));
    let apt = || {
        let mut command = Command::new(if root { "apt-get" } else { "sudo" });
        if !root {
            command.arg("apt-get");
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // Package lists may be missing or old; a list that cannot be refreshed is no reason to stop yet.
    let _ = run(apt().args(["update", "-qq"]));
    run(apt()
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&packages))?;
    // The archives are as large again as what came out of them.
    run(apt().arg("clean"))
}
