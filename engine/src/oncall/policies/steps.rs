//! Steps of a policy that is made or changed: whether they can be walked through, and their rows.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::oncall::{Refused, choose};
use domain::escalation::{HOLDS_SECONDS, Policy, Step, Target};
use domain::ids::{PolicyId, StepId};

/// Whether this can be walked through.
pub(super) fn check(policy: &Policy) -> Result<(), Refused> {
    if policy.steps.is_empty() {
        return Err(Refused::NoSteps);
    }
    if policy.steps.len() > 20 {
        return Err(Refused::TooManySteps);
    }
    if !(0..=20).contains(&policy.repeats) {
        return Err(Refused::TooManyRepeats);
    }
    for (number, step) in (1..).zip(&policy.steps) {
        if step.targets.is_empty() {
            return Err(Refused::StepWithoutTarget(number));
        }
        if !(30..=86_400).contains(&step.delay_seconds) {
            return Err(Refused::StepDelay(number));
        }
        if step.in_turn && step.all_acknowledge {
            return Err(Refused::InTurnAndAll(number));
        }
    }
    if policy
        .acknowledged_for_seconds
        .is_some_and(|seconds| !HOLDS_SECONDS.contains(&seconds))
    {
        return Err(Refused::HoldsTooShort);
    }
    Ok(())
}

/// Whether those whom it names can be paged now.
pub(super) async fn check_targets(tx: &mut Tx, policy: &Policy) -> Result<()> {
    for (number, step) in (1..).zip(&policy.steps) {
        for target in &step.targets {
            match target {
                Target::Person(person) => {
                    choose(tx, *person, "steps").await?;
                }
                Target::Team(team) => {
                    let is_there: bool = sql("SELECT EXISTS (SELECT 1 FROM teams WHERE id = $1)")
                        .bind(*team)
                        .scalar(tx)
                        .await?;
                    if !is_there {
                        return Err(Refused::NoSuchSchedule(number).into());
                    }
                }
                Target::Administrators => {}
                Target::Schedule(schedule) => {
                    let is_there: bool = sql("SELECT EXISTS (SELECT 1 FROM schedules WHERE id = $1)")
                        .bind(*schedule)
                        .scalar(tx)
                        .await?;
                    if !is_there {
                        return Err(Refused::NoSuchSchedule(number).into());
                    }
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn write_steps(tx: &mut Tx, policy: PolicyId, steps: &[Step]) -> Result<()> {
    for (position, step) in (0_i64..).zip(steps) {
        let id: StepId = tx.new_id();
        sql(
            "INSERT INTO policy_steps (id, policy_id, position, delay_seconds, in_turn, skips_paged, all_acknowledge)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(policy)
        .bind(position)
        .bind(step.delay_seconds)
        .bind(step.in_turn)
        .bind(step.skips_paged)
        .bind(step.all_acknowledge)
        .run(tx)
        .await?;
        for (position, target) in (0_i64..).zip(&step.targets) {
            let (person, schedule, team) = match target {
                Target::Person(person) => (Some(*person), None, None),
                Target::Schedule(schedule) => (None, Some(*schedule), None),
                Target::Team(team) => (None, None, Some(*team)),
                Target::Administrators => (None, None, None),
            };
            sql(
                "INSERT INTO policy_targets (step_id, position, person_id, schedule_id, team_id)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(id)
            .bind(position)
            .bind(person)
            .bind(schedule)
            .bind(team)
            .run(tx)
            .await?;
        }
    }
    Ok(())
}
