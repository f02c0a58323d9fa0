//! Colours of a pastiche: taken from its photo or from another picture, and then made stronger or weaker. All in OKLab,
//! where equal steps look equal and hue stays when lightness changes.

mod chunk;
mod gamut;
mod keep;
mod moments;
mod oklab;
mod palette;
mod symmetric;
mod transfer;

pub use keep::KeepColors;
pub use palette::Palette;

use image::RgbImage;

use crate::error::{Error, Result};
use chunk::{chunks, chunks_mut};
use moments::Moments;
use oklab::{Lab, MIDDLE_GREY};
use transfer::{Affine, matched};

/// The factors that [`Colors::contrast`] and [`Colors::saturation`] may be.
pub const FACTORS: std::ops::RangeInclusive<f32> = 0.0..=3.0;

/// What becomes of a pastiche's colours. The default leaves them as painted.
#[derive(Debug, Clone, PartialEq)]
pub struct Colors {
    /// What is kept of the photo's colours.
    pub keep: KeepColors,
    /// The colours of another picture, which the pastiche's are matched to. Without effect unless `keep` is
    /// [`KeepColors::Off`].
    pub palette: Option<Palette>,
    /// Factor of the distance from middle grey in lightness, in [`FACTORS`]. 1 changes nothing.
    pub contrast: f32,
    /// Factor of the distance from grey in colour, in [`FACTORS`]: 0 is black and white, 1 changes nothing.
    pub saturation: f32,
}

impl Default for Colors {
    fn default() -> Self {
        Self {
            keep: KeepColors::Off,
            palette: None,
            contrast: 1.0,
            saturation: 1.0,
        }
    }
}

impl Colors {
    /// `Ok` when the factors are in their range, and not both photo and palette are to give the colours.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the option.
    pub fn check(&self) -> Result<()> {
        for (name, factor) in [("contrast", self.contrast), ("saturation", self.saturation)] {
            if !FACTORS.contains(&factor) {
                let (least, most) = (FACTORS.start(), FACTORS.end());
                let reason = format!("{factor} is not between {least} and {most}");
                return Err(Error::invalid(name, reason));
            }
        }
        if self.keep != KeepColors::Off && self.palette.is_some() {
            let reason =
                "takes the colours of another picture, and keep-colors the photo's; leave one out";
            return Err(Error::invalid("palette-from", reason));
        }
        Ok(())
    }

    /// Whether [`Colors::apply`] leaves every picture as it is.
    pub fn is_identity(&self) -> bool {
        self.keep == KeepColors::Off
            && self.palette.is_none()
            && self.contrast == 1.0
            && self.saturation == 1.0
    }

    /// Give `pastiche` its colours; `photo` is what it was painted from, of the same size. Colours that sRGB does not have
    /// lose chroma and keep lightness and hue. Does not allocate. Where [`Colors::is_identity`], nothing is touched.
    pub fn apply(&self, photo: &RgbImage, pastiche: &mut RgbImage) {
        debug_assert_eq!(photo.dimensions(), pastiche.dimensions());
        match (self.keep, &self.palette) {
            _ if self.is_identity() => {}
            (KeepColors::Luminance, _) => self.lightness_of_pastiche(photo, pastiche),
            (KeepColors::Histogram, _) => {
                let map = matched(&Moments::of(pastiche), &Moments::of(photo));
                map_colors(&self.adjusted(&map), pastiche);
            }
            (KeepColors::Off, Some(palette)) => {
                let map = matched(&Moments::of(pastiche), palette.moments());
                map_colors(&self.adjusted(&map), pastiche);
            }
            (KeepColors::Off, None) => map_colors(&self.adjusted(&UNCHANGED), pastiche),
        }
    }

    /// The lightness of the pastiche with the colour axes of the photo.
    fn lightness_of_pastiche(&self, photo: &RgbImage, pastiche: &mut RgbImage) {
        let (mut light, mut color) = (Lab::new(), Lab::new());
        for (painted, taken) in chunks_mut(pastiche).zip(chunks(photo)) {
            light.read(painted);
            color.read(taken);
            let channels = color.l.iter_mut().zip(&mut color.a).zip(&mut color.b);
            for (((l, a), b), painted) in channels.zip(&light.l) {
                *l = MIDDLE_GREY + (painted - MIDDLE_GREY) * self.contrast;
                *a *= self.saturation;
                *b *= self.saturation;
            }
            color.write(painted);
        }
    }

    /// `map` with contrast and saturation after it.
    fn adjusted(&self, map: &Affine) -> Affine {
        let factors = [self.contrast, self.saturation, self.saturation];
        let mut matrix = map.matrix;
        for (row, factor) in matrix.iter_mut().zip(factors) {
            row.iter_mut().for_each(|value| *value *= factor);
        }
        let pivots = [MIDDLE_GREY, 0.0, 0.0];
        let offset = std::array::from_fn(|n| pivots[n] + (map.offset[n] - pivots[n]) * factors[n]);
        Affine { matrix, offset }
    }
}

/// The map that changes nothing.
const UNCHANGED: Affine = Affine {
    matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    offset: [0.0; 3],
};

/// Every colour of `picture` through `map`.
fn map_colors(map: &Affine, picture: &mut RgbImage) {
    let mut lab = Lab::new();
    let [[ll, la, lb], [al, aa, ab], [bl, ba, bb]] = map.matrix;
    let [l0, a0, b0] = map.offset;
    for pixels in chunks_mut(picture) {
        lab.read(pixels);
        let channels = lab.l.iter_mut().zip(&mut lab.a).zip(&mut lab.b);
        for ((l, a), b) in channels {
            let color = (*l, *a, *b);
            *l = ll * color.0 + la * color.1 + lb * color.2 + l0;
            *a = al * color.0 + aa * color.1 + ab * color.2 + a0;
            *b = bl * color.0 + ba * color.1 + bb * color.2 + b0;
        }
        lab.write(pixels);
    }
}

#[cfg(test)]
mod tests;
