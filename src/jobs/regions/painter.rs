//! Lays regions over a pastiche: a photo, its pastiche in the base style and a way to paint other styles in; the picture
//! with all regions out. The same for one photo and for the frames of a film.

use image::{GrayImage, RgbImage};

use super::keep::RegionOptions;
use super::layers::{self, Fill, Layer, RegionStyle};
use super::over::{lay_over, visible};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::StyleBook;
use crate::picture;

/// Paints the whole photo in a region's style into a picture; colours and strength included.
pub type PaintStyle<'a> = &'a mut dyn FnMut(&RegionStyle, &mut RgbImage) -> Result<()>;

/// The regions of a job, ready to be laid over one picture after another. Buffers are kept.
#[derive(Default)]
pub struct RegionPainter {
    layers: Vec<Layer>,
    /// The mask of each layer at the size of the photo.
    masks: Vec<GrayImage>,
    /// Whether each layer can be seen, and whether the base style can.
    seen: Vec<bool>,
    base_seen: bool,
    /// A region's pastiche.
    painted: RgbImage,
}

impl RegionPainter {
    /// Read all masks and styles; notes on their pictures go to `note`. Without regions nothing is ever done.
    ///
    /// # Errors
    /// As [`picture::open`] and [`StyleBook::embed`]; those of the runtime, when people are to be found.
    pub fn open(
        options: &RegionOptions,
        book: &StyleBook,
        engine: &mut Engine,
        note: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        let layers = layers::open(options, book, engine, note)?;
        Ok(Self {
            masks: vec![GrayImage::new(0, 0); layers.len()],
            seen: Vec::new(),
            base_seen: true,
            painted: RgbImage::new(0, 0),
            layers,
        })
    }

    /// Find the regions in `photo`, which `name` names in messages. To be called before [`RegionPainter::paint`].
    ///
    /// A mask that covers nothing is no error: `note` is told.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a mask has another shape than the photo; [`Error::Inference`].
    pub fn fit(&mut self, photo: &RgbImage, name: &str, note: &mut dyn FnMut(&str)) -> Result<()> {
        let mut changed = false;
        for (layer, mask) in self.layers.iter_mut().zip(&mut self.masks) {
            let new = layer
                .matte
                .fit(photo, mask)
                .map_err(|e| in_photo(e, name))?;
            if new && layer.inverted {
                mask.iter_mut().for_each(|level| *level = 255 - *level);
            }
            if new && mask.iter().all(|level| *level == 0) {
                note(&format!("{name}: {}", layer.matte.nowhere(layer.inverted)));
            }
            changed |= new;
        }
        if changed {
            self.base_seen = visible(&self.masks, &mut self.seen);
        }
        Ok(())
    }

    /// Whether the base style can be seen anywhere; if not, it need not be painted.
    pub fn shows_base(&self) -> bool {
        self.base_seen
    }

    /// Lay the regions over `pastiche`, which shows the base style and has the photo's size; where
    /// [`RegionPainter::shows_base`] is false it may show anything. `paint` is called once for each style that can be seen.
    ///
    /// Where a mask is white the result is that style's pastiche, byte for byte, or the photo where it is kept.
    ///
    /// # Errors
    /// Those of `paint`; [`Error::Invalid`] when the photo is not that of the last [`RegionPainter::fit`].
    pub fn paint(
        &mut self,
        photo: &RgbImage,
        pastiche: &mut RgbImage,
        paint: PaintStyle<'_>,
    ) -> Result<()> {
        let size = photo.dimensions();
        let visible = self.seen.iter().zip(&self.layers).zip(&self.masks);
        for ((_, layer), mask) in visible.filter(|((seen, _), _)| **seen) {
            if mask.dimensions() != size || pastiche.dimensions() != size {
                let reason = "was not fitted to this picture";
                return Err(Error::invalid("mask", reason));
            }
            match &layer.fill {
                Fill::Photo => lay_over(pastiche, photo, mask),
                Fill::Style(style) => {
                    picture::reshape(&mut self.painted, size.0, size.1);
                    paint(style, &mut self.painted)?;
                    lay_over(pastiche, &self.painted, mask);
                }
            }
        }
        Ok(())
    }
}

/// The same error, with the photo that the mask does not fit.
fn in_photo(error: Error, name: &str) -> Error {
    match error {
        Error::Invalid { what, reason } => Error::Invalid {
            what,
            reason: format!("{name}: {reason}"),
        },
        other => other,
    }
}
