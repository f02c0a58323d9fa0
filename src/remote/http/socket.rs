//! The WebSocket of a client: controls and requests for pictures come in, the session's state, refusals and pictures go out.
//!
//! A client asks for each picture, so that one that is slow or hidden asks less often and none waits in a queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::app::App;
use super::command::Command;
use super::rate::Rate;
use crate::remote::view::{Jpeg, Viewer};

/// The largest message of a client.
pub(super) const MOST_BYTES: usize = 64 << 10;

/// Messages a second, and at once: a hand on a slider and a film of pictures stay far below.
const A_SECOND: u32 = 200;
const AT_ONCE: u32 = 400;

/// After this time without a message or an answer to a ping, the client is gone; pings are sent at half of it.
const SILENCE: Duration = Duration::from_secs(60);

/// The message that asks for pictures: `{"picture": true}` for the next one, `false` for no more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    picture: bool,
}

/// Serve a client until it leaves, floods, or the session ends.
pub(super) async fn serve(mut socket: WebSocket, app: Arc<App>, permit: OwnedSemaphorePermit) {
    let client = Client {
        told: app.told.subscribe(),
        rate: Rate::new(A_SECOND, AT_ONCE, Instant::now()),
        app,
        viewer: None,
        wants_picture: false,
    };
    if let Some((code, reason)) = client.run(&mut socket).await {
        let reason = Utf8Bytes::from_static(reason);
        let close = Message::Close(Some(CloseFrame { code, reason }));
        // Whoever floods may never read it.
        drop(timeout(Duration::from_secs(1), socket.send(close)).await);
    }
    drop(permit);
}

struct Client {
    app: Arc<App>,
    told: tokio::sync::watch::Receiver<Bytes>,
    rate: Rate,
    viewer: Option<Viewer>,
    wants_picture: bool,
}

/// Why the server ends it.
type Ending = Option<(u16, &'static str)>;

impl Client {
    async fn run(mut self, socket: &mut WebSocket) -> Ending {
        let status = self.app.status();
        send_text(socket, status).await?;
        let mut heard = Instant::now();
        let mut pings = tokio::time::interval(SILENCE / 2);
        loop {
            tokio::select! {
                message = socket.recv() => {
                    heard = Instant::now();
                    // An error is a client that broke the rules or went away.
                    let message = message?.ok()?;
                    if !self.rate.allows(heard) {
                        return Some((close_code::POLICY, "too many messages at once"));
                    }
                    let refused = match &message {
                        Message::Text(text) => self.obey(text.as_bytes()),
                        Message::Binary(bytes) => self.obey(bytes),
                        Message::Close(_) => return None,
                        Message::Ping(_) | Message::Pong(_) => Ok(()),
                    };
                    if let Err(reason) = refused {
                        let error = serde_json::json!({ "error": reason }).to_string();
                        send_text(socket, error.into()).await?;
                    }
                }
                changed = self.told.changed() => {
                    changed.ok()?;
                    let status = self.told.borrow_and_update().clone();
                    send_text(socket, status).await?;
                }
                jpeg = next_picture(&mut self.viewer), if self.wants_picture => {
                    let Some(jpeg) = jpeg else {
                        return Some((close_code::AWAY, "the session has ended"));
                    };
                    self.wants_picture = false;
                    socket.send(Message::Binary(jpeg.bytes)).await.ok()?;
                }
                _ = pings.tick() => {
                    if heard.elapsed() > SILENCE {
                        return None;
                    }
                    // Who looks no more does not keep the encoder busy.
                    if !self.wants_picture {
                        self.viewer = None;
                    }
                    socket.send(Message::Ping(Bytes::new())).await.ok()?;
                }
            }
        }
    }

    /// Do what a message says.
    fn obey(&mut self, json: &[u8]) -> Result<(), String> {
        if let Ok(Picture { picture }) = serde_json::from_slice(json) {
            self.wants_picture = picture;
            match picture {
                true if self.viewer.is_none() => self.viewer = Some(self.app.viewers.join()),
                true => {}
                false => self.viewer = None,
            }
            return Ok(());
        }
        let command = Command::parse(json)?;
        let control = command.into_control(&self.app.desk.status().styles)?;
        self.app.desk.put(control).map_err(|busy| busy.to_string())
    }
}

/// `None` from a viewer means the end; without a viewer nothing comes.
async fn next_picture(viewer: &mut Option<Viewer>) -> Option<Jpeg> {
    match viewer {
        Some(viewer) => viewer.next().await,
        None => std::future::pending().await,
    }
}

/// `None` when the client is gone.
async fn send_text(socket: &mut WebSocket, json: Bytes) -> Option<()> {
    // What serde_json writes is UTF-8.
    let text = Utf8Bytes::try_from(json).ok()?;
    socket.send(Message::Text(text)).await.ok()
}
