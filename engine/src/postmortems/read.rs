//! Everything that the document shows.

use super::{factors_of, find};
use crate::Tx;
use crate::action_items::{self, Card};
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, Story};
use chrono::{DateTime, Utc};
use domain::ids::RevisionId;
use domain::incidents::Incident;
use domain::postmortems::{NamedFactor, Postmortem, Section, SectionKind};
use sqlx::types::Json;

#[derive(Clone, Debug)]
pub struct Document {
    pub postmortem: Postmortem,
    /// Timeline, durations, people, alerts, updates and decisions, as they are now.
    pub story: Story,
    /// When the incident was reopened after the publication: facts and timeline are as they were then.
    pub as_before: Option<DateTime<Utc>>,
    /// As they stand in the document.
    pub sections: Vec<Section>,
    pub factors: Vec<NamedFactor>,
    pub actions: Vec<Card>,
    /// Texts that were saved beside another one and wait for somebody to bring them together.
    pub waiting: Vec<Waiting>,
    /// Those that somebody put away again.
    pub put_away: Vec<Waiting>,
}

impl Document {
    /// How many sections have words, or rows, of how many.
    pub fn written(&self) -> (usize, usize) {
        let written = self.sections.iter().filter(|section| self.is_written(section));
        (written.count(), self.sections.len())
    }

    pub fn is_written(&self, section: &Section) -> bool {
        let has_rows = match section.kind {
            SectionKind::ContributingFactors => !self.factors.is_empty(),
            SectionKind::ActionItems => !self.actions.is_empty(),
            SectionKind::Summary | SectionKind::Text => false,
        };
        has_rows || !section.body.trim().is_empty()
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    pub id: RevisionId,
    /// The title of its section.
    pub section: String,
    pub body: String,
    pub author: Option<String>,
    pub created_at: DateTime<Utc>,
    pub put_away_at: Option<DateTime<Utc>>,
}

/// Reads the postmortem of an incident.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read(tx: &mut Tx, number: i64) -> Result<Document> {
    let postmortem = find(tx, number).await?;
    let mut story = incidents::read_both_ends(tx, number).await?;
    let kept: Option<(Json<Incident>, DateTime<Utc>)> =
        sql("SELECT incident, reopened_at FROM postmortem_facts WHERE postmortem_id = $1")
            .bind(postmortem.id)
            .maybe(tx)
            .await?;
    let as_before = kept.map(|(Json(incident), reopened_at)| {
        story.timeline.retain(|entry| entry.seq <= incident.seq);
        story.incident = incident;
        reopened_at
    });
    let sections: Vec<Section> = sql(
        "SELECT postmortem_id, name, position, kind, title, prompt, body, revision, updated_at, updated_by FROM postmortem_sections
         WHERE postmortem_id = $1 ORDER BY position",
    )
    .bind(postmortem.id)
    .all(tx)
    .await?;
    let factors = factors_of(tx, story.incident.id).await?;
    let texts: Vec<Waiting> = sql(
        "SELECT r.id, s.title AS section, r.body, p.name AS author, r.created_at, r.put_away_at FROM postmortem_revisions r
         JOIN postmortem_sections s ON s.postmortem_id = r.postmortem_id AND s.name = r.section
         LEFT JOIN people p ON p.id = r.author_id
         WHERE r.postmortem_id = $1 AND r.waits_since IS NOT NULL ORDER BY r.created_at, r.id",
    )
    .bind(postmortem.id)
    .all(tx)
    .await?;
    let (put_away, waiting) = texts.into_iter().partition(|text| text.put_away_at.is_some());
    let actions = action_items::of_incident(tx, story.incident.id).await?;
    Ok(Document {
        postmortem,
        story,
        as_before,
        sections,
        factors,
        actions,
        waiting,
        put_away,
    })
}
