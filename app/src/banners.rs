//! What needs seeing to, on top of every page: incidents that nobody has, and mails that did not go out.

use crate::components::Banner;
use crate::demo;
use domain::people::{Person, Role};
use engine::notifications::outbox;
use engine::{Tx, incidents};

/// What a reader's pages have on top now.
///
/// # Errors
/// [`engine::Error::Database`]
pub async fn now(tx: &mut Tx, reader: &Person) -> engine::Result<Vec<Banner>> {
    let nobody_has = incidents::nobody_has(tx).await?;
    let mut banners: Vec<Banner> = Banner::nobody_has(&nobody_has).into_iter().collect();
    if tx.context.mail.server_set {
        banners.extend(Banner::mails_not_sent(outbox::count_not_sent(tx).await?));
    } else if !demo::is_shown() {
        let banner = Banner::mail_not_set_up();
        banners.push(if reader.role == Role::Administrator {
            banner
        } else {
            banner.with_link("/mail", "Read them here")
        });
    }
    Ok(banners)
}
