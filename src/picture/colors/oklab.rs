//! OKLab: rows of sRGB pixels in; lightness and two colour axes out, and back into the gamut of sRGB.
//!
//! The space is that of Björn Ottosson, "A perceptual color space for image processing" (2020). `palette` has it too, with
//! an exact cube root: six of them a pixel are 15 ms of a 640x480 frame. Here chunks of pixels lie plane by plane, so that
//! the compiler computes several at a time, and the cube root is two steps of Halley's method.

use std::sync::LazyLock;

use super::chunk::{CHUNK, Plane};
use super::gamut::{into_gamut, linear};

/// Lightness (0 black, 1 white), green to red, and blue to yellow (about -0.4..=0.4 each) of a chunk of pixels.
pub(super) struct Lab {
    pub(super) l: Plane,
    pub(super) a: Plane,
    pub(super) b: Plane,
}

/// The steps of the square root of linear light in the table that encodes it: the steepest level of sRGB takes eleven.
const ENCODED: usize = 4096;

/// The transfer function of sRGB (IEC 61966-2-1) as tables.
struct Tables {
    /// Linear light of each level.
    linear: [f32; 256],
    /// The level of the linear light whose square root is so many 4095ths: evenly spaced roots are fine enough in the
    /// dark, which evenly spaced light is not.
    level: [u8; ENCODED],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    linear: std::array::from_fn(|level| decode(level as f32 / 255.0)),
    level: std::array::from_fn(|n| {
        let root = n as f32 / (ENCODED - 1) as f32;
        (encode(root * root) * 255.0).round() as u8
    }),
});

