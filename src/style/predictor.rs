//! The style predictor: a painting in, its embedding out.

use std::ops::Deref;

use image::{ImageBuffer, Rgb};

use super::StyleEmbedding;
use crate::error::{Error, PictureRole, Result};
use crate::picture;
use crate::runtime::{ElementKind, Input, Runtime, Session, SessionOptions};

/// The least side of a style picture, in pixels. Smaller ones have no brush strokes to read.
pub const LEAST_STYLE_SIDE: u32 = 16;

/// style picture -> bottleneck (Ghiasi et al. 2017, section 3.1).
pub struct Predictor {
    session: Session,
    space: String,
    side: u32,
}

impl Predictor {
    /// Open the network in `model` (called `label` in errors). Style pictures are brought to a short side of `side` pixels.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not of the model contract.
    pub fn open(
        runtime: &Runtime,
        label: &str,
        model: &[u8],
        space: &str,
        side: u32,
        options: &SessionOptions,
    ) -> Result<Self> {
        let session = Session::open(runtime, label, model, options)?;
        session.expect_input("style", ElementKind::U8, &[1, -1, -1, 3])?;
        session.expect_output("bottleneck", ElementKind::F32, &[1, -1])?;
        Ok(Self {
            session,
            space: space.to_owned(),
            side,
        })
    }

    /// D, the number of values in an embedding; `None` when the network does not say.
    pub fn bottleneck(&self) -> Option<usize> {
        self.session.output_width("bottleneck")
    }

    /// Read a painting. `style`: any size from 16x16 pixels, in a buffer of its own or a borrowed one.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Inference`] when the network fails.
    pub fn embed<B: Deref<Target = [u8]>>(
        &mut self,
        style: &ImageBuffer<Rgb<u8>, B>,
    ) -> Result<StyleEmbedding> {
        picture::at_least(PictureRole::Style, style.dimensions(), LEAST_STYLE_SIDE)?;
        let fitted = picture::fit_short(style, self.side)?;
        let input = Input::picture(picture::view(&fitted));
        let outputs = self.session.run(&[("style", input)])?;
        let values = outputs.row("bottleneck")?;
        StyleEmbedding::new(values.to_owned(), self.space.clone()).map_err(|e| Error::Inference {
            network: "predictor".to_owned(),
            reason: e.to_string(),
        })
    }
}
