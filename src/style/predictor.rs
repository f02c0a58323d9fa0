//! The two small networks of a style: the predictor reads a painting, the head makes gammas and betas of it.

use image::RgbImage;

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

    /// Read a painting. `style`: any size from 16x16 pixels.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Inference`] when the network fails.
    pub fn embed(&mut self, style: &RgbImage) -> Result<StyleEmbedding> {
        picture::at_least(PictureRole::Style, style, LEAST_STYLE_SIDE)?;
        let fitted = picture::fit_short(style, self.side)?;
        let outputs = self.session.run(&[(
            "style",
            Input::U8 {
                shape: picture::shape(&fitted),
                data: fitted.as_raw(),
            },
        )])?;
        let (_, values) = outputs.f32("bottleneck")?;
        StyleEmbedding::new(values.to_vec(), self.space.clone()).map_err(|e| Error::Inference {
            network: "predictor".to_owned(),
            reason: e.to_string(),
        })
    }
}

/// bottleneck -> gammas and betas: affine, one row of weights for each.
pub struct Head {
    session: Session,
    space: String,
    bottleneck: usize,
}

impl Head {
    /// Open the network in `model` (called `label` in errors), which must give `params` numbers.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not of the model contract.
    pub fn open(
        runtime: &Runtime,
        label: &str,
        model: &[u8],
        space: &str,
        params: usize,
        options: &SessionOptions,
    ) -> Result<Self> {
        let session = Session::open(runtime, label, model, options)?;
        session.expect_input("bottleneck", ElementKind::F32, &[1, -1])?;
        session.expect_output("style_params", ElementKind::F32, &[1, params as i64])?;
        let bottleneck = session
            .input_width("bottleneck")
            .ok_or_else(|| Error::Model {
                model: label.to_owned(),
                reason: "does not say the width of 'bottleneck'; it must be fixed".to_owned(),
            })?;
        Ok(Self {
            session,
            space: space.to_owned(),
            bottleneck,
        })
    }

    /// D, the number of values that it takes.
    pub fn bottleneck(&self) -> usize {
        self.bottleneck
    }

    /// All gammas, then all betas, of `style`, written to `params`.
    ///
    /// # Errors
    /// [`Error::Style`] when the embedding was made by another network; [`Error::Inference`].
    pub fn params(&mut self, style: &StyleEmbedding, params: &mut Vec<f32>) -> Result<()> {
        if style.space() != self.space || style.values().len() != self.bottleneck {
            return Err(Error::Style {
                style: "embedding".to_owned(),
                reason:
                    "was made by another model's predictor; read the painting again with this model"
                        .to_owned(),
            });
        }
        let shape = [1, style.values().len()];
        let outputs = self.session.run(&[(
            "bottleneck",
            Input::F32 {
                shape: &shape,
                data: style.values(),
            },
        )])?;
        let (_, values) = outputs.f32("style_params")?;
        params.clear();
        params.extend_from_slice(values);
        Ok(())
    }
}
