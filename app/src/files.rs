//! Images and files beside what people write: how they come, with a form or one by one, and how they are read.

mod arriving;

pub use arriving::{Uploads, apart};

use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Failure, error_page, redirect, wants_json};
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::files::FileKind;
use domain::ids::FileId;
use domain::people::Permission;
use engine::files::{self, File, Upload};
use engine::transaction;
use leptos::prelude::*;
use serde::Serialize;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/incidents/{number}/files", post(add))
        .route("/incidents/{number}/files/{file}", get(show))
        .route("/incidents/{number}/files/{file}/preview", get(show_small))
}

/// Keeps what came with a form, and says how its text shows it. What is kept stays also where the form is refused, since a browser
/// gives no file back; what no text names in the end is taken away.
///
/// # Errors
/// Those of [`files::check`] and [`files::keep`].
pub async fn kept(
    app: &App,
    who: &SignedIn,
    number: i64,
    uploads: Vec<Upload>,
) -> engine::Result<Vec<String>> {
    let mut shown = Vec::new();
    for upload in uploads {
        let file = files::check(upload).await?;
        // The form is not done by this.
        let acting = app.by(who).for_form(None);
        shown.push(transaction!(acting, |tx| files::keep(tx, number, &file).await?)?);
    }
    Ok(shown)
}

/// A text with what came with its form below it.
///
/// # Errors
/// As [`kept`].
pub async fn put_below(
    app: &App,
    who: &SignedIn,
    number: i64,
    uploads: Uploads,
    text: &mut String,
) -> engine::Result<()> {
    for shown in kept(app, who, number, uploads.0).await? {
        let above = text.trim_end().len();
        text.truncate(above);
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&shown);
    }
    Ok(())
}

/// What a page that sends files by itself puts into its text.
#[derive(Debug, Serialize)]
struct Shown {
    markdown: Vec<String>,
}

async fn add(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    headers: HeaderMap,
    uploads: Uploads,
) -> Answered {
    app.by(&who)
        .read()
        .await?
        .authorize(Permission::ActOnIncident)
        .await?;
    if uploads.0.is_empty() {
        return Ok(error_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No file came",
            "Choose an image or a text first.",
        ));
    }
    let markdown = kept(&app, &who, number, uploads.0).await?;
    if wants_json(&headers) {
        return Ok((StatusCode::CREATED, Json(Shown { markdown })).into_response());
    }
    Ok(redirect(&format!("/incidents/{number}#write")))
}

async fn show(app: State<App>, who: SignedIn, place: Path<(i64, FileId)>, headers: HeaderMap) -> Answered {
    answer(app, who, place, headers, false).await
}

async fn show_small(
    app: State<App>,
    who: SignedIn,
    place: Path<(i64, FileId)>,
    headers: HeaderMap,
) -> Answered {
    answer(app, who, place, headers, true).await
}

async fn answer(
    State(app): State<App>,
    who: SignedIn,
    Path((number, id)): Path<(i64, FileId)>,
    headers: HeaderMap,
    is_small: bool,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let file = files::find(&mut tx, number, id).await?;
    // It never changes; whether it is still there, and for this reader, is asked each time.
    let tag = format!("\"{id}{}\"", if is_small { "-small" } else { "" });
    let has_it = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let (kind, content) = match file.preview_kind.filter(|_| is_small) {
        _ if has_it => (file.kind, Vec::new()),
        Some(kind) => (kind, files::preview(&mut tx, &file).await?),
        None => (file.kind, files::content(&mut tx, &file).await?),
    };
    drop(tx);
    let mut response = content.into_response();
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    put_headers(response.headers_mut(), &file, kind, &tag)?;
    Ok(response)
}

/// Whatever somebody made of it, a browser shows it as what it was checked to be, runs nothing in it and loads nothing for it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

fn put_headers(headers: &mut HeaderMap, file: &File, kind: FileKind, tag: &str) -> Result<(), Failure> {
    let disposition = disposition(&file.name);
    for (name, value) in [
        (header::CONTENT_TYPE, kind.media_type()),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ETAG, tag),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    Ok(())
}

/// Shown in the browser, and saved under its name (RFC 6266).
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%') {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let whole: String = name.bytes().map(percent).collect();
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// The field of a form that brings files; they are pasted and dropped into its text, too, where scripts run (`public/files.js`).
#[component]
pub fn FilesField(#[prop(into)] id: String, #[prop(default = None)] error: Option<String>) -> impl IntoView {
    let error_id = format!("{id}-error");
    let invalid = error.is_some().then_some("true");
    let described = error.is_some().then(|| error_id.clone());
    let problem = error.map(|sentence| view! { <p class="field-error" id=error_id>{sentence}</p> });
    view! {
        <div class="field files-field">
            <label for=id.clone()>"Images and texts"</label>
            <input
                type="file"
                id=id
                name="files"
                multiple
                accept="image/png,image/jpeg,image/webp,image/gif,text/*,.log,.json,.yaml,.yml,.toml,.diff,.patch,.conf,.sql"
                aria-invalid=invalid
                aria-describedby=described
            />
            {problem}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leaves_no_header() {
        for (name, expected) in [
            (
                "graph.png",
                "inline; filename=\"graph.png\"; filename*=UTF-8''graph.png",
            ),
            (
                "Störung 1\".png",
                "inline; filename=\"St_rung_1_.png\"; filename*=UTF-8''St%C3%B6rung%201%22.png",
            ),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}
