//! What the painter hands to the window and the sinks.

use image::RgbImage;

use crate::video::Frame;

/// A painted frame beside the photo.
#[derive(Debug)]
pub(super) struct Painted {
    /// The pastiche at the source's size, with the source's time and number.
    pub(super) pastiche: Frame,
    /// The content as it was painted: mirrored, at the source's size.
    pub(super) content: RgbImage,
    pub(super) look: Look,
}

/// How a frame was painted.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    /// The size that the networks saw.
    pub(super) processing: (u32, u32),
    /// Weights of the strip's styles; they sum to 1.
    pub(super) weights: Vec<f32>,
    /// Where the glide leads.
    pub(super) target: usize,
    pub(super) strength: f32,
    pub(super) touring: bool,
    pub(super) mirror: bool,
    pub(super) keep_colors: bool,
}

impl Painted {
    /// One without pictures, to be swapped through the slots.
    pub(super) fn empty() -> Self {
        Self {
            pastiche: Frame::empty(),
            content: RgbImage::new(0, 0),
            look: Look::default(),
        }
    }
}
