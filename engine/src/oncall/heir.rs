//! What somebody who leaves has on a schedule is another person's from now on.

use super::edit::{Begins, Edit, EditedLayer, changed, cut_at, drawn, write};
use super::schedules;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::{LayerId, OverrideId, PersonId, ScheduleId};

/// Turns and overrides to come are another person's from now on; what was stays. The caller tells of it.
pub(crate) async fn hand_over(tx: &mut Tx, id: ScheduleId, person: PersonId, heir: PersonId) -> Result<()> {
    let now = tx.now();
    let (_, ids, before) = schedules::load_as_written(tx, id).await?;
    let drawn = drawn(tx, id).await?;
    let layers = drawn.layers.into_iter().map(|(layer_id, mut layer)| {
        if !layer.turns.iter().flatten().any(|other| *other == person) {
            return EditedLayer::Kept(layer_id);
        }
        for turn in &mut layer.turns {
            // Where both share a turn, one of them is enough.
            let has_both = turn.contains(&heir);
            turn.retain(|other| *other != person || !has_both);
            turn.iter_mut()
                .filter(|other| **other == person)
                .for_each(|other| *other = heir);
        }
        EditedLayer::Changed(layer_id, layer)
    });
    let edit = Edit {
        name: drawn.named.name,
        time_zone: before.time_zone,
        layers: layers.collect(),
        begins: Begins::Now,
        version: None,
    };
    if let Some(changed) = changed(&ids, &before, &edit, now)? {
        write(tx, id, &ids, &before, changed).await?;
    }
    hand_over_overrides(tx, id, person, heir).await
}

async fn hand_over_overrides(tx: &mut Tx, id: ScheduleId, person: PersonId, heir: PersonId) -> Result<()> {
    let now = tx.now();
    let running: Vec<(OverrideId, Option<LayerId>)> = sql(
        "SELECT id, layer_id FROM schedule_overrides WHERE schedule_id = $1 AND (person_id = $2 OR with_person_id = $2)
            AND from_at < $3 AND to_at > $3",
    )
    .bind(id)
    .bind(person)
    .bind(now)
    .all(tx)
    .await?;
    for (exception, layer) in running {
        cut_at(tx, exception, now, layer).await?;
    }
    for statement in [
        "UPDATE schedule_overrides SET person_id = $3 WHERE schedule_id = $1 AND person_id = $2 AND from_at >= $4",
        "UPDATE schedule_overrides SET with_person_id = $3 WHERE schedule_id = $1 AND with_person_id = $2 AND from_at >= $4",
    ] {
        sql(statement)
            .bind(id)
            .bind(person)
            .bind(heir)
            .bind(now)
            .run(tx)
            .await?;
    }
    Ok(())
}
