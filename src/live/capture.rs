//! The capture thread: reads the source, and gets a lost camera back.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::meter::Meter;
use crate::camera::{Camera, CameraInfo, Wanted};
use crate::error::{Error, Result};
use crate::live::choice::{self, SourceChoice};
use crate::video::Frame;
use crate::video::{FrameSource, Slot};

/// How long to wait before a lost camera is looked for again.
const RETRY: Duration = Duration::from_millis(500);

/// What the capture thread is to read.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) choice: SourceChoice,
    pub(super) wanted: Wanted,
    /// At the source's own rate; else as fast as the frames are taken.
    pub(super) paced: bool,
}

/// What is known of the source, for people.
#[derive(Debug, Clone, Default)]
pub(super) struct Status {
    /// What it is.
    pub(super) describe: String,
    /// Why no frames come, and the remedy; `None` while they do.
    pub(super) lost: Option<String>,
    /// How often a camera was lost and came back.
    pub(super) reconnected: u32,
    /// Why the source ended, when it did not end well.
    pub(super) failed: Option<String>,
}

/// What the other threads see of the capture thread.
#[derive(Clone)]
pub(super) struct Capture {
    pub(super) slot: Arc<Slot<Frame>>,
    pub(super) status: Arc<Mutex<Status>>,
    /// Frames a second, as the source counts them.
    pub(super) rate: Option<f64>,
}

impl Capture {
    /// Open the source in a thread of its own (some devices may not change threads) and wait until it is open.
    ///
    /// # Errors
    /// Those of opening the source.
    pub(super) fn start(
        request: Request,
        slot: Arc<Slot<Frame>>,
        meter: Arc<Mutex<Meter>>,
    ) -> Result<Self> {
        let status = Arc::new(Mutex::new(Status::default()));
        let (ready, opened) = mpsc::sync_channel(1);
        let (theirs, slot_of_thread) = (status.clone(), slot.clone());
        thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || match open(&request) {
                Ok(source) => {
                    set(&theirs, |s| s.describe = source.describe());
                    if ready.send(Ok(source.rate())).is_ok() {
                        read(source, &request, &slot_of_thread, &theirs, &meter);
                    }
                    slot_of_thread.close();
                }
                // Nobody listens only when the program is ending anyway.
                Err(error) => drop(ready.send(Err(error))),
            })
            .map_err(|e| Error::invalid("capture thread", e.to_string()))?;
        let rate = opened
            .recv()
            .unwrap_or_else(|_| Err(died("it panicked while it was opened")))?;
        Ok(Self { slot, status, rate })
    }

    /// What is known of the source now.
    pub(super) fn status(&self) -> Status {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn died(reason: &str) -> Error {
    Error::Device {
        device: "source".to_owned(),
        reason: reason.to_owned(),
    }
}

/// An open source, and how a camera is found again.
struct Open {
    source: Box<dyn FrameSource>,
    camera: Option<CameraInfo>,
}

impl Open {
    fn describe(&self) -> String {
        self.source.describe()
    }

    fn rate(&self) -> Option<f64> {
        self.source.rate()
    }
}

fn open(request: &Request) -> Result<Open> {
    if let SourceChoice::Camera(which) = &request.choice {
        return Ok(opened(Camera::open(which.as_deref(), request.wanted)?));
    }
    let size = (request.wanted.width, request.wanted.height);
    let source = choice::open(&request.choice, size, request.wanted.fps, request.paced)?;
    Ok(Open {
        source,
        camera: None,
    })
}

fn opened(camera: Camera) -> Open {
    let info = camera.info().clone();
    Open {
        source: Box::new(camera),
        camera: Some(info),
    }
}

/// Read until the source ends or nobody takes its frames.
fn read(
    mut open: Open,
    request: &Request,
    slot: &Slot<Frame>,
    status: &Mutex<Status>,
    meter: &Mutex<Meter>,
) {
    let mut frame = Frame::empty();
    loop {
        match open.source.next_frame(&mut frame) {
            Ok(true) => {
                // From the arrival of the camera's bytes to a picture.
                let spent = frame.captured.elapsed();
                let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
                meter.record("decode", spent);
                drop(meter);
                if !slot.give(&mut frame) {
                    return;
                }
            }
            Ok(false) => return,
            Err(error) => {
                let Some(camera) = open.camera.take() else {
                    set(status, |s| s.failed = Some(error.to_string()));
                    return;
                };
                set(status, |s| s.lost = Some(error.to_string()));
                // The device has to be let go of before it can be opened again.
                drop(open);
                let Some(found) = find_again(&camera, request.wanted, slot, status) else {
                    return;
                };
                open = found;
            }
        }
    }
}

/// Look for the camera until it is back; `None` when nobody waits for it any more.
fn find_again(
    camera: &CameraInfo,
    wanted: Wanted,
    slot: &Slot<Frame>,
    status: &Mutex<Status>,
) -> Option<Open> {
    let lost = Instant::now();
    loop {
        thread::sleep(RETRY);
        if slot.is_closed() {
            return None;
        }
        match Camera::open_again(camera, wanted).map(opened) {
            Ok(found) => {
                set(status, |s| {
                    s.describe = found.describe();
                    s.lost = None;
                    s.reconnected += 1;
                });
                return Some(found);
            }
            Err(error) => set(status, |s| {
                let seconds = lost.elapsed().as_secs();
                s.lost = Some(format!("{error} (looking for it, {seconds} s)"));
            }),
        }
    }
}

fn set(status: &Mutex<Status>, change: impl FnOnce(&mut Status)) {
    change(&mut status.lock().unwrap_or_else(PoisonError::into_inner));
}
