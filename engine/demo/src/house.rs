//! People, teams, services, schedules and policies, made as an administrator would make them.

use crate::NoDemo;
use crate::cast::{Cast, CastService, CastTeam};
use crate::company::{self, Habits, House, Nights, Rota, Service, Team};
use crate::deeds::lead;
use chrono::{DateTime, NaiveTime, Utc};
use domain::Severity;
use domain::escalation::{Hours, Policy, Rule, Step, Target};
use domain::ids::{PersonId, PolicyId, ScheduleId};
use domain::oncall::draft::ScheduleDraft;
use domain::oncall::{Change, Override, Restriction};
use domain::teams::IntegrationKind;
use engine::oncall::{overrides, policies, rotations, routing, schedules, shown, store};
use engine::people::{self, changes, passwords};
use engine::teams::{self, integrations, members, services};
use engine::{Actor, Tx, action_items, alerts, hand_offs, load};
use std::collections::BTreeMap;

/// Makes all of it.
pub async fn build(tx: &mut Tx, house: &House, password: &passwords::Hashed) -> Result<Cast, NoDemo> {
    let mut cast = Cast {
        people: BTreeMap::new(),
        teams: BTreeMap::new(),
        services: BTreeMap::new(),
    };
    for person in &house.people {
        let change = changes::Change {
            name: person.name.clone(),
            email: format!("{}@{}", person.key, house.domain),
            role: person.role,
            time_zone: person.zone.clone(),
        };
        let made = changes::create(tx, &change, password).await?;
        cast.people.insert(person.key.clone(), made.id);
    }
    let mut paging = BTreeMap::new();
    for team in &house.teams {
        let (made, policy) = make_team(tx, &cast, team).await?;
        paging.insert(team.key.clone(), policy);
        cast.teams.insert(team.key.clone(), made);
    }
    for service in &house.services {
        let made = make_service(tx, &cast, service, paging.get(&service.team).copied()).await?;
        cast.services.insert(service.key.clone(), made);
    }
    Ok(cast)
}

async fn make_team(tx: &mut Tx, cast: &Cast, team: &Team) -> Result<(CastTeam, PolicyId), NoDemo> {
    let everybody = |keys: &[String]| {
        keys.iter()
            .map(|key| cast.person(key))
            .collect::<Result<Vec<_>, _>>()
    };
    let rotation = everybody(&team.rotation)?;
    let lead = cast.person(&team.lead)?;
    let made = teams::create(tx, &team.name, &rotation).await?;
    for other in everybody(&team.others)? {
        members::add(tx, made.id, other).await?;
    }
    let on_call = schedule(tx, made.id, team, "on call", rotation.clone()).await?;
    let mut second_line = rotation.clone();
    second_line.rotate_left(1);
    let second = schedule(tx, made.id, team, "second line", second_line).await?;
    let targets = [
        Target::Schedule(on_call),
        Target::Schedule(second),
        Target::Person(lead),
    ];
    let steps = targets.into_iter().zip(&team.waits).map(|(target, wait)| Step {
        delay_seconds: wait.0.num_seconds(),
        targets: vec![target],
        ..Step::default()
    });
    let policy = Policy {
        steps: steps.collect(),
        repeats: team.repeats,
        ..Policy::default()
    };
    let policy = policies::create(tx, made.id, &format!("{}: who is on call", team.name), &policy).await?;
    limit_columns(tx, &made.slug, &team.limits).await?;
    let cast_team = CastTeam {
        id: made.id,
        slug: made.slug,
        lead,
        rotation,
        on_call,
    };
    Ok((cast_team, policy))
}

async fn schedule(
    tx: &mut Tx,
    id: domain::ids::TeamId,
    team: &Team,
    what: &str,
    people: Vec<PersonId>,
) -> Result<ScheduleId, NoDemo> {
    let weekly = rotations::Weekly {
        name: format!("{} {what}", team.name),
        time_zone: team.zone.clone(),
        hand_off_day: team.hand_off,
        hand_off_time: NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default(),
        people,
    };
    let made = rotations::create(tx, id, &weekly).await?;
    quiet(tx, made).await?;
    Ok(made)
}

/// History goes by without mails of turns; teams come to them by today.
async fn quiet(tx: &mut Tx, schedule: ScheduleId) -> Result<(), NoDemo> {
    Ok(hand_offs::tell_hand_offs(tx, schedule, false).await?)
}

/// Sets how many cards lie in a column at most.
async fn limit_columns(tx: &mut Tx, slug: &str, limits: &[(String, i64)]) -> Result<(), NoDemo> {
    let board = action_items::board(tx, slug).await?;
    for (column, _) in board.columns {
        if let Some((name, limit)) = limits.iter().find(|(name, _)| *name == column.name) {
            let draft = action_items::ColumnDraft {
                name: name.clone(),
                limit: Some(*limit),
                states: column.states.clone(),
            };
            action_items::change_column(tx, column.team_id, column.id, &draft).await?;
        }
    }
    Ok(())
}

