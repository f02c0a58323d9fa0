//! The masks of a command in; the regions with styles, and the part of the photo that is kept, out.

use std::path::{Path, PathBuf};

use super::argument::{MaskArgument, Region};
use crate::error::{Error, Result};
use crate::style::StyleArgument;

/// What is kept as it is in the photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Where the mask is white.
    Foreground,
    /// Where it is black.
    Background,
}

/// A part of the photo that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Which part.
    pub kept: Kept,
    /// The mask; people are looked for when absent.
    pub mask: Option<PathBuf>,
}

/// All regions of a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionOptions {
    /// From the lowest to the topmost; the base style fills the rest.
    pub regions: Vec<Region>,
    /// What is kept of the photo, over all regions.
    pub keep: Option<Keep>,
}

impl RegionOptions {
    /// From the arguments of a command. A mask without a style says where the photo is kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a mask without style where nothing is kept, and for more than one.
    pub fn new(masks: Vec<MaskArgument>, kept: Option<Kept>) -> Result<Self> {
        let (mut regions, mut alone) = (Vec::new(), Vec::new());
        for mask in masks {
            match mask {
                MaskArgument::Styled(region) => regions.push(region),
                MaskArgument::Alone(path) => alone.push(path),
            }
        }
        let Some(kept) = kept else {
            let Some(path) = alone.first() else {
                return Ok(Self {
                    regions,
                    keep: None,
                });
            };
            let path = path.display();
            let reason = format!(
                "{path} has no style; write {path}=STYLE, or add --foreground keep or --background keep"
            );
            return Err(Error::invalid("mask", reason));
        };
        if let [_, second, ..] = alone.as_slice() {
            let reason = format!(
                "{} is the second mask without a style, and one says where the photo is kept; join them in one picture",
                second.display()
            );
            return Err(Error::invalid("mask", reason));
        }
        let mask = alone.pop();
        Ok(Self {
            regions,
            keep: Some(Keep { kept, mask }),
        })
    }

    /// Whether there are none, so that the base style is everywhere.
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty() && self.keep.is_none()
    }

    /// All files that are read: no output may replace one.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let kept = self.keep.iter().filter_map(|keep| keep.mask.as_deref());
        let regions = self.regions.iter().flat_map(|region| {
            let pictures = region.styles.iter().filter_map(StyleArgument::picture);
            std::iter::once(region.mask.as_path()).chain(pictures)
        });
        regions.chain(kept)
    }

    /// The strengths that regions have of their own.
    pub fn strengths(&self) -> impl Iterator<Item = f32> {
        self.regions.iter().filter_map(|region| region.strength)
    }
}
