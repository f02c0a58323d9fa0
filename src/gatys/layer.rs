//! Names of layers: text goes in, layers come out. `conv3_1` is the output of the first convolution of block 3, `relu3_1`
//! the same after its ReLU.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Blocks of VGG-19 between which it pools, and the convolutions in each (Simonyan & Zisserman 2015, table 1, E).
pub const BLOCKS: [usize; 5] = [2, 2, 4, 4, 4];

/// A layer whose features are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// 1..=5.
    pub block: usize,
    /// From 1 on, at most [`BLOCKS`]`[block - 1]`.
    pub conv: usize,
    /// After the ReLU, as `relu3_1`; before it otherwise, as `conv3_1`.
    pub rectified: bool,
}

impl Layer {
    /// The factor by which each side of the layer is smaller than the picture's.
    pub fn stride(self) -> usize {
        1 << (self.block - 1)
    }

    /// The layers named by `text`: one, or `FIRST..LAST`. A range goes from block to block where both ends have the
    /// same convolution number (`conv1_1..conv3_1` is conv1_1, conv2_1, conv3_1), else through every convolution.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything that is not a layer of VGG-19, or a range that goes backwards.
    pub fn range(text: &str) -> Result<Vec<Self>> {
        let Some((first, last)) = text.split_once("..") else {
            return Ok(vec![text.parse()?]);
        };
        let (first, last): (Self, Self) = (first.parse()?, last.trim_start_matches('=').parse()?);
        if first > last || first.rectified != last.rectified {
            let reason = "goes from an earlier layer to a later one of the same kind";
            return Err(Error::invalid(format!("layers {text}"), reason));
        }
        let all = (1..=BLOCKS.len()).flat_map(|block| {
            (1..=BLOCKS[block - 1]).map(move |conv| Self {
                block,
                conv,
                rectified: first.rectified,
            })
        });
        Ok(all
            .filter(|layer| (first..=last).contains(layer))
            .filter(|layer| first.conv != last.conv || layer.conv == first.conv)
            .collect())
    }
}

impl FromStr for Layer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid(
                format!("layer '{text}'"),
                "is none of VGG-19: conv1_1 to conv5_4 before the ReLU, relu1_1 to relu5_4 after it",
            )
        };
        let (rectified, place) = match (text.strip_prefix("conv"), text.strip_prefix("relu")) {
            (Some(place), _) => (false, place),
            (_, Some(place)) => (true, place),
            _ => return Err(wrong()),
        };
        let (block, conv) = place.split_once('_').ok_or_else(wrong)?;
        let digit = |text: &str| match text.as_bytes() {
            [digit @ b'1'..=b'9'] => Ok(usize::from(digit - b'0')),
            _ => Err(wrong()),
        };
        let (block, conv) = (digit(block)?, digit(conv)?);
        if BLOCKS.get(block - 1).is_none_or(|&convs| conv > convs) {
            return Err(wrong());
        }
        Ok(Self {
            block,
            conv,
            rectified,
        })
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.rectified { "relu" } else { "conv" };
        write!(f, "{kind}{}_{}", self.block, self.conv)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in ["conv1_1", "relu3_4", "relu5_4", "conv4_2"] {
            assert_eq!(name.parse::<Layer>().unwrap().to_string(), name);
        }
        for name in [
            "", "conv", "conv0_1", "conv1_3", "relu6_1", "conv1_", "pool1", "conv1_1x", "conv-1_1",
        ] {
            assert!(name.parse::<Layer>().is_err(), "{name}");
        }
    }

    #[test]
    fn ranges_go_from_block_to_block_or_through_all() {
        let names = |text| -> Vec<String> {
            let layers = Layer::range(text).unwrap();
            layers.iter().map(Layer::to_string).collect()
        };
        assert_eq!(names("conv2_1"), ["conv2_1"]);
        assert_eq!(names("conv1_1..conv3_1"), ["conv1_1", "conv2_1", "conv3_1"]);
        assert_eq!(names("relu1_2..relu2_1"), ["relu1_2", "relu2_1"]);
        assert!(Layer::range("conv3_1..conv1_1").is_err());
        assert!(Layer::range("conv1_1..relu3_1").is_err());
    }
}
