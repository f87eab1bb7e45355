//! E-mail addresses as mail can reach them.

use lettre::Address;
use url::Host;

/// The address in the form in which it goes over the wire: a domain with letters beyond ASCII as `xn--`. `None`: no mail can reach it.
pub(crate) fn reachable(address: &str) -> Option<Address> {
    let (local, domain) = address.rsplit_once('@')?;
    if !is_plain(local) {
        return None;
    }
    // A server by its number, in brackets.
    if domain.starts_with('[') {
        return Address::new(local, domain).ok();
    }
    match Host::parse(domain).ok()? {
        Host::Domain(name) if is_a_name(&name) => Address::new(local, name).ok(),
        Host::Ipv6(_) | Host::Ipv4(_) | Host::Domain(_) => None,
    }
}

/// Dots between other letters (RFC 5321, 4.1.2; beyond ASCII RFC 6531). What would need quotes reaches hardly any mailbox, and no
/// mail program writes it as everybody reads it.
fn is_plain(local: &str) -> bool {
    let may_stand = |letter: char| {
        letter.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(letter)
            || !letter.is_ascii() && letter.is_alphanumeric()
    };
    local.len() <= 64
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(may_stand))
}

fn is_a_name(domain: &str) -> bool {
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(may_stand)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_can_reach() {
        for (address, reached) in [
            ("ana@example.org", Some("ana@example.org")),
            ("a.n+pager@example.org", Some("a.n+pager@example.org")),
            ("o'neill@example.org", Some("o'neill@example.org")),
            ("ana@localhost", Some("ana@localhost")),
            ("ana@bücher.example", Some("ana@xn--bcher-kva.example")),
            ("jörg@example.org", Some("jörg@example.org")),
            ("ana@[192.0.2.1]", Some("ana@[192.0.2.1]")),
            ("\"a b\"@example.org", None),
            ("a b@example.org", None),
            ("\"ana\"@example.org", None),
            (".ana@example.org", None),
            ("ana.@example.org", None),
            ("a..na@example.org", None),
            ("ana@-example.org", None),
            ("ana@example..org", None),
            ("ana@exa mple.org", None),
            ("ana@192.0.2.1", None),
            ("ana@b@example.org", None),
            ("@example.org", None),
            ("ana@", None),
            ("ana", None),
            ("ana\r\n@example.org", None),
        ] {
            let reachable = reachable(address);
            assert_eq!(reachable.as_ref().map(AsRef::<str>::as_ref), reached, "{address}");
        }
    }
}
