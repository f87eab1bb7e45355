//! `target/site`: everything the browser loads, named by its content, packed ahead, with a manifest of the names.
//! The server embeds this directory.

use crate::tools::{root, say};
use crate::wasm::Client;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The client's limit after brotli, its JavaScript included.
pub const CLIENT_LIMIT: usize = 130 * 1024;

pub struct Site {
    /// Bytes of the client's WebAssembly and JavaScript after brotli.
    pub client_bytes: usize,
}

pub fn directory() -> PathBuf {
    root().join("target/site")
}

/// Writes the whole site. What did not change is not touched, so that the server is not built again for nothing.
pub fn write(client: &Client) -> Result<Site> {
    say("Assets: style, fonts, scripts, client");
    let mut site = Writer {
        dir: directory(),
        names: BTreeSet::new(),
        client_bytes: 0,
    };
    std::fs::create_dir_all(&site.dir)?;

    let public = root().join("public");
    let mut fonts = BTreeMap::new();
    for font in files(&public.join("fonts"), "woff2")? {
        let name = file_name(&font);
        let address = site.hashed(&name, &std::fs::read(&font)?, false)?;
        fonts.insert(name, address);
    }
    let css = site.hashed("kintsugi.css", style(&fonts)?.as_bytes(), true)?;
    let boot_js = site.hashed("boot.js", &std::fs::read(public.join("boot.js"))?, true)?;
    let mut scripts = Vec::new();
    for script in files(&public, "js")? {
        let name = file_name(&script);
        if name != "boot.js" {
            scripts.push(site.hashed(&name, &std::fs::read(&script)?, true)?);
        }
    }

    let wasm = std::fs::read(&client.wasm)?;
    let js = std::fs::read_to_string(&client.js)?;
    let before = site.client_bytes;
    let client_wasm = site.hashed("client_bg.wasm", &wasm, true)?;
    // The page gives the module its address; the name inside the script is only a fallback, which must be right too.
    let js = js.replace("client_bg.wasm", &client_wasm["/assets/".len()..]);
    let client_js = site.hashed("client.js", js.as_bytes(), true)?;
    let client_bytes = site.client_bytes - before;

    for icon in files(&public, "svg")? {
        site.plain(&file_name(&icon), &std::fs::read(&icon)?)?;
    }
    let first_fonts: Vec<_> = fonts
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "inter-latin.woff2" | "newsreader-latin.woff2"))
        .collect();
    let manifest = serde_json::json!({
        "css": css,
        "boot_js": boot_js,
        "scripts": scripts,
        "client_js": client_js,
        "client_wasm": client_wasm,
        "fonts": first_fonts.iter().map(|(_, address)| address).collect::<Vec<_>>(),
    });
    site.plain(
        "manifest.json",
        serde_json::to_string_pretty(&manifest)?.as_bytes(),
    )?;
    site.remove_others()?;
    Ok(Site { client_bytes })
}

/// All of `style/` in the order of its layers, without its comments.
fn style(fonts: &BTreeMap<String, String>) -> Result<String> {
    let dir = root().join("style");
    let mut sheets = vec![
        dir.join("layers.css"),
        dir.join("reset.css"),
        dir.join("tokens.css"),
        dir.join("base.css"),
    ];
    sheets.extend(files(&dir.join("components"), "css")?);
    sheets.extend(files(&dir.join("pages"), "css")?);
    sheets.push(dir.join("utilities.css"));
    let mut css = String::new();
    for sheet in sheets {
        let text =
            std::fs::read_to_string(&sheet).with_context(|| format!("{} cannot be read", sheet.display()))?;
        css.push_str(&without_comments(&text));
    }
    for (name, address) in fonts {
        css = css.replace(&format!("/fonts/{name}"), address);
    }
    Ok(css)
}

fn without_comments(css: &str) -> String {
    let mut rest = css;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::new(), |mut all, line| {
        all.push_str(line);
        all.push('\n');
        all
    })
}

fn files(dir: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    Ok(files)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

struct Writer {
    dir: PathBuf,
    names: BTreeSet<String>,
    client_bytes: usize,
}

impl Writer {
    /// `client.js` becomes `client-3f2a….js`; gives its address.
    fn hashed(&mut self, name: &str, bytes: &[u8], pack: bool) -> Result<String> {
        let hash = fingerprint(bytes);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let (stem, suffix) = stem.strip_suffix("_bg").map_or((stem, ""), |stem| (stem, "_bg"));
        let hashed = format!("{stem}-{}{suffix}.{extension}", &hash[..12]);
        self.plain(&hashed, bytes)?;
        if pack {
            let brotli = self.packed(&format!("{hashed}.br"), bytes, brotli)?;
            self.packed(&format!("{hashed}.gz"), bytes, gzip)?;
            self.client_bytes += brotli;
        }
        Ok(format!("/assets/{hashed}"))
    }

    fn plain(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        self.names.insert(name.to_owned());
        if std::fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        // Under another name first: an interruption leaves no half file.
        let half = self.dir.join(".half");
        std::fs::write(&half, bytes)?;
        std::fs::rename(half, &path).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Packing is slow; a name carries the hash of its content, so what is there is right.
    fn packed(&mut self, name: &str, bytes: &[u8], pack: fn(&[u8]) -> Result<Vec<u8>>) -> Result<usize> {
        if let Ok(there) = std::fs::metadata(self.dir.join(name)) {
            self.names.insert(name.to_owned());
            return Ok(usize::try_from(there.len())?);
        }
        let packed = pack(bytes)?;
        self.plain(name, &packed)?;
        Ok(packed.len())
    }

    fn remove_others(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            if !self.names.contains(&*entry.file_name().to_string_lossy()) && entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

/// The SHA-256 of a file, in hexadecimal digits.
pub fn fingerprint(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indents_are_left_out_of_the_style() {
        assert_eq!(
            without_comments("/* a\nb */\n@layer x {\n  a { b: c; } /* d */\n}\n"),
            "@layer x {\na { b: c; }\n}\n"
        );
    }

    #[test]
    fn the_fonts_keep_to_their_limit() {
        let fonts = files(&root().join("public/fonts"), "woff2").unwrap();
        let bytes: u64 = fonts
            .iter()
            .map(|font| std::fs::metadata(font).unwrap().len())
            .sum();
        assert!(bytes <= 100 * 1024, "{bytes} bytes of fonts");
    }
}
