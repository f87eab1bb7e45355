//! Cover me, and swap: somebody asks others to take a turn, or to swap it for one of theirs. The first who accepts has it.

use super::overrides::{self, Draft};
use super::{Refused, choose, schedules};
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::secrets::{self, Secret};
use crate::{news, people, teams};
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{PersonId, RequestId, ScheduleId, TeamId};
use domain::news::{News, Time};
use domain::oncall::{Change, LONGEST, still_to_come};
use domain::people::{Permission, Person};
use std::collections::BTreeSet;

type Span = (DateTime<Utc>, DateTime<Utc>);

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Request {
    pub id: RequestId,
    pub schedule_id: ScheduleId,
    pub schedule_name: String,
    pub team_id: TeamId,
    /// Whose turn it is.
    pub asked_by: PersonId,
    pub asked_by_name: String,
    /// Who asked, where it was somebody else.
    pub entered_by: Option<PersonId>,
    pub entered_by_name: Option<String>,
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
    /// The turn that the asker takes instead, where it is a swap.
    pub instead_from: Option<DateTime<Utc>>,
    pub instead_to: Option<DateTime<Utc>>,
    pub note: String,
    pub state: String,
    pub taken_by: Option<PersonId>,
    pub taken_by_name: Option<String>,
    /// Who took back what was taken, and when.
    pub cancelled_by_name: Option<String>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

impl Request {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == "open" && self.to_at > now
    }

    /// Whether this person asked, or somebody did so for them.
    pub fn is_of(&self, person: PersonId) -> bool {
        self.asked_by == person || self.entered_by == Some(person)
    }

    pub fn instead(&self) -> Option<Span> {
        self.instead_from.zip(self.instead_to)
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub schedule: ScheduleId,
    /// The turn, or a part of it.
    pub span: Span,
    /// Whom; nobody named is everybody in the team who may be on call.
    pub whom: Vec<PersonId>,
    /// A turn of the one person who is asked, which is taken instead.
    pub instead: Option<Span>,
    pub note: String,
}

/// What came of accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    Now,
    /// Somebody was faster, it was taken back, or it is over.
    TooLate,
    /// Whose turn it was does not have it any more, or has not what is swapped for it: nothing is changed.
    Otherwise,
}

pub(super) const COLUMNS: &str = "r.id, r.schedule_id, s.name AS schedule_name, s.team_id, r.asked_by, a.name AS asked_by_name, r.from_at, r.to_at,
    r.entered_by, e.name AS entered_by_name, r.instead_from, r.instead_to, r.note, r.state, r.taken_by, t.name AS taken_by_name,
    c.name AS cancelled_by_name, r.cancelled_at
    FROM turn_requests r JOIN schedules s ON s.id = r.schedule_id JOIN people a ON a.id = r.asked_by
        LEFT JOIN people t ON t.id = r.taken_by LEFT JOIN people e ON e.id = r.entered_by
        LEFT JOIN people c ON c.id = r.cancelled_by";

/// Asks, by mail, about a turn of one's own.
///
/// # Errors
/// As those of [`ask_for`].
pub async fn ask(tx: &mut Tx, asked: &Asked) -> Result<RequestId> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    ask_for(tx, me, asked).await
}

