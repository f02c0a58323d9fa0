//! Something to do, in numbers and names that have not been checked yet: the session does that.

use std::time::Instant;

use image::RgbImage;

use crate::picture::KeepColors;

/// A style of the session's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StyleKey {
    /// Its place, from 0.
    Index(usize),
    /// Its name, as the strip shows it.
    Name(String),
}

/// What a client may ask of a session.
#[derive(Debug, Clone)]
pub enum Control {
    /// Glide to a style.
    GlideTo(StyleKey),
    /// Glide to the style so many places further on; after the last comes the first.
    GlideBy(isize),
    /// Up to four styles with their weights, of which at least one is above 0.
    Mix(Vec<(StyleKey, f32)>),
    /// A place on the pad, 0..=1 across and down: the four styles of its corners by their distance.
    Pad {
        /// Across, from the left.
        x: f32,
        /// Down, from the top.
        y: f32,
    },
    /// The pad was let go: stay at the mix.
    KeepMix,
    /// How much of the painting, 0..=1.
    Strength(f32),
    /// The size of strokes, 0.25..=4.
    Brush(f32),
    /// Seconds that a glide takes, 0..=600.
    Glide(f64),
    /// Start or stop the tour, which goes through the list by itself.
    Tour(bool),
    /// Stand still, and go on.
    Pause(bool),
    /// Flip left and right.
    Mirror(bool),
    /// Hold the strokes steady along the movement.
    Steady(bool),
    /// What to keep of the content's colours.
    KeepColors(KeepColors),
    /// Paint the background only.
    BackgroundOnly(bool),
    /// Save the picture and its photo into the session's folder.
    Save,
    /// Begin or end a recording into the session's folder; `None`: whichever it is not.
    Record(Option<bool>),
    /// A new style, read from a picture.
    Painting {
        /// Its name in the list.
        name: String,
        /// The painting, decoded with the limits of files.
        picture: RgbImage,
        /// Whether to glide to it.
        glide: bool,
    },
    /// Beats a minute, 20..=300: glides begin on a beat and last whole beats. `None`: glides begin at once.
    Tempo(Option<f64>),
    /// A beat, tapped at this moment.
    Tap(Instant),
}

impl Control {
    /// A beat, tapped now.
    pub fn tap() -> Self {
        Self::Tap(Instant::now())
    }
}
