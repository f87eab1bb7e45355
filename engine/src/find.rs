//! Finding anything by its words: incidents by their index, everything else by its name. The number of queries does not depend
//! on what there is.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::incidents::search::{number_in, words_of};
use crate::incidents::{self, Filter, Listed};
use domain::find::Kind;
use uuid::Uuid;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub kind: Kind,
    pub name: String,
    /// The team, the e-mail address, the state: what tells two of a name apart.
    pub beside: String,
    /// In the address of services and teams.
    pub slug: String,
    /// In the address of people, schedules and policies.
    pub id: Option<Uuid>,
    /// Of the postmortem's incident, or of the action item; else 0.
    pub number: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub incidents: Vec<Listed>,
    /// By kind, the best first.
    pub named: Vec<Named>,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty() && self.named.is_empty()
    }

    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Named> {
        self.named.iter().filter(move |named| named.kind == kind)
    }
}

/// Names of one kind that are looked through, newest first; a company has fewer. CROSS JOIN, so that SQLite begins with them and
/// not with all incidents.
const NAMED: &str = "SELECT * FROM (
      SELECT 'service' AS kind, s.name AS name, t.name AS beside, s.slug AS slug, CAST(NULL AS UUID) AS id,
          CAST(0 AS BIGINT) AS number, s.created_at AS made_at
      FROM services s JOIN teams t ON t.id = s.team_id
    UNION ALL SELECT 'postmortem', m.title, m.state, '', CAST(NULL AS UUID), i.number, m.created_at
      FROM postmortems m CROSS JOIN incidents i WHERE i.id = m.incident_id AND {visible i}
    UNION ALL SELECT 'action_item', a.title, a.state, '', CAST(NULL AS UUID), a.number, a.created_at
      FROM action_items a CROSS JOIN incidents i WHERE i.id = a.incident_id AND {visible i}
    UNION ALL SELECT 'person', p.name, p.email, '', p.id, CAST(0 AS BIGINT), p.created_at
      FROM people p WHERE p.deactivated_at IS NULL
    UNION ALL SELECT 'team', t.name, '', t.slug, CAST(NULL AS UUID), CAST(0 AS BIGINT), t.created_at FROM teams t
    UNION ALL SELECT 'schedule', c.name, t.name, '', c.id, CAST(0 AS BIGINT), c.created_at
      FROM schedules c JOIN teams t ON t.id = c.team_id
    UNION ALL SELECT 'policy', e.name, t.name, '', e.id, CAST(0 AS BIGINT), e.created_at
      FROM escalation_policies e JOIN teams t ON t.id = e.team_id
    ) named ORDER BY made_at DESC LIMIT 10000";

/// Finds what holds all the words, each as a beginning, at most `most` of a kind. An incident whose number was said stands first.
pub async fn find(tx: &mut Tx, asked: &str, most: usize) -> Result<Found> {
    let words = words_of(asked);
    if words.is_empty() {
        return Ok(Found::default());
    }
    let filter = Filter {
        words: asked.to_owned(),
        ..Filter::default()
    };
    let mut incidents = incidents::list(tx, &filter).await?;
    incidents.truncate(most);
    let mut fitting: Vec<(u8, Named)> = sql(NAMED)
        .all::<Named>(tx)
        .await?
        .into_iter()
        .filter_map(|named| rank(&named, &words).map(|rank| (rank, named)))
        .collect();
    fitting.sort_by(|(one, a), (other, b)| (a.kind, one, &a.name).cmp(&(b.kind, other, &b.name)));
    let mut named: Vec<Named> = Vec::new();
    for (_, next) in fitting {
        if named.iter().filter(|before| before.kind == next.kind).count() < most {
            named.push(next);
        }
    }
    Ok(Found { incidents, named })
}

/// 0 for what is meant most likely; nothing for what does not fit.
fn rank(named: &Named, words: &[String]) -> Option<u8> {
    let prefix = match named.kind {
        Kind::Postmortem => Some("inc"),
        Kind::ActionItem => Some("act"),
        _ => None,
    };
    if prefix.is_some_and(|prefix| number_in(words, prefix) == Some(named.number)) {
        return Some(0);
    }
    let name = words_of(&named.name);
    let beside = words_of(&named.beside);
    let begins = |among: &[String], word: &String| among.iter().any(|other| other.starts_with(word));
    if name == words {
        Some(0)
    } else if name
        .first()
        .zip(words.first())
        .is_some_and(|(name, word)| name.starts_with(word))
        && words.iter().all(|word| begins(&name, word))
    {
        Some(1)
    } else if words.iter().all(|word| begins(&name, word)) {
        Some(2)
    } else {
        let all = words
            .iter()
            .all(|word| begins(&name, word) || begins(&beside, word));
        all.then_some(3)
    }
}