/// Asks, by mail, about somebody's turn: one's own, or as a member of the schedule's team that of somebody else, who is told.
///
/// # Errors
/// [`Refused::NotYourTurn`], [`Refused::NotTheirTurn`], [`Refused::IsOver`], [`Refused::EndsTooEarly`], [`Refused::LastsTooLong`],
/// [`Refused::NobodyToAsk`], [`Refused::CannotBeChosen`], [`Error::NotAllowed`]
pub async fn ask_for(tx: &mut Tx, whose: PersonId, asked: &Asked) -> Result<RequestId> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    let for_another = whose != me;
    let now = tx.now();
    let (from, to) = still_to_come(asked.span, now, LONGEST).map_err(Refused::from)?;
    let (named, rotation) = schedules::load(tx, asked.schedule).await?;
    if for_another {
        tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    }
    let owner = match for_another {
        true => choose(tx, whose, "of").await?,
        false => people::find(tx, me).await?,
    };
    let serves = |person: PersonId, (from, to): Span| {
        rotation
            .shifts(from, to)
            .iter()
            .all(|shift| shift.people.contains(&person))
    };
    if !serves(whose, (from, to)) {
        return Err(match for_another {
            true => Refused::NotTheirTurn(owner.name),
            false => Refused::NotYourTurn,
        }
        .into());
    }
    let whom = whom(tx, named.team_id, whose, &asked.whom).await?;
    if let Some(instead) = asked.instead {
        let is_theirs =
            whom.len() == 1 && instead.0 > now && instead.1 > instead.0 && serves(whom[0].id, instead);
        if !is_theirs {
            return Err(Refused::NoTurnToSwap.into());
        }
    }
    let id: RequestId = tx.new_id();
    let note = String::from(fields::REQUEST_NOTE.read(&asked.note)?);
    sql("INSERT INTO turn_requests (id, schedule_id, asked_by, from_at, to_at, instead_from, instead_to, note, state, created_at, entered_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)")
        .bind(id)
        .bind(asked.schedule)
        .bind(whose)
        .bind(from)
        .bind(to)
        .bind(asked.instead.map(|instead| instead.0))
        .bind(asked.instead.map(|instead| instead.1))
        .bind(note.clone())
        .bind(now)
        .bind(for_another.then_some(me))
        .run(tx)
        .await?;
    let time = |(from, to): Span| Time { from, to };
    for person in whom {
        let secret = Secret::new(&tx.context);
        sql("INSERT INTO turn_request_links (token_hash, request_id, person_id) VALUES ($1, $2, $3)")
            .bind(secret.hash())
            .bind(id)
            .bind(person.id)
            .run(tx)
            .await?;
        let news = News::TurnOffered {
            name: named.name.clone(),
            whose: for_another.then(|| owner.name.clone()),
            turn: time((from, to)),
            instead: asked.instead.map(time),
            note: note.clone(),
            token: secret.reveal().to_owned(),
        };
        news::tell(tx, person.id, None, &news).await?;
    }
    if for_another {
        let news = News::TurnAskedFor {
            request: id,
            name: named.name,
            turn: time((from, to)),
            instead: asked.instead.map(time),
            note,
        };
        news::tell(tx, whose, None, &news).await?;
    }
    Ok(id)
}

/// The people who are asked, without whoever has the turn.
async fn whom(tx: &mut Tx, team: TeamId, whose: PersonId, named: &[PersonId]) -> Result<Vec<Person>> {
    let mut found = Vec::new();
    if named.is_empty() {
        found = teams::members::who_act(tx, team).await?;
    } else {
        for person in named.iter().collect::<BTreeSet<_>>() {
            found.push(choose(tx, *person, "whom").await?);
        }
    }
    found.retain(|person| person.id != whose);
    if found.is_empty() {
        return Err(Refused::NobodyToAsk.into());
    }
    Ok(found)
}

/// Finds a request.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find(tx: &mut Tx, id: RequestId) -> Result<Request> {
    sql(constcat::concat!("SELECT ", COLUMNS, " WHERE r.id = $1"))
        .bind(id)
        .one(tx, "request")
        .await
}

/// The request that a mailed link is about, and whose link it is.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn by_link(tx: &mut Tx, token: &str) -> Result<(Request, Person)> {
    let (id, person): (RequestId, PersonId) =
        sql("SELECT request_id, person_id FROM turn_request_links WHERE token_hash = $1")
            .bind(secrets::hash(token))
            .one(tx, "request")
            .await?;
    Ok((find(tx, id).await?, people::find(tx, person).await?))
}

/// As [`accept`], by the link in a mail.
///
/// # Errors
/// [`Error::NotFound`], and those of [`accept`].
pub async fn accept_by_link(tx: &mut Tx, token: &str) -> Result<Accepted> {
    let id = take_up_link(tx, token).await?;
    accept(tx, id).await
}

/// The request of a link; whoever has the link acts in the name of whom it was sent to.
pub(super) async fn take_up_link(tx: &mut Tx, token: &str) -> Result<RequestId> {
    let (request, person) = by_link(tx, token).await?;
    tx.acts_for(person);
    Ok(request.id)
}

/// Requests about turns of a person, and those that they made for others, that nobody has taken yet.
pub async fn open_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Request>> {
    let now = tx.now();
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " WHERE (r.asked_by = $1 OR r.entered_by = $1) AND r.state = 'open' AND r.to_at > $2 ORDER BY r.from_at, r.id"
    ))
    .bind(person)
    .bind(now)
    .all(tx)
    .await
}

/// Requests of others that a person was asked for and has not declined.
pub async fn offered_to(tx: &mut Tx, person: PersonId) -> Result<Vec<Request>> {
    let now = tx.now();
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " WHERE r.state = 'open' AND r.to_at > $2 AND r.asked_by <> $1
            AND EXISTS (SELECT 1 FROM turn_request_links l
                WHERE l.request_id = r.id AND l.person_id = $1 AND l.declined_at IS NULL)
          ORDER BY r.from_at, r.id"
    ))
    .bind(person)
    .bind(now)
    .all(tx)
    .await
}

