//! The flags of `stylize --best`: flags in, steps and a preview window out; what it came to, for people and programs.

use clap::Args;
use impasto::jobs::Bettered;
use impasto::jobs::gatys::Preview;
use serde_json::{Value, json};

/// The steps of `--best` without a number; a test holds it equal to `impasto::jobs::BEST_DEFAULT`.
const DEFAULT_STEPS: &str = "80";

/// Optimisation after the fast network.
#[derive(Debug, Clone, Args)]
pub struct BestArgs {
    /// Make the picture better by optimisation (Gatys et al. 2016), in so many steps [default: 80]
    ///
    /// The finest pictures of all, up to 2000 pixels, and a minute or more for each; how long is said after the first
    /// steps. Ctrl-C keeps the best picture so far. The style is a picture, not @NAME.
    #[arg(long, value_name = "STEPS", num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_STEPS)]
    best: Option<usize>,

    /// Show the picture of --best while it is made; closing the window keeps the best so far
    #[cfg(feature = "live")]
    #[arg(long, requires = "best")]
    preview: bool,
}

impl BestArgs {
    /// The steps, where there are to be any.
    pub fn steps(&self) -> Option<usize> {
        self.best
    }

    /// The window, where one was asked for.
    pub fn preview(&self) -> impasto::Result<Option<Box<dyn Preview>>> {
        #[cfg(feature = "live")]
        if self.preview {
            return Ok(Some(Box::new(impasto::jobs::gatys::PreviewWindow::new()?)));
        }
        Ok(None)
    }
}

/// What the optimisation came to, for people.
pub fn sentence(best: &Bettered) -> String {
    let (before, after) = (&best.before, &best.after);
    let mut text = format!(
        "{} steps: loss {:.4} -> {:.4} (content {:.4} -> {:.4}, style {:.4} -> {:.4}), measured by {}",
        best.steps,
        before.total,
        after.total,
        before.content,
        after.content,
        before.style,
        after.style,
        best.features
    );
    if best.interrupted {
        text += "; stopped: the best picture so far";
    }
    text
}

/// The same for programs.
pub fn as_json(best: &Bettered) -> Value {
    let losses = |losses: &impasto::gatys::Losses| json!({ "total": losses.total, "content": losses.content, "style": losses.style, "tv": losses.tv });
    json!({
        "steps": best.steps,
        "features": best.features,
        "before": losses(&best.before),
        "after": losses(&best.after),
        "interrupted": best.interrupted,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_default_of_the_flag_is_that_of_the_library() {
        assert_eq!(
            super::DEFAULT_STEPS,
            impasto::jobs::BEST_DEFAULT.to_string()
        );
    }
}
