//! Resizing: a picture and a size go in, the picture at that size comes out.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
#[cfg(feature = "jobs")]
use image::GrayImage;
use image::{ImageBuffer, Pixel, Rgb, RgbImage};
use std::ops::Deref;

use crate::error::{Error, Result};

/// `picture` at `width` x `height` pixels, Lanczos-filtered. It may be colour or grey, 8 bits a channel; channels are
/// resized independently of each other.
///
/// # Errors
/// [`Error::Invalid`] when a side is zero.
pub fn resize<P: Pixel<Subpixel = u8>, B: Deref<Target = [u8]>>(
    picture: &ImageBuffer<P, B>,
    width: u32,
    height: u32,
) -> Result<ImageBuffer<P, Vec<u8>>> {
    if picture.dimensions() == (width, height) {
        return ImageBuffer::from_raw(width, height, picture.as_raw().to_vec())
            .ok_or_else(|| failed("short buffer"));
    }
    let pixels = match P::CHANNEL_COUNT {
        1 => PixelType::U8,
        2 => PixelType::U8x2,
        3 => PixelType::U8x3,
        _ => PixelType::U8x4,
    };
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), pixels)
        .map_err(failed)?;
    let mut target = Image::new(width, height, pixels);
    // Transparency is a picture of its own in this crate, so no channel is weighted by another.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(false);
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(failed)?;
    ImageBuffer::from_raw(width, height, target.into_vec()).ok_or_else(|| failed("short buffer"))
}

/// `picture` scaled so that its long side is `side` pixels and the other at least one.
///
/// # Errors
/// [`Error::Invalid`] when `side` is zero.
pub fn fit_long(picture: &RgbImage, side: u32) -> Result<RgbImage> {
    let (width, height) = picture.dimensions();
    let (width, height) = scale((width, height), side, width.max(height));
    resize(picture, width, height)
}

/// `picture` scaled so that its short side is `side` pixels, and its long side cut at both ends
/// to at most four times that: a picture of one row is no reason to allocate a million columns.
///
/// # Errors
/// [`Error::Invalid`] when `side` is zero.
pub fn fit_short<B: Deref<Target = [u8]>>(
    picture: &ImageBuffer<Rgb<u8>, B>,
    side: u32,
) -> Result<RgbImage> {
    const MOST: u32 = 4;
    let (width, height) = picture.dimensions();
    let short = width.min(height);
    let (w, h) = (
        width.min(short.saturating_mul(MOST)),
        height.min(short.saturating_mul(MOST)),
    );
    let (width, height) = scale((w, h), side, short);
    if picture.dimensions() == (w, h) {
        return resize(picture, width, height);
    }
    let corner = ((picture.width() - w) / 2, (picture.height() - h) / 2);
    resize(&crop(picture, corner, (w, h))?, width, height)
}

/// The part of `picture` of the size (width, height) whose upper left corner is at `(x, y)`; it lies inside.
fn crop<B: Deref<Target = [u8]>>(
    picture: &ImageBuffer<Rgb<u8>, B>,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> Result<RgbImage> {
    let row = picture.width() as usize * 3;
    let columns = x as usize * 3..(x + width) as usize * 3;
    let rows = picture.as_raw().chunks_exact(row.max(1));
    let part = rows.skip(y as usize).take(height as usize);
    let bytes = part.flat_map(|row| &row[columns.clone()]).copied();
    RgbImage::from_raw(width, height, bytes.collect()).ok_or_else(|| failed("short buffer"))
}

/// Both sides times `to / from`, rounded, at least one.
fn scale((width, height): (u32, u32), to: u32, from: u32) -> (u32, u32) {
    let one = |side: u32| {
        let scaled =
            (u64::from(side) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
        u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
    };
    (one(width), one(height))
}

/// Resizes frame after frame without allocating: bilinear with a support that grows when it shrinks a picture
/// (so nothing aliases), which for moving pictures is as good as Lanczos and several times cheaper.
pub struct Scaler {
    resizer: Resizer,
    options: ResizeOptions,
}

impl Default for Scaler {
    fn default() -> Self {
        Self::with(FilterType::Bilinear)
    }
}

impl Scaler {
    /// One with another filter, whose support grows likewise.
    pub(super) fn with(filter: FilterType) -> Self {
        Self {
            resizer: Resizer::new(),
            options: ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)),
        }
    }

    /// Fill `target`, at the size that it has, with `source`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a side of either is zero.
    pub fn resize(&mut self, source: &RgbImage, target: &mut RgbImage) -> Result<()> {
        if source.dimensions() == target.dimensions() {
            target.copy_from_slice(source);
            return Ok(());
        }
        let (from, to) = (source.dimensions(), target.dimensions());
        self.fill((source, from), (target, to), PixelType::U8x3)
    }

    /// The same for a mask, in grey.
    ///
    /// # Errors
    /// As [`Scaler::resize`].
    #[cfg(feature = "jobs")]
    pub(crate) fn resize_grey(&mut self, source: &GrayImage, target: &mut GrayImage) -> Result<()> {
        if source.dimensions() == target.dimensions() {
            target.copy_from_slice(source);
            return Ok(());
        }
        let (from, to) = (source.dimensions(), target.dimensions());
        self.fill((source, from), (target, to), PixelType::U8)
    }

    fn fill(
        &mut self,
        (source, from): (&[u8], (u32, u32)),
        (target, to): (&mut [u8], (u32, u32)),
        pixels: PixelType,
    ) -> Result<()> {
        if [from.0, from.1, to.0, to.1].contains(&0) {
            return Err(failed("a side is zero"));
        }
        let view = ImageRef::new(from.0, from.1, source, pixels).map_err(failed)?;
        let mut into = Image::from_slice_u8(to.0, to.1, target, pixels).map_err(failed)?;
        self.resizer
            .resize(&view, &mut into, &self.options)
            .map_err(failed)
    }
}

