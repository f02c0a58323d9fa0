//! Video without devices: in go films, folders of pictures and generated frames, out come [`Frame`]s; in go frames,
//! out come films and numbered pictures. One file for each source and sink. Nothing here knows a network.

pub mod animation;
pub mod ffmpeg;
mod frame;
#[cfg(feature = "live")]
pub mod null_sink;
mod pacer;
#[cfg(feature = "live")]
pub mod picture_folder;
#[cfg(feature = "live")]
pub mod png_folder;
mod ratio;
#[cfg(feature = "live")]
pub mod recorder;
mod slot;
pub mod test_card;
mod timed;
#[cfg(feature = "live")]
pub mod y4m;

pub use frame::Frame;
pub use ratio::Ratio;
pub use slot::{OnFull, Put, Slot, Taken};
pub use timed::{TimedFrame, TimedSource};

use std::ops::ControlFlow;

use crate::error::Result;

/// What a film says of itself besides its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilmFormat {
    /// Frames a second.
    pub rate: Ratio,
    /// Width of a pixel : its height. Not 1:1 in films of standard-definition television.
    pub pixel_aspect: Ratio,
}

impl FilmFormat {
    /// `rate` frames a second of square pixels.
    pub const fn square(rate: Ratio) -> Self {
        Self {
            rate,
            pixel_aspect: Ratio::ONE,
        }
    }
}

/// Where frames come from. A source is made in the thread that reads it: some devices may not change threads.
pub trait FrameSource {
    /// Wait for the next frame and write it into `frame`, whose buffer is used again. `false` at the end of the source.
    ///
    /// # Errors
    /// [`Error::Camera`](crate::Error::Camera) when a camera is gone; [`Error::Decode`](crate::Error::Decode) when
    /// the data cannot be read. After an error the source is not read again.
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool>;

    /// What it is, for people: `camera 0 "Desk", 640x480 MJPEG, 30 frames a second`.
    fn describe(&self) -> String;

    /// Frames a second by the source's own account, if it gives one.
    fn rate(&self) -> Option<Ratio>;

    /// Width of a pixel : its height.
    fn pixel_aspect(&self) -> Ratio {
        Ratio::ONE
    }
}

/// Where frames go.
pub trait FrameSink {
    /// Show or write `frame`. `Break`: the user or the reader at the other end wants no more.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write), [`Error::Camera`](crate::Error::Camera) for a virtual camera.
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>>;

    /// Something about the sink that the user should know; each only once.
    fn take_note(&mut self) -> Option<String> {
        None
    }

    /// Complete what was written. Called once, after the last frame; a sink that is dropped without it leaves no
    /// incomplete file under the name that the user gave.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
