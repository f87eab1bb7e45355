//! What a mail server means by 5xx: that it will not have this recipient, or that it takes nothing of us now.

/// What the mail server answered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The connection, our name, our log-in, the sender.
    Conversation,
    Recipient,
    /// The mail itself.
    Content,
}

/// Whether an answer with 5xx is about this one recipient. All else is about the server and us: somebody will put that right, and
/// the mail is due still.
pub fn is_about_the_recipient(asked: Asked, code: u16, words: &str) -> bool {
    let words = words.to_lowercase();
    let by_subject = enhanced(&words).map(|(subject, detail)| match subject {
        // The sender's address (RFC 3463, 3.2).
        1 if matches!(detail, 7 | 8) => false,
        1 | 2 => true,
        0 => is_for_the_recipient(code, &words),
        // Postfix says so of whatever it denies.
        7 => words.contains("recipient") && is_for_the_recipient(code, &words),
        _ => false,
    });
    match asked {
        Asked::Conversation => false,
        Asked::Recipient => by_subject.unwrap_or_else(|| is_for_the_recipient(code, &words)),
        // What is said about the mail is about one mailbox only where it says so.
        Asked::Content => {
            enhanced(&words).is_some_and(|(subject, _)| matches!(subject, 1 | 2)) && by_subject == Some(true)
        }
    }
}

/// By the code alone, and by words about us.
fn is_for_the_recipient(code: u16, words: &str) -> bool {
    let about_us = ["relay", "sender", "client", "authenticat", "log in", "login"];
    matches!(code, 550..=554 | 556) && !about_us.iter().any(|word| words.contains(word))
}

/// Subject and detail of an enhanced status code, such as 5.1.1 (RFC 3463).
fn enhanced(words: &str) -> Option<(u16, u16)> {
    words.split_whitespace().find_map(|word| {
        let mut parts = word.strip_prefix("5.")?.split('.');
        let (subject, detail) = (parts.next()?, parts.next()?);
        let detail = detail.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        Some((subject.parse().ok()?, detail.parse().ok()?)).filter(|_| parts.next().is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Asked::*;

    #[test]
    fn what_a_mail_server_means_by_5xx() {
        for (asked, code, words, about_the_recipient) in [
            (Conversation, 554, "5.3.2 No SMTP service here", false),
            (Conversation, 550, "5.1.8 Sender address rejected", false),
            (Conversation, 535, "5.7.8 Bad credentials", false),
            (Conversation, 550, "No such mailbox here", false),
            (Recipient, 550, "No such mailbox here", true),
            (Recipient, 550, "5.1.1 <ana@example.org>: User unknown", true),
            (Recipient, 552, "5.2.2 Mailbox full", true),
            (Recipient, 551, "User not local", true),
            (Recipient, 553, "Mailbox name not allowed", true),
            (Recipient, 556, "5.1.10 The domain takes no mail", true),
            (
                Recipient,
                554,
                "5.7.1 <ana@example.org>: Recipient address rejected: Access denied",
                true,
            ),
            (
                Recipient,
                554,
                "5.7.1 <ana@example.org>: Relay access denied",
                false,
            ),
            (
                Recipient,
                550,
                "5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
                false,
            ),
            (Recipient, 550, "Relaying denied", false),
            (
                Recipient,
                550,
                "5.1.8 <pager@example.org>: Sender address rejected: Domain not found",
                false,
            ),
            (Recipient, 550, "Sender verify failed", false),
            (Recipient, 530, "5.7.0 Authentication required", false),
            (Recipient, 521, "5.3.2 We take no mail", false),
            (
                Recipient,
                554,
                "5.7.1 Service unavailable; Client host [192.0.2.1] blocked",
                false,
            ),
            (Recipient, 550, "5.4.1 No route", false),
            (Content, 554, "5.7.1 Message rejected as spam", false),
            (Content, 552, "5.3.4 Message too big", false),
            (Content, 550, "Not today", false),
            (Content, 552, "5.2.2 Mailbox full", true),
        ] {
            assert_eq!(
                is_about_the_recipient(asked, code, words),
                about_the_recipient,
                "{asked:?}, {code} {words}"
            );
        }
    }
}
