//! Whom a text speaks to is told, once: also where the text is changed later.

use crate::error::Result;
use crate::{Tx, news, people};
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
    /// The entry of the timeline; `None` in the postmortem.
    pub entry: Option<i64>,
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
    for person in &named {
        let news = News::Mentioned {
            incident: incident.into(),
            entry: written.entry,
            words: shortened(&to_text(written.text)),
        };
        news::tell(tx, *person, Some(incident.id), &news).await?;
    }
    Ok(named)
}
