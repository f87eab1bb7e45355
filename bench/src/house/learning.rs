//! Postmortems of one incident in sixteen, and their action items on the teams' boards.

use super::{Cast, IN_A_ROW, Size, TEAMS, opened_at};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::action_items::{ActionKind, ActionState, Priority};
use domain::ids::{ActionItemId, ColumnId, FactorId, IncidentId, NamedFactorId, PostmortemId};
use domain::postmortems::{PostmortemState, SectionKind, TEMPLATE};
use engine::db::{Arg, sql};
use engine::{Tx, transaction};
use testing::TestApp;

/// Postmortems in one transaction.
const AT_ONCE: usize = 100;
/// Of each postmortem; a team's board gets about 210 in the big house.
const ITEMS: i64 = 3;
/// The newest ones wait for readers.
const IN_REVIEW: i64 = 5;
const FACTORS: [&str; 6] = [
    "A limit that nobody watched",
    "A change without a way back",
    "An alert that came late",
    "Knowledge in one head",
    "A dependency that failed slowly",
    "A test that passed for the wrong reason",
];
const WORDS: &str = "The pool of connections had been sized for half of the traffic that it has now. When the cache was emptied by \
    the deploy, **every request went to the database**, and the slow ones held their connection until the proxy gave up.\n\n\
    - The dashboard showed the pool, but no alert watched it.\n- The deploy empties the cache on all nodes at once.\n\n\
    Those on call found the cause by comparing the node that still ran the old build with the two others, which took twenty \
    minutes, and rolled back one node at a time so that the cache could fill again.";

pub(super) async fn write(
    app: &TestApp,
    cast: &Cast,
    size: Size,
    ids: &[IncidentId],
    now: DateTime<Utc>,
) -> Result<()> {
    let factors = transaction!(app.engine, |tx| {
        let mut factors: Vec<FactorId> = Vec::new();
        for name in FACTORS {
            let id = tx.new_id();
            sql("INSERT INTO factors (id, name, created_at) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(name)
                .bind(now)
                .run(tx)
                .await?;
            factors.push(id);
        }
        factors
    })?;
    let columns = transaction!(app.engine, |tx| columns(tx, cast).await?)?;
    // The newest ones are open still, or were a while ago only.
    let learned: Vec<i64> = (1..=size.incidents * 9 / 10)
        .filter(|number| number % size.each_with_postmortem == 0)
        .collect();
    for some in learned.chunks(AT_ONCE) {
        transaction!(app.engine, |tx| {
            for number in some {
                let waits = number / size.each_with_postmortem > learned.len() as i64 - IN_REVIEW;
                let waits = waits && *number != size.with_postmortem();
                let learning = Learning {
                    number: *number,
                    incident: ids[*number as usize - 1],
                    cast,
                    factors: &factors,
                    columns: &columns[Cast::place_of_team(*number)],
                    state: if waits {
                        PostmortemState::InReview
                    } else {
                        PostmortemState::Published
                    },
                    at: opened_at(size, *number, now) + TimeDelta::days(1),
                    today: now,
                };
                learning.write(tx).await?;
            }
        })?;
    }
    transaction!(app.engine, |tx| {
        sql("UPDATE counters SET value = $1 WHERE name = 'action_item'")
            .bind(number_of_item(size.incidents, ITEMS))
            .run(tx)
            .await?
    })?;
    Ok(())
}

/// The columns of each team's board.
async fn columns(tx: &mut Tx, cast: &Cast) -> engine::Result<Vec<Vec<ColumnId>>> {
    let mut of_teams = Vec::with_capacity(TEAMS.len());
    for team in &cast.teams {
        let rows: Vec<(ColumnId,)> = sql("SELECT id FROM board_columns WHERE team_id = $1 ORDER BY position")
            .bind(*team)
            .all(tx)
            .await?;
        of_teams.push(rows.into_iter().map(|(id,)| id).collect());
    }
    Ok(of_teams)
}

const fn number_of_item(incident: i64, place: i64) -> i64 {
    incident / IN_A_ROW * ITEMS + place
}

struct Learning<'a> {
    number: i64,
    incident: IncidentId,
    cast: &'a Cast,
    factors: &'a [FactorId],
    columns: &'a [ColumnId],
    state: PostmortemState,
    at: DateTime<Utc>,
    today: DateTime<Utc>,
}

