//! The transformer network: a picture and its gammas and betas in, a pastiche out.

use image::RgbImage;

use crate::error::{Error, Result};
use crate::runtime::{Choice, ElementKind, Input, Runtime, Session, SessionOptions};
use crate::tensor;

/// content, style_params -> pastiche (conditional instance norm: Dumoulin et al. 2017, equation 5).
pub(super) struct Transformer {
    session: Session,
    params: usize,
}

impl Transformer {
    /// Open the network in `model`, which must take `params` gammas and betas and give `stats` statistics.
    pub(super) fn open(
        runtime: &Runtime,
        label: &str,
        model: &[u8],
        (params, stats): (usize, usize),
        options: &SessionOptions,
    ) -> Result<Self> {
        let session = Session::open(runtime, label, model, options)?;
        session.expect_input("content", ElementKind::U8, &[1, -1, -1, 3])?;
        session.expect_input("style_params", ElementKind::F32, &[1, params as i64])?;
        session.expect_output("pastiche", ElementKind::U8, &[1, -1, -1, 3])?;
        session.expect_output("stats", ElementKind::F32, &[1, stats as i64])?;
        Ok(Self { session, params })
    }

    pub(super) fn device(&self) -> &Choice {
        self.session.choice()
    }

    /// Paint `content`; `pastiche` is made anew only when its size differs.
    pub(super) fn paint(
        &mut self,
        content: &RgbImage,
        params: &[f32],
        pastiche: &mut RgbImage,
    ) -> Result<()> {
        let shape = tensor::shape(content);
        let outputs = self.session.run(&[
            (
                "content",
                Input::U8 {
                    shape,
                    data: content.as_raw(),
                },
            ),
            (
                "style_params",
                Input::F32 {
                    shape: &[1, self.params],
                    data: params,
                },
            ),
        ])?;
        let (found, data) = outputs.u8("pastiche")?;
        if !found.iter().map(|&n| n as usize).eq(shape) {
            return Err(Error::Inference {
                network: "transformer".to_owned(),
                reason: format!(
                    "gave a pastiche of shape {found:?} for a content of shape {shape:?}"
                ),
            });
        }
        if pastiche.dimensions() == content.dimensions() {
            pastiche.copy_from_slice(data);
        } else {
            *pastiche = tensor::picture("transformer", found, data)?;
        }
        Ok(())
    }
}
