//! Whom a text speaks to is told, once: also where the text is changed later.

use crate::error::Result;
use crate::{Tx, news, people};
use domain::action_items::ActionItem;
use domain::ids::PersonId;
use domain::incidents::Incident;
use domain::markdown::{mentioned_in, to_text};
use domain::mentions::Names;
use domain::news::{News, shortened};

/// Nobody speaks to more at once.
const MOST: usize = 20;

/// What was written, and what stood there before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    pub text: &'a str,
    pub before: &'a str,
    pub place: Place<'a>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// An entry of the timeline, by its `seq`.
    Entry(i64),
    Postmortem,
    ActionItem(&'a ActionItem),
}

/// Tells whom it speaks to now and did not before. Says whom.
pub(crate) async fn tell(tx: &mut Tx, incident: &Incident, written: Written<'_>) -> Result<Vec<PersonId>> {
    if !written.text.contains('@') {
        return Ok(Vec::new());
    }
    let names = Names::of(&people::active(tx).await?);
    let before = mentioned_in(written.before, &names);
    let mut named = mentioned_in(written.text, &names);
    named.retain(|person| !before.contains(person));
    named.truncate(MOST);
    let (entry, item) = match written.place {
        Place::Entry(entry) => (Some(entry), None),
        Place::Postmortem => (None, None),
        Place::ActionItem(item) => (None, Some(item.into())),
    };
    for person in &named {
        let news = News::Mentioned {
            incident: incident.into(),
            entry,
            item: item.clone(),
            words: shortened(&to_text(written.text)),
        };
        news::tell(tx, *person, Some(incident.id), &news).await?;
    }
    Ok(named)
}
