//! What somebody asks to be covered for, and nobody takes: a week before, the team is told, and whoever may change the schedule gives it
//! to somebody. A swap is no such thing: whoever asks for one serves all the same.

use super::choose;
use super::requests::{self, Accepted, COLUMNS, Part, Request};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::{Tx, news, people, teams};
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, RequestId, TeamId};
use domain::news::{News, Time};
use domain::oncall::{UNTAKEN_AHEAD, untaken_is_told};
use domain::people::{Permission, Person, Role};

/// From $1 on, before $2.
const OPEN: &str = " WHERE r.state = 'open' AND r.instead_from IS NULL AND r.to_at > $1 AND r.from_at <= $2 ";

/// One of those who were asked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Asked {
    pub person: PersonId,
    pub name: String,
    pub declined_at: Option<DateTime<Utc>>,
}

/// Who was asked, by name.
pub async fn asked(tx: &mut Tx, request: RequestId) -> Result<Vec<Asked>> {
    sql(
        "SELECT p.id AS person, p.name, l.declined_at FROM turn_request_links l JOIN people p ON p.id = l.person_id
         WHERE l.request_id = $1 ORDER BY p.name, p.id",
    )
    .bind(request)
    .all(tx)
    .await
}

/// As [`decline`], by the link in a mail.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn decline_by_link(tx: &mut Tx, token: &str) -> Result<()> {
    let id = requests::take_up_link(tx, token).await?;
    decline(tx, id).await
}

/// Whoever was asked says that they cannot. They may take it all the same.
///
/// # Errors
/// [`Error::NotFound`] for who was not asked.
pub async fn decline(tx: &mut Tx, id: RequestId) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    let now = tx.now();
    if !requests::was_asked(tx, id, me).await? {
        return Err(Error::NotFound("request"));
    }
    sql("UPDATE turn_request_links SET declined_at = $3
         WHERE request_id = $1 AND person_id = $2 AND declined_at IS NULL")
    .bind(id)
    .bind(me)
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}

/// Gives it to somebody, for whoever may change the schedule. Both are told.
///
/// # Errors
/// [`super::Refused::CannotBeChosen`], [`Error::NotAllowed`], [`Error::NotFound`]
pub async fn give(tx: &mut Tx, id: RequestId, to: PersonId) -> Result<Accepted> {
    let request = requests::find(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(request.team_id)).await?;
    if request.instead().is_some() {
        return Err(Error::NotFound("request"));
    }
    choose(tx, to, "person").await?;
    let may_go = to != request.asked_by && request.is_open(tx.now());
    match may_go {
        true => requests::goes_to(tx, &request, to).await,
        false => Ok(Accepted::TooLate),
    }
}

/// Those of a team that begin within a week, the next one first.
pub async fn of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Request>> {
    let now = tx.now();
    let open = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        OPEN,
        "AND s.team_id = $3 ORDER BY r.from_at, r.id"
    ))
    .bind(now)
    .bind(now + UNTAKEN_AHEAD)
    .bind(team)
    .all(tx)
    .await?;
    still_theirs(tx, open).await
}

/// Those of the teams whose schedules a person looks after, without their own.
pub async fn for_person(tx: &mut Tx, person: &Person) -> Result<Vec<Request>> {
    if person.role == Role::Observer {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let open = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        OPEN,
        "AND r.asked_by <> $3 AND s.team_id IN (SELECT team_id FROM team_members WHERE person_id = $3) ORDER BY r.from_at, r.id"
    ))
    .bind(now)
    .bind(now + UNTAKEN_AHEAD)
    .bind(person.id)
    .all(tx)
    .await?;
    still_theirs(tx, open).await
}

async fn still_theirs(tx: &mut Tx, open: Vec<Request>) -> Result<Vec<Request>> {
    let mut found = Vec::new();
    for request in open {
        if is_still_theirs(tx, &request).await? {
            found.push(request);
        }
    }
    Ok(found)
}

/// Whether nobody has taken it yet.
pub(crate) async fn stands(tx: &mut Tx, id: RequestId) -> Result<bool> {
    match requests::find(tx, id).await {
        Ok(request) => Ok(request.is_open(tx.now()) && is_still_theirs(tx, &request).await?),
        Err(Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An override may have given it to somebody without an answer.
async fn is_still_theirs(tx: &mut Tx, request: &Request) -> Result<bool> {
    let rest = (request.from_at.max(tx.now()), request.to_at);
    requests::still_serves(tx, request, request.asked_by, rest, Part::Some).await
}

/// Those of which it is time to tell.
pub async fn due(tx: &mut Tx) -> Result<Vec<RequestId>> {
    let now = tx.now();
    type Row = (RequestId, DateTime<Utc>, DateTime<Utc>, DateTime<Utc>);
    let open: Vec<Row> = sql(
        "SELECT id, from_at, to_at, created_at FROM turn_requests
         WHERE state = 'open' AND untaken_told_at IS NULL AND instead_from IS NULL AND to_at > $1 AND from_at <= $2
         ORDER BY from_at, id",
    )
    .bind(now)
    .bind(now + UNTAKEN_AHEAD)
    .all(tx)
    .await?;
    let due = open
        .into_iter()
        .filter(|(_, from, to, asked)| untaken_is_told((*from, *to), *asked, now));
    Ok(due.map(|(id, ..)| id).collect())
}

/// Tells those who may give it to somebody, once. Says how many that were.
pub async fn tell(tx: &mut Tx, id: RequestId) -> Result<usize> {
    let now = tx.now();
    let first = sql(
        "UPDATE turn_requests SET untaken_told_at = $2 WHERE id = $1 AND state = 'open' AND untaken_told_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    if first == 0 || !stands(tx, id).await? {
        return Ok(0);
    }
    let request = requests::find(tx, id).await?;
    let (declined, silent): (Vec<Asked>, Vec<Asked>) = asked(tx, id)
        .await?
        .into_iter()
        .partition(|asked| asked.declined_at.is_some());
    let names = |asked: Vec<Asked>| asked.into_iter().map(|asked| asked.name).collect();
    let news = News::TurnUntaken {
        request: id,
        name: request.schedule_name.clone(),
        turn: Time {
            from: request.from_at,
            to: request.to_at,
        },
        asker: request.asked_by_name.clone(),
        note: request.note.clone(),
        silent: names(silent),
        declined: names(declined),
    };
    let to = who_may_give(tx, &request).await?;
    for person in &to {
        news::tell(tx, *person, None, &news).await?;
    }
    Ok(to.len())
}

/// The members who may change the schedule, without whoever asks; where there are none, the administrators.
async fn who_may_give(tx: &mut Tx, request: &Request) -> Result<Vec<PersonId>> {
    let members = teams::members::who_act(tx, request.team_id).await?;
    let mut found = without(members, request.asked_by);
    if found.is_empty() {
        let mut administrators = people::active(tx).await?;
        administrators.retain(|person| person.role == Role::Administrator);
        found = without(administrators, request.asked_by);
    }
    Ok(found)
}

fn without(people: Vec<Person>, asker: PersonId) -> Vec<PersonId> {
    let others = people.into_iter().filter(|person| person.id != asker);
    others.map(|person| person.id).collect()
}
