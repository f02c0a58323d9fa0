//! Live on a stage: which window the audience sees, and where. Options in, a check of them and the windows' places out.

use super::sink_choice::SinkChoice;
use crate::error::{Error, Result};
use crate::window::{self, Window};

/// The windows of a session: by default one, with the figures, on the main monitor.
///
/// `fullscreen` and `monitor` are about the window that the audience sees: the clean one if there is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stage {
    /// Begin in full screen.
    pub fullscreen: bool,
    /// The monitor, counted from 1 as [`monitors`](crate::window::monitors) lists them; `None`: where the system puts it.
    pub monitor: Option<usize>,
    /// Begin without the figures and the bar of styles.
    pub hides_hud: bool,
    /// A second window that shows nothing but the pastiche.
    pub clean_window: Option<OnClose>,
}

/// What happens when the clean window is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnClose {
    /// The session goes on.
    Stay,
    /// The session ends.
    End,
}

impl Stage {
    /// Whether this can be shown in a session with `sinks`: before anything is opened.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a window, and when there is no such monitor, with a list of them.
    pub(super) fn check(&self, sinks: &[SinkChoice]) -> Result<()> {
        if sinks.contains(&SinkChoice::Window) {
            return self
                .monitor
                .map_or(Ok(()), |n| window::monitor(n).map(drop));
        }
        let named = [
            (self.fullscreen, "fullscreen"),
            (self.monitor.is_some(), "monitor"),
            (self.hides_hud, "no-hud"),
            (self.clean_window.is_some(), "clean-window"),
        ];
        match named.iter().find(|(is_named, _)| *is_named) {
            Some((_, name)) => {
                let reason =
                    "is about the window, and there is none; add --sink window, or leave it out";
                Err(Error::invalid(*name, reason))
            }
            None => Ok(()),
        }
    }

    /// Put the window of the audience in its place.
    ///
    /// # Errors
    /// As [`Stage::check`], and [`Error::Display`].
    pub(super) fn place(&self, window: &mut Window) -> Result<()> {
        if let Some(number) = self.monitor {
            window.move_to(&window::monitor(number)?)?;
        }
        if self.fullscreen {
            window.set_fullscreen(true)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_windows_needs_one() {
        let files = [SinkChoice::Null];
        assert!(Stage::default().check(&files).is_ok());
        for (stage, name) in [
            (
                Stage {
                    fullscreen: true,
                    ..Stage::default()
                },
                "fullscreen",
            ),
            (
                Stage {
                    monitor: Some(1),
                    ..Stage::default()
                },
                "monitor",
            ),
            (
                Stage {
                    hides_hud: true,
                    ..Stage::default()
                },
                "no-hud",
            ),
            (
                Stage {
                    clean_window: Some(OnClose::Stay),
                    ..Stage::default()
                },
                "clean-window",
            ),
        ] {
            let said = stage.check(&files).unwrap_err().to_string();
            assert!(
                said.starts_with(name) && said.contains("--sink window"),
                "{said}"
            );
            if stage.monitor.is_none() {
                assert!(stage.check(&[SinkChoice::Window]).is_ok());
            }
        }
    }
}
