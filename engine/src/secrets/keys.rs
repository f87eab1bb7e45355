//! The key that secrets are sealed under which are needed in the clear again, such as those that sources sign with. It does not lie in
//! the database, so that a copy of that alone tells nothing.

use crate::Context;
use crate::db::private;
use crate::error::Refusal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::Write;
use std::path::{Path, PathBuf};

const KEY: usize = 32;
const NONCE: usize = 24;

/// Where the keys are. The first seals; each of them opens, so that one can be changed for another without a pause.
#[derive(Clone, Default)]
pub enum Keys {
    /// None is set, and there is no file that one could lie beside.
    #[default]
    None,
    Given(Vec<Key>),
    /// One a line. Read whenever one is needed, so that a change counts at once.
    File(PathBuf),
}

/// 256 bits of chance. Debug output does not show it.
#[derive(Clone)]
pub struct Key([u8; KEY]);

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    #[error(
        "There is no key to keep it under. Set secret_key (KINTSUGI_SECRET_KEY), the same for every node."
    )]
    NotSet,
    #[error(
        "secret_key must be 32 bytes in base64, as `openssl rand -base64 32` prints them; several stand with commas between."
    )]
    NotAKey,
    #[error("The file with the key, {}, cannot be used: {source}.", file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error("The file with the key, {}, holds none. Bring back what was in it.", .0.display())]
    NoneInFile(PathBuf),
    #[error("It was sealed under a key that is not here. Bring that one back, or give what it opens anew.")]
    OtherKey,
}

impl Refusal for NoKey {
    fn field(&self) -> Option<&'static str> {
        None
    }
}

impl Keys {
    /// What the setting says: one key, or the newest and those before it.
    ///
    /// # Errors
    /// [`NoKey::NotAKey`]
    pub fn given(text: &str) -> Result<Self, NoKey> {
        let keys = text.split(',').map(|key| Key::read(key.trim()));
        keys.collect::<Option<Vec<_>>>()
            .map(Self::Given)
            .ok_or(NoKey::NotAKey)
    }

    /// The file beside a SQLite database.
    pub fn beside(database: &Path) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push(".key");
        Self::File(file.into())
    }

    /// Makes a key in a file of its own where there is none yet.
    ///
    /// # Errors
    /// [`NoKey::File`]
    pub fn make_sure(&self, context: &Context) -> Result<(), NoKey> {
        match self {
            Self::File(file) if !file.exists() => write(file, &[Key::new(context)]),
            _ => Ok(()),
        }
    }

    /// Seals a secret of the thing with this name: what is sealed for one opens for no other.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn seal(&self, context: &Context, secret: &[u8], of: &[u8]) -> Result<Vec<u8>, NoKey> {
        let keys = self.all()?;
        let key = keys.first().ok_or(NoKey::NotSet)?;
        let nonce: [u8; NONCE] = context.random_bytes();
        let sealed = key
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: of });
        let sealed = sealed.map_err(|_| NoKey::OtherKey)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn open(&self, sealed: &[u8], of: &[u8]) -> Result<Vec<u8>, NoKey> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(NoKey::OtherKey)?;
        let nonce = XNonce::from(*nonce);
        let keys = self.all()?;
        let mut opened = keys.iter().filter_map(|key| {
            key.cipher()
                .decrypt(&nonce, Payload { msg: sealed, aad: of })
                .ok()
        });
        opened.next().ok_or(NoKey::OtherKey)
    }

    /// Puts a new key before those in the file; what was sealed opens still.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn put_new_first(&self, context: &Context) -> Result<(), NoKey> {
        let Self::File(file) = self else { return Ok(()) };
        let mut keys = vec![Key::new(context)];
        if file.exists() {
            keys.extend(self.all()?);
        }
        write(file, &keys)
    }

    /// Leaves the first in the file alone, once all is sealed under it.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn keep_first_only(&self) -> Result<(), NoKey> {
        let Self::File(file) = self else { return Ok(()) };
        write(file, &self.all()?[..1])
    }

    fn all(&self) -> Result<Vec<Key>, NoKey> {
        match self {
            Self::None => Err(NoKey::NotSet),
            Self::Given(keys) => Ok(keys.clone()),
            Self::File(file) => {
                let text = std::fs::read_to_string(file).map_err(|source| NoKey::File {
                    file: file.clone(),
                    source,
                })?;
                let keys: Option<Vec<Key>> = text.lines().map(|line| Key::read(line.trim())).collect();
                let keys = keys.filter(|keys| !keys.is_empty());
                keys.ok_or_else(|| NoKey::NoneInFile(file.clone()))
            }
        }
    }
}

