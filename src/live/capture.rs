//! The capture thread: a source goes in, its frames come out of a slot; finds a lost camera again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::meter::{self, Meter};
use super::source_choice::{self, Reading, SourceChoice};
use crate::camera::{Camera, CameraInfo, Wanted};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::video::{FilmFormat, Frame, FrameSource, Ratio, Slot};

/// How long to wait before a lost camera is looked for again.
const RETRY: Duration = Duration::from_millis(500);

/// How often to look for Ctrl-C while the source is opened.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The time between two repeats of the frame at which a film or a test card is paused.
const STILL_PERIOD: Duration = Duration::from_millis(40);

/// What the capture thread is to read.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) choice: SourceChoice,
    pub(super) reading: Reading,
    /// While it is set, one frame is repeated.
    pub(super) paused: Arc<AtomicBool>,
}

/// The state of the source.
#[derive(Debug, Clone, Default)]
pub(super) struct Status {
    /// What it is, for people.
    pub(super) describe: String,
    pub(super) is_camera: bool,
    /// Set while a camera is gone.
    pub(super) lost: Option<Lost>,
    /// How often a camera was lost and came back.
    pub(super) reconnected: u32,
}

/// A camera that is gone.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    /// Why, and the remedy.
    pub(super) reason: String,
    pub(super) since: Instant,
}

/// The capture thread as the other threads see it.
pub(super) struct Capture {
    pub(super) slot: Arc<Slot<Frame>>,
    status: Arc<Mutex<Status>>,
    /// Why the source ended, if it failed.
    failed: mpsc::Receiver<Error>,
    /// Frames a second by the source's own account.
    pub(super) rate: Option<Ratio>,
    pub(super) pixel_aspect: Ratio,
}

impl Capture {
    /// Open the source in a thread of its own (some devices may not change threads) and wait until it is open.
    ///
    /// # Errors
    /// Those of opening the source; [`Error::Interrupted`] when `progress` says stop.
    pub(super) fn start(
        order: Order,
        slot: Arc<Slot<Frame>>,
        meter: Arc<Mutex<Meter>>,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let status = Arc::new(Mutex::new(Status {
            is_camera: matches!(order.choice, SourceChoice::Camera(_)),
            ..Status::default()
        }));
        let (ready, opened) = mpsc::sync_channel(1);
        let (fail, failed) = mpsc::sync_channel(1);
        let (thread_status, thread_slot) = (status.clone(), slot.clone());
        thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || match open(&order) {
                Ok(source) => {
                    set(&thread_status, |s| s.describe = source.describe());
                    let format = (source.source.rate(), source.source.pixel_aspect());
                    if ready.send(Ok(format)).is_ok()
                        && let Err(error) =
                            read(source, &order, &thread_slot, &thread_status, &meter)
                    {
                        // The session may have ended meanwhile.
                        drop(fail.send(error));
                    }
                    thread_slot.close();
                }
                // The receiver is gone only when the program ends.
                Err(error) => drop(ready.send(Err(error))),
            })
            .map_err(Error::thread("capture"))?;
        // A pipe is not open before something writes to it, which may be never.
        let (rate, pixel_aspect) = loop {
            match opened.recv_timeout(LOOK_EVERY) {
                Ok(opened) => break opened?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Error::panicked("capture")),
            }
            if progress.step(0, 1, "live").is_break() {
                return Err(Error::Interrupted);
            }
        };
        Ok(Self {
            slot,
            status,
            failed,
            rate,
            pixel_aspect,
        })
    }

    /// The state of the source now.
    pub(super) fn status(&self) -> Status {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The source's format as a film; where it has no rate, `rate` frames a second.
    pub(super) fn format(&self, rate: u32) -> FilmFormat {
        FilmFormat {
            rate: self.rate.unwrap_or(Ratio::whole(rate)),
            pixel_aspect: self.pixel_aspect,
        }
    }

    /// Why the source failed, if it did. To be asked after it has ended.
    ///
    /// # Errors
    /// That of the source.
    pub(super) fn result(&self) -> Result<()> {
        self.failed.try_recv().map_or(Ok(()), Err)
    }
}

/// An open source, and how a camera is found again.
struct OpenSource {
    source: Box<dyn FrameSource>,
    camera: Option<CameraInfo>,
}

impl OpenSource {
    fn camera(camera: Camera) -> Self {
        let info = camera.info().clone();
        Self {
            source: Box::new(camera),
            camera: Some(info),
        }
    }

    fn describe(&self) -> String {
        self.source.describe()
    }
}

