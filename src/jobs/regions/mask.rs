//! A mask in a file: its picture goes in, the mask at a photo's size comes out.

use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};

use super::matte::Matte;
use crate::error::{Error, Result};
use crate::picture;

/// How far a mask may be from the photo's shape, in pixels of the smaller of the two, and as a share: programs round.
const OFF: (f64, f64) = (2.0, 0.05);

/// A mask that was drawn: white, or opaque where the picture has transparency, is the region.
#[derive(Debug, Clone)]
pub struct MaskFile {
    path: PathBuf,
    grey: GrayImage,
    /// The size that it was last fitted to.
    fitted: Option<(u32, u32)>,
}

impl MaskFile {
    /// Read the picture; notes on it go to `note`.
    ///
    /// # Errors
    /// As [`picture::open`].
    pub fn open(path: &Path, note: &mut dyn FnMut(&str)) -> Result<Self> {
        let picture = picture::open(path, &picture::Limits::default())?;
        let mut say = |text: &str| note(&format!("{}: {text}", path.display()));
        picture.notes.iter().for_each(|text| say(text));
        let grey = match picture.alpha {
            Some(alpha) => {
                say("it has transparency, which is taken as the mask: opaque is the region");
                alpha
            }
            None => image::imageops::grayscale(&picture.rgb),
        };
        Ok(Self {
            path: path.to_owned(),
            grey,
            fitted: None,
        })
    }

    /// Whether it covers nothing.
    pub fn is_black(&self) -> bool {
        self.grey.iter().all(|level| *level == 0)
    }

    /// `Ok` when the mask has the shape of a photo of this size.
    fn check(&self, photo: (u32, u32)) -> Result<()> {
        let mask = self.grey.dimensions();
        let (small, large) = match mask.0 <= photo.0 {
            true => (mask, photo),
            false => (photo, mask),
        };
        let (w, h) = (f64::from(small.0), f64::from(small.1));
        let wanted = w * f64::from(large.1) / f64::from(large.0);
        let off = (wanted - h).abs();
        if off <= OFF.0 && off <= OFF.1 * wanted.max(h) {
            return Ok(());
        }
        let reason = format!(
            "{} is {}x{} pixels, and the photo {}x{}, which is another shape; draw the mask over the photo itself",
            self.path.display(),
            mask.0,
            mask.1,
            photo.0,
            photo.1
        );
        Err(Error::invalid("mask", reason))
    }
}

impl Matte for MaskFile {
    fn fit(&mut self, photo: &RgbImage, mask: &mut GrayImage) -> Result<bool> {
        let size = photo.dimensions();
        if self.fitted == Some(size) && mask.dimensions() == size {
            return Ok(false);
        }
        self.check(size)?;
        *mask = picture::resize(&self.grey, size.0, size.1)?;
        self.fitted = Some(size);
        Ok(true)
    }

    fn nowhere(&self, inverted: bool) -> String {
        let tone = if inverted { "white" } else { "black" };
        format!(
            "{} is {tone} all over, so it has no effect",
            self.path.display()
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fits(mask: (u32, u32), photo: (u32, u32)) -> bool {
        let mask = MaskFile {
            path: "m.png".into(),
            grey: GrayImage::new(mask.0, mask.1),
            fitted: None,
        };
        mask.check(photo).is_ok()
    }

    #[test]
    fn a_mask_of_the_same_shape_fits_whatever_its_size() {
        for (mask, photo) in [
            ((64, 48), (64, 48)),
            ((100, 67), (6000, 4000)),
            ((6000, 4000), (64, 43)),
            ((1, 1), (64, 64)),
            ((641, 480), (640, 480)),
        ] {
            assert!(fits(mask, photo), "{mask:?} {photo:?}");
        }
        for (mask, photo) in [
            ((48, 64), (64, 48)),
            ((64, 1), (64, 48)),
            ((1, 64), (64, 48)),
            ((1, 3), (64, 64)),
            ((640, 484), (640, 480)),
            ((16384, 1), (16, 16)),
        ] {
            assert!(!fits(mask, photo), "{mask:?} {photo:?}");
        }
    }

    #[test]
    fn transparency_is_the_mask_where_there_is_any() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut-out.png");
        let cut = image::RgbaImage::from_fn(4, 1, |x, _| [9, 9, 9, x as u8 * 85].into());
        cut.save(&path).unwrap();
        let mut notes = Vec::new();
        let mask = MaskFile::open(&path, &mut |text| notes.push(text.to_owned())).unwrap();
        assert_eq!(mask.grey.as_raw(), &[0, 85, 170, 255]);
        assert!(notes[0].contains("cut-out.png") && notes[0].contains("opaque"));
    }
}
