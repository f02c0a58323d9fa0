//! The strip: the styles that a live session glides between, in order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use image::RgbImage;

use crate::style::StyleEmbedding;

/// A style of the strip.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) embedding: StyleEmbedding,
    /// The painting, small; for a named style, of which there is no picture, something painted with it.
    pub(super) thumbnail: Option<Arc<RgbImage>>,
}

/// What the window shows of a style.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) name: String,
    pub(super) thumbnail: Option<Arc<RgbImage>>,
}

/// The cards, written by the painter and read by the window.
#[derive(Debug, Clone, Default)]
pub(super) struct Cards(Arc<Mutex<Vec<Card>>>);

impl Cards {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Card>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The size of a thumbnail in pixels: the window scales it to its own.
pub(super) const THUMBNAIL: (u32, u32) = (96, 72);
