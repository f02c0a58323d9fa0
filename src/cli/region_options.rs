//! The flags of regions, which several commands share: flags in, [`RegionOptions`] out.

use clap::{Args, ValueEnum};
use impasto::jobs::regions::{Kept, MaskArgument, RegionOptions};

/// Masks, and what is kept of the photo.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Regions")]
pub struct RegionArgs {
    /// A region of its own style, MASK.png=STYLE, as often as you like; later ones lie over earlier ones
    ///
    /// White is the region (opaque, where the mask has transparency), grey is between. Options follow after commas:
    /// `sky.png=@irises,strength=0.7,brush=2`; `sky.png=a.jpg:0.7+@irises:0.3` is a blend. A mask without a style says
    /// where --foreground or --background is kept.
    #[arg(long = "mask", value_name = "MASK[=STYLE]")]
    masks: Vec<MaskArgument>,

    /// Keep the photo where the mask without a style is white; without one, where there are people
    #[arg(long, value_name = "keep", conflicts_with = "background")]
    foreground: Option<Keep>,

    /// Keep the photo where the mask without a style is black; without one, where there are no people
    #[arg(long, value_name = "keep")]
    background: Option<Keep>,
}

/// What happens to a part of the photo.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Keep {
    /// It stays as it is.
    Keep,
}

impl RegionArgs {
    /// The regions that the flags describe.
    pub fn options(self) -> impasto::Result<RegionOptions> {
        let kept = match (self.foreground, self.background) {
            (Some(Keep::Keep), _) => Some(Kept::Foreground),
            (None, Some(Keep::Keep)) => Some(Kept::Background),
            (None, None) => None,
        };
        RegionOptions::new(self.masks, kept)
    }
}
