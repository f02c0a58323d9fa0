//! What is answered to each request: a request goes in, an answer comes out.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use image::codecs::jpeg::JpegEncoder;
use serde::Deserialize;
use tokio::time::timeout;

use super::answers::{error, file, guard, json};
use super::app::App;
use super::command::Command;
use super::{mjpeg, socket, upload};
use crate::remote::Control;

const PAGE: &[u8] = include_bytes!("page/index.html");
const STYLE: &[u8] = include_bytes!("page/style.css");
const SCRIPT: &[u8] = include_bytes!("page/script.js");
const PAD: &[u8] = include_bytes!("page/pad.js");
const KEYS: &[u8] = include_bytes!("page/keys.js");
const ICON: &[u8] = include_bytes!("page/icon.svg");
const API: &[u8] = include_bytes!("page/api.txt");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The most bytes of a control.
const CONTROL_BYTES: usize = 4 << 10;

/// How long a control may take to arrive, and a painting.
const CONTROL_TIME: Duration = Duration::from_secs(10);
const PAINTING_TIME: Duration = Duration::from_secs(120);

/// How long one picture is waited for: while the networks load there is none.
const FRAME_TIME: Duration = Duration::from_secs(10);

/// Everything that is served.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/",
            get(|| async { file("text/html; charset=utf-8", PAGE) }),
        )
        .route(
            "/style.css",
            get(|| async { file("text/css; charset=utf-8", STYLE) }),
        )
        .route("/script.js", get(|| async { file(JAVASCRIPT, SCRIPT) }))
        .route("/pad.js", get(|| async { file(JAVASCRIPT, PAD) }))
        .route("/keys.js", get(|| async { file(JAVASCRIPT, KEYS) }))
        .route("/icon.svg", get(|| async { file("image/svg+xml", ICON) }))
        .route(
            "/api",
            get(|| async { file("text/plain; charset=utf-8", API) }),
        )
        .route("/api/status", get(status))
        .route("/api/address", get(address))
        .route("/api/control", post(control))
        .route("/api/snapshot", post(snapshot))
        .route("/api/record", post(record))
        .route("/api/painting", post(painting))
        .route("/api/styles/{file}", get(thumbnail))
        .route("/frame.jpg", get(frame))
        .route("/stream.mjpeg", get(stream))
        .route("/ws", get(upgrade))
        .fallback(|| async { error(StatusCode::NOT_FOUND, "nothing is here; see /api") })
        .layer(from_fn_with_state(app.clone(), check))
        .with_state(app)
}

/// Refuse who may not come in, before anything of the request is looked at.
async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let allowed = app.access.check(request.uri(), request.headers());
    let mut response = match allowed {
        Ok(cookie) => {
            let mut response = next.run(request).await;
            if let Some(cookie) = cookie.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            response
        }
        // For people, who see it in a browser.
        Err((status, reason)) => (status, format!("{reason}\n")).into_response(),
    };
    guard(response.headers_mut());
    response
}

async fn status(State(app): State<Arc<App>>) -> Response {
    json(app.status())
}

/// The addresses for programs that keep no cookies.
async fn address(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let at = |path: &str| format!("http://{host}/{path}{}", app.access.query());
    let all = serde_json::json!({
        "page": at(""), "stream": at("stream.mjpeg"), "frame": at("frame.jpg"),
    });
    json(all.to_string())
}

async fn control(State(app): State<Arc<App>>, request: Request) -> Response {
    // What another site can send without asking first has another type.
    if !is_json(request.headers()) {
        let reason = "send it as Content-Type: application/json";
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason);
    }
    let body = match body(request, CONTROL_BYTES, CONTROL_TIME).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let styles = app.desk.status().styles;
    match Command::parse(&body).and_then(|command| command.into_control(&styles)) {
        Ok(control) => put(&app, control),
        Err(reason) => error(StatusCode::BAD_REQUEST, reason),
    }
}

async fn snapshot(State(app): State<Arc<App>>) -> Response {
    put(&app, Control::Save)
}

async fn record(State(app): State<Arc<App>>) -> Response {
    put(&app, Control::Record(None))
}

fn put(app: &App, control: Control) -> Response {
    match app.desk.put(control) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(busy) => error(StatusCode::TOO_MANY_REQUESTS, busy),
    }
}

#[derive(Deserialize)]
struct PaintingQuery {
    #[serde(default)]
    name: String,
    glide: Option<bool>,
}

