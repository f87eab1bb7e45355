//! Addresses of calendars, sealed: whoever has such an address reads the calendar.

use crate::Context;
use crate::error::Result;
use crate::secrets::NoKey;
use domain::ids::CalendarId;
use url::Url;

pub(super) fn seal(context: &Context, id: CalendarId, address: &Url) -> Result<Vec<u8>, NoKey> {
    context
        .keys
        .seal(context, address.as_str().as_bytes(), id.0.as_bytes())
}

/// The address in the clear.
///
/// # Errors
/// [`NoKey`]
pub(super) fn opened(context: &Context, id: CalendarId, sealed: &[u8]) -> Result<Url, NoKey> {
    let address = context.keys.open(sealed, id.0.as_bytes())?;
    let address = String::from_utf8(address)
        .ok()
        .and_then(|address| address.parse().ok());
    address.ok_or(NoKey::OtherKey)
}
