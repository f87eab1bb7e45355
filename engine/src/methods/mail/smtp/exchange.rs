//! One mail in a conversation with the mail server, and what each of its answers is about.

use super::SmtpError;
use domain::mail::refusal::{Asked, is_about_the_recipient};
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use std::error::Error;

/// Mailer, recipient, mail.
pub(super) async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<Response, SmtpError> {
    let mut options = Vec::new();
    if !mail.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let needs_utf8 = |address: &Address| !AsRef::<str>::as_ref(address).is_ascii();
    if envelope.to().iter().chain(envelope.from()).any(needs_utf8) {
        let takes_it = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        if !takes_it && envelope.to().iter().any(needs_utf8) {
            return Err(SmtpError::NoSmtpUtf8);
        }
        if takes_it {
            options.push(MailParameter::SmtpUtfEight);
        }
    }
    let sender = Mail::new(envelope.from().cloned(), options);
    let said = connection.command(sender).await;
    said.map_err(|error| meant(Asked::Conversation, error))?;
    for recipient in envelope.to() {
        let said = connection.command(Rcpt::new(recipient.clone(), Vec::new())).await;
        said.map_err(|error| meant(Asked::Recipient, error))?;
    }
    let said = connection.command(Data).await;
    said.map_err(|error| meant(Asked::Content, error))?;
    let said = connection.message(mail).await;
    said.map_err(|error| meant(Asked::Content, error))
}

fn meant(asked: Asked, error: smtp::Error) -> SmtpError {
    let code = error.status().filter(|_| error.is_permanent()).map(u16::from);
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    match code {
        Some(code) if is_about_the_recipient(asked, code, &words) => SmtpError::Recipient(error),
        _ => SmtpError::Smtp(error),
    }
}
