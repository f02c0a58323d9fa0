//! A fixed list of files over HTTP on this machine: names and bytes go in, and nothing else is ever served.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::access::Access;
use super::address::ServeAddress;
use super::server::{Listener, Server};
use crate::error::Result;

/// A page of this server reaches nothing but this server. `wasm-unsafe-eval` lets it compile WebAssembly.
const POLICY: &str = "default-src 'self' blob: data:; script-src 'self' blob: 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of a site.
#[derive(Debug, Clone)]
pub struct SiteFile {
    path: String,
    kind: &'static str,
    bytes: Bytes,
}

impl SiteFile {
    /// The file at `/path`; `index.html` is at `/` too. Its type is told by its name.
    pub fn new(path: &str, bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: kind(path),
            path: format!("/{path}"),
            bytes: bytes.into(),
        }
    }
}

/// The type of a file. Browsers run no script and no WebAssembly of another type.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "jpg" => "image/jpeg",
        "png" => "image/png",
        "wasm" => "application/wasm",
        "toml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A site that is served; dropping it ends that.
pub struct Site {
    url: String,
    _server: Server,
}

struct Shared {
    access: Access,
    files: HashMap<String, SiteFile>,
}

impl Site {
    /// Serve `files` at `address`; `option` is what the user named it with.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when the address cannot be used.
    pub fn serve(address: &ServeAddress, option: &str, files: Vec<SiteFile>) -> Result<Self> {
        let listener = Listener::bind(address, option)?;
        let local = listener.local();
        let shared = Shared {
            access: Access::new(address, local, None),
            files: files
                .into_iter()
                .map(|file| (file.path.clone(), file))
                .collect(),
        };
        let router = Router::new().fallback(answer).with_state(Arc::new(shared));
        Ok(Self {
            url: format!("http://{local}/"),
            _server: listener.serve(router)?,
        })
    }

    /// The address to open.
    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut response = match shared.access.check(request.uri(), request.headers()) {
        Err((status, reason)) => (status, format!("{reason}\n")).into_response(),
        Ok(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response()
        }
        Ok(_) => file(&shared.files, request.uri().path()),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        // Both together give the page threads (shared memory).
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-embedder-policy"),
            "require-corp",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // The next version of the program is seen at once.
        (CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file(files: &HashMap<String, SiteFile>, path: &str) -> Response {
    let path = if path == "/" { "/index.html" } else { path };
    match files.get(path) {
        Some(file) => ([(CONTENT_TYPE, file.kind)], file.bytes.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    }
}
