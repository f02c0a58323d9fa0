//! Styles: embeddings, the gallery of named ones, and the networks that make and use them.

mod argument;
mod beat;
#[cfg(feature = "jobs")]
pub mod collection;
mod embedding;
mod gallery;
mod head;
mod predictor;
mod taps;
mod transition;

pub use argument::{StyleArgument, StyleSource};
pub use beat::{BAR, Beat, TEMPOS};
pub use embedding::StyleEmbedding;
pub use gallery::{Gallery, GalleryStyle, PhotoStyle};
pub(crate) use head::Head;
pub use predictor::Predictor;
pub use taps::{Tap, Taps};
#[cfg(feature = "live")]
pub(crate) use transition::ease;
pub use transition::{Tour, Transition};