impl Key {
    fn new(context: &Context) -> Self {
        Self(context.random_bytes())
    }

    fn read(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Given(keys) => write!(f, "{} given", keys.len()),
            Self::File(file) => write!(f, "in {}", file.display()),
        }
    }
}

/// In one step, for our eyes only: whatever happens, the file holds what was there or what is new.
fn write(file: &Path, keys: &[Key]) -> Result<(), NoKey> {
    let mut fresh = file.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let written = (|| {
        if fresh.exists() {
            std::fs::remove_file(&fresh)?;
        }
        let mut to = private::create(&fresh)?;
        for key in keys {
            writeln!(to, "{}", STANDARD.encode(key.0))?;
        }
        to.sync_all()?;
        std::fs::rename(&fresh, file)
    })();
    written.map_err(|source| NoKey::File {
        file: file.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MailFrom;
    use std::os::unix::fs::PermissionsExt;

    fn context() -> Context {
        let mail = MailFrom {
            mailbox: "kintsugi@example.test".parse().unwrap(),
            server_set: false,
        };
        Context::new("http://localhost".parse().unwrap(), mail)
    }

    #[test]
    fn what_is_sealed_opens_for_what_it_is_of_and_under_its_key() {
        let context = context();
        let key = |byte: u8| STANDARD.encode([byte; KEY]);
        let keys = Keys::given(&key(1)).unwrap();
        let sealed = keys.seal(&context, b"hush", b"one").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        assert_eq!(keys.open(&sealed, b"one").unwrap(), b"hush");
        assert!(matches!(keys.open(&sealed, b"other"), Err(NoKey::OtherKey)));
        assert!(matches!(keys.open(b"short", b"one"), Err(NoKey::OtherKey)));
        let other = Keys::given(&key(2)).unwrap();
        assert!(matches!(other.open(&sealed, b"one"), Err(NoKey::OtherKey)));
        let both = Keys::given(&format!("{}, {}", key(2), key(1))).unwrap();
        assert_eq!(both.open(&sealed, b"one").unwrap(), b"hush");
        for wrong in ["", "hush", "AAAA"] {
            assert!(matches!(Keys::given(wrong), Err(NoKey::NotAKey)), "{wrong}");
        }
        assert!(matches!(Keys::None.seal(&context, b"", b""), Err(NoKey::NotSet)));
    }

    #[test]
    fn a_key_in_a_file_is_for_our_eyes_only_and_can_be_changed() {
        let (context, folder) = (context(), tempfile::tempdir().unwrap());
        let database = folder.path().join("kintsugi.db");
        let keys = Keys::beside(&database);
        assert!(matches!(keys.seal(&context, b"", b""), Err(NoKey::File { .. })));
        keys.make_sure(&context).unwrap();
        let file = folder.path().join("kintsugi.db.key");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let first = std::fs::read_to_string(&file).unwrap();
        keys.make_sure(&context).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), first, "it is made once");

        let sealed = keys.seal(&context, b"hush", b"one").unwrap();
        keys.put_new_first(&context).unwrap();
        assert_eq!(
            keys.open(&sealed, b"one").unwrap(),
            b"hush",
            "the one before opens still"
        );
        let anew = keys.seal(&context, b"hush", b"one").unwrap();
        keys.keep_first_only().unwrap();
        assert_eq!(keys.open(&anew, b"one").unwrap(), b"hush");
        assert!(matches!(keys.open(&sealed, b"one"), Err(NoKey::OtherKey)));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
