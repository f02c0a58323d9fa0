//! The flags of colour that several commands have in; what becomes of the colours out.

use std::path::{Path, PathBuf};

use clap::Args;
use impasto::Error;
use impasto::picture::{self, Colors, FACTORS, KeepColors, Limits, Palette};
use impasto::progress::Progress;

use super::console::Bar;
use super::style_options::finite;

/// What becomes of the painting's colours.
#[derive(Debug, Clone, Args)]
pub struct ColorArgs {
    /// Keep the photo's colours: luminance (each pixel's own), histogram (the palette as a whole) or off [default: off; without a word: luminance]
    ///
    /// With luminance only light and texture are the painting's. With histogram the pastiche's colours are moved as a whole
    /// until their mean and spread are the photo's. A word needs the sign: --keep-colors=histogram.
    #[arg(long, help_heading = "Colours", value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "luminance")]
    keep_colors: Option<KeepColors>,

    /// Take the colours of this picture instead of the painting's
    #[arg(long, help_heading = "Colours", value_name = "PICTURE")]
    palette_from: Option<PathBuf>,

    /// More or less contrast afterwards, 0 to 3
    #[arg(long, help_heading = "Colours", value_name = "FACTOR", default_value = "1", value_parser = factor, allow_negative_numbers = true)]
    contrast: f32,

    /// More or less colour afterwards: 0 is black and white, up to 3
    #[arg(long, help_heading = "Colours", value_name = "FACTOR", default_value = "1", value_parser = factor, allow_negative_numbers = true)]
    saturation: f32,
}

impl ColorArgs {
    /// What the flags describe; reads the picture of `--palette-from`.
    pub fn colors(&self) -> impasto::Result<Colors> {
        let colors = Colors {
            keep: self.keep_colors.unwrap_or_default(),
            palette: self.palette_from.as_deref().map(palette).transpose()?,
            contrast: self.contrast,
            saturation: self.saturation,
        };
        colors.check()?;
        Ok(colors)
    }

    /// Refuses `--keep-colors histogram`, where the word became one of the `contents`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the right way to write it.
    pub fn refuse_loose_word(&self, contents: &[PathBuf]) -> impasto::Result<()> {
        let word = |path: &PathBuf| {
            let word = path.to_str()?.parse::<KeepColors>().ok()?;
            (!path.exists()).then_some(word)
        };
        match contents.iter().find_map(word) {
            Some(word) if self.keep_colors.is_some() => {
                let reason = format!("needs a sign before its word: --keep-colors={word}");
                Err(Error::invalid("keep-colors", reason))
            }
            _ => Ok(()),
        }
    }
}

fn palette(path: &Path) -> impasto::Result<Palette> {
    let picture = picture::open(path, &Limits::default())?;
    for note in &picture.notes {
        Bar::new(true).note(&format!("{}: {note}", path.display()));
    }
    Ok(Palette::of(&picture.rgb).from_file(path))
}

/// A factor within its range.
fn factor(text: &str) -> Result<f32, String> {
    let factor = finite(text)?;
    if FACTORS.contains(&factor) {
        return Ok(factor);
    }
    let (least, most) = (FACTORS.start(), FACTORS.end());
    Err(format!("{text} is not between {least} and {most}"))
}
