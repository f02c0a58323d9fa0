//! The engine's way back: how a loss of the pastiche changes with the embedding.

use image::RgbImage;

use crate::catalog::ModelSet;
use crate::error::{Error, Result};
use crate::onnx::File;
use crate::onnx::derivative::{self, GRAD_INPUT, GRAD_OUTPUT};
use crate::picture;
use crate::runtime::{Input, Runtime, Session, SessionOptions};
use crate::style::StyleEmbedding;

/// Head and transformer taken backwards, for photos of one size.
///
/// Nothing but the model's own files is needed: its graph is differentiated when it is opened. What the pastiche owes to
/// the photo is left out, so the way back ends where the first gamma and beta stand.
pub struct Pullback {
    session: Session,
    size: (u32, u32),
}

impl Pullback {
    /// `Ok` when the model can be taken backwards at all.
    ///
    /// # Errors
    /// [`Error::Model`], as [`Pullback::open`].
    pub fn check(set: &ModelSet) -> Result<()> {
        differentiate(set, &[]).map(drop)
    }

    /// Differentiate the networks of `set` for photos of `size` (width, height).
    ///
    /// # Errors
    /// [`Error::Model`] when the model is made of operators whose derivative is not known; those of sessions.
    pub fn open(
        runtime: &Runtime,
        set: &ModelSet,
        size: (u32, u32),
        options: &SessionOptions,
    ) -> Result<Self> {
        let picture = [1, size.1 as usize, size.0 as usize, 3];
        let shapes = [("content", &picture[..]), ("pastiche", &picture[..])];
        let model = differentiate(set, &shapes)?;
        let label = format!("the derivative of {}", set.transformer.label);
        Ok(Self {
            session: Session::open(runtime, &label, &model, options)?,
            size,
        })
    }

    /// The derivative of a loss by the `D` numbers of `style`, which `photo` was painted in; `pull` is its derivative by
    /// the pastiche: `[1, H, W, 3]`, for each of the pastiche's bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the sizes differ, [`Error::Inference`].
    pub fn gradient(
        &mut self,
        photo: &RgbImage,
        style: &StyleEmbedding,
        pull: &[f32],
    ) -> Result<Vec<f32>> {
        let shape = picture::shape(photo);
        if photo.dimensions() != self.size || pull.len() != photo.as_raw().len() {
            return Err(Error::invalid("photo", "is of another size than its pull"));
        }
        let data = photo.as_raw();
        let row = [1, style.values().len()];
        let outputs = self.session.run(&[
            ("content", Input::U8 { shape, data }),
            (
                "bottleneck",
                Input::F32 {
                    shape: &row,
                    data: style.values(),
                },
            ),
            (
                GRAD_OUTPUT,
                Input::F32 {
                    shape: &shape,
                    data: pull,
                },
            ),
        ])?;
        Ok(outputs.f32(GRAD_INPUT)?.1.to_vec())
    }
}

fn differentiate(set: &ModelSet, shapes: &[(&str, &[usize])]) -> Result<Vec<u8>> {
    let chain = [&set.head, &set.transformer].map(|part| File {
        label: &part.label,
        bytes: &part.bytes,
    });
    derivative::derivative(&chain, "bottleneck", "pastiche", shapes)
}
