//! An open camera as a source of frames.

use std::time::Instant;

use nokhwa::utils::{CameraFormat, RequestedFormat, RequestedFormatType, Resolution};

use super::list::{self, CameraInfo};
use super::mode::{self, Mode, Wanted};
use super::{choose, pixels, probe};
use crate::error::{Error, Result};
use crate::video::{Frame, FrameSource, Ratio};

/// How many modes are tried, the closest first, before a camera is given up.
const TRIES: usize = 6;

/// How many damaged frames in a row are skipped: a cable that is touched loses a few, a bad one loses all.
const MOST_DAMAGED: u32 = 30;

/// An open camera. It cannot be moved to another thread: open it in the one that reads it.
pub struct Camera {
    camera: nokhwa::Camera,
    info: CameraInfo,
    mode: Mode,
    number: u64,
    damaged: u32,
}

impl Camera {
    /// Open the camera that `which` names: its number, name, a part of its name, or its stable id; `None` is the first
    /// one. Of what it can send, the closest to `wanted` is taken: see [`FrameSource::describe`].
    ///
    /// # Errors
    /// [`Error::Camera`], with the remedy: when there is none, another program has it, or this user may not.
    pub fn open(which: Option<&str>, wanted: Wanted) -> Result<Self> {
        let cameras = list::list()?;
        Self::start(choose::choose(&cameras, which)?.clone(), wanted)
    }

    /// Open the camera that was `lost`, whatever number it has now.
    ///
    /// # Errors
    /// As [`Camera::open`].
    pub fn open_again(lost: &CameraInfo, wanted: Wanted) -> Result<Self> {
        let cameras = list::list()?;
        Self::start(choose::find_again(&cameras, lost)?.clone(), wanted)
    }

    fn start(info: CameraInfo, wanted: Wanted) -> Result<Self> {
        let refuse = |reason: &str| with_remedy(&info, reason);
        let mut modes = probe::modes(&info, wanted).map_err(|reason| refuse(&reason))?;
        mode::rank(&mut modes, wanted);
        let mut last =
            "sends neither MJPEG, YUYV, NV12, RGB nor BGR, and no other format is supported"
                .to_owned();
        for mode in modes.into_iter().take(TRIES) {
            match start(&info, mode) {
                Ok(camera) => {
                    return Ok(Self {
                        camera,
                        info,
                        mode,
                        number: 0,
                        damaged: 0,
                    });
                }
                Err(reason) => last = reason,
            }
        }
        Err(refuse(&last))
    }

    /// Which camera it is.
    pub fn info(&self) -> &CameraInfo {
        &self.info
    }
}

fn start(info: &CameraInfo, mode: Mode) -> std::result::Result<nokhwa::Camera, String> {
    probe::prepare(info, mode)?;
    let size = Resolution::new(mode.width, mode.height);
    let exact = RequestedFormatType::Exact(CameraFormat::new(size, mode.format, mode.fps));
    let formats = [mode.format];
    let wanted = RequestedFormat::with_formats(exact, &formats);
    let mut camera = nokhwa::Camera::new(probe::index(info), wanted).map_err(|e| e.to_string())?;
    camera.open_stream().map_err(|e| e.to_string())?;
    Ok(camera)
}

/// The system's message with a remedy. nokhwa passes errors on as text only, so that has to be searched.
fn with_remedy(info: &CameraInfo, said: &str) -> Error {
    let reason = if said.contains("os error 16") || said.contains("busy") {
        format!("is in use by another program; end that one first ({said})")
    } else if said.contains("os error 13") || said.contains("os error 1)") {
        format!(
            "may not be opened by this user: `sudo usermod -aG video $USER`, then log in again ({said})"
        )
    } else if said.contains("os error 19") || said.contains("os error 6)") {
        format!("is gone; plug it in again ({said})")
    } else {
        said.to_owned()
    };
    Error::camera(format!("camera {} \"{}\"", info.id, info.name), reason)
}

impl FrameSource for Camera {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        loop {
            let Mode {
                format,
                width,
                height,
                ..
            } = self.mode;
            let bytes = self
                .camera
                .frame_raw()
                .map_err(|e| with_remedy(&self.info, &e.to_string()))?;
            frame.captured = Instant::now();
            frame.number = self.number;
            self.number += 1;
            match pixels::decode(&bytes, format, (width, height), &mut frame.rgb) {
                Ok(()) => {
                    self.damaged = 0;
                    return Ok(true);
                }
                Err(reason) => {
                    self.damaged += 1;
                    if self.damaged >= MOST_DAMAGED {
                        let count = self.damaged;
                        let said = format!(
                            "sent {count} damaged frames in a row ({reason}); try another cable or a smaller size"
                        );
                        return Err(with_remedy(&self.info, &said));
                    }
                }
            }
        }
    }

    fn describe(&self) -> String {
        let CameraInfo { id, name, .. } = &self.info;
        format!("camera {id} \"{name}\", {}", self.mode)
    }

    fn rate(&self) -> Option<Ratio> {
        Some(Ratio::whole(self.mode.fps))
    }
}
