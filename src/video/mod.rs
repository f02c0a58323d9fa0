//! Sources and sinks, one file each. They know no networks.

mod frame;
mod pacer;
#[cfg(feature = "live")]
pub mod pictures;
#[cfg(feature = "live")]
pub mod png_folder;
#[cfg(feature = "live")]
pub mod recorder;
mod slot;
pub mod test_card;
#[cfg(feature = "live")]
pub mod y4m;

pub use frame::Frame;
pub use slot::{OnFull, Slot, Taken};

use std::ops::ControlFlow;

use crate::error::Result;

/// Where frames come from. A source is made in the thread that reads it: some devices may not change threads.
pub trait FrameSource {
    /// Wait for the next frame and write it into `frame`, whose buffer is used again. `false` at the end of the source.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) when a camera is gone; [`Error::Decode`](crate::Error::Decode) when
    /// what came cannot be read. After an error the source is not read again.
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool>;

    /// What it is, for people: `camera 0 "Desk", 640x480 MJPEG, 30 frames a second`.
    fn describe(&self) -> String;

    /// Frames a second as the source counts them, if it does.
    fn rate(&self) -> Option<f64>;

    /// Whether frames come at their own pace (a camera) and old ones may be dropped, or wait until they are asked for.
    fn is_live(&self) -> bool;
}

/// Where frames go.
pub trait FrameSink {
    /// Show or write `frame`. `Break`: the user or the reader at the other end wants no more.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write), [`Error::Device`](crate::Error::Device).
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>>;

    /// Bring what was written to a good end. Called once, after the last frame; a sink that is dropped without it
    /// leaves nothing half-written where the user would take it for whole.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
