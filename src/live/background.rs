//! Background only: a frame, its pastiche and a matte in; the frame's foreground over the pastiche out.

use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};

use crate::error::Result;
use crate::jobs::regions::{MaskFile, Matte, PersonMatte, lay_over};

/// People are looked for in one frame of so many: the network takes some 10 ms, and the paint is slower than they are.
const EVERY: u32 = 3;

/// Keeps the foreground as the camera sees it: where a mask that was drawn is white, or where there are people.
pub(super) struct Background {
    /// The mask's file; people are found when absent.
    path: Option<PathBuf>,
    /// Whether only the background is painted.
    on: bool,
    /// Opened when it is first needed.
    matte: Option<Box<dyn Matte>>,
    mask: GrayImage,
    /// Frames since people were looked for.
    age: u32,
    /// A film waits for every frame's own matte.
    every: u32,
    /// A drawn mask is of the picture as it was shown at first; so it turns with it.
    mirrored_at_first: bool,
    is_flipped: bool,
    /// A matte was found for a frame.
    has_fitted: bool,
}

impl Background {
    /// With the mask in the file `path`, if there is one; `on` from the beginning or only when a key is pressed.
    ///
    /// # Errors
    /// As [`MaskFile::open`], and those of opening the network.
    pub(super) fn open(
        path: Option<&Path>,
        on: bool,
        mirror: bool,
        is_film: bool,
        note: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        let mut background = Self {
            path: path.map(Path::to_owned),
            on: false,
            matte: None,
            mask: GrayImage::new(0, 0),
            age: 0,
            every: if is_film { 1 } else { EVERY },
            mirrored_at_first: mirror,
            is_flipped: false,
            has_fitted: false,
        };
        if let Some(path) = path {
            let mask = MaskFile::open(path, note)?;
            if mask.is_black() {
                note(&mask.nowhere(false));
            }
            background.matte = Some(Box::new(mask));
        }
        background.turn(on)?;
        Ok(background)
    }

    /// Paint the background only, or all.
    ///
    /// # Errors
    /// Those of opening the network, the first time; it stays off then.
    pub(super) fn turn(&mut self, on: bool) -> Result<()> {
        if on && self.matte.is_none() {
            self.matte = Some(Box::new(PersonMatte::open(None)?));
        }
        self.on = on;
        self.age = 0;
        Ok(())
    }

    /// Whether there ever was a matte that fitted; if not, what was asked for at the beginning cannot be done.
    pub(super) fn has_fitted(&self) -> bool {
        self.has_fitted
    }

    /// Whether only the background is painted.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Lay the foreground of `content` over `pastiche`, of the same size.
    ///
    /// # Errors
    /// As [`Matte::fit`]; it is off then.
    pub(super) fn apply(
        &mut self,
        content: &RgbImage,
        pastiche: &mut RgbImage,
        mirror: bool,
    ) -> Result<()> {
        let Some(matte) = self.matte.as_deref_mut().filter(|_| self.on) else {
            return Ok(());
        };
        let drawn = self.path.is_some();
        let stale = self.mask.dimensions() != content.dimensions();
        if drawn || stale || self.age == 0 {
            match matte.fit(content, &mut self.mask) {
                Ok(true) => self.is_flipped = false,
                Ok(false) => {}
                Err(error) => {
                    self.on = false;
                    return Err(error);
                }
            }
        }
        self.has_fitted = true;
        self.age = (self.age + 1) % self.every;
        if drawn && self.is_flipped != (mirror != self.mirrored_at_first) {
            image::imageops::flip_horizontal_in_place(&mut self.mask);
            self.is_flipped = !self.is_flipped;
        }
        lay_over(pastiche, content, &self.mask);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_mask_turns_with_the_mirror_and_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.png");
        let left = GrayImage::from_fn(16, 16, |x, _| [if x < 8 { 255 } else { 0 }].into());
        left.save(&path).unwrap();
        let content = RgbImage::from_pixel(16, 16, [1, 2, 3].into());
        let painted = RgbImage::from_pixel(16, 16, [9, 9, 9].into());
        let mut background = Background::open(Some(&path), true, true, false, &mut |_| {}).unwrap();
        let kept = |background: &mut Background, mirror| {
            let mut pastiche = painted.clone();
            background.apply(&content, &mut pastiche, mirror).unwrap();
            [0, 15].map(|x| pastiche.get_pixel(x, 0) == content.get_pixel(x, 0))
        };
        assert_eq!(kept(&mut background, true), [true, false]);
        assert_eq!(kept(&mut background, false), [false, true]);
        assert_eq!(kept(&mut background, false), [false, true]);
        assert_eq!(kept(&mut background, true), [true, false]);
        background.turn(false).unwrap();
        assert_eq!(kept(&mut background, true), [false, false]);
        background.turn(true).unwrap();
        assert_eq!(kept(&mut background, true), [true, false]);
    }

    #[test]
    fn a_mask_of_another_shape_is_refused_and_turns_it_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.png");
        GrayImage::new(16, 32).save(&path).unwrap();
        let mut notes = Vec::new();
        let mut note = |text: &str| notes.push(text.to_owned());
        let mut background = Background::open(Some(&path), true, false, false, &mut note).unwrap();
        assert!(notes[0].contains("black all over"), "{notes:?}");
        let content = RgbImage::new(64, 48);
        let refused = background.apply(&content, &mut content.clone(), false);
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("16x32") && said.contains("64x48"), "{said}");
        assert!(!background.is_on() && !background.has_fitted());
    }
}
