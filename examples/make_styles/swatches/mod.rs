//! The techniques, by family, and the tools they share. A module of its own so that
//! `tests/all/example_pictures.rs` can include it and paint a swatch again.

mod brush;
mod canvas;
mod fluid;
mod laid;
mod line;
mod noise;
mod painted;
mod palette;

use image::RgbImage;

/// The file name of a swatch without its extension, and the function that paints it.
pub type Swatch = (&'static str, fn() -> RgbImage);

/// Every swatch.
pub const ALL: [Swatch; 12] = [
    ("art-deco", laid::art_deco),
    ("hatching", line::hatching),
    ("impasto", painted::impasto),
    ("ink", line::ink),
    ("marbling", fluid::marbling),
    ("mosaic", laid::mosaic),
    ("pointillism", painted::pointillism),
    ("stained-glass", laid::stained_glass),
    ("swirls", painted::swirls),
    ("watercolour", fluid::watercolour),
    ("weave", laid::weave),
    ("woodcut", line::woodcut),
];