fn failed(reason: impl ToString) -> Error {
    Error::invalid(
        "size",
        format!("the picture cannot be resized: {}", reason.to_string()),
    )
}

/// Make `picture` `width` x `height` pixels and keep its buffer; what it shows then is undefined.
/// Allocates only when the buffer was never so large.
pub fn reshape(picture: &mut RgbImage, width: u32, height: u32) {
    if picture.dimensions() == (width, height) {
        return;
    }
    let mut buffer = std::mem::take(picture).into_raw();
    let length = width as usize * height as usize * 3;
    if buffer.capacity() < length {
        // Not by growing: the system gives zeros only when they are touched, which is late in a picture in tiles.
        drop(buffer);
        buffer = vec![0; length];
    }
    buffer.resize(length, 0);
    if let Some(shaped) = RgbImage::from_raw(width, height, buffer) {
        *picture = shaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_keep_their_proportion() {
        let picture = RgbImage::new(300, 200);
        assert_eq!(
            fit_long(&picture, 150).expect("fits").dimensions(),
            (150, 100)
        );
        assert_eq!(
            fit_short(&picture, 100).expect("fits").dimensions(),
            (150, 100)
        );
        assert_eq!(
            fit_short(&RgbImage::new(3, 5000), 256)
                .expect("fits")
                .dimensions(),
            (256, 1024)
        );
        assert_eq!(
            fit_long(&RgbImage::new(5000, 1), 100)
                .expect("fits")
                .dimensions(),
            (100, 1)
        );
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        let picture = RgbImage::from_pixel(40, 30, image::Rgb([10, 120, 250]));
        let small = resize(&picture, 7, 11).expect("resizes");
        assert!(small.pixels().all(|p| p.0 == [10, 120, 250]));
        let alpha = resize(
            &image::GrayImage::from_pixel(9, 9, image::Luma([77])),
            20,
            5,
        )
        .expect("resizes");
        assert!(alpha.pixels().all(|p| p.0 == [77]));
    }

    #[test]
    fn a_scaler_fills_what_it_is_given() {
        let mut scaler = Scaler::default();
        let picture = RgbImage::from_pixel(40, 30, image::Rgb([10, 120, 250]));
        for (width, height) in [(20, 15), (80, 61), (40, 30), (1, 1)] {
            let mut target = RgbImage::new(width, height);
            scaler.resize(&picture, &mut target).expect("resizes");
            let flat = |p: &image::Rgb<u8>| p.0 == [10, 120, 250];
            assert!(target.pixels().all(flat), "{width}x{height}");
        }
        assert!(scaler.resize(&picture, &mut RgbImage::new(0, 0)).is_err());
    }

    #[test]
    fn same_size_is_the_same_picture() {
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([x as u8 * 30, y as u8 * 30, 7]));
        assert_eq!(resize(&picture, 8, 8).expect("resizes"), picture);
    }

    #[test]
    fn a_smaller_picture_keeps_the_buffer() {
        let mut picture = RgbImage::new(64, 48);
        let before = picture.as_ptr();
        reshape(&mut picture, 32, 24);
        assert_eq!(picture.dimensions(), (32, 24));
        assert_eq!(picture.as_raw().len(), 32 * 24 * 3);
        reshape(&mut picture, 64, 48);
        assert_eq!(picture.as_ptr(), before);
    }
}