/// Takes what is offered. A swap is for whoever was asked; everything else is for everybody who may be on call. Of two at once one is
/// too late.
///
/// # Errors
/// [`Refused::CannotBeChosen`], [`Error::NotAllowed`], [`Error::NotFound`]
pub async fn accept(tx: &mut Tx, id: RequestId) -> Result<Accepted> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    choose(tx, me, "person").await?;
    let request = find(tx, id).await?;
    let now = tx.now();
    if request.instead().is_some() && !was_asked(tx, id, me).await? {
        return Err(Error::NotFound("request"));
    }
    if request.taken_by == Some(me) && request.cancelled_at.is_none() {
        // Pressed twice.
        return Ok(Accepted::Now);
    }
    if request.asked_by == me || !request.is_open(now) {
        return Ok(Accepted::TooLate);
    }
    let instead = request.instead().filter(|instead| instead.1 > now);
    if let Some(instead) = instead
        && !still_serves(tx, &request, me, instead, Part::All).await?
    {
        return Ok(Accepted::Otherwise);
    }
    let accepted = goes_to(tx, &request, me).await?;
    if accepted != Accepted::Now {
        return Ok(accepted);
    }
    if let Some(instead) = instead {
        hand_over(
            tx,
            &request,
            (me, request.asked_by),
            (instead.0.max(now), instead.1),
        )
        .await?;
    }
    Ok(Accepted::Now)
}

/// The turn is this person's from now on, unless somebody was faster, or nothing of it is the asker's any more.
pub(super) async fn goes_to(tx: &mut Tx, request: &Request, person: PersonId) -> Result<Accepted> {
    let now = tx.now();
    let part = match request.instead() {
        Some(_) => Part::All,
        None => Part::Some,
    };
    let left = (request.from_at.max(now), request.to_at);
    if !still_serves(tx, request, request.asked_by, left, part).await? {
        return Ok(Accepted::Otherwise);
    }
    let taken =
        sql("UPDATE turn_requests SET state = 'taken', taken_by = $2 WHERE id = $1 AND state = 'open'")
            .bind(request.id)
            .bind(person)
            .run(tx)
            .await?;
    if taken == 0 {
        return Ok(Accepted::TooLate);
    }
    hand_over(tx, request, (request.asked_by, person), left).await?;
    Ok(Accepted::Now)
}

/// How much of a turn somebody must still have. Of one that is given away a part is enough; what is swapped is swapped whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    Some,
}

/// Whether a turn is still theirs, whatever was arranged since they were asked.
pub(super) async fn still_serves(
    tx: &mut Tx,
    request: &Request,
    person: PersonId,
    (from, to): Span,
    part: Part,
) -> Result<bool> {
    let (_, rotation) = schedules::load(tx, request.schedule_id).await?;
    let shifts = rotation.shifts(from, to);
    let mut theirs = shifts.iter().map(|shift| shift.people.contains(&person));
    Ok(match part {
        Part::All => theirs.all(|is_theirs| is_theirs),
        Part::Some => theirs.any(|is_theirs| is_theirs),
    })
}

pub(super) async fn was_asked(tx: &mut Tx, id: RequestId, person: PersonId) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM turn_request_links WHERE request_id = $1 AND person_id = $2)")
        .bind(id)
        .bind(person)
        .scalar(tx)
        .await
}

/// Only where the one would have had it: what was arranged otherwise meanwhile stays.
async fn hand_over(
    tx: &mut Tx,
    request: &Request,
    (person, with): (PersonId, PersonId),
    span: Span,
) -> Result<()> {
    let draft = Draft {
        change: Change::Replace { person, with },
        layer: None,
        from: span.0,
        to: span.1,
    };
    overrides::arrange(tx, request.schedule_id, &draft, span, Some(request.id))
        .await
        .map(drop)
}

/// Whoever asked takes it back, or whose turn it is.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn withdraw(tx: &mut Tx, id: RequestId) -> Result<()> {
    let me = tx.actor().person();
    let request = find(tx, id).await?;
    if !me.is_some_and(|me| request.is_of(me)) {
        tx.authorize(Permission::ChangeTeam(request.team_id)).await?;
    }
    sql("UPDATE turn_requests SET state = 'withdrawn' WHERE id = $1 AND state = 'open'")
        .bind(id)
        .run(tx)
        .await
        .map(drop)
}

/// Takes the rest of a turn, or one that comes, as a member of the team.
///
/// # Errors
/// As those of [`overrides::add`].
pub async fn take(tx: &mut Tx, schedule: ScheduleId, span: Span) -> Result<()> {
    let me = tx.person()?;
    overrides::add(tx, schedule, &Draft::by(me, span)).await.map(drop)
}
