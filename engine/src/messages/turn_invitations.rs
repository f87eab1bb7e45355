//! A mail for each turn of whoever wants them in their calendar, with the event that a calendar program reads.

use super::{fill, in_zone};
use crate::db::dialect;
use crate::error::Result;
use crate::notifications::{Draft, Words, outbox};
use crate::oncall::invitations::{Saying, Theirs, Why, event, settle};
use crate::{Tx, people};
use chrono::{DateTime, Utc};
use domain::ids::ScheduleId;
use domain::notifications::{NotificationKind, Urgency};
use domain::oncall::invitations::Invited;
use domain::people::Person;
use minijinja::context;
use std::collections::BTreeSet;

/// Mails a person what there is to say of their turns. Says how many mails that made.
pub async fn mail(tx: &mut Tx, theirs: &Theirs) -> Result<usize> {
    dialect::lock_people(tx, &BTreeSet::from([theirs.person])).await?;
    let to = people::find(tx, theirs.person).await?;
    let all = settle(tx, &to, theirs).await?;
    for saying in &all {
        let words = in_words(tx, &to, saying)?;
        let draft = Draft {
            kind: NotificationKind::TurnInvitation,
            urgency: Urgency::Other,
            to: &to,
            incident: None,
            page: None,
            message: format!("turn-invitation-{}-{}", saying.id, saying.sequence),
            thread: Some(format!("turn-invitation-{}", saying.id)),
            words,
        };
        outbox::put(tx, draft);
    }
    Ok(all.len())
}

fn in_words(tx: &Tx, to: &Person, saying: &Saying) -> Result<Words> {
    let Invited { to: end, name, .. } = &saying.turn;
    let zone = to.time_zone.as_str();
    let turn_url = turn_url(tx, saying.schedule, saying.from);
    let template = match saying.cancelled {
        Some(_) => "turn_cancelled",
        None => "turn_invited",
    };
    let words = fill(
        template,
        context! {
            schedule => name,
            from => in_zone(saying.from, zone),
            until => in_zone(*end, zone),
            switched_off => saying.cancelled == Some(Why::SwitchedOff),
            changes => changes(saying, zone),
            turn_url => turn_url,
            url => tx.context.link("/on-call/calendar"),
            off_url => tx.context.link("/on-call/calendars#invitations"),
        },
    )?;
    Ok(Words {
        calendar: Some(event(&tx.context, to, saying, &turn_url, tx.now())),
        ..words
    })
}

/// What is another than it was said, a sentence each.
fn changes(saying: &Saying, zone: &str) -> Vec<String> {
    let Some(before) = &saying.before else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    if before.to != saying.turn.to {
        changes.push(format!("It was to end {}.", in_zone(before.to, zone)));
    }
    if before.name != saying.turn.name {
        changes.push(format!("The schedule was called {}.", before.name));
    }
    if before.address != saying.turn.address {
        changes.push(format!("Before, it was sent to {}.", before.address));
    }
    changes
}

fn turn_url(tx: &Tx, schedule: ScheduleId, from: DateTime<Utc>) -> String {
    let at = from.timestamp();
    tx.context
        .link(&format!("/on-call/turn?schedule={schedule}&at={at}"))
}
