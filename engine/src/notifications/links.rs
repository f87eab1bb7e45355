//! The links in what is told that acknowledge without log-in: random, bound to a person, kept as a hash. What they open is in
//! [`crate::incidents::read_link`].

use crate::Tx;
use crate::db::changes::{LinkOfDigest, LinkOfPage};
use crate::secrets::Secret;
use domain::ids::{IncidentId, PersonId};

/// Makes a link's secret; only its hash is kept.
pub(crate) fn new(tx: &mut Tx, incident: IncidentId, person: PersonId) -> Secret {
    let secret = Secret::new(&tx.context);
    let created_at = tx.now();
    tx.changes.links_of_pages.push(LinkOfPage {
        token_hash: secret.hash(),
        incident_id: incident,
        person_id: person,
        created_at,
    });
    secret
}

/// Keeps the hash of the secret that a digest's links share, each with its incident's number behind it.
pub(crate) fn keep_of_digest(tx: &mut Tx, person: PersonId, secret: &Secret) {
    let created_at = tx.now();
    tx.changes.links_of_digests.push(LinkOfDigest {
        token_hash: secret.hash(),
        person_id: person,
        created_at,
    });
}

/// The secret of the link in a text that was written before.
pub(crate) fn secret_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("/acknowledge/")?;
    rest.split_whitespace().next()
}
