//! The program itself, as an operator starts it.

// Each test file uses its part.
#![allow(dead_code, clippy::unwrap_used)]

pub mod nodes;

use std::net::TcpListener;
use std::process::Command;
use url::Url;

pub const EMAIL: &str = "ana@example.test";
pub const PASSWORD: &str = "a bowl mended with gold";

/// The program with settings of its own only.
pub fn program(database: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_kintsugi"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KINTSUGI_")) {
        program.env_remove(name);
    }
    program.env("KINTSUGI_DATABASE_URL", database);
    program
}

/// Sets the house up; answers with the path of the JSON integration.
pub fn init(database: &str) -> String {
    let mut init = program(database);
    init.args(["init", "--admin-email", EMAIL, "--admin-name", "Ana"]);
    init.args(["--team", "Payments", "--service", "Checkout"]);
    init.env("KINTSUGI_ADMIN_PASSWORD", PASSWORD);
    let made = init.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let address = made["integrations"]["json"]["url"].as_str().unwrap();
    Url::parse(address).unwrap().path().to_owned()
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
