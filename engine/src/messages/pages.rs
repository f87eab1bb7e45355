//! The mail that wakes somebody: one incident. Its words are found when it is sent, from what is true then.

mod facts;

use super::{fill, in_zone};
use crate::Tx;
use crate::error::Result;
use crate::notifications::{Draft, Words, links, outbox};
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::Incident;
use domain::incidents::instants::spoken;
use domain::incidents::timeline::PageReason;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use facts::{Facts, Known, Unanswered};
use minijinja::context;
use std::collections::BTreeMap;

/// A page that is to be put into words.
pub(crate) struct Page<'a> {
    pub page: PageId,
    pub incident: &'a Incident,
    /// What stands for it till now, which may have its link.
    pub text: &'a str,
}

/// All about one incident hangs on this, and so folds into one thread.
pub(super) fn thread(incident: IncidentId) -> String {
    format!("incident-{incident}")
}

/// Writes a page's mail into the outbox. The incident is held.
pub(crate) async fn write(
    tx: &mut Tx,
    incident: &Incident,
    page: PageId,
    to: &Person,
    urgency: Urgency,
) -> Result<()> {
    let mut words = in_short(tx, incident);
    if !tx.context.mail.server_set {
        // Nothing will send it: it is read in the browser as it is now.
        let asked = Page {
            page,
            incident,
            text: "",
        };
        words = in_words(tx, &[asked])
            .await?
            .remove(&page)
            .flatten()
            .unwrap_or(words);
    }
    let draft = Draft {
        kind: NotificationKind::Page,
        urgency,
        to,
        incident: Some(incident.id),
        page: Some(page),
        message: format!("page-{page}"),
        thread: Some(thread(incident.id)),
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}

/// What stands for a page until it is sent, and where its words cannot be found: enough to wake somebody.
fn in_short(tx: &Tx, incident: &Incident) -> Words {
    let subject = subject(incident);
    let url = tx.context.link(&format!("/incidents/{}", incident.number));
    Words {
        text: format!("{subject}\n\n{url}\n"),
        subject,
        html: String::new(),
        calendar: None,
    }
}

/// Pages as their incidents stand now; `None` where nobody is to be woken for it any more.
///
/// # Errors
/// [`crate::Error::Database`], [`crate::Error::MailText`]
pub(crate) async fn in_words(tx: &mut Tx, pages: &[Page<'_>]) -> Result<BTreeMap<PageId, Option<Words>>> {
    let facts = Facts::load(tx, pages).await?;
    let mut all = BTreeMap::new();
    for page in pages {
        let Some(known) = facts.of(page) else { continue };
        let words = if known.is_wanted {
            Some(in_words_of_now(tx, page, &known)?)
        } else {
            None
        };
        all.insert(page.page, words);
    }
    Ok(all)
}

fn in_words_of_now(tx: &mut Tx, page: &Page<'_>, known: &Known<'_>) -> Result<Words> {
    let incident = page.incident;
    let link = match links::secret_in(page.text) {
        Some(secret) => secret.to_owned(),
        None => links::new(tx, incident.id, known.person.id).reveal().to_owned(),
    };
    let since = broken_since(incident);
    fill(
        "page",
        context! {
            severity => incident.severity.to_string(),
            subject => subject(incident),
            severity_word => incident.severity.word(),
            label => incident.label(),
            title => incident.title,
            is_drill => incident.is_drill,
            services => known.services,
            since => in_zone(since, &known.person.time_zone),
            for_how_long => for_how_long((tx.now() - since).num_seconds()),
            how_many => how_many(known.all_alerts(), known.firing_alerts()),
            more_alerts => known.more_alerts(),
            alerts => known.alerts(),
            others => known.others,
            why => why(known.reason),
            unanswered => unanswered(&known.unanswered, known.person, tx.now()),
            acknowledge_url => acknowledge_url(tx, &link),
            incident_url => tx.context.link(&format!("/incidents/{}", incident.number)),
            name => known.person.name,
        },
    )
}

/// The subject that the template gives a page.
pub(crate) fn subject(incident: &Incident) -> String {
    let drill = if incident.is_drill { "Drill: " } else { "" };
    format!(
        "[{}] {} {drill}{}",
        incident.severity,
        incident.label(),
        incident.title
    )
}

pub(super) fn acknowledge_url(tx: &Tx, link: &str) -> String {
    tx.context.link(&format!("/acknowledge/{link}"))
}

pub(super) fn broken_since(incident: &Incident) -> DateTime<Utc> {
    incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at)
}

fn why(reason: PageReason) -> &'static str {
    match reason {
        PageReason::OnCall => "You are on call.",
        PageReason::Named => "The escalation policy names you.",
        PageReason::SeverityRose => "It became worse since it was acknowledged.",
        PageReason::FiresAgain => "It fires again, and you had it.",
        PageReason::StillFires => "It still fires, long after it was acknowledged, and you have it.",
        PageReason::AskedAgain => "You have it, and have not said for a long time that you still do.",
        PageReason::ByHand => "Somebody on the incident asked for you.",
        PageReason::HandedOver => "Whoever has it asks you to take it over; it stays with them until you do.",
        PageReason::PassedOn => "Whoever was paged before you cannot take it.",
    }
}

/// Said once it is long enough to matter: nobody needs to know of seconds.
pub(super) fn for_how_long(seconds: i64) -> Option<String> {
    (seconds >= 60).then(|| spoken(seconds))
}

/// How many alerts there are, where one would not show it.
fn how_many(all: i64, firing: i64) -> Option<String> {
    match (all, firing) {
        (..=1, _) => None,
        (all, firing) if all == firing => Some(format!("{all} alerts are firing")),
        (all, firing) => Some(format!("{firing} of {all} alerts are firing")),
    }
}

fn unanswered(then: &Unanswered, reader: &Person, now: DateTime<Utc>) -> Option<String> {
    let (at, what) = match then {
        Unanswered::NextStep(at, people) => (at, who_is_paged(people, reader.id)),
        Unanswered::TheTeamIsTold(at) => (
            at,
            "the team is told that nobody has it, and nobody is left to page".to_owned(),
        ),
        Unanswered::Nothing => return None,
    };
    Some(match at {
        Some(at) => format!(
            "If nobody acknowledges by {}, {what}.",
            clock(*at, now, &reader.time_zone)
        ),
        None => format!("If nobody acknowledges, {what}."),
    })
}

/// “Bo is paged”, to whoever reads it.
pub fn who_is_paged(people: &[Person], reader: PersonId) -> String {
    let is_reader = |person: &&Person| person.id == reader;
    let mut names: Vec<&str> = people
        .iter()
        .filter(|person| !is_reader(person))
        .map(|person| person.name.as_str())
        .collect();
    let again = people.iter().any(|person| person.id == reader);
    if again {
        names.insert(0, "you");
    }
    match names.as_slice() {
        [] => "the next step of the policy is paged".to_owned(),
        ["you"] => "you are paged again".to_owned(),
        [one] => format!("{one} is paged"),
        [most @ .., last] => format!("{} and {last} are paged", most.join(", ")),
    }
}

/// “23:40” in a zone; with its day where that is not today.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>, zone: &str) -> String {
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::UTC);
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%a %-d %b, %H:%M"
    };
    let reading = at.format(form).to_string();
    if zone == chrono_tz::UTC {
        format!("{reading} UTC")
    } else {
        reading
    }
}
