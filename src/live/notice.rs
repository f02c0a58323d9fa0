//! Sentences for the user while a session runs.

/// Something for the user to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    /// Whether something went wrong: such a notice stays longer, and Esc removes it.
    pub(super) is_error: bool,
}

impl Notice {
    pub(super) fn info(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_error: false,
        }
    }

    pub(super) fn error(text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            is_error: true,
        }
    }
}
