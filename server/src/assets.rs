//! What the browser loads, from inside the binary. Names carry a hash of their content, so they are kept for ever;
//! brotli and gzip were made ahead.

use app::address::Path;
use app::assets::AssetPaths;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

/// In a debug build read from the directory each time, in a release embedded.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /assets/{name}` and the icons.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{name}", get(asset))
        .route(
            "/favicon.svg",
            get(|headers: HeaderMap| favicon("favicon.svg", headers)),
        )
        .route(
            "/favicon-open.svg",
            get(|headers: HeaderMap| favicon("favicon-open.svg", headers)),
        )
        .route(
            "/favicon-unacknowledged.svg",
            get(|headers: HeaderMap| favicon("favicon-unacknowledged.svg", headers)),
        )
}

/// The addresses of this build's assets, for [`app::assets::set`].
pub fn paths() -> AssetPaths {
    let Some(manifest) = Site::get("manifest.json") else {
        return AssetPaths::default();
    };
    serde_json::from_slice(&manifest.data).unwrap_or_else(|problem| {
        tracing::warn!(%problem, "the manifest of the assets cannot be read; pages come without style");
        AssetPaths::default()
    })
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // The packed forms are answers to the plain name only, and the manifest is ours.
    if name == "manifest.json" || name.ends_with(".br") || name.ends_with(".gz") {
        return StatusCode::NOT_FOUND.into_response();
    }
    serve(&name, &headers, FOR_EVER)
}

async fn favicon(name: &'static str, headers: HeaderMap) -> Response {
    serve(name, &headers, FOR_A_DAY)
}

fn serve(name: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    let packed = ["br", "gzip"]
        .into_iter()
        .filter(|coding| accepts(headers, coding))
        .find_map(|coding| {
            let extension = if coding == "br" { "br" } else { "gz" };
            Site::get(&format!("{name}.{extension}")).map(|file| (file, Some(coding)))
        });
    match packed.or_else(|| Site::get(name).map(|file| (file, None))) {
        Some((file, coding)) => answer(name, file, coding, keep),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, coding: Option<&'static str>, keep: &'static str) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, extension)| extension) {
        // A module script is refused under any other type, whatever the guess.
        Some("js") => "text/javascript; charset=utf-8".to_owned(),
        Some("css") => "text/css; charset=utf-8".to_owned(),
        _ => mime_guess::from_path(name).first_or_octet_stream().to_string(),
    };
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// Whether `Accept-Encoding` names this coding, and not with a weight of nothing.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let listed = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encodings: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings));
        headers
    }

    #[test]
    fn a_coding_is_used_only_where_it_is_wanted() {
        for (encodings, coding, wanted) in [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=0.8, br;q=0", "br", false),
            ("gzip;q=0.8, br;q=0", "gzip", true),
            ("identity", "gzip", false),
        ] {
            assert_eq!(
                accepts(&asking(encodings), coding),
                wanted,
                "{encodings} {coding}"
            );
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[tokio::test]
    async fn the_manifest_and_the_packed_forms_have_no_address() {
        for name in ["manifest.json", "kintsugi.css.br", "no-such-file.css"] {
            let response = asset(Path(name.to_owned()), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
