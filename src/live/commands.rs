//! What the painter is told by the window and by the embedder.

use image::RgbImage;

use super::strip::Entry;
use crate::style::StyleEmbedding;

/// One thing for the painter to do before its next frame.
pub(super) enum Command {
    /// Glide to style `n` of the strip.
    Glide(usize),
    /// Glide so many places on; the strip is a ring.
    Step(isize),
    /// Mix up to four styles, places and weights, for as long as this is said; then [`Command::Release`].
    Hold([(usize, f32); 4]),
    /// Stay at the mix that was held.
    Release,
    /// Go through the strip by itself, or not.
    Tour(bool),
    /// How much of the painting, 0..=1.
    Strength(f32),
    /// Flip left and right.
    Mirror(bool),
    /// Keep the content's colours.
    KeepColors(bool),
    /// The processing size, a step up or down.
    Nudge { larger: bool },
    /// A painting that was read.
    Add { entry: Entry, glide: bool },
    /// The content's own embedding, and its buffer.
    Own {
        embedding: Option<StyleEmbedding>,
        content: RgbImage,
    },
    /// Something for the user to read.
    Notice(String),
}
