//! The week of a team's backlog, mailed to its members on Mondays at 09:00 where they are: what is new, done, late, owned by nobody, and
//! what came back.

use super::look::Look;
use super::scope::Scope;
use crate::Tx;
use crate::action_items::{self, Card};
use crate::db::sql;
use crate::error::Result;
use crate::messages::fill;
use crate::notifications::{Draft, outbox};
use crate::{news, people, teams};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use domain::action_items::{ActionState, reminder_day};
use domain::ids::{ActionItemId, PersonId, TeamId};
use domain::news::NewsKind;
use domain::notifications::{NotificationKind, Urgency};
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeSet;

/// Lines of one part at most.
const MOST_LINES: usize = 10;

/// Members whose list of this Monday is due. A backlog that began today has no week yet.
pub async fn due(tx: &mut Tx) -> Result<Vec<(PersonId, NaiveDate)>> {
    let now = tx.now();
    let members: Vec<(PersonId, String, Option<NaiveDate>)> = sql(
        "SELECT DISTINCT p.id, p.time_zone, (SELECT MAX(w.day) FROM team_weeks w WHERE w.person_id = p.id) AS told
         FROM team_members member JOIN people p ON p.id = member.person_id
         WHERE p.deactivated_at IS NULL
            AND EXISTS (SELECT 1 FROM action_items a WHERE a.team_id = member.team_id AND a.created_at < $2)
            AND NOT EXISTS (SELECT 1 FROM news_turned_off o WHERE o.person_id = p.id AND o.kind = $1)",
    )
    .bind(NewsKind::TeamMonday)
    .bind(now - TimeDelta::days(1))
    .all(tx)
    .await?;
    let due = members.into_iter().filter_map(|(person, zone, told)| {
        let today = reminder_day(now, zone.parse().unwrap_or(chrono_tz::UTC))?;
        let is_due = today.weekday() == Weekday::Mon && told.is_none_or(|day| day < today);
        is_due.then_some((person, today))
    });
    Ok(due.collect())
}

#[derive(Serialize)]
struct Line {
    label: String,
    title: String,
    /// What else there is to say, in a few words.
    note: Option<String>,
    url: String,
}

