//! A folder of pictures as a source: each is a frame, shown for a while.

use std::path::{Path, PathBuf};
use std::time::Instant;

use image::RgbImage;

use super::FrameSource;
use super::pacer::Pacer;
use crate::error::{Error, Result};
use crate::picture;
use crate::picture::reshape;
use crate::video::Frame;

/// Seconds for which a picture is shown when frames keep their time.
const SHOWN: f64 = 4.0;

/// Shows the pictures of a folder in the order of their names, again and again when frames keep their time, and once
/// when they come as fast as they are asked for.
pub struct Pictures {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    rate: f64,
    beat: Option<Pacer>,
    number: u64,
    /// The picture that is shown, at the size of the first one.
    current: RgbImage,
    place: Option<usize>,
}

impl Pictures {
    /// Read the folder. `rate` is the frames a second that a picture is repeated at when `paced`.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Invalid`] when no picture is there.
    pub fn open(folder: &Path, rate: u32, paced: bool) -> Result<Self> {
        let paths = picture::find_pictures(folder)?;
        let rate = f64::from(rate.max(1));
        let mut source = Self {
            folder: folder.to_owned(),
            paths,
            rate,
            beat: paced.then(|| Pacer::new(rate)),
            number: 0,
            current: RgbImage::new(0, 0),
            place: None,
        };
        if !source.turn_to(0)? {
            return Err(source.none_left());
        }
        Ok(source)
    }

    fn none_left(&self) -> Error {
        let reason = "has no picture that can be read (PNG, JPEG, WebP, BMP, TIFF, GIF)";
        Error::invalid(self.folder.display().to_string(), reason)
    }

    /// Make `place` the current picture, or the next one that can be read; `false` behind the last.
    fn turn_to(&mut self, mut place: usize) -> Result<bool> {
        if self.place == Some(place) {
            return Ok(true);
        }
        while let Some(path) = self.paths.get(place) {
            match picture::open(path, &picture::Limits::default()) {
                Ok(picture) => {
                    let size = match self.current.dimensions() {
                        (0, 0) => picture.rgb.dimensions(),
                        size => size,
                    };
                    self.current = fit_inside(&picture.rgb, size)?;
                    self.place = Some(place);
                    return Ok(true);
                }
                // One bad picture of many does not end the show; it is left out from now on.
                Err(_) => drop(self.paths.remove(place)),
            }
            if self.beat.is_some() && !self.paths.is_empty() {
                place %= self.paths.len();
            }
        }
        Ok(false)
    }
}

/// `picture` inside `size`, in the middle of black.
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

impl FrameSource for Pictures {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        let place = match &mut self.beat {
            Some(beat) => {
                beat.wait();
                let shown = (self.rate * SHOWN).max(1.0) as u64;
                (self.number / shown) as usize % self.paths.len().max(1)
            }
            None if self.number == 0 => 0,
            None => self.place.map_or(0, |place| place + 1),
        };
        if !self.turn_to(place)? {
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

    fn rate(&self) -> Option<f64> {
        self.beat.is_some().then_some(self.rate)
    }

    fn is_live(&self) -> bool {
        false
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
        let mut source = Pictures::open(folder.path(), 30, false).unwrap();
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
    fn a_folder_without_pictures_says_so() {
        let folder = folder(&[]);
        std::fs::write(folder.path().join("b.png"), "broken").unwrap();
        let Err(error) = Pictures::open(folder.path(), 30, true) else {
            panic!("opened");
        };
        assert!(error.to_string().contains("no picture"), "{error}");
    }
}
