//! Files and folders for our eyes only, whatever the umask: whoever can read the database knows everything that Kintsugi does.
//! SQLite gives its log the permissions of its file.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
/// Everybody who is not the owner.
const OTHERS: u32 = 0o077;

/// Makes a file that was not there.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], and what else the system says.
pub fn create(file: &Path) -> io::Result<File> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE)
        .open(file)?;
    made.set_permissions(Permissions::from_mode(FILE))?;
    Ok(made)
}

/// Makes a folder with those above it, where it is not there; one that is stays as it is.
///
/// # Errors
/// What the system says.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(FOLDER))
}

/// Takes a file from everybody else. One that is not there is nobody's.
///
/// # Errors
/// What the system says, for example where somebody else owns it.
pub fn close_to_others(file: &Path) -> io::Result<()> {
    match others_may(file) {
        None | Some(0) => Ok(()),
        Some(_) => std::fs::set_permissions(file, Permissions::from_mode(FILE)),
    }
}

/// What others than its owner may do with a file or folder, as the system writes it; `None` where there is none.
pub fn others_may(path: &Path) -> Option<u32> {
    let mode = path.metadata().ok()?.permissions().mode();
    Some(mode & OTHERS)
}

/// A SQLite file, its log, the copies that are made beside it, and the key.
pub fn with_what_lies_beside(file: &Path) -> Vec<PathBuf> {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return vec![file.to_owned()];
    };
    let is_ours = |other: &str| {
        other.strip_prefix(name).is_some_and(|ending| {
            matches!(ending, "" | "-wal" | "-shm" | "-journal")
                || [".version-", ".replaced", ".arriving", ".key"]
                    .iter()
                    .any(|begin| ending.starts_with(begin))
        })
    };
    let mut ours: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .collect();
    ours.sort();
    ours
}
