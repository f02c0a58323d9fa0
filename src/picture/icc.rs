//! ICC profiles: a picture and its profile in; the picture in sRGB out, and what that changed.
//!
//! `moxcms` converts a grid of colours, and pixels are interpolated in it: so a picture takes the same time whatever its
//! profile, and `moxcms`, which takes half a minute to compile with optimisation, can be built without.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{
    ColorProfile, DataColorSpace, Layout, ProfileText, RenderingIntent, TransformOptions,
};

/// Colours along each side of the grid: every fifth of 256 levels.
const NODES: usize = 52;

/// Greys along the line of a grey profile: every level.
const GREYS: usize = 256;

/// Profiles that move no colour of the grid by more than so many levels are sRGB under another name.
const SAME: f32 = 2.0;

/// The largest profile that is read. Those of cameras and monitors have some kilobytes, those of printers 3 MB.
const MOST_BYTES: usize = 8 << 20;

/// What a profile means for a picture.
pub(super) enum Profile {
    /// It is sRGB, or as good as.
    Srgb,
    /// It is another.
    Other(Conversion),
}

/// A conversion to sRGB.
pub(super) struct Conversion {
    /// What the profile calls itself.
    name: String,
    grid: Grid,
}

/// Colours in sRGB, 0..=255, at evenly spaced values of the picture.
enum Grid {
    Color(Vec<[f32; 3]>),
    Grey(Vec<[f32; 3]>),
}

impl Profile {
    /// Read a profile for a picture of colours, or of greys.
    ///
    /// # Errors
    /// Why it cannot be used, in words: damaged, or of another kind than the picture.
    pub(super) fn read(bytes: &[u8], is_grey: bool) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err(format!("is over {} MiB", MOST_BYTES >> 20));
        }
        // The bytes are a stranger's, and pixels that are fine should not be lost to a panic.
        catch_unwind(AssertUnwindSafe(|| Self::parse(bytes, is_grey)))
            .unwrap_or_else(|_| Err("is damaged".to_owned()))
    }

    fn parse(bytes: &[u8], is_grey: bool) -> Result<Self, String> {
        let damaged = |_| "is damaged".to_owned();
        let profile = ColorProfile::new_from_slice(bytes).map_err(damaged)?;
        let grid = match (profile.color_space, is_grey) {
            (DataColorSpace::Rgb, _) => {
                let node = |n: usize| (n * 65_535 / (NODES - 1)) as u16;
                let colors = (0..NODES * NODES * NODES)
                    .flat_map(|n| [n / NODES / NODES, n / NODES % NODES, n % NODES].map(node));
                Grid::Color(in_srgb(&profile, Layout::Rgb, &colors.collect::<Vec<_>>())?)
            }
            (DataColorSpace::Gray, true) => {
                let greys: Vec<u16> = (0..GREYS).map(|n| n as u16 * 257).collect();
                Grid::Grey(in_srgb(&profile, Layout::Gray, &greys)?)
            }
            (DataColorSpace::Gray, false) => return Err("is one of greys".to_owned()),
            _ => return Err("is not one of red, green and blue".to_owned()),
        };
        Ok(match grid.is_srgb() {
            true => Self::Srgb,
            false => Self::Other(Conversion {
                name: name(&profile),
                grid,
            }),
        })
    }
}

/// Colours of 16 bits a channel in sRGB, 0..=255.
fn in_srgb(
    profile: &ColorProfile,
    layout: Layout,
    colors: &[u16],
) -> Result<Vec<[f32; 3]>, String> {
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        prefer_fixed_point: false,
        ..TransformOptions::default()
    };
    let unusable = |_| "cannot be applied".to_owned();
    let transform = profile
        .create_transform_16bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options)
        .map_err(unusable)?;
    let channels = if layout == Layout::Gray { 1 } else { 3 };
    let mut srgb = vec![0; colors.len() / channels * 3];
    transform.transform(colors, &mut srgb).map_err(unusable)?;
    let scaled = srgb.as_chunks::<3>().0.iter();
    Ok(scaled.map(|c| c.map(|v| f32::from(v) / 257.0)).collect())
}

/// What a profile calls itself, short and without control characters: it is a stranger's text for a terminal.
fn name(profile: &ColorProfile) -> String {
    let text = match &profile.description {
        Some(ProfileText::PlainString(text)) => text.as_str(),
        Some(ProfileText::Localizable(texts)) => texts.first().map_or("", |t| t.value.as_str()),
        Some(ProfileText::Description(text)) if !text.ascii_string.is_empty() => &text.ascii_string,
        Some(ProfileText::Description(text)) => &text.unicode_string,
        None => "",
    };
    let clean: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    match clean.trim() {
        "" => "a profile without a name".to_owned(),
        name => name.to_owned(),
    }
}

