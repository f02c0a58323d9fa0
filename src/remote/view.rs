//! The picture for those who watch from outside: frames of the session go in, JPEG files come out. Encoded in a thread of its
//! own, once for all, and only while somebody watches; who is slow misses frames and never keeps the session waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::video::{Frame, OnFull, Slot, Taken};

/// Small enough for a wireless network; strokes keep their edges.
const QUALITY: u8 = 82;

/// How long the encoder waits for a frame before it looks again.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A frame as a JPEG file; clones share it.
#[derive(Debug, Clone)]
pub struct Jpeg {
    /// The file.
    pub bytes: Bytes,
    /// The frame's number.
    pub number: u64,
    /// When it was taken.
    pub captured: Instant,
}

struct Shared {
    frames: Slot<Frame>,
    newest: watch::Sender<Option<Jpeg>>,
    watching: AtomicUsize,
    /// Somebody came who has seen no picture yet.
    waiting: AtomicBool,
}

/// The session's side. Dropping it ends the encoder, and all viewers see no more.
pub struct View {
    shared: Arc<Shared>,
    spare: Frame,
    encoder: Option<JoinHandle<()>>,
}

impl View {
    /// Start the encoder.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start() -> Result<Self> {
        let shared = Arc::new(Shared {
            frames: Slot::new(Frame::empty(), OnFull::Replace),
            newest: watch::Sender::new(None),
            watching: AtomicUsize::new(0),
            waiting: AtomicBool::new(false),
        });
        let theirs = shared.clone();
        let encoder = thread::Builder::new()
            .name("jpeg".to_owned())
            .spawn(move || encode_all(&theirs))
            .map_err(Error::thread("jpeg"))?;
        Ok(Self {
            shared,
            spare: Frame::empty(),
            encoder: Some(encoder),
        })
    }

    /// For the servers.
    pub fn viewers(&self) -> Viewers {
        Viewers(self.shared.clone())
    }

    /// Whether somebody waits for a picture, who would wait for long while the session is paused: show the last one again.
    pub fn is_waiting(&self) -> bool {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Show a frame to all who watch; without any it costs nothing.
    pub fn show(&mut self, frame: &Frame) {
        if frame.rgb.is_empty() || self.shared.watching.load(Ordering::Relaxed) == 0 {
            return;
        }
        self.shared.waiting.store(false, Ordering::Relaxed);
        self.spare.clone_from(frame);
        // Closed only by dropping this.
        self.shared.frames.put(&mut self.spare);
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.shared.frames.close();
        // A panic was printed by the thread; nobody sees a picture any more.
        drop(self.encoder.take().map(JoinHandle::join));
        self.shared.newest.send_replace(None);
    }
}

fn encode_all(shared: &Shared) {
    let mut frame = Frame::empty();
    let mut room = 0;
    loop {
        match shared.frames.take(&mut frame, TIMEOUT) {
            Taken::Closed => return,
            Taken::TimedOut => {}
            Taken::Value => {
                let mut bytes = Vec::with_capacity(room);
                // Only a picture without pixels cannot be encoded, and one of more than 65535 a side.
                if JpegEncoder::new_with_quality(&mut bytes, QUALITY)
                    .encode_image(&frame.rgb)
                    .is_err()
                {
                    continue;
                }
                room = bytes.len() + bytes.len() / 4;
                shared.newest.send_replace(Some(Jpeg {
                    bytes: bytes.into(),
                    number: frame.number,
                    captured: frame.captured,
                }));
            }
        }
    }
}

/// Where viewers join.
#[derive(Clone)]
pub struct Viewers(Arc<Shared>);

impl Viewers {
    /// Watch, until the viewer is dropped.
    pub fn join(&self) -> Viewer {
        let newest = self.0.newest.subscribe();
        self.0.watching.fetch_add(1, Ordering::Relaxed);
        self.0.waiting.store(true, Ordering::Relaxed);
        Viewer {
            shared: self.0.clone(),
            newest,
        }
    }
}

/// One who watches.
pub struct Viewer {
    shared: Arc<Shared>,
    newest: watch::Receiver<Option<Jpeg>>,
}

impl Viewer {
    /// The newest picture, once it is one that this viewer has not seen. `None` when the session has ended.
    pub async fn next(&mut self) -> Option<Jpeg> {
        self.newest.changed().await.ok()?;
        self.newest.borrow_and_update().clone()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.shared.watching.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn frame(number: u64) -> Frame {
        Frame {
            rgb: RgbImage::from_pixel(32, 24, Rgb([number as u8 * 10, 100, 50])),
            captured: Instant::now(),
            number,
        }
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn who_watches_gets_the_newest_and_nobody_else_costs_anything() {
        let mut view = View::start().unwrap();
        view.show(&frame(1));
        assert!(!view.shared.frames.is_full() && !view.is_waiting());
        let viewers = view.viewers();
        let mut viewer = viewers.join();
        assert!(view.is_waiting());
        view.show(&frame(2));
        let jpeg = wait(viewer.next()).unwrap();
        assert_eq!(jpeg.number, 2);
        assert!(!view.is_waiting());
        let picture = image::load_from_memory(&jpeg.bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (32, 24));
        // One who does not look misses frames and sees the newest.
        let mut other = viewers.join();
        for number in 3..=9 {
            view.show(&frame(number));
            assert_eq!(wait(other.next()).unwrap().number, number);
        }
        assert_eq!(wait(viewer.next()).unwrap().number, 9);
        drop(viewer);
        drop(other);
        view.show(&frame(10));
        assert!(!view.shared.frames.is_full());
    }

    #[test]
    fn the_end_of_the_session_is_seen() {
        let view = View::start().unwrap();
        let mut viewer = view.viewers().join();
        drop(view);
        assert!(wait(viewer.next()).is_none());
    }
}
