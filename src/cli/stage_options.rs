//! The flags about the windows of `live`.

use clap::Args;
use impasto::live::{OnClose, Stage};

/// Where and how the windows are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Stage")]
pub struct StageArgs {
    /// Begin in full screen (the clean window, if there is one)
    #[arg(long)]
    fullscreen: bool,

    /// Show it on this monitor, 1 is the main one; a number that is none lists them (X11)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16))]
    monitor: Option<u16>,

    /// Begin without figures and the bar of styles (key h)
    #[arg(long)]
    no_hud: bool,

    /// A second window with nothing but the painting, for the audience (key w)
    ///
    /// --fullscreen and --monitor are about this window then. When it is closed the session goes on, or ends with
    /// --clean-window=end.
    #[arg(long, value_name = "stay|end", value_parser = on_close, num_args = 0..=1, require_equals = true, default_missing_value = "stay")]
    clean_window: Option<OnClose>,
}

impl StageArgs {
    /// The stage that the flags describe.
    pub fn stage(&self) -> Stage {
        Stage {
            fullscreen: self.fullscreen,
            monitor: self.monitor.map(usize::from),
            hides_hud: self.no_hud,
            clean_window: self.clean_window,
        }
    }
}

fn on_close(text: &str) -> Result<OnClose, String> {
    match text {
        "stay" => Ok(OnClose::Stay),
        "end" => Ok(OnClose::End),
        _ => Err(format!("'{text}' is neither stay nor end")),
    }
}
