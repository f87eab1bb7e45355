//! The ways of telling somebody something, each a folder; so far there is mail.

pub mod mail;

pub use mail::Mailer;