impl Grid {
    fn is_srgb(&self) -> bool {
        let far = |color: &[f32; 3], own: [f32; 3]| {
            color.iter().zip(own).any(|(a, b)| (a - b).abs() > SAME)
        };
        let level = |n: usize| (n * 255) as f32 / (NODES - 1) as f32;
        match self {
            Self::Color(grid) => !grid.iter().enumerate().any(|(n, color)| {
                let own = [n / NODES / NODES, n / NODES % NODES, n % NODES].map(level);
                far(color, own)
            }),
            Self::Grey(line) => {
                let mut line = line.iter().enumerate();
                !line.any(|(n, color)| far(color, [n as f32; 3]))
            }
        }
    }

    /// The colour at `values`, 0..=1.
    fn at(&self, values: [f32; 3]) -> [f32; 3] {
        match self {
            Self::Color(grid) => tetrahedral(grid, values),
            Self::Grey(line) => {
                let place = values[0] * (GREYS - 1) as f32;
                let below = (place as usize).min(GREYS - 2);
                let share = place - below as f32;
                let (a, b) = (line[below], line[below + 1]);
                std::array::from_fn(|n| a[n] + (b[n] - a[n]) * share)
            }
        }
    }
}

/// Interpolation in the one of six tetrahedra of a cell that holds the colour: four corners, and greys from greys alone.
fn tetrahedral(grid: &[[f32; 3]], values: [f32; 3]) -> [f32; 3] {
    let mut corner = 0;
    // How far from the cell's corner, and how far apart the corners are, in each direction.
    let mut axes = [(0.0f32, 0usize); 3];
    for ((value, axis), apart) in values.iter().zip(&mut axes).zip([NODES * NODES, NODES, 1]) {
        let place = value * (NODES - 1) as f32;
        let below = (place as usize).min(NODES - 2);
        corner += below * apart;
        *axis = (place - below as f32, apart);
    }
    axes.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut color = grid[corner];
    let mut before = color;
    for (share, apart) in axes {
        corner += apart;
        let next = grid[corner];
        for n in 0..3 {
            color[n] += (next[n] - before[n]) * share;
        }
        before = next;
    }
    color
}

impl Conversion {
    /// `image` in sRGB and 8 bits, and a sentence that says what changed.
    pub(super) fn apply(&self, image: DynamicImage) -> (DynamicImage, String) {
        let mut moved = 0.0;
        let pixels = f64::from(image.width()) * f64::from(image.height());
        let deep = !matches!(
            image,
            DynamicImage::ImageLuma8(_)
                | DynamicImage::ImageLumaA8(_)
                | DynamicImage::ImageRgb8(_)
                | DynamicImage::ImageRgba8(_)
        );
        // From the file's own depth: 8 bits of a large space are coarse.
        let converted: DynamicImage = match (deep, image.color().has_alpha()) {
            (false, false) => {
                let from = image.into_rgb8();
                let to = RgbImage::from_fn(from.width(), from.height(), |x, y| {
                    let [r, g, b] = from.get_pixel(x, y).0;
                    self.pixel([r, g, b].map(|v| f32::from(v) / 255.0), &mut moved)
                        .into()
                });
                to.into()
            }
            (false, true) => {
                let from = image.into_rgba8();
                let to = RgbaImage::from_fn(from.width(), from.height(), |x, y| {
                    let [r, g, b, a] = from.get_pixel(x, y).0;
                    let values = [r, g, b].map(|v| f32::from(v) / 255.0);
                    let [r, g, b] = self.pixel(values, &mut moved);
                    [r, g, b, a].into()
                });
                to.into()
            }
            (true, _) => {
                let from = image.into_rgba16();
                let to = RgbaImage::from_fn(from.width(), from.height(), |x, y| {
                    let [r, g, b, a] = from.get_pixel(x, y).0;
                    let values = [r, g, b].map(|v| f32::from(v) / 65_535.0);
                    let [r, g, b] = self.pixel(values, &mut moved);
                    [r, g, b, ((u32::from(a) + 128) / 257) as u8].into()
                });
                to.into()
            }
        };
        let mean = moved / (3.0 * pixels.max(1.0));
        let name = &self.name;
        let note =
            format!("converted from {name} to sRGB; values change by {mean:.1} of 255 on average");
        (converted, note)
    }

    fn pixel(&self, values: [f32; 3], moved: &mut f64) -> [u8; 3] {
        let color = self.grid.at(values);
        for (new, old) in color.iter().zip(values) {
            *moved += f64::from((new - old * 255.0).abs());
        }
        // The cast saturates.
        color.map(|c| c.round() as u8)
    }
}

/// The profile of sRGB, for files whose photo had a profile. The same bytes in every run.
pub(super) fn srgb() -> Option<Vec<u8>> {
    let mut profile = ColorProfile::new_srgb().encode().ok()?;
    // The header's date: `moxcms` writes the time of the run, and the same photo should give the same bytes.
    let date = [2026u16, 1, 1, 0, 0, 0].map(u16::to_be_bytes);
    let place = profile.get_mut(24..36)?;
    place.copy_from_slice(date.as_flattened());
    Some(profile)
}

#[cfg(test)]
#[path = "icc_tests.rs"]
mod tests;
