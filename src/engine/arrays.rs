//! Pictures that are arrays: views `[H, W, 3]` of RGB bytes in, embeddings and pastiches out.

use std::ops::ControlFlow;

use image::{ImageBuffer, Rgb, RgbImage};
use ndarray::{Array3, ArrayView3, ArrayViewMut3};

use super::tile_painter::Watch;
use super::{Engine, LEAST_CONTENT_SIDE, painted_size};
use crate::error::{Error, PictureRole, Result};
use crate::picture;
use crate::style::StyleEmbedding;

impl Engine {
    /// Read a painting that is an array `[H, W, 3]` of RGB bytes; one that lies in memory without gaps is not copied.
    ///
    /// # Errors
    /// As [`Engine::embed`]; [`Error::Invalid`] when there are not three channels.
    pub fn embed_array(&mut self, painting: ArrayView3<'_, u8>) -> Result<StyleEmbedding> {
        size("style array", painting)?;
        let painting = painting.as_standard_layout();
        self.embed_buffer(&borrowed("style array", painting.view())?)
    }

    /// Paint a picture that is an array `[H, W, 3]` of RGB bytes, of any layout in memory.
    ///
    /// # Errors
    /// As [`Engine::stylize`]; [`Error::Invalid`] when there are not three channels.
    pub fn stylize_array(
        &mut self,
        content: ArrayView3<'_, u8>,
        style: &StyleEmbedding,
    ) -> Result<Array3<u8>> {
        size("content array", content)?;
        let mut pastiche = Array3::zeros(content.dim());
        let mut watch = |_, _| ControlFlow::Continue(());
        self.stylize_array_into(content, (style, 1.0), pastiche.view_mut(), &mut watch)?;
        Ok(pastiche)
    }

    /// As [`Engine::stylize_at`] for an array `[H, W, 3]` of RGB bytes, painted into `pastiche`, an array of that shape.
    /// Both may have any layout; a content that lies in memory without gaps is not copied, unless the brush paints it at
    /// another size. `watch` is that of [`Engine::paint_watched`].
    ///
    /// After an error `pastiche` is undefined.
    ///
    /// # Errors
    /// As [`Engine::stylize_at`]; [`Error::Invalid`] when there are not three channels, or the shapes differ;
    /// [`Error::Interrupted`] when `watch` breaks off.
    pub fn stylize_array_into(
        &mut self,
        content: ArrayView3<'_, u8>,
        (style, strength): (&StyleEmbedding, f32),
        mut pastiche: ArrayViewMut3<'_, u8>,
        watch: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<()> {
        let size = size("content array", content)?;
        if pastiche.dim() != content.dim() {
            let reason = format!(
                "has the shape {:?}, but the picture that is painted has {:?}",
                pastiche.shape(),
                content.shape()
            );
            return Err(Error::invalid("pastiche array", reason));
        }
        picture::at_least(PictureRole::Content, size, LEAST_CONTENT_SIDE)?;
        let content = content.as_standard_layout();
        let photo = borrowed("content array", content.view())?;
        let style = self.buffer_at_strength(&photo, style, strength)?;
        self.set_style(&style)?;
        if painted_size(size, self.brush) == size {
            self.paint_view(content.view(), pastiche.view_mut(), watch)?;
        } else {
            self.paint_copy(&photo, pastiche.view_mut(), watch)?;
        }
        picture::mix_views(content.view(), pastiche, strength);
        Ok(())
    }

    /// Paint a copy of `photo`: at another size it is copied anyway.
    fn paint_copy(
        &mut self,
        photo: &ImageBuffer<Rgb<u8>, &[u8]>,
        mut pastiche: ArrayViewMut3<'_, u8>,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let mut copy = RgbImage::new(photo.width(), photo.height());
        copy.copy_from_slice(photo);
        let mut painted = RgbImage::new(0, 0);
        self.paint_watched(&copy, &mut painted, watch)?;
        pastiche.assign(&picture::view(&painted));
        Ok(())
    }
}

/// The width and height of a picture, which `what` names in errors.
fn size(what: &str, array: ArrayView3<'_, u8>) -> Result<(u32, u32)> {
    let (height, width, channels) = array.dim();
    if channels != 3 {
        let reason = format!("has {channels} channels, but RGB has 3: the shape is [H, W, 3]");
        return Err(Error::invalid(what, reason));
    }
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::invalid(what, "has more than 2^32 rows or columns")),
    }
}

/// The bytes of an array without gaps as a picture.
fn borrowed<'a>(what: &str, array: ArrayView3<'a, u8>) -> Result<ImageBuffer<Rgb<u8>, &'a [u8]>> {
    let (width, height) = size(what, array)?;
    let gaps = || Error::invalid(what, "has gaps between its pixels");
    let bytes = array.to_slice().ok_or_else(gaps)?;
    ImageBuffer::from_raw(width, height, bytes).ok_or_else(gaps)
}