#[derive(Serialize)]
struct Part {
    title: String,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct TeamsWeek {
    name: String,
    url: String,
    open: usize,
    fresh: Vec<i64>,
    done: Vec<i64>,
    parts: Vec<Part>,
    late: usize,
    unowned: usize,
}

/// Mails one member the week of their teams, once a Monday however often it is asked for; nothing where nothing is open or happened.
pub async fn mail(tx: &mut Tx, person: PersonId, today: NaiveDate) -> Result<()> {
    let now = tx.now();
    let first =
        sql("INSERT INTO team_weeks (person_id, day, mailed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(person)
            .bind(today)
            .bind(now)
            .run(tx)
            .await?;
    if first == 0
        || news::turned_off(tx, person)
            .await?
            .contains(&NewsKind::TeamMonday)
    {
        return Ok(());
    }
    let person = people::find(tx, person).await?;
    let slugs: Vec<(TeamId, String)> = sql(
        "SELECT t.id, t.slug FROM teams t JOIN team_members m ON m.team_id = t.id WHERE m.person_id = $1 ORDER BY t.name",
    )
    .bind(person.id)
    .all(tx)
    .await?;
    let mut weeks = Vec::new();
    for (team, slug) in slugs {
        let week = week_of(tx, team, &slug, today, now - TimeDelta::days(7)).await?;
        if week.open + week.done.len() > 0 {
            weeks.push(week);
        }
    }
    if weeks.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = weeks.iter().map(|week| &*week.name).collect();
    let words = fill(
        "team_monday",
        context! {
            name => person.name,
            names => names.join(", "),
            late => weeks.iter().map(|week| week.late).sum::<usize>(),
            unowned => weeks.iter().map(|week| week.unowned).sum::<usize>(),
            off_url => tx.context.link("/settings/profile#mails"),
            teams => &weeks,
        },
    )?;
    let draft = Draft {
        kind: NotificationKind::Reminder,
        urgency: Urgency::Other,
        to: &person,
        incident: None,
        page: None,
        message: format!("team-monday-{}-{today}", person.id),
        thread: None,
        words,
    };
    outbox::put(tx, draft);
    Ok(())
}

async fn week_of(
    tx: &mut Tx,
    team: TeamId,
    slug: &str,
    today: NaiveDate,
    since: DateTime<Utc>,
) -> Result<TeamsWeek> {
    let name = teams::find_by_id(tx, team).await?.name;
    let board = action_items::board(tx, slug).await?;
    let finished: Vec<(ActionItemId,)> =
        sql("SELECT DISTINCT action_item_id FROM action_item_changes WHERE to_state = 'done' AND at >= $1")
            .bind(since)
            .all(tx)
            .await?;
    // That somebody saw that it works is no second time.
    let finished: BTreeSet<ActionItemId> = finished.into_iter().map(|(item,)| item).collect();
    let cards: Vec<&Card> = board.columns.iter().flat_map(|(_, cards)| cards).collect();
    let is_kept = |card: &Card| matches!(card.item.state, ActionState::Done | ActionState::Verified);
    let numbers = |fits: &dyn Fn(&Card) -> bool| -> Vec<i64> {
        let fitting = cards.iter().filter(|card| fits(card));
        fitting.map(|card| card.item.number).collect()
    };
    let late = numbers(&|card| card.item.is_overdue(today));
    let unowned = numbers(&|card| card.item.state.is_open() && card.item.owner_id.is_none());
    let fresh = numbers(&|card| card.item.state.is_open() && card.item.created_at >= since);
    let done = numbers(&|card| is_kept(card) && finished.contains(&card.item.id));
    let line = |number: &i64| {
        let card = cards.iter().find(|card| card.item.number == *number);
        Line {
            label: format!("ACT-{number}"),
            title: card.map(|card| card.item.title.clone()).unwrap_or_default(),
            note: None,
            url: tx.context.link(&format!("/action-items/{number}")),
        }
    };
    let part = |title: &str, numbers: &[i64]| Part {
        title: format!("{title}: {}", numbers.len()),
        lines: numbers.iter().take(MOST_LINES).map(line).collect(),
    };
    let mut parts = vec![
        part("Late", &late),
        part("Owned by nobody", &unowned),
        part("New", &fresh),
        part("Done", &done),
    ];
    parts.push(came_back(tx, team, since).await?);
    parts.retain(|part| !part.lines.is_empty());
    Ok(TeamsWeek {
        name,
        url: tx.context.link(&format!("/teams/{slug}/backlog")),
        open: numbers(&|card| card.item.state.is_open()).len(),
        fresh,
        done,
        parts,
        late: late.len(),
        unowned: unowned.len(),
    })
}

/// Factors of documents published since that were met before.
async fn came_back(tx: &mut Tx, team: TeamId, since: DateTime<Utc>) -> Result<Part> {
    let look = Look::load_for(tx, Scope::default()).await?;
    let lately = look
        .namings
        .iter()
        .filter(|naming| naming.team == team && naming.published_at.is_some_and(|at| at >= since))
        .filter(|naming| !naming.is_another());
    let again: Vec<Line> = lately
        .filter_map(|naming| {
            let found = look.findings(naming, 0).first()?.in_short();
            let said = naming.said.as_ref();
            let said = said.map_or_else(
                || "not looked at yet".to_owned(),
                |said| said.verdict.label().to_lowercase(),
            );
            Some(Line {
                label: format!("INC-{}", naming.met.number),
                title: naming.name.clone(),
                note: Some(format!("{found}; {said}")),
                url: tx
                    .context
                    .link(&format!("/incidents/{}/postmortem", naming.met.number)),
            })
        })
        .collect();
    Ok(Part {
        title: format!("Came back: {}", again.len()),
        lines: again.into_iter().take(MOST_LINES).collect(),
    })
}
