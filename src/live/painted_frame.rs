//! What the painter gives to the window and the sinks.

use image::RgbImage;

use crate::picture::KeepColors;
use crate::video::Frame;

/// A painted frame with its content.
#[derive(Debug)]
pub(super) struct PaintedFrame {
    /// The pastiche at the source's size, with the frame's time and number.
    pub(super) pastiche: Frame,
    /// The content as it was painted: mirrored, at the source's size.
    pub(super) content: RgbImage,
    pub(super) state: PaintState,
}

/// How a frame was painted.
#[derive(Debug, Clone, Default)]
pub(super) struct PaintState {
    /// The size that the networks saw.
    pub(super) processing: (u32, u32),
    /// The size of strokes that was asked for; they are larger where the machine is too slow for it.
    pub(super) brush: f32,
    /// Weights of the styles; they sum to 1.
    pub(super) weights: Vec<f32>,
    /// The style that the glide goes to.
    pub(super) target: usize,
    pub(super) strength: f32,
    pub(super) touring: bool,
    /// Beats a minute, if glides are locked to them.
    pub(super) tempo: Option<f64>,
    /// The beat of the bar, 1..=4, while there is a tempo.
    pub(super) beat: Option<u8>,
    pub(super) mirror: bool,
    pub(super) keep_colors: KeepColors,
    pub(super) background_only: bool,
    pub(super) steady: bool,
}

impl PaintedFrame {
    /// One without pixels, to be swapped through the slots.
    pub(super) fn empty() -> Self {
        Self {
            pastiche: Frame::empty(),
            content: RgbImage::new(0, 0),
            state: PaintState::default(),
        }
    }
}
