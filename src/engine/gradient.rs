//! The gradient of a loss with respect to the embedding: the gradient with respect to the pastiche in, that with respect
//! to the embedding out.

use image::RgbImage;
use ndarray::{Array1, ArrayView3, Axis};

use crate::catalog::{ModelSet, Part};
use crate::error::{Error, Result};
use crate::onnx::File;
use crate::onnx::derivative::{self, GRAD_INPUT, GRAD_OUTPUT};
use crate::picture;
use crate::runtime::{Input, Runtime, Session, SessionOptions};
use crate::style::{Head, StyleEmbedding};

/// The derivative of head and transformer, for photos of one size.
///
/// It needs nothing but the model's own files: the transformer's graph is differentiated when this is opened, and the
/// head is a matrix. Gradients with respect to the content picture are not computed.
pub struct StyleGradient {
    session: Session,
    head: Head,
    params: Array1<f32>,
    size: (u32, u32),
}

impl StyleGradient {
    /// `Ok` when the model can be differentiated.
    ///
    /// # Errors
    /// [`Error::Model`], as [`StyleGradient::open`].
    pub fn check(set: &ModelSet) -> Result<()> {
        differentiate(set, &[]).map(drop)
    }

    /// Differentiate the networks of `set` for photos of `size` (width, height).
    ///
    /// # Errors
    /// [`Error::Model`] when the model has operators whose derivative is not known; those of sessions.
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
            head: Head::read(&file(&set.head), &set.space, set.params)?,
            params: Array1::zeros(set.params),
            size,
        })
    }

    /// The gradient of a loss with respect to the `D` numbers of `style`, which `photo` was painted in; `by_pastiche` is
    /// its gradient with respect to the pastiche: `[H, W, 3]`, one value for each byte.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the sizes differ, [`Error::Style`] when the embedding is of another model,
    /// [`Error::Inference`].
    pub fn gradient(
        &mut self,
        photo: &RgbImage,
        style: &StyleEmbedding,
        by_pastiche: ArrayView3<'_, f32>,
    ) -> Result<Array1<f32>> {
        let content = picture::view(photo);
        if photo.dimensions() != self.size || content.dim() != by_pastiche.dim() {
            let reason = "has another size than the gradient with respect to its pastiche";
            return Err(Error::invalid("photo", reason));
        }
        self.head.params(style, &mut self.params)?;
        let by_pastiche = by_pastiche.as_standard_layout().insert_axis(Axis(0));
        let outputs = self.session.run(&[
            ("content", Input::picture(content)),
            ("style_params", Input::row(self.params.view())),
            (GRAD_OUTPUT, Input::F32(by_pastiche.view().into_dyn())),
        ])?;
        self.head.gradient(outputs.row(GRAD_INPUT)?)
    }
}

fn differentiate(set: &ModelSet, shapes: &[(&str, &[usize])]) -> Result<Vec<u8>> {
    let transformer = [file(&set.transformer)];
    derivative::derivative(&transformer, "style_params", "pastiche", shapes)
}

fn file(part: &Part) -> File<'_> {
    File {
        label: &part.label,
        bytes: &part.bytes,
    }
}
