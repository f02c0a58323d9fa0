//! The content's own embedding, which strength 0 stands for: frames go in now and then, a smoothed embedding comes out.

use image::RgbImage;

use super::embedder::{Embedder, Request};
use crate::error::Result;
use crate::picture::{Scaler, reshape};
use crate::style::StyleEmbedding;

/// Seconds between two readings of the content.
const REFRESH: f64 = 1.0;

/// The time constant of the smoothing, in seconds: a new reading must not be seen as a jump.
const TAU: f64 = 0.4;

/// The short side at which the content is read.
const SIDE: u32 = 256;

/// Asks the embedder for the content's embedding once a second, without waiting for it.
pub(super) struct ContentEmbedding {
    /// `None` where one embedding paints every content as itself.
    embedder: Option<Embedder>,
    scaler: Scaler,
    /// Where the content is copied to; with the embedder while it reads.
    buffer: Option<RgbImage>,
    asked: Option<f64>,
    newest: Option<StyleEmbedding>,
    smooth: Option<StyleEmbedding>,
}

impl ContentEmbedding {
    pub(super) fn new(embedder: Embedder) -> Self {
        Self::begin(Some(embedder), None)
    }

    /// The embedding of every content, in a model without a predictor.
    pub(super) fn fixed(embedding: StyleEmbedding) -> Self {
        Self::begin(None, Some(embedding))
    }

    fn begin(embedder: Option<Embedder>, newest: Option<StyleEmbedding>) -> Self {
        Self {
            embedder,
            scaler: Scaler::default(),
            buffer: Some(RgbImage::new(0, 0)),
            asked: None,
            newest,
            smooth: None,
        }
    }

    /// Send `content` to the embedder if the last reading is old.
    ///
    /// # Errors
    /// When the picture cannot be resized.
    pub(super) fn refresh(&mut self, content: &RgbImage, now: f64) -> Result<()> {
        if self.asked.is_some_and(|asked| now - asked < REFRESH) {
            return Ok(());
        }
        let Some(embedder) = &self.embedder else {
            return Ok(());
        };
        let Some(mut buffer) = self.buffer.take() else {
            return Ok(());
        };
        let (w, h) = content.dimensions();
        let scale = f64::from(SIDE) / f64::from(w.min(h).max(1));
        let side = |n: u32| (f64::from(n) * scale).round().clamp(16.0, 1024.0) as u32;
        reshape(&mut buffer, side(w), side(h));
        self.scaler.resize(content, &mut buffer)?;
        match embedder.ask(Request::Content(buffer)) {
            Ok(()) => self.asked = Some(now),
            Err(Request::Content(buffer)) => self.buffer = Some(buffer),
            Err(Request::Painting { .. } | Request::Picture { .. }) => {}
        }
        Ok(())
    }

    /// Take the embedder's answer.
    ///
    /// # Errors
    /// That of the reading. The last embedding that was read stays in use.
    pub(super) fn receive(
        &mut self,
        result: Result<StyleEmbedding>,
        buffer: RgbImage,
    ) -> Result<()> {
        self.buffer = Some(buffer);
        self.newest = Some(result?);
        Ok(())
    }

    /// Whether the content has been read at least once.
    pub(super) fn is_known(&self) -> bool {
        self.newest.is_some()
    }

    /// Whether an answer is to be expected.
    pub(super) fn is_reading(&self) -> bool {
        self.buffer.is_none()
    }

    /// The embedding after `dt` more seconds; `None` until the first reading is there.
    pub(super) fn after(&mut self, dt: f64) -> Option<&StyleEmbedding> {
        let newest = self.newest.as_ref()?;
        match &mut self.smooth {
            Some(smooth) => {
                let share = 1.0 - (-dt.max(0.0) / TAU).exp();
                // Two embeddings of one predictor always blend.
                if let Ok(moved) = smooth.lerp(newest, share as f32) {
                    *smooth = moved;
                }
            }
            None => self.smooth = Some(newest.clone()),
        }
        self.smooth.as_ref()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::commands::PainterCommand;
    use super::*;

    #[test]
    fn a_predictor_that_fails_is_an_error_and_not_strength_1() {
        let (answers, received) = channel();
        let mut content = ContentEmbedding::new(Embedder::start(None, None, answers).unwrap());
        content.refresh(&RgbImage::new(64, 48), 0.0).unwrap();
        assert!(content.is_reading());
        let Ok(PainterCommand::ContentEmbedding { result, buffer }) = received.recv() else {
            panic!("another answer");
        };
        let said = content.receive(result, buffer).unwrap_err().to_string();
        assert!(said.contains("reads no pictures"), "{said}");
        assert!(!content.is_reading() && content.after(1.0).is_none());
    }
}
