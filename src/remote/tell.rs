//! How a protocol says something to the user.

use std::sync::Arc;

/// Takes a sentence for the user, from any thread.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;
