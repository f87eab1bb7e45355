//! Images and files beside what people write of an incident. A text names them by their address; what no text names within a day is
//! taken away, and what came with an entry goes with its text when that is redacted.

mod picture;

use crate::Tx;
use crate::db::sql;
use crate::error::{Refusal, Result};
use chrono::{DateTime, Utc};
use domain::files::{self, FileKind, MOST_BYTES};
use domain::ids::{FileId, IncidentId};
use domain::people::Permission;
use tokio::sync::Semaphore;

/// Files of one incident.
const MOST_OF_AN_INCIDENT: i64 = 500;

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "Images (PNG, JPEG, WebP, GIF) and texts are taken. Put anything else where it can be linked to."
    )]
    NotTaken,
    #[error("A file has at most 10 MB. Cut out what matters, or put it where it can be linked to.")]
    TooLarge,
    #[error("This image has too many pixels: at most fifty million. Cut out what matters.")]
    TooManyPixels,
    #[error("This image cannot be read. Open it, save it anew, and add that.")]
    Broken,
    #[error("This incident has 500 files, which is as many as it holds.")]
    TooMany,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        Some("files")
    }
}

/// A file as it came from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub name: String,
    pub content: Vec<u8>,
}

/// One that was checked, and can be kept.
#[derive(Clone)]
pub struct Checked {
    name: String,
    kind: FileKind,
    content: Vec<u8>,
    preview: Option<(FileKind, Vec<u8>)>,
}

/// Images are made small one after the other: each takes a good part of the memory that there is.
static LOOKING: Semaphore = Semaphore::const_new(1);

/// Finds out what a file is, and takes out what it says besides.
///
/// # Errors
/// [`Refused`]
pub async fn check(upload: Upload) -> Result<Checked> {
    let Upload { name, content } = upload;
    if content.len() > MOST_BYTES {
        return Err(Refused::TooLarge.into());
    }
    let kind = FileKind::of(&content).ok_or(Refused::NotTaken)?;
    let name = files::name(&name, kind);
    if !kind.is_image() {
        return Ok(Checked {
            name,
            kind,
            content,
            preview: None,
        });
    }
    let turn = LOOKING.acquire().await;
    let looked = tokio::task::spawn_blocking(move || picture::cleaned(kind, &content)).await;
    drop(turn);
    // A library that stumbles over an image says as much as that it is none.
    let picture = looked.map_err(|_| Refused::Broken)??;
    Ok(Checked {
        name,
        kind,
        content: picture.content,
        preview: picture.preview,
    })
}

/// Keeps a file beside an incident, and says how a text shows it. Whoever may write there may.
///
/// # Errors
/// [`Refused::TooMany`], [`crate::Error::NotFound`]
pub async fn keep(tx: &mut Tx, number: i64, file: &Checked) -> Result<String> {
    tx.authorize(Permission::ActOnIncident).await?;
    let incident = crate::timeline::find(tx, number).await?;
    let there: i64 = sql("SELECT COUNT(*) FROM files WHERE incident_id = $1")
        .bind(incident.id)
        .scalar(tx)
        .await?;
    if there >= MOST_OF_AN_INCIDENT {
        return Err(Refused::TooMany.into());
    }
    let id: FileId = tx.new_id();
    let (by, now) = (tx.actor().person(), tx.now());
    let (preview_kind, preview) = file.preview.clone().unzip();
    sql("INSERT INTO files (id, incident_id, name, kind, size, added_by, added_at, content, preview_kind, preview)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(id)
        .bind(incident.id)
        .bind(&file.name)
        .bind(file.kind)
        .bind(i64::try_from(file.content.len()).unwrap_or(i64::MAX))
        .bind(by)
        .bind(now)
        .bind(file.content.clone())
        .bind(preview_kind.map(FileKind::as_str))
        .bind(preview)
        .run(tx)
        .await?;
    Ok(files::markdown(number, id, &file.name, file.kind))
}

/// A text was saved: its files are there to stay, and those of an entry are that entry's.
pub(crate) async fn are_named(
    tx: &mut Tx,
    incident: IncidentId,
    text: &str,
    entry: Option<i64>,
) -> Result<()> {
    let now = tx.now();
    for id in files::named_in(text) {
        sql("UPDATE files SET used_at = COALESCE(used_at, $3), seq = COALESCE(seq, $4) WHERE id = $1 AND incident_id = $2")
            .bind(id)
            .bind(incident)
            .bind(now)
            .bind(entry)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// What came with an entry goes with its text.
pub(crate) async fn go_with(tx: &mut Tx, incident: IncidentId, entry: i64) -> Result<()> {
    sql("DELETE FROM files WHERE incident_id = $1 AND seq = $2")
        .bind(incident)
        .bind(entry)
        .run(tx)
        .await
        .map(drop)
}

/// What is known of a file, without its content.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub kind: FileKind,
    pub size: i64,
    pub added_at: DateTime<Utc>,
    pub preview_kind: Option<FileKind>,
}

/// A file of an incident, for whoever may see that.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64, id: FileId) -> Result<File> {
    sql(
        "SELECT f.id, f.name, f.kind, f.size, f.added_at, f.preview_kind FROM files f
         JOIN incidents ON incidents.id = f.incident_id
         WHERE {visible incidents} AND f.id = $1 AND incidents.number = $2",
    )
    .bind(id)
    .bind(number)
    .one(tx, "file")
    .await
}

/// What is in it. Whoever asks has found it.
pub async fn content(tx: &mut Tx, file: &File) -> Result<Vec<u8>> {
    let (content,): (Vec<u8>,) = sql("SELECT content FROM files WHERE id = $1")
        .bind(file.id)
        .one(tx, "file")
        .await?;
    Ok(content)
}

/// The small one, where it has one.
pub async fn preview(tx: &mut Tx, file: &File) -> Result<Vec<u8>> {
    let (preview,): (Vec<u8>,) = sql("SELECT COALESCE(preview, content) FROM files WHERE id = $1")
        .bind(file.id)
        .one(tx, "file")
        .await?;
    Ok(preview)
}