async fn painting(
    State(app): State<Arc<App>>,
    Query(query): Query<PaintingQuery>,
    request: Request,
) -> Response {
    let Ok(_permit) = app.uploads.try_acquire() else {
        let reason = "another painting is being read; try again in a moment";
        return error(StatusCode::TOO_MANY_REQUESTS, reason);
    };
    let bytes = match body(request, upload::MOST_BYTES, PAINTING_TIME).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    let name = query.name.clone();
    let shown = if name.is_empty() {
        "painting".to_owned()
    } else {
        name
    };
    let decoding = tokio::task::spawn_blocking(move || upload::decode(&bytes, &shown));
    match decoding.await {
        Ok(Ok(picture)) => put(
            &app,
            Control::Painting {
                name: stem(&query.name).to_owned(),
                picture,
                glide: query.glide.unwrap_or(true),
            },
        ),
        Ok(Err(reason)) => error(StatusCode::UNPROCESSABLE_ENTITY, reason),
        Err(_) => error(StatusCode::UNPROCESSABLE_ENTITY, "it cannot be decoded"),
    }
}

/// `IMG_1.jpg` without its extension.
fn stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The bytes of a request, or the answer that refuses them.
async fn body(
    request: Request,
    most: usize,
    longest: Duration,
) -> Result<axum::body::Bytes, Response> {
    let too_large = || {
        let reason = format!("more than {} KiB is refused", most >> 10);
        error(StatusCode::PAYLOAD_TOO_LARGE, reason)
    };
    // Told beforehand, it is refused before the first byte.
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if length
        .and_then(|text| text.parse().ok())
        .is_some_and(|length: u64| length > most as u64)
    {
        return Err(too_large());
    }
    match timeout(longest, to_bytes(request.into_body(), most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => {
            let reason = format!("it did not arrive within {} s", longest.as_secs());
            Err(error(StatusCode::REQUEST_TIMEOUT, reason))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// `/api/styles/3.jpg`: the small picture of a style.
async fn thumbnail(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response {
    let number = file
        .strip_suffix(".jpg")
        .and_then(|number| number.parse().ok());
    let Some(picture) = number.and_then(|number| app.desk.thumbnail(number)) else {
        return error(StatusCode::NOT_FOUND, "there is no picture of this style");
    };
    let mut bytes = Vec::new();
    match JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(picture.as_ref()) {
        Ok(()) => {
            let headers = [(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-cache")];
            (headers, bytes).into_response()
        }
        Err(reason) => error(StatusCode::NOT_FOUND, reason),
    }
}

async fn frame(State(app): State<Arc<App>>) -> Response {
    let mut viewer = app.viewers.join();
    match timeout(FRAME_TIME, viewer.next()).await {
        Ok(Some(jpeg)) => {
            let number = HeaderValue::from(jpeg.number);
            let mut response = ([(CONTENT_TYPE, "image/jpeg")], jpeg.bytes).into_response();
            response.headers_mut().insert("x-frame", number);
            response
        }
        _ => error(StatusCode::SERVICE_UNAVAILABLE, "there is no picture yet"),
    }
}

async fn stream(State(app): State<Arc<App>>) -> Response {
    let Ok(permit) = app.streams.clone().try_acquire_owned() else {
        let reason = "too many watch this stream; close one";
        return error(StatusCode::SERVICE_UNAVAILABLE, reason);
    };
    let body = Body::new(mjpeg::Mjpeg::new(app.viewers.join(), permit));
    ([(CONTENT_TYPE, mjpeg::TYPE)], body).into_response()
}

async fn upgrade(State(app): State<Arc<App>>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(permit) = app.sockets.clone().try_acquire_owned() else {
        return error(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many clients; close one",
        );
    };
    upgrade
        .max_message_size(socket::MOST_BYTES)
        .max_frame_size(socket::MOST_BYTES)
        .on_upgrade(move |open| socket::serve(open, app, permit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_painting_is_called_by_its_file_without_folder_and_extension() {
        for (name, called) in [
            ("IMG_1.jpg", "IMG_1"),
            ("a.b.png", "a.b"),
            ("C:\\\\x\\\\y.png", "y"),
            ("../../etc/passwd", "passwd"),
            ("", ""),
        ] {
            assert_eq!(stem(name), called);
        }
    }
}
