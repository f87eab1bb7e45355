//! What the work is beside its promise: a description, where it is followed, how much it is; and what people say about it.

use super::verify::is_link;
use super::{Refused, authorize, find, tell_whom_it_names};
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::action_items::Size;
use domain::fields;
use domain::people::Permission;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Markdown.
    pub description: String,
    /// An address of http or https, or nothing.
    pub tracker: String,
    pub size: Option<Size>,
}

/// Describes the work.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::NoTracker`]
pub async fn describe(tx: &mut Tx, number: i64, said: &Description) -> Result<()> {
    let item = find(tx, number).await?.item;
    authorize(tx, &item).await?;
    let description = fields::DESCRIPTION.read(&said.description)?;
    let tracker = fields::TRACKER.read(&said.tracker)?;
    if !tracker.is_empty() && !is_link(&tracker) {
        return Err(Refused::NoTracker.into());
    }
    sql("UPDATE action_items SET description = $2, tracker = $3, size = $4 WHERE id = $1")
        .bind(item.id)
        .bind(&description)
        .bind(&tracker)
        .bind(said.size.map(|size| size.to_string()))
        .run(tx)
        .await?;
    tell_whom_it_names(tx, &item, &description, &item.description).await
}

/// Says something about it.
///
/// # Errors
/// [`domain::fields::Unfit`]
pub async fn comment(tx: &mut Tx, number: i64, body: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let item = find(tx, number).await?.item;
    let body = fields::COMMENT.read(body)?;
    let (id, now, author) = (tx.context.new_id(), tx.now(), tx.actor().person());
    sql("INSERT INTO action_item_comments (id, action_item_id, at, author_id, body) VALUES ($1, $2, $3, $4, $5)")
        .bind(Arg::Id(Some(id)))
        .bind(item.id)
        .bind(now)
        .bind(author)
        .bind(&body)
        .run(tx)
        .await?;
    tell_whom_it_names(tx, &item, &body, "").await
}