fn decode(value: f32) -> f32 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn encode(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// Lightness of the middle grey of sRGB, level 128.
pub(super) const MIDDLE_GREY: f32 = 0.6;

impl Lab {
    pub(super) fn new() -> Self {
        Self {
            l: [0.0; CHUNK],
            a: [0.0; CHUNK],
            b: [0.0; CHUNK],
        }
    }

    /// Take the colours of at most [`CHUNK`] pixels, three bytes each. What lies behind them is unspecified.
    pub(super) fn read(&mut self, pixels: &[u8]) {
        let tables = &*TABLES;
        let Self { l, a, b } = self;
        let channels = l.iter_mut().zip(a.iter_mut()).zip(b.iter_mut());
        for (pixel, ((red, green), blue)) in pixels.as_chunks::<3>().0.iter().zip(channels) {
            *red = tables.linear[usize::from(pixel[0])];
            *green = tables.linear[usize::from(pixel[1])];
            *blue = tables.linear[usize::from(pixel[2])];
        }
        for n in 0..CHUNK {
            let (red, green, blue) = (l[n], a[n], b[n]);
            let long = 0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue;
            let medium = 0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue;
            let short = 0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue;
            let (long, medium, short) = (cube_root(long), cube_root(medium), cube_root(short));
            l[n] = 0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short;
            a[n] = 1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short;
            b[n] = 0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short;
        }
    }

    /// Write the colours to at most [`CHUNK`] pixels. Colours that sRGB does not have lose as much chroma as they must, so
    /// that lightness and hue stay; lightness is clamped to 0..=1.
    pub(super) fn write(&mut self, pixels: &mut [u8]) {
        let tables = &*TABLES;
        let Self { l, a, b } = self;
        for light in l.iter_mut() {
            *light = light.clamp(0.0, 1.0);
        }
        into_gamut(l, a, b, pixels.len() / 3);
        for n in 0..CHUNK {
            let [red, green, blue] = linear(l[n], a[n], b[n]).map(|c| c.clamp(0.0, 1.0).sqrt());
            (l[n], a[n], b[n]) = (red, green, blue);
        }
        let channels = l.iter().zip(a.iter()).zip(b.iter());
        for (pixel, ((red, green), blue)) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(channels)
        {
            let level = |root: f32| {
                let n = (root * (ENCODED - 1) as f32 + 0.5) as usize;
                tables.level[n.min(ENCODED - 1)]
            };
            *pixel = [level(*red), level(*green), level(*blue)];
        }
    }
}

/// The cube root of a number that is not negative, to seven digits: a third of its exponent, then Halley's method twice.
#[inline(always)]
fn cube_root(x: f32) -> f32 {
    let mut y = f32::from_bits(x.to_bits() / 3 + 709_921_077);
    for _ in 0..2 {
        let cube = y * y * y;
        y *= (cube + x + x) / (cube + cube + x);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab(pixel: [u8; 3]) -> [f32; 3] {
        let mut lab = Lab::new();
        lab.read(&pixel);
        [lab.l[0], lab.a[0], lab.b[0]]
    }

    fn round_trip(pixel: [u8; 3]) -> [u8; 3] {
        let mut lab = Lab::new();
        lab.read(&pixel);
        let mut back = [0; 3];
        lab.write(&mut back);
        back
    }

    #[test]
    fn it_is_the_oklab_of_another_library() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let pixel = [r as u8, g as u8, b as u8];
                    let light = pixel.map(|level| decode(f32::from(level) / 255.0));
                    let [red, green, blue] = light;
                    let wanted = moxcms::Oklab::from_linear_rgb(moxcms::Rgb::new(red, green, blue));
                    let ours = lab(pixel);
                    for (ours, wanted) in ours.iter().zip([wanted.l, wanted.a, wanted.b]) {
                        assert!((ours - wanted).abs() < 1e-5, "{pixel:?}: {ours} {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_colour_of_a_grid_comes_back_and_grey_exactly() {
        for r in 0..=16u32 {
            for g in 0..=16u32 {
                for b in 0..=16u32 {
                    let pixel = [r, g, b].map(|step| (step * 255 / 16) as u8);
                    let back = round_trip(pixel);
                    let off = pixel.iter().zip(back).map(|(p, q)| p.abs_diff(q)).max();
                    assert!(off <= Some(1), "{pixel:?} became {back:?}");
                }
            }
        }
        for grey in 0..=255 {
            assert_eq!(round_trip([grey; 3]), [grey; 3]);
            let [_, a, b] = lab([grey; 3]);
            assert!(a.abs() < 1e-4 && b.abs() < 1e-4, "{grey}: {a} {b}");
        }
        let [middle, ..] = lab([128; 3]);
        assert!((middle - MIDDLE_GREY).abs() < 1e-3);
    }

    #[test]
    fn the_table_encodes_as_the_formula_does() {
        // At every level, and a third of a level beside it.
        for level in 0..=255u8 {
            for beside in [-0.33, 0.0, 0.33] {
                let light = decode(((f32::from(level) + beside) / 255.0).clamp(0.0, 1.0));
                let n = (light.sqrt() * (ENCODED - 1) as f32 + 0.5) as usize;
                assert_eq!(TABLES.level[n], level, "{beside}");
            }
        }
    }

    #[test]
    fn the_cube_root_is_one() {
        for n in 0..=10_000 {
            let x = n as f32 / 10_000.0;
            assert!((cube_root(x) - x.cbrt()).abs() < 1e-6, "{x}");
        }
    }

    /// Lightness, chroma and hue (in degrees).
    fn of(pixel: [u8; 3]) -> (f32, f32, f32) {
        let mut lab = Lab::new();
        lab.read(&pixel);
        let (l, a, b) = (lab.l[0], lab.a[0], lab.b[0]);
        (l, a.hypot(b), b.atan2(a).to_degrees())
    }

    #[test]
    fn colours_outside_keep_lightness_and_hue() {
        for degrees in (-180..180).step_by(10) {
            let hue = degrees as f32;
            for l in [0.15, 0.4, 0.65, 0.9] {
                let (a, b) = (0.5 * hue.to_radians().cos(), 0.5 * hue.to_radians().sin());
                let mut lab = Lab::new();
                (lab.l[0], lab.a[0], lab.b[0]) = (l, a, b);
                let mut pixel = [0; 3];
                lab.write(&mut pixel);
                let (light, chroma, found) = of(pixel);
                assert!((light - l).abs() < 0.02, "{pixel:?}: {light} for {l}");
                assert!(chroma < 0.35, "{pixel:?}");
                // In the dark a level is several degrees.
                let turned = (found - hue + 540.0).rem_euclid(360.0) - 180.0;
                assert!(turned.abs() * chroma < 0.6, "{pixel:?}: {found} for {hue}");
            }
        }
    }
}