fn open(order: &Order) -> Result<OpenSource> {
    if let SourceChoice::Camera(which) = &order.choice {
        let camera = Camera::open(which.as_deref(), order.reading.wanted)?;
        return Ok(OpenSource::camera(camera));
    }
    Ok(OpenSource {
        source: source_choice::open(&order.choice, order.reading)?,
        camera: None,
    })
}

/// Read until the source ends or its frames are not taken any more.
///
/// While the session is paused one frame is put into the slot again and again, so that styles and settings can still be
/// changed and seen. A film and a test card are not read meanwhile; a camera is, as it would go on sending.
fn read(
    mut open: OpenSource,
    order: &Order,
    slot: &Slot<Frame>,
    status: &Mutex<Status>,
    meter: &Mutex<Meter>,
) -> Result<()> {
    let mut frame = Frame::empty();
    let mut still: Option<Frame> = None;
    loop {
        let is_paused = order.paused.load(Ordering::Relaxed);
        if !is_paused {
            still = None;
        }
        let read = if still.is_some() && open.camera.is_none() {
            thread::sleep(STILL_PERIOD);
            Ok(true)
        } else {
            open.source.next_frame(&mut frame)
        };
        match read {
            Ok(true) => {
                match &still {
                    Some(still) => {
                        frame.clone_from(still);
                        frame.captured = Instant::now();
                    }
                    None => {
                        // From the arrival of the camera's bytes to a picture.
                        let spent = frame.captured.elapsed();
                        meter::lock(meter).record("decode", spent);
                        still = is_paused.then(|| frame.clone());
                    }
                }
                if !slot.put(&mut frame) {
                    return Ok(());
                }
            }
            Ok(false) => return Ok(()),
            Err(error) => {
                let Some(camera) = open.camera.take() else {
                    return Err(error);
                };
                let lost = Lost {
                    reason: error.to_string(),
                    since: Instant::now(),
                };
                set(status, |s| s.lost = Some(lost));
                // The device has to be closed before it can be opened again.
                drop(open);
                let Some(found) = find_again(&camera, order.reading.wanted, slot, status) else {
                    return Ok(());
                };
                open = found;
            }
        }
    }
}

/// Look for the camera until it is back; `None` when the slot was closed.
fn find_again(
    camera: &CameraInfo,
    wanted: Wanted,
    slot: &Slot<Frame>,
    status: &Mutex<Status>,
) -> Option<OpenSource> {
    loop {
        thread::sleep(RETRY);
        if slot.is_closed() {
            return None;
        }
        match Camera::open_again(camera, wanted).map(OpenSource::camera) {
            Ok(found) => {
                set(status, |s| {
                    s.describe = found.describe();
                    s.lost = None;
                    s.reconnected += 1;
                });
                return Some(found);
            }
            Err(error) => set(status, |s| {
                if let Some(lost) = &mut s.lost {
                    lost.reason = error.to_string();
                }
            }),
        }
    }
}

fn set(status: &Mutex<Status>, change: impl FnOnce(&mut Status)) {
    change(&mut status.lock().unwrap_or_else(PoisonError::into_inner));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::video::{OnFull, Taken};

    #[test]
    fn a_paused_test_card_repeats_one_frame_and_then_goes_on() {
        let paused = Arc::new(AtomicBool::new(false));
        let order = Order {
            choice: SourceChoice::TestCard,
            reading: Reading {
                wanted: Wanted {
                    width: 32,
                    height: 24,
                    fps: 30,
                },
                paced: false,
                repeats: false,
            },
            paused: paused.clone(),
        };
        let slot = Arc::new(Slot::new(Frame::empty(), OnFull::Block));
        let meter = Arc::new(Mutex::new(Meter::new()));
        let capture =
            Capture::start(order, slot.clone(), meter, &mut crate::progress::Silent).unwrap();
        let mut frame = Frame::empty();
        let mut next = || {
            let taken = slot.take(&mut frame, Duration::from_secs(10));
            assert_eq!(taken, Taken::Value);
            (frame.number, frame.captured, frame.rgb.clone())
        };
        assert_ne!(next().2, next().2);
        paused.store(true, Ordering::Relaxed);
        // Frames that were read before, at most one in the slot and one in the thread.
        let (_, _) = (next(), next());
        let (first, second) = (next(), next());
        assert_eq!((first.0, &first.2), (second.0, &second.2));
        assert!(second.1 > first.1, "its time goes on");
        paused.store(false, Ordering::Relaxed);
        let later = [(); 4].map(|()| next());
        assert!(later[3].0 > first.0 && later[3].0 <= first.0 + 4);
        slot.close();
        assert!(capture.result().is_ok());
    }
}
