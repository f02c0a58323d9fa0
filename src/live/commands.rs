//! Messages to the painter from the window and from the embedder.

use std::time::Instant;

use image::RgbImage;

use super::notice::Notice;
use super::style_list::StyleEntry;
use crate::error::Result;
use crate::picture::KeepColors;
use crate::style::StyleEmbedding;

/// Something for the painter to do before its next frame.
pub(super) enum PainterCommand {
    /// Glide to style `n` of the list.
    GlideTo(usize),
    /// Glide to the style so many places further on; after the last comes the first.
    GlideBy(isize),
    /// Mix up to four styles, given as indices and weights, and follow these weights until [`PainterCommand::KeepMix`].
    Mix([(usize, f32); 4]),
    /// Stay at the current mix.
    KeepMix,
    /// Seconds that a glide takes from now on.
    Glide(f64),
    /// Beats a minute to which glides are locked, or none.
    Tempo(Option<f64>),
    /// A beat, tapped at this moment.
    Tap(Instant),
    /// Start or stop the tour, which goes through the list by itself.
    Tour(bool),
    /// How much of the painting, 0..=1.
    Strength(f32),
    /// Flip left and right.
    Mirror(bool),
    /// What to keep of the content's colours.
    KeepColors(KeepColors),
    /// Paint the background only.
    BackgroundOnly(bool),
    /// The size of strokes, of [`BRUSHES`](crate::engine::BRUSHES).
    Brush(f32),
    /// Hold the strokes steady along the movement.
    Steady(bool),
    /// Make the processing size one step larger or smaller.
    StepSize { larger: bool },
    /// A painting was read: a new style, or a new version of one in the list.
    AddStyle { entry: StyleEntry, glide: bool },
    /// The content's own embedding, or why it could not be read, and the buffer that the content was sent in.
    ContentEmbedding {
        result: Result<StyleEmbedding>,
        buffer: RgbImage,
    },
    /// Something for the user to read.
    Notice(Notice),
}
