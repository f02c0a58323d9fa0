//! The film's own embedding, which strength 0 stands for: frames go in, a smooth embedding comes out. It depends on the
//! frames alone and not on time that passes, so that a film that is continued is the film that was not interrupted.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::Result;
use crate::picture::{Scaler, reshape};
use crate::style::StyleEmbedding;

/// Frames from one reading to the next.
const EVERY: u64 = 12;

/// The short side at which a frame is read.
const SIDE: u32 = 256;

/// Reads the film's own embedding now and then, and moves evenly from the one before to the newest.
#[derive(Default)]
pub(super) struct OwnEmbedding {
    scaler: Scaler,
    small: RgbImage,
    readings: Option<Readings>,
    smooth: Option<StyleEmbedding>,
}

struct Readings {
    before: StyleEmbedding,
    newest: StyleEmbedding,
    /// The number of the frame that `newest` was read from.
    at: u64,
}

/// What is kept of the readings between two pieces of a film: the bits of the numbers, as text must not round them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptReadings {
    before: Vec<u32>,
    newest: Vec<u32>,
    at: u64,
}

impl OwnEmbedding {
    /// The embedding at frame `number`, which shows `content`.
    pub(super) fn at(
        &mut self,
        number: u64,
        content: &RgbImage,
        engine: &mut Engine,
    ) -> Result<&StyleEmbedding> {
        let due = |readings: &Readings| number - readings.at.min(number) >= EVERY;
        if self.readings.as_ref().is_none_or(due) {
            let newest = self.read(content, engine)?;
            let before = self.readings.take().map(|readings| readings.newest);
            self.readings = Some(Readings {
                before: before.unwrap_or_else(|| newest.clone()),
                newest,
                at: number,
            });
        }
        let Some(Readings { before, newest, at }) = &self.readings else {
            return Err(crate::Error::invalid("content", "has no embedding"));
        };
        let share = ((number - at + 1) as f32 / EVERY as f32).min(1.0);
        let smooth = self.smooth.get_or_insert_with(|| newest.clone());
        smooth.become_mix([(before, 1.0 - share), (newest, share)].into_iter())?;
        Ok(smooth)
    }

    fn read(&mut self, content: &RgbImage, engine: &mut Engine) -> Result<StyleEmbedding> {
        let (w, h) = content.dimensions();
        let scale = f64::from(SIDE) / f64::from(w.min(h).max(1));
        let side = |n: u32| (f64::from(n) * scale).round().clamp(16.0, 1024.0) as u32;
        reshape(&mut self.small, side(w), side(h));
        self.scaler.resize(content, &mut self.small)?;
        engine.embed_photo(&self.small)
    }

    pub(super) fn kept(&self) -> Option<KeptReadings> {
        let readings = self.readings.as_ref()?;
        let bits = |e: &StyleEmbedding| e.values().iter().map(|v| v.to_bits()).collect();
        Some(KeptReadings {
            before: bits(&readings.before),
            newest: bits(&readings.newest),
            at: readings.at,
        })
    }

    /// Go on where `kept` was taken; `space` is the engine's.
    pub(super) fn restore(&mut self, kept: &KeptReadings, space: &str) -> Result<()> {
        let embedding = |bits: &[u32]| {
            let values: Vec<f32> = bits.iter().map(|b| f32::from_bits(*b)).collect();
            StyleEmbedding::new(values, space)
        };
        self.readings = Some(Readings {
            before: embedding(&kept.before)?,
            newest: embedding(&kept.newest)?,
            at: kept.at,
        });
        Ok(())
    }
}
