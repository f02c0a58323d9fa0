//! Frames with the times at which they are shown, and where they come from.

use image::RgbImage;

use crate::error::Result;

/// A frame of a film or an animation. Frames are reused, as [`super::Frame`]s are.
#[derive(Debug, Clone, Default)]
pub struct TimedFrame {
    /// The picture, 8 bits a channel.
    pub rgb: RgbImage,
    /// Counts up from 0 without gaps.
    pub number: u64,
    /// When it is shown: ticks of the source's clock from the first frame. It is shown until the next one.
    pub tick: u64,
}

/// Where the frames of a film or an animation come from: as fast as they are asked for, all of one size.
pub trait TimedSource: Send {
    /// Wait for the next frame and write it into `frame`, whose buffer is used again. `false` at the end.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode) and [`Error::Read`](crate::Error::Read). After an error the source is not
    /// read again.
    fn next_frame(&mut self, frame: &mut TimedFrame) -> Result<bool>;
}
