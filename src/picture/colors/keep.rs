//! What is kept of a photo's colours, and its names.

use std::fmt;
use std::str::FromStr;

/// What is kept of a photo's colours when it is painted (Gatys et al. 2016, "Preserving color in neural artistic style
/// transfer", arXiv:1606.05897).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeepColors {
    /// Nothing: the colours are the painting's.
    #[default]
    Off,
    /// Every pixel's colour: only the lightness is the pastiche's (section 3.2).
    Luminance,
    /// The palette: mean and covariance of the pastiche's colours are made those of the photo's, so that objects may change
    /// colours among each other (section 3.1, here on the pastiche and not on the painting).
    Histogram,
}

impl KeepColors {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Off, "off"),
        (Self::Luminance, "luminance"),
        (Self::Histogram, "histogram"),
    ];

    /// The next one in the order off, luminance, histogram, off.
    pub fn next(self) -> Self {
        match self {
            Self::Off => Self::Luminance,
            Self::Luminance => Self::Histogram,
            Self::Histogram => Self::Off,
        }
    }
}

impl fmt::Display for KeepColors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::ALL.iter().find(|(kind, _)| kind == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

impl FromStr for KeepColors {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.iter().find(|(_, name)| *name == text);
        named
            .map(|(kind, _)| *kind)
            .ok_or_else(|| format!("'{text}' is not luminance, histogram or off"))
    }
}