async fn make_service(
    tx: &mut Tx,
    cast: &Cast,
    service: &Service,
    policy: Option<PolicyId>,
) -> Result<CastService, NoDemo> {
    let draft = services::Draft {
        policy: policy.filter(|_| service.has_policy),
        page_from: service.pages_from.unwrap_or(Severity::Sev3),
        resolves_with_alerts: service.resolves_with_alerts,
        ..services::Draft::named(&service.name)
    };
    let made = services::create(tx, cast.team(&service.team)?.id, &draft).await?;
    let kind = IntegrationKind::Alertmanager;
    let (_, secret) = integrations::create(tx, made.id, kind, "Alertmanager").await?;
    for kind in &service.integrations {
        integrations::create(tx, made.id, *kind, kind.label()).await?;
    }
    let source = alerts::source(tx, kind, secret.reveal()).await?;
    Ok(CastService {
        id: made.id,
        team: service.team.clone(),
        source: source.ok_or_else(|| NoDemo::Unknown(service.key.clone()))?,
    })
}

/// Swaps that were arranged for the next days.
pub async fn arrange(
    tx: &mut Tx,
    cast: &Cast,
    arranged: &[company::Override],
    now: DateTime<Utc>,
) -> Result<(), NoDemo> {
    for exception in arranged {
        let midnight = now.date_naive().and_time(NaiveTime::MIN);
        lead(tx, cast.person(&exception.by)?).await?;
        overrides::add_by_the_clock(
            tx,
            cast.team(&exception.team)?.on_call,
            cast.person(&exception.person)?,
            (midnight + exception.from.0, midnight + exception.to.0),
        )
        .await?;
    }
    tx.acts_as(Actor::Kintsugi);
    Ok(())
}

/// Schedules that say more than a weekly rotation does.
pub async fn rotas(tx: &mut Tx, cast: &Cast, rotas: &[Rota], now: DateTime<Utc>) -> Result<(), NoDemo> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    for rota in rotas {
        let unknown = |fault| NoDemo::Unknown(format!("{}: {fault}", rota.name));
        let mut schedule = ScheduleDraft::read(rota.json.as_bytes())
            .and_then(|draft| draft.check(|key| cast.person(key).ok()))
            .map_err(unknown)?;
        if let Some((from, to)) = &rota.gap {
            schedule.overrides.push(Override {
                change: Change::Nobody,
                layer: None,
                from: midnight + from.0,
                to: midnight + to.0,
            });
        }
        let made = store::create(tx, cast.team(&rota.team)?.id, &rota.name, &schedule).await?;
        quiet(tx, made).await?;
    }
    Ok(())
}

/// What teams have come to by today, and had not while their history took place.
pub async fn habits(tx: &mut Tx, cast: &Cast, habits: &Habits) -> Result<(), NoDemo> {
    for team in &habits.tells_hand_offs {
        hand_offs::tell_hand_offs(tx, cast.team(team)?.on_call, true).await?;
    }
    for team in &habits.shown {
        shown::show(tx, cast.team(team)?.on_call, true).await?;
    }
    for team in &habits.load_with_names {
        load::show_names(tx, cast.team(team)?.id, true).await?;
    }
    let note = &habits.note;
    let lead = people::find(tx, cast.team(&note.team)?.lead).await?;
    tx.acts_as(Actor::Person {
        person: lead,
        address: None,
    });
    hand_offs::leave_note(tx, cast.team(&note.team)?.on_call, &note.text).await?;
    tx.acts_as(Actor::Kintsugi);
    at_night(tx, cast, &habits.nights).await
}

/// All services of the team page by another policy at night.
async fn at_night(tx: &mut Tx, cast: &Cast, nights: &Nights) -> Result<(), NoDemo> {
    let team = cast.team(&nights.team)?;
    let step = |target| Step {
        delay_seconds: 600,
        targets: vec![target],
        ..Step::default()
    };
    let policy = Policy {
        steps: vec![
            step(Target::Schedule(team.on_call)),
            step(Target::Person(team.lead)),
        ],
        acknowledged_for_seconds: Some(nights.holds.0.num_seconds()),
        until_acknowledged: true,
        ..Policy::default()
    };
    let policy = policies::create(tx, team.id, &nights.name, &policy).await?;
    let (named, _) = schedules::load(tx, team.on_call).await?;
    let hours = Hours {
        within: true,
        windows: vec![Restriction::Daily {
            from: nights.from,
            to: nights.to,
            weekdays: None,
        }],
        time_zone: named.time_zone.parse().unwrap_or(chrono_tz::UTC),
    };
    let rule = Rule {
        policy,
        severity: None,
        hours: Some(hours),
    };
    for service in cast.services.values() {
        let has_policy = teams::find_service(tx, service.id).await?.policy_id.is_some();
        if service.team == nights.team && has_policy {
            routing::set(tx, service.id, std::slice::from_ref(&rule)).await?;
        }
    }
    Ok(())
}
