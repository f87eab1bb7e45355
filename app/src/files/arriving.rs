//! Forms with files. Before anything reads such a form its files are laid beside it, so that everything behind sees a form like any
//! other: its key, its lengths and its fields.

use crate::App;
use crate::answer::{closing, error_page};
use crate::session::SignedIn;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use engine::files::Upload;
use engine::sent;
use futures::stream;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::form_urlencoded;

/// Two files of the largest kind, and words.
const MOST_BYTES: usize = 24 * 1024 * 1024;
/// How long they may take to come, on a telephone in a cellar too.
const PATIENCE: Duration = Duration::from_secs(180);
/// The field that brings files, and the one that says which came, so that the same form sent twice is known to be the same.
const FIELD: &str = "files";
const WHICH: &str = "files_sent";

/// Such forms are held in memory as a whole; whoever comes when there are so many waits.
static COMING: Semaphore = Semaphore::const_new(4);

/// What came with the form that is worked on.
#[derive(Clone, Debug, Default)]
pub struct Uploads(pub Vec<Upload>);

/// They are taken out once.
#[derive(Clone)]
struct Beside(Arc<Mutex<Vec<Upload>>>);

impl<S: Send + Sync> FromRequestParts<S> for Uploads {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let beside = parts.extensions.get::<Beside>();
        let taken = beside
            .map(|beside| std::mem::take(&mut *beside.0.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(Self(taken.unwrap_or_default()))
    }
}

/// Middleware: lays the files of a form beside it.
pub async fn apart(State(app): State<App>, request: Request, next: Next) -> Response {
    let boundary = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| multer::parse_boundary(kind).ok());
    let Some(boundary) = boundary else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    // So much is taken from nobody who is not logged in.
    if let Err(to_the_door) = SignedIn::from_request_parts(&mut parts, &app).await {
        return closing(to_the_door);
    }
    let turn = COMING.acquire().await;
    let sent = match tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await {
        Ok(Ok(sent)) => sent,
        Ok(Err(_)) => {
            return closing(error_page(
                StatusCode::PAYLOAD_TOO_LARGE,
                "These files are too large",
                "Nothing was changed. A file has at most 10 MB, and a form 24 MB: go back, choose smaller ones and send it again.",
            ));
        }
        Err(_) => {
            return closing(error_page(
                StatusCode::REQUEST_TIMEOUT,
                "These files did not come in time",
                "Nothing was changed. The connection was too slow to send them within three minutes: go back and send it again without.",
            ));
        }
    };
    let Ok((fields, uploads)) = read(sent, boundary).await else {
        return error_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This form cannot be read",
            "Nothing was changed. It broke off on its way: go back, load the page again and send it once more.",
        );
    };
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    parts.headers.insert(header::CONTENT_TYPE, form);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(fields.len()));
    parts.extensions.insert(Beside(Arc::new(Mutex::new(uploads))));
    let response = next.run(Request::from_parts(parts, Body::from(fields))).await;
    drop(turn);
    response
}

/// The fields as an ordinary form has them, and the files.
async fn read(sent: Bytes, boundary: String) -> multer::Result<(String, Vec<Upload>)> {
    let whole = stream::once(async { Ok::<_, Infallible>(sent) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut fields = Vec::new();
    let mut uploads = Vec::new();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file_name) = part.file_name().map(str::to_owned) else {
            fields.push((name, part.text().await?));
            continue;
        };
        let content = part.bytes().await?;
        // A field of files that nobody filled comes as one without a name.
        if name != FIELD || (content.is_empty() && file_name.is_empty()) {
            continue;
        }
        let hash = sent::hash_of(&file_name, &content);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        fields.push((WHICH.to_owned(), hash));
        uploads.push(Upload {
            name: file_name,
            content: content.to_vec(),
        });
    }
    let fields = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    Ok((fields, uploads))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_laid_beside_their_form() {
        let sent = [
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nLook & see\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nwords\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n--B--\r\n",
        ]
        .concat();
        let (fields, uploads) = read(Bytes::from(sent), "B".to_owned()).await.unwrap();
        let (text, which) = fields.split_once("&files_sent=").unwrap();
        assert_eq!((text, which.len()), ("text=Look+%26+see", 64));
        let expected = Upload {
            name: "a.txt".to_owned(),
            content: b"words".to_vec(),
        };
        assert_eq!(uploads, [expected]);
    }

    #[tokio::test]
    async fn a_form_that_broke_off_is_not_read() {
        let sent = "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nLook";
        assert!(read(Bytes::from(sent), "B".to_owned()).await.is_err());
    }
}
