//! A PostgreSQL server for one run of tests or of the benchmark, thrown away at its end.

use crate::system::{is_root, postgres_programs};
use crate::tools::{find, output, say};
use anyhow::{Context, Result, anyhow};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

const PREFIX: &str = "kintsugi-test-postgres-";

/// What a cluster is for.
#[derive(Clone, Copy)]
pub enum For {
    /// Nothing in it must survive a crash, the disk may be small, and tests open many connections at once.
    Tests,
    /// As one would run it: a commit is on disk.
    Figures,
}

impl For {
    const fn options(self) -> &'static str {
        match self {
            Self::Tests => {
                "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=500 \
                 -c wal_level=minimal -c max_wal_senders=0 -c min_wal_size=32MB -c max_wal_size=64MB"
            }
            Self::Figures => "-c fsync=on -c synchronous_commit=on -c full_page_writes=on",
        }
    }

    /// Not under target: the user postgres may not be allowed into the checkout. What is measured lies on a disk, which the
    /// system's folder for short-lived files may not.
    fn folder(self) -> PathBuf {
        match self {
            Self::Tests => std::env::temp_dir(),
            Self::Figures => PathBuf::from("/var/tmp"),
        }
    }
}

/// Stops and removes itself when it is dropped, also after Ctrl-C.
pub struct Cluster {
    programs: PathBuf,
    dir: PathBuf,
    pub url: String,
}

impl Cluster {
    pub fn start(what_for: For) -> Result<Self> {
        let programs = postgres_programs().ok_or_else(|| anyhow!("PostgreSQL is not installed"))?;
        let folder = what_for.folder();
        remove_left_behind(&programs, &folder);
        say("A PostgreSQL server, thrown away at the end");
        let dir = folder.join(format!("{PREFIX}{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        if is_root() {
            output(Command::new("chown").arg("postgres").arg(&dir))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let cluster = Self { programs, dir, url };
        let data = cluster.dir.join("data");
        let mut initdb = as_postgres(&cluster.programs.join("initdb"));
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        output(initdb.arg(&data)).context("initdb")?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={} {}",
            cluster.dir.display(),
            what_for.options()
        );
        let log = cluster.dir.join("log");
        let mut start = as_postgres(&cluster.programs.join("pg_ctl"));
        start
            .args(["start", "--wait", "--timeout=60", "--silent", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(&log);
        output_to_files(start.args(["-o", &options]))
            .with_context(|| std::fs::read_to_string(&log).unwrap_or_else(|_| "pg_ctl start".to_owned()))?;
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&self.programs, &self.dir);
    }
}

/// pg_ctl leaves the server with its own output open; a pipe would wait for the server's end.
fn output_to_files(command: &mut Command) -> Result<()> {
    use std::process::Stdio;
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(anyhow!("PostgreSQL did not start ({status})"))
    }
}

fn stop(programs: &Path, dir: &Path) {
    let data = dir.join("data");
    if data.join("postmaster.pid").exists() {
        let _ = output(
            as_postgres(&programs.join("pg_ctl"))
                .args(["stop", "--mode=immediate", "-D"])
                .arg(&data),
        );
    }
    let _ = std::fs::remove_dir_all(dir);
}

/// What a run that was killed left in the way.
fn remove_left_behind(programs: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if !Path::new("/proc").join(owner).exists() {
            stop(programs, &entry.path());
        }
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    let mut command = if is_root() && find("runuser").is_some() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(std::env::temp_dir());
    command
}
