//! Regions: masks and their styles in; a pastiche whose parts are painted in different styles, or kept as the photo, out.
//!
//! Every style that can be seen is painted over the whole picture, and the paintings are laid over each other by their
//! masks. (Gammas and betas that differ from pixel to pixel were tried: one pass instead of one for each style, some 0.6 of
//! the time with two. But the instance norms then share their statistics, so that a style looks different wherever
//! another is beside it, and its contrast grew until a light region was white. Statistics of the region alone give a
//! small region more of its painting's colours, but blow the light of a flat background up into stains. So does painting
//! no more than the region's box, which is 18 to 27 dB from the whole.)
//!
//! The paintings are blended as they are, in sRGB: both have the photo's edges in the same places, so nothing ghosts, and in
//! linear light a soft seam looks the same. Multi-band blending let colours bleed some 16 pixels over a hard edge that the
//! user drew.

mod argument;
mod keep;
mod layers;
mod mask;
mod matte;
mod over;
mod painter;
mod person;

pub use argument::{MaskArgument, Region};
pub use keep::{Keep, Kept, RegionOptions};
pub use layers::RegionStyle;
pub use mask::MaskFile;
pub use matte::Matte;
pub use over::lay_over;
pub use painter::{PaintStyle, RegionPainter};
pub use person::PersonMatte;
