//! What the page of an incident shows besides its story: what is to be done, what was promised, and who is asked.

use domain::ids::{IncidentId, ScheduleId};
use domain::teams::Team;
use engine::action_items::{self, Card};
use engine::incidents::{self, Handover, Task};
use engine::oncall::schedules;
use engine::{Tx, teams};

#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub tasks: Vec<Task>,
    pub actions: Vec<Card>,
    pub handover: Option<Handover>,
    pub schedules: Vec<(ScheduleId, String)>,
    pub teams: Vec<Team>,
}

impl Beside {
    pub async fn read(tx: &mut Tx, incident: IncidentId) -> engine::Result<Self> {
        let schedules = schedules::all(tx).await?.into_iter();
        Ok(Self {
            tasks: incidents::tasks_of(tx, incident).await?,
            actions: action_items::of_incident(tx, incident).await?,
            handover: incidents::handover_of(tx, incident).await?,
            schedules: schedules.map(|named| (named.id, named.name)).collect(),
            teams: teams::all(tx).await?,
        })
    }
}
