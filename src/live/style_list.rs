//! The styles of a session, in order, and what the window shows of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use image::RgbImage;

use crate::style::StyleEmbedding;

/// A style of the list.
#[derive(Debug, Clone)]
pub(super) struct StyleEntry {
    pub(super) name: String,
    pub(super) embedding: StyleEmbedding,
    /// The painting, small. `None` for a named style, of which there is no picture: see [`super::thumbnails`].
    pub(super) thumbnail: Option<Arc<RgbImage>>,
}

/// What the window shows of a style.
#[derive(Debug, Clone)]
pub(super) struct StyleCard {
    pub(super) name: String,
    pub(super) thumbnail: Option<Arc<RgbImage>>,
}

impl From<&StyleEntry> for StyleCard {
    fn from(entry: &StyleEntry) -> Self {
        Self {
            name: entry.name.clone(),
            thumbnail: entry.thumbnail.clone(),
        }
    }
}

/// The cards, in the order of the list. Written by the painter and the thumbnail thread, read by the window.
#[derive(Debug, Clone, Default)]
pub(super) struct StyleCards(Arc<Mutex<Vec<StyleCard>>>);

impl StyleCards {
    pub(super) fn new(entries: &[StyleEntry]) -> Self {
        let cards = entries.iter().map(StyleCard::from).collect();
        Self(Arc::new(Mutex::new(cards)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<StyleCard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Give the style `name` a thumbnail, unless it has got one meanwhile.
    pub(super) fn set_thumbnail(&self, name: &str, thumbnail: RgbImage) {
        let mut cards = self.lock();
        if let Some(card) = cards.iter_mut().find(|card| card.name == name) {
            card.thumbnail.get_or_insert_with(|| Arc::new(thumbnail));
        }
    }
}
