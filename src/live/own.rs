//! The content's own embedding: what strength 0 is.

use image::RgbImage;

use super::embedder::{Embedder, Request};
use crate::error::Result;
use crate::picture::Scaler;
use crate::picture::reshape;
use crate::style::StyleEmbedding;

/// Seconds between two readings of the content.
const REFRESH: f64 = 1.0;

/// Seconds in which two thirds of the way to a new reading are gone: a reading must not be seen as a jump.
const TAU: f64 = 0.4;

/// The short side at which the content is read.
const SIDE: u32 = 256;

/// Keeps the content's own embedding fresh without waiting for it.
pub(super) struct Own {
    embedder: Embedder,
    scaler: Scaler,
    /// Where the content is copied to; away while it is being read.
    buffer: Option<RgbImage>,
    asked: Option<f64>,
    newest: Option<StyleEmbedding>,
    smooth: Option<StyleEmbedding>,
}

impl Own {
    pub(super) fn new(embedder: Embedder) -> Self {
        Self {
            embedder,
            scaler: Scaler::default(),
            buffer: Some(RgbImage::new(0, 0)),
            asked: None,
            newest: None,
            smooth: None,
        }
    }

    /// Ask for a reading of `content` when the last one is old; never waits.
    ///
    /// # Errors
    /// When the picture cannot be resized.
    pub(super) fn refresh(&mut self, content: &RgbImage, now: f64) -> Result<()> {
        if self.asked.is_some_and(|asked| now - asked < REFRESH) {
            return Ok(());
        }
        let Some(mut buffer) = self.buffer.take() else {
            return Ok(());
        };
        let (w, h) = content.dimensions();
        let scale = f64::from(SIDE) / f64::from(w.min(h).max(1));
        let side = |n: u32| (f64::from(n) * scale).round().clamp(16.0, 1024.0) as u32;
        reshape(&mut buffer, side(w), side(h));
        self.scaler.resize(content, &mut buffer)?;
        match self.embedder.ask(Request::Own(buffer)) {
            Ok(()) => self.asked = Some(now),
            Err(Request::Own(buffer)) => self.buffer = Some(buffer),
            Err(Request::Painting { .. }) => {}
        }
        Ok(())
    }

    /// The answer.
    pub(super) fn answered(&mut self, embedding: Option<StyleEmbedding>, buffer: RgbImage) {
        self.buffer = Some(buffer);
        self.newest = embedding.or(self.newest.take());
    }

    /// Whether a reading is on its way.
    pub(super) fn is_reading(&self) -> bool {
        self.buffer.is_none()
    }

    /// The embedding after `dt` more seconds; `None` until the first reading is there.
    pub(super) fn at(&mut self, dt: f64) -> Option<&StyleEmbedding> {
        let newest = self.newest.as_ref()?;
        match &mut self.smooth {
            Some(smooth) => {
                let share = 1.0 - (-dt.max(0.0) / TAU).exp();
                // Two readings of one predictor cannot fail to blend.
                if let Ok(moved) = smooth.lerp(newest, share as f32) {
                    *smooth = moved;
                }
            }
            None => self.smooth = Some(newest.clone()),
        }
        self.smooth.as_ref()
    }
}
