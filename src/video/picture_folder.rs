//! A source that reads a folder of pictures: each is shown for some seconds, or once.

use std::path::{Path, PathBuf};
use std::time::Instant;

use image::RgbImage;

use super::pacer::Pacer;
use super::{FrameSource, Ratio};
use crate::error::{Error, Result};
use crate::picture;
use crate::picture::reshape;
use crate::video::Frame;

/// Seconds for which a picture is shown when frames are paced.
const SECONDS_EACH: f64 = 4.0;

/// Shows the pictures of a folder in the order of their names: each for `SECONDS_EACH` seconds and without end when
/// frames are paced, else each as one frame, and without end only if asked to repeat.
pub struct PictureFolder {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    rate: u32,
    pacer: Option<Pacer>,
    repeats: bool,
    number: u64,
    /// The picture that is shown, at the size of the first one.
    current: RgbImage,
    index: Option<usize>,
}

impl PictureFolder {
    /// List the folder. `paced`: `rate` frames a second. `repeats`: begin again after the last picture, which a paced
    /// source always does.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Invalid`] when no picture is there.
    pub fn open(folder: &Path, rate: u32, paced: bool, repeats: bool) -> Result<Self> {
        let paths = picture::find_pictures(folder)?;
        let rate = rate.max(1);
        let mut source = Self {
            folder: folder.to_owned(),
            paths,
            rate,
            pacer: paced.then(|| Pacer::new(f64::from(rate))),
            repeats: paced || repeats,
            number: 0,
            current: RgbImage::new(0, 0),
            index: None,
        };
        if !source.load(0)? {
            return Err(source.none_left());
        }
        Ok(source)
    }

    fn none_left(&self) -> Error {
        let reason = "has no picture that can be read (PNG, JPEG, WebP, BMP, TIFF, GIF)";
        Error::invalid(self.folder.display().to_string(), reason)
    }

    /// Make picture `index` the current one, or the next one that can be read; `false` after the last.
    fn load(&mut self, mut index: usize) -> Result<bool> {
        if self.index == Some(index) {
            return Ok(true);
        }
        while let Some(path) = self.paths.get(index) {
            match picture::open(path, &picture::Limits::default()) {
                Ok(picture) => {
                    let size = match self.current.dimensions() {
                        (0, 0) => picture.rgb.dimensions(),
                        size => size,
                    };
                    self.current = fit_inside(&picture.rgb, size)?;
                    self.index = Some(index);
                    return Ok(true);
                }
                // One bad picture of many does not end the film; it is left out from now on.
                Err(_) => drop(self.paths.remove(index)),
            }
            if self.repeats && !self.paths.is_empty() {
                index %= self.paths.len();
            }
        }
        Ok(false)
    }
}

/// `picture` scaled to fit into `size`, centred on black.
fn fit_inside(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
    let (w, h) = picture.dimensions();
    if (w, h) == (width, height) {
        return Ok(picture.clone());
    }
    let scale = f64::min(
        f64::from(width) / f64::from(w.max(1)),
        f64::from(height) / f64::from(h.max(1)),
    );
    let side = |n: u32, most: u32| ((f64::from(n) * scale).round() as u32).clamp(1, most);
    let fitted = picture::resize(picture, side(w, width), side(h, height))?;
    let mut all = RgbImage::new(width, height);
    let (x, y) = ((width - fitted.width()) / 2, (height - fitted.height()) / 2);
    image::imageops::replace(&mut all, &fitted, i64::from(x), i64::from(y));
    Ok(all)
}

impl FrameSource for PictureFolder {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        let count = self.paths.len().max(1);
        let index = match &mut self.pacer {
            Some(pacer) => {
                pacer.wait();
                let frames_each = (f64::from(self.rate) * SECONDS_EACH).max(1.0) as u64;
                (self.number / frames_each) as usize % count
            }
            None if self.number == 0 => 0,
            None if self.repeats => self.index.map_or(0, |index| (index + 1) % count),
            None => self.index.map_or(0, |index| index + 1),
        };
        if !self.load(index)? {
            return match self.paths.is_empty() {
                true => Err(self.none_left()),
                false => Ok(false),
            };
        }
        frame.captured = Instant::now();
        frame.number = self.number;
        let (width, height) = self.current.dimensions();
        reshape(&mut frame.rgb, width, height);
        frame.rgb.copy_from_slice(&self.current);
        self.number += 1;
        Ok(true)
    }

    fn describe(&self) -> String {
        let (w, h) = self.current.dimensions();
        let (folder, count) = (self.folder.display(), self.paths.len());
        format!("{folder}, {count} pictures at {w}x{h}")
    }

    fn rate(&self) -> Option<Ratio> {
        self.pacer.is_some().then_some(Ratio::whole(self.rate))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folder(pictures: &[(&str, u32, u32, u8)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, width, height, grey) in pictures {
            let picture = RgbImage::from_pixel(*width, *height, image::Rgb([*grey; 3]));
            picture.save(folder.path().join(name)).unwrap();
        }
        folder
    }

    #[test]
    fn each_picture_once_at_the_size_of_the_first() {
        let folder = folder(&[("a.png", 40, 20, 50), ("c.png", 20, 20, 90)]);
        std::fs::write(folder.path().join("b.png"), "broken").unwrap();
        let mut source = PictureFolder::open(folder.path(), 30, false, false).unwrap();
        let (mut frame, mut seen) = (Frame::empty(), Vec::new());
        while source.next_frame(&mut frame).unwrap() {
            assert_eq!(frame.rgb.dimensions(), (40, 20));
            seen.push((
                frame.rgb.get_pixel(20, 10).0[0],
                frame.rgb.get_pixel(0, 10).0[0],
            ));
        }
        // The square one stands in the middle of black.
        assert_eq!(seen, [(50, 50), (90, 0)]);
    }

    #[test]
    fn a_folder_that_repeats_begins_again_after_its_last_picture() {
        let folder = folder(&[("a.png", 20, 20, 50), ("b.png", 20, 20, 90)]);
        let mut source = PictureFolder::open(folder.path(), 30, false, true).unwrap();
        let mut frame = Frame::empty();
        let seen = [(); 5].map(|()| {
            assert!(source.next_frame(&mut frame).unwrap());
            (frame.number, frame.rgb.get_pixel(10, 10).0[0])
        });
        assert_eq!(seen, [(0, 50), (1, 90), (2, 50), (3, 90), (4, 50)]);
    }

    #[test]
    fn a_folder_without_pictures_says_so() {
        let folder = folder(&[]);
        std::fs::write(folder.path().join("b.png"), "broken").unwrap();
        let Err(error) = PictureFolder::open(folder.path(), 30, true, false) else {
            panic!("opened");
        };
        assert!(error.to_string().contains("no picture"), "{error}");
    }
}
