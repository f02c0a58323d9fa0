//! One frame of a film and its time go in; the painted frame comes out.

use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::own_embedding::{KeptReadings, OwnEmbedding};
use super::style_track::{Moment, StyleTrack};
use crate::engine::Engine;
use crate::error::Result;
use crate::measure::Timings;
use crate::motion::Steady;
use crate::picture::{self, Colors};
use crate::style::StyleEmbedding;
use crate::video::{Ratio, TimedFrame};

/// Paints the frames of a film in order. Nothing it does depends on the time that passes, so that the same frames give the
/// same pictures.
pub struct FramePainter {
    engine: Engine,
    styles: Vec<StyleEmbedding>,
    track: StyleTrack,
    /// Seconds of a tick, as a ratio.
    tick: Ratio,
    colors: Colors,
    steady: Steady,
    own: OwnEmbedding,
    moment: Moment,
    mixed: StyleEmbedding,
    blended: StyleEmbedding,
}

/// What the painter knows from the frames before a piece of the film, beyond what it was made of: kept beside each piece, so
/// that painting can go on behind it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Carry {
    own: Option<KeptReadings>,
    /// Kept in files of their own.
    #[serde(skip)]
    pub(super) steady: Option<Arc<SteadyMemory>>,
}

/// What steadiness goes on from.
#[derive(Debug, PartialEq)]
pub(super) struct SteadyMemory {
    pub(super) content: RgbImage,
    pub(super) shown: RgbImage,
    pub(super) frames: u64,
}

impl FramePainter {
    /// A painter in `styles`, of which `track` says when and how much; `finish` is what is done with what was painted.
    pub fn new(
        engine: Engine,
        styles: Vec<StyleEmbedding>,
        track: StyleTrack,
        tick: Ratio,
        finish: (Colors, Steady),
    ) -> Result<Self> {
        let (colors, steady) = finish;
        let parts: Vec<_> = styles.iter().map(|style| (style, 1.0)).collect();
        let mixed = StyleEmbedding::mix(&parts)?;
        Ok(Self {
            blended: mixed.clone(),
            mixed,
            moment: StyleTrack::moment(styles.len()),
            engine,
            styles,
            track,
            tick,
            colors,
            steady,
            own: OwnEmbedding::default(),
        })
    }

    /// Paint `frame` into `pastiche`, whose buffer is used again.
    pub fn paint(&mut self, frame: &TimedFrame, pastiche: &mut RgbImage) -> Result<()> {
        self.track
            .at(frame.tick as f64 * self.tick.value(), &mut self.moment);
        let weights = self.moment.weights.iter().copied();
        self.mixed.become_mix(self.styles.iter().zip(weights))?;
        let strength = self.moment.strength;
        if strength < 1.0 {
            let own = self.own.at(frame.number, &frame.rgb, &mut self.engine)?;
            let parts = [(own, 1.0 - strength), (&self.mixed, strength)];
            self.blended.become_mix(parts.into_iter())?;
            self.engine.set_style(&self.blended)?;
        } else {
            self.engine.set_style(&self.mixed)?;
        }
        self.engine.set_brush(self.moment.brush)?;
        self.engine.paint(&frame.rgb, pastiche)?;
        // Before the colours, which are then those of this frame and no other.
        self.steady.apply(&frame.rgb, pastiche)?;
        self.colors.apply(&frame.rgb, pastiche);
        picture::mix_with_photo(&frame.rgb, pastiche, strength);
        Ok(())
    }

    /// What is to be kept behind `frame`, which was painted last.
    pub fn carry(&self, frame: &TimedFrame) -> Carry {
        let memory = |(shown, frames): (&RgbImage, u64)| {
            Arc::new(SteadyMemory {
                content: frame.rgb.clone(),
                shown: shown.clone(),
                frames,
            })
        };
        Carry {
            own: self.own.kept(),
            steady: self.steady.memory().map(memory),
        }
    }

    /// Whether [`FramePainter::carry`] holds pictures.
    pub(super) fn carries_pictures(&self) -> bool {
        self.steady.amount() > 0.0
    }

    /// Go on behind the frame after which `carry` was taken.
    pub fn restore(&mut self, carry: &Carry) -> Result<()> {
        if let Some(own) = &carry.own {
            let space = self.engine.space().to_owned();
            self.own.restore(own, &space)?;
        }
        match &carry.steady {
            Some(kept) => self.steady.restore(&kept.content, &kept.shown, kept.frames),
            None => self.steady.reset(),
        }
        Ok(())
    }

    /// Forget the frames before: the next one begins another scene.
    pub fn forget(&mut self) {
        self.own = OwnEmbedding::default();
        self.steady.reset();
    }

    /// The time that the networks ran since the last call.
    pub(super) fn take_timings(&mut self) -> Timings {
        self.engine.take_timings()
    }

    /// A small picture that this painter paints, by which another model, precision or style is told apart.
    pub(super) fn fingerprint(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let test = RgbImage::from_fn(64, 48, |x, y| {
            image::Rgb([(x * 4) as u8, (y * 5) as u8, (x * y) as u8])
        });
        for style in &self.styles {
            bytes.extend(self.engine.stylize(&test, style)?.into_raw());
        }
        self.engine.take_timings();
        Ok(bytes)
    }
}
