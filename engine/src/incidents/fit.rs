//! Whether a press still means what its button said, asked in the transaction of the verb itself.

use super::{Holder, Refused, hold_number, holder, holder_of, role_taken_at, state_since};
use crate::Tx;
use crate::error::Result;
use domain::incidents::verb::{Drawn, Misfit, Verb, fits};
use domain::people::Permission;

/// Refuses a verb whose button was drawn from something else than what stands there now. The incident stays taken, so the verb that
/// follows in this transaction finds it as it was looked at here. A form that does not say what it was drawn from, such as a script's,
/// means what it says.
///
/// # Errors
/// [`Refused::TooSoon`], [`Refused::WentBack`], [`Refused::FiresAgain`], [`Refused::TakenMeanwhile`], [`Refused::HeldByAnother`],
/// [`Refused::WithAnother`]
pub async fn must_fit(tx: &mut Tx, number: i64, verb: Verb, drawn: Option<Drawn>) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let Some(drawn) = drawn else {
        return Ok(());
    };
    let incident = hold_number(tx, number).await?;
    let (held, held_since) = match verb.role() {
        Some(role) => (
            holder_of(tx, incident.id, role).await?,
            role_taken_at(tx, incident.id, role).await?,
        ),
        None if verb.asks_for_help() => (holder(tx, incident.id).await?, None),
        None => (None, None),
    };
    let since = state_since(tx, &incident).await?;
    let holder_id = held.as_ref().map(|holder| holder.person_id);
    let stands = Drawn::of(&incident, since).held_by(holder_id, held_since);
    let Err(misfit) = fits(verb, &drawn, &stands, tx.person()?, tx.now()) else {
        return Ok(());
    };
    Err(match (misfit, verb.role(), held) {
        (Misfit::HeldByAnother, Some(role), Some(Holder { name, .. })) => {
            Refused::HeldByAnother { role, name }
        }
        (Misfit::WithAnother, _, held) => Refused::WithAnother {
            number,
            name: held.map_or_else(|| "nobody".to_owned(), |holder| holder.name),
        },
        (Misfit::Taken, ..) => {
            let name = holder(tx, incident.id).await?.map(|holder| holder.name);
            Refused::TakenMeanwhile {
                number,
                name: name.unwrap_or_else(|| "somebody".to_owned()),
            }
        }
        (Misfit::FiresAgain, ..) => Refused::FiresAgain(number),
        (Misfit::TooSoon, ..) => Refused::TooSoon,
        (Misfit::WentBack | Misfit::HeldByAnother, ..) => Refused::WentBack {
            number,
            now: incident.state,
        },
    }
    .into())
}
