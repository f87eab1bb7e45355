//! How many incidents are open and what needs seeing to, asked now and then by every page that is looked at.

use crate::assets::favicon;
use crate::banners;
use crate::components::Banners;
use crate::render::fragment;
use domain::people::Person;
use engine::{Acting, incidents, paging};
use islands::questions::Open;
use leptos::prelude::*;

/// What is open now, as this reader sees it.
///
/// # Errors
/// [`engine::Error::Database`]
pub(crate) async fn now(acting: &Acting, reader: &Person) -> engine::Result<Open> {
    let mut tx = acting.read().await?;
    let count = incidents::count_open(&mut tx).await?;
    let last = paging::to_person(&mut tx, reader.id, 1).await?.pop();
    let (page, words) = last
        .map(|page| {
            (
                format!("{} {}", page.number, page.created_at.timestamp_micros()),
                format!("You are paged: INC-{} {}", page.number, page.title),
            )
        })
        .unwrap_or_default();
    let banners = banners::now(&mut tx, reader).await?;
    Ok(Open {
        open: count.open,
        icon: favicon(count.open, count.unacknowledged).to_owned(),
        page,
        words,
        banners: fragment(move || view! { <Banners banners /> }),
    })
}