impl Learning<'_> {
    async fn write(&self, tx: &mut Tx) -> engine::Result<()> {
        let id: PostmortemId = tx.new_id();
        let (author, _) = self.cast.person_of(self.number, 1);
        sql(
            "INSERT INTO postmortems (id, incident_id, title, state, created_at, created_by, published_at)
             VALUES ($1, $2, 'The pool was sized for half of the traffic', $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(self.incident)
        .bind(self.state)
        .bind(self.at)
        .bind(*author)
        .bind((self.state == PostmortemState::Published).then_some(self.at + TimeDelta::days(4)))
        .run(tx)
        .await?;
        for (position, section) in (1_i64..).zip(TEMPLATE) {
            let has_rows = matches!(
                section.kind,
                SectionKind::ContributingFactors | SectionKind::ActionItems
            );
            sql(
                "INSERT INTO postmortem_sections (postmortem_id, name, position, kind, title, prompt, body, revision, updated_at, updated_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 2, $8, $9)",
            )
            .bind(id)
            .bind(section.name)
            .bind(position)
            .bind(section.kind)
            .bind(section.title)
            .bind(section.prompt)
            .bind(if has_rows { "" } else { WORDS })
            .bind(self.at)
            .bind(*author)
            .run(tx)
            .await?;
        }
        for place in 0..ITEMS {
            let factor = self.name_factor(tx, id, place).await?;
            self.add_item(tx, id, factor, place).await?;
        }
        Ok(())
    }

    async fn name_factor(
        &self,
        tx: &mut Tx,
        postmortem: PostmortemId,
        place: i64,
    ) -> engine::Result<NamedFactorId> {
        let id = tx.new_id();
        let factor = self.factors[(self.number / IN_A_ROW + place) as usize % self.factors.len()];
        sql("INSERT INTO postmortem_factors (id, postmortem_id, factor_id, words, position) VALUES ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(postmortem)
            .bind(factor)
            .bind("It had been on the dashboard for weeks, and no threshold was set.")
            .bind(place)
            .run(tx)
            .await?;
        Ok(id)
    }

    async fn add_item(
        &self,
        tx: &mut Tx,
        postmortem: PostmortemId,
        factor: NamedFactorId,
        place: i64,
    ) -> engine::Result<()> {
        let id: ActionItemId = tx.new_id();
        let number = number_of_item(self.number, place);
        let (owner, _) = self.cast.person_of(self.number, place);
        let states = [
            ActionState::Proposed,
            ActionState::Accepted,
            ActionState::Doing,
            ActionState::Done,
        ];
        let column = number as usize % states.len();
        sql("INSERT INTO action_items (id, number, title, owner_id, team_id, incident_id, postmortem_id, named_factor_id, kind,
                 priority, due_on, proof, state, column_id, position, created_at, created_by, state_changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $2, $15, $4, $15)")
            .bind(id)
            .bind(number)
            .bind("An alert watches the pool of connections, from 80 % on")
            .bind(*owner)
            .bind(self.cast.service_of(self.number).team)
            .bind(self.incident)
            .bind(postmortem)
            .bind(factor)
            .bind(ActionKind::ALL[number as usize % ActionKind::ALL.len()])
            .bind(Priority::ALL[number as usize % Priority::ALL.len()])
            .bind((self.today + TimeDelta::days(number % 60 - 10)).date_naive())
            .bind("The alert fires in the rehearsal.")
            .bind(states[column])
            .bind(self.columns[column])
            .bind(self.at)
            .run(tx)
            .await?;
        let change = tx.context.new_id();
        sql("INSERT INTO action_item_changes (id, action_item_id, at, actor_id, to_state) VALUES ($1, $2, $3, $4, $5)")
            .bind(Arg::Id(Some(change)))
            .bind(id)
            .bind(self.at)
            .bind(*owner)
            .bind(states[column])
            .run(tx)
            .await?;
        Ok(())
    }
}
