//! What needs seeing to, on top of every page: incidents that nobody has, and mails that did not go out.

use crate::components::Banner;
use crate::demo;
use domain::people::{Person, Role};
use engine::{Tx, incidents, mail};

/// What a reader's pages have on top now.
///
/// # Errors
/// [`engine::Error::Database`]
pub async fn now(tx: &mut Tx, reader: &Person) -> engine::Result<Vec<Banner>> {
    let nobody_has = incidents::nobody_has(tx).await?;
    let mut banners: Vec<Banner> = Banner::nobody_has(&nobody_has).into_iter().collect();
    if tx.context.mail.server_set {
        banners.extend(mails_not_sent(mail::outbox::count_not_sent(tx).await?));
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

fn mails_not_sent(count: i64) -> Option<Banner> {
    let sentence = match count {
        ..=0 => return None,
        1 => "1 mail could not be sent yet.".to_owned(),
        count => format!("{count} mails could not be sent yet."),
    };
    let mut banner = Banner::pages_not_sent(1);
    banner.sentence = sentence;
    Some(banner)
}
