//! The regions of a job in; their masks and styles, read and ready to be painted, out.

use super::keep::{Kept, RegionOptions};
use super::mask::MaskFile;
use super::matte::Matte;
use super::person::PersonMatte;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::StyleBook;
use crate::style::StyleEmbedding;

/// How a region is painted.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionStyle {
    /// The style, or the blend of its styles.
    pub style: StyleEmbedding,
    /// Its own strength, 0..=1, where it has one.
    pub strength: Option<f32>,
    /// How large its strokes are, 0.25..=4, where it has a size of its own.
    pub brush: Option<f32>,
}

/// What a layer shows.
pub(super) enum Fill {
    /// The photo itself.
    Photo,
    /// A pastiche.
    Style(RegionStyle),
}

/// One layer over the base style.
pub(super) struct Layer {
    pub(super) matte: Box<dyn Matte>,
    /// The layer is where the mask is black.
    pub(super) inverted: bool,
    pub(super) fill: Fill,
}

/// Read masks and styles, the lowest first; notes on their pictures go to `note`.
pub(super) fn open(
    options: &RegionOptions,
    book: &StyleBook,
    engine: &mut Engine,
    note: &mut dyn FnMut(&str),
) -> Result<Vec<Layer>> {
    let mut layers = Vec::new();
    for region in &options.regions {
        let matte = Box::new(MaskFile::open(&region.mask, note)?);
        let mut parts = Vec::new();
        for style in &region.styles {
            parts.push((book.embed(engine, style, note)?, style.weight));
        }
        let parts: Vec<_> = parts
            .iter()
            .map(|(style, weight)| (style, *weight))
            .collect();
        layers.push(Layer {
            matte,
            inverted: false,
            fill: Fill::Style(RegionStyle {
                style: StyleEmbedding::mix(&parts)?,
                strength: region.strength,
                brush: region.brush,
            }),
        });
    }
    if let Some(keep) = &options.keep {
        let matte: Box<dyn Matte> = match &keep.mask {
            Some(path) => Box::new(MaskFile::open(path, note)?),
            None => Box::new(PersonMatte::open(None)?),
        };
        layers.push(Layer {
            matte,
            inverted: keep.kept == Kept::Background,
            fill: Fill::Photo,
        });
    }
    Ok(layers)
}
