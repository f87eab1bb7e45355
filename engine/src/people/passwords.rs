//! Passwords: the rule, and argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane).
//! Work on them takes tens of milliseconds, so it is done on threads of its own and outside transactions.

use super::Refused;
use crate::Context;
use crate::error::{Error, Result};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::fields;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

const FEWEST_CHARACTERS: usize = 10;
const MOST_CHARACTERS: usize = fields::PASSWORD.most;

/// Each takes 19 MiB while it lasts, so that many at once wait for each other.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Checked for accounts that are unknown or have no password, so that both take the same time.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    hash_now("nobody has this password", &[7; 16]).expect("a password and a salt of our own can be hashed")
});

/// What is stored of a password. Debug output does not show it.
#[derive(Clone)]
pub struct Hashed(pub(crate) String);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(…)")
    }
}

/// Whether this may be a password of the account with this address.
///
/// # Errors
/// [`Refused::PasswordTooShort`], [`Refused::PasswordTooLong`], [`Refused::PasswordIsEmail`]
pub fn check(password: &str, email: &str) -> Result<()> {
    match password.chars().count() {
        ..FEWEST_CHARACTERS => Err(Refused::PasswordTooShort.into()),
        FEWEST_CHARACTERS..=MOST_CHARACTERS
            if password.trim().to_lowercase() == email.trim().to_lowercase() =>
        {
            Err(Refused::PasswordIsEmail.into())
        }
        FEWEST_CHARACTERS..=MOST_CHARACTERS => Ok(()),
        _ => Err(Refused::PasswordTooLong.into()),
    }
}

/// Checks the rule and hashes the password.
///
/// # Errors
/// As [`check`]; [`Error::Password`]
pub async fn hash(context: &Context, password: &str, email: &str) -> Result<Hashed> {
    check(password, email)?;
    let (password, salt) = (password.to_owned(), context.random_bytes::<16>());
    aside(move || hash_now(&password, &salt))
        .await?
        .map(Hashed)
        .map_err(|error| Error::Password(error.to_string()))
}

/// Whether the password is the one that is stored; of nothing stored never, and in the same time.
///
/// # Errors
/// [`Error::Password`]
pub async fn is_right(stored: Option<String>, password: &str) -> Result<bool> {
    let password = password.to_owned();
    aside(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODYS.clone());
        let right = PasswordHash::new(&stored)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
        known && right
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = AT_ONCE
        .acquire()
        .await
        .map_err(|error| Error::Password(error.to_string()))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Password(error.to_string()))
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(salt)?;
    Ok(argon2().hash_password(password.as_bytes(), &salt)?.to_string())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_for_passwords() {
        let long = "x".repeat(201);
        for (password, refused) in [
            ("correct horse", None),
            ("ten chars!", None),
            ("nine char", Some(Refused::PasswordTooShort)),
            ("äöüßäöüßäö", None),
            ("Lena@Example.com", Some(Refused::PasswordIsEmail)),
            (long.as_str(), Some(Refused::PasswordTooLong)),
        ] {
            let answer = check(password, "lena@example.com")
                .err()
                .map(|error| error.to_string());
            assert_eq!(answer, refused.map(|refused| refused.to_string()), "{password}");
        }
    }

    #[test]
    fn a_hash_says_how_it_was_made() {
        let hash = hash_now("correct horse", &[1; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
