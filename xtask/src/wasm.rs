//! The client: WebAssembly from `app/client`, made fit for the browser by wasm-bindgen and smaller by wasm-opt.

use crate::assets::fingerprint;
use crate::system::{Need, provide};
use crate::tools::{cargo, find, npm_ci, output, root, run, say, target};
use anyhow::{Context, Result, anyhow};
use rustc_build_sysroot::{BuildMode, SysrootBuilder, SysrootConfig};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// The two ways to a compiler for WebAssembly. Each has a target directory of its own: compilers do not mix.
enum Compiler {
    /// rustup's, with its prebuilt standard library.
    Rustup,
    /// Debian's rustc-web with the library's source, from which we build the standard library once.
    Debian,
}

/// What the browser loads.
pub struct Client {
    pub js: PathBuf,
    pub wasm: PathBuf,
}

/// Builds the client.
pub fn client(install: bool) -> Result<Client> {
    let raw = compile(install)?;
    pack(&raw)
}

fn compile(install: bool) -> Result<PathBuf> {
    let (compiler, dir) = match choose(install)? {
        compiler @ Compiler::Rustup => (compiler, target().join("wasm")),
        compiler @ Compiler::Debian => (compiler, target().join("wasm-debian")),
    };
    let mut build = match compiler {
        Compiler::Rustup => {
            say("The client, for WebAssembly, with rustup's compiler");
            cargo()
        }
        Compiler::Debian => {
            let sysroot = standard_library(&dir.join("sysroot"))?;
            say("The client, for WebAssembly, with Debian's compiler");
            let mut build = debian_cargo();
            build.env("RUSTFLAGS", format!("--sysroot {}", sysroot.display()));
            build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
            build
        }
    };
    build.args([
        "build",
        "--package",
        "client",
        "--target",
        TARGET,
        "--profile",
        "wasm-release",
        "--target-dir",
    ]);
    run(build.arg(&dir))?;
    Ok(dir.join(TARGET).join("wasm-release/client.wasm"))
}

/// rustup's target where it is or can be had; else Debian's compiler. `KINTSUGI_WASM=rustup|debian` decides by hand.
fn choose(install: bool) -> Result<Compiler> {
    let wish = std::env::var("KINTSUGI_WASM").unwrap_or_default();
    if wish != "debian" && rustup_target() {
        return Ok(Compiler::Rustup);
    }
    if wish == "rustup" {
        return Err(anyhow!(
            "rustup cannot add the target {TARGET} here. Run: rustup target add {TARGET}"
        ));
    }
    let there = Path::new(DEBIAN_RUSTC).exists() && Path::new(DEBIAN_LIBRARY).exists() && linker().is_ok();
    let packages = &["rustc-web", "cargo-web", "rust-web-src", "lld"];
    provide(
        &[Need {
            what: "a Rust compiler for WebAssembly",
            there,
            packages,
        }],
        install,
    )?;
    Ok(Compiler::Debian)
}

fn rustup_target() -> bool {
    if has_rustup_target() {
        return true;
    }
    if find("rustup").is_none() {
        return false;
    }
    say(&format!("Asking rustup for the target {TARGET}"));
    run(Command::new("rustup")
        .current_dir(root())
        .args(["target", "add", TARGET]))
    .is_ok()
        && has_rustup_target()
}

/// Whether the compiler that runs us has a standard library for WebAssembly.
pub fn has_rustup_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(root())
        .args(["--print", "target-libdir", "--target", TARGET]);
    output(&mut rustc).is_ok_and(|library| {
        let files = std::fs::read_dir(library)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        files
            .into_iter()
            .any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

/// Debian's cargo and compiler, free of what rustup's put into the environment.
fn debian_cargo() -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command.current_dir(root());
    for name in [
        "RUSTUP_TOOLCHAIN",
        "RUSTC_WRAPPER",
        "CARGO",
        "RUSTDOC",
        "CARGO_ENCODED_RUSTFLAGS",
    ] {
        command.env_remove(name);
    }
    command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    command
}

/// The standard library for WebAssembly, built once.
fn standard_library(dir: &Path) -> Result<PathBuf> {
    let mut rustc = Command::new(DEBIAN_RUSTC);
    rustc.env_remove("RUSTUP_TOOLCHAIN");
    let version = output(rustc.arg("-vV"))?;
    let stamp = dir.join("version");
    if std::fs::read_to_string(&stamp).is_ok_and(|built| built == version) {
        return Ok(dir.to_path_buf());
    }
    say("The standard library for WebAssembly, from Debian's sources (once, about a minute)");
    std::fs::create_dir_all(dir)?;
    SysrootBuilder::new(dir, TARGET)
        .build_mode(BuildMode::Build)
        .sysroot_config(SysrootConfig::WithStd {
            std_features: vec!["panic-unwind".into()],
        })
        .cargo(debian_cargo())
        .rustflag("-Cembed-bitcode=yes")
        .build_from_source(Path::new(DEBIAN_LIBRARY))
        .context("the standard library for WebAssembly cannot be built")?;
    std::fs::write(stamp, version)?;
    Ok(dir.to_path_buf())
}

fn linker() -> Result<PathBuf> {
    let versioned = (14..30).rev().map(|version| format!("wasm-ld-{version}"));
    ["rust-lld".to_owned(), "wasm-ld".to_owned()]
        .into_iter()
        .chain(versioned)
        .find_map(|name| find(&name))
        .ok_or_else(|| anyhow!("no linker for WebAssembly: neither rust-lld nor wasm-ld"))
}

/// wasm-bindgen and wasm-opt, unless the module is the one that was packed last.
fn pack(raw: &Path) -> Result<Client> {
    let bytes = std::fs::read(raw).with_context(|| format!("{} is missing", raw.display()))?;
    let dir = target().join("client");
    let client = Client {
        js: dir.join("client.js"),
        wasm: dir.join("client_bg.wasm"),
    };
    let optimiser = wasm_opt();
    let made_of = format!("{} {}", fingerprint(&bytes), optimiser.is_some());
    let stamp = dir.join("made-of");
    if std::fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) && client.wasm.exists() {
        return Ok(client);
    }
    say("wasm-bindgen");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(raw)
        .out_name("client")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&dir)?;
    if let Some(optimiser) = optimiser {
        say("wasm-opt -Oz");
        let smaller = dir.join("smaller.wasm");
        // No feature flags: it reads from the module which features that one uses.
        run(Command::new(optimiser)
            .arg("-Oz")
            .arg(&client.wasm)
            .arg("-o")
            .arg(&smaller))?;
        std::fs::rename(smaller, &client.wasm)?;
    } else {
        say(
            "No Node here, so the client stays as large as it is (wasm-opt makes it smaller by about a tenth)",
        );
    }
    std::fs::write(stamp, made_of)?;
    Ok(client)
}

/// wasm-opt from its npm package; `None` where there is no Node or no way to the registry. Never a reason to stop.
fn wasm_opt() -> Option<PathBuf> {
    find("node").and_then(|_| find("npm"))?;
    let dir = root().join("xtask");
    if let Err(problem) = npm_ci(&dir) {
        eprintln!("wasm-opt cannot be had: {problem:#}");
        return None;
    }
    Some(dir.join("node_modules/.bin/wasm-opt")).filter(|program| program.exists())
}
