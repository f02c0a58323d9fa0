//! What all requests to a session share.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::MissedTickBehavior;

use super::access::Access;
use crate::remote::view::Viewers;
use crate::remote::{Desk, Status};

/// The most clients of the MJPEG stream, and of the WebSocket.
const STREAMS: usize = 8;
const SOCKETS: usize = 24;

/// The time between two looks at the session's state, and the number of looks after which it is told although only its
/// figures have changed.
const LOOK: Duration = Duration::from_millis(100);
const FIGURES: u32 = 10;

/// A session, for its clients.
pub(super) struct App {
    pub(super) desk: Desk,
    pub(super) viewers: Viewers,
    pub(super) access: Access,
    pub(super) streams: Arc<Semaphore>,
    pub(super) sockets: Arc<Semaphore>,
    /// One painting is received and decoded at a time, so that no more than one is in memory.
    pub(super) uploads: Semaphore,
    /// The state in JSON, told to all sockets.
    pub(super) told: watch::Sender<Bytes>,
}

impl App {
    pub(super) fn new(desk: Desk, viewers: Viewers, access: Access) -> Self {
        Self {
            desk,
            viewers,
            access,
            streams: Arc::new(Semaphore::new(STREAMS)),
            sockets: Arc::new(Semaphore::new(SOCKETS)),
            uploads: Semaphore::new(1),
            told: watch::Sender::default(),
        }
    }

    /// The state in JSON.
    pub(super) fn status(&self) -> Bytes {
        json(&self.desk.status())
    }

    /// Tell the sockets how the session stands, whenever that has changed.
    pub(super) async fn tell(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut before, mut looks) = (Status::default(), 0);
        loop {
            ticks.tick().await;
            if self.told.receiver_count() == 0 {
                continue;
            }
            let status = self.desk.status();
            looks += 1;
            let same = Status {
                fps: status.fps,
                frames: status.frames,
                latency_ms: status.latency_ms,
                ..before.clone()
            };
            if same != status || looks >= FIGURES {
                looks = 0;
                self.told.send_replace(json(&status));
                before = status;
            }
        }
    }
}

fn json(status: &Status) -> Bytes {
    // Plain numbers, lists and texts, which can always be written.
    serde_json::to_vec(status).unwrap_or_default().into()
}
